package crm

import (
	"slices"
	"strings"
)

func guestsRank(a *Activity, m *Meeting) int {
	switch {
	case m.ReplyOnly:
		return rankReply
	case m.Partial || len(a.People) == 0:
		return rankSome
	}
	return rankFull
}

// answer puts answers in the place of responses, and gives those of the newest view that it replaced.
func (v *meetingView) answer(people []Participant) (overruled []Overruled) {
	if len(v.m.Replies)+len(v.memory.Answers) == 0 {
		return nil
	}
	replies := uniteReplies(v.m.Replies, v.memory.Answers)
	for i := range people {
		p := &people[i]
		r := replyOf(replies, p.Address)
		if r == nil || r.Response == p.Response {
			continue
		}
		known := v.memory.Guests.Rank == rankFull && ResponseRank(p.Response) > ResponseRank(ResponseNone)
		if known && !r.At.After(v.memory.Guests.Updated) {
			continue
		}
		if v.memory.Guests.Rank == rankFull {
			overruled = append(overruled, Overruled{p.Role, strings.ToLower(p.Address), p.Response})
		}
		p.Response = r.Response
	}
	return slices.Clip(overruled)
}

func (o Overruled) means(p *Participant) bool {
	return o.Role == p.Role && o.Address == strings.ToLower(p.Address)
}

func mergeGuests(out *meetingView, x, y meetingView) {
	a := &out.a
	c := compareMarks(x.memory.Guests, y.memory.Guests)
	out.memory.Guests = x.memory.Guests
	if c < 0 {
		out.memory.Guests = y.memory.Guests
	}
	if c == 0 || out.memory.Guests.Rank < rankFull && x.memory.Guests.Calendar == y.memory.Guests.Calendar {
		if out.memory.Guests.Rank < rankFull {
			a.People = mergeSome(x.a.People, y.a.People)
		} else {
			a.People = mergePeople(x.a.People, y.a.People)
		}
		a.Accounts = union(x.a.Accounts, y.a.Accounts)
		a.Direction = maxDirection(x.a.Direction, y.a.Direction)
		a.Match = mergeMatch(x.a.Match, y.a.Match)
		out.m.Partial = x.m.Partial || y.m.Partial
		return
	}
	v := x
	if c < 0 {
		v = y
	}
	if a.Accounts = union(v.a.Accounts, nil); out.memory.Guests.Rank < rankFull {
		a.People = mergeSome(v.a.People, nil)
	} else {
		a.People = mergePeople(v.a.People, nil)
	}
	a.Direction, a.Match, out.m.Partial = v.a.Direction, mergeMatch(v.a.Match, v.a.Match), v.m.Partial
}

// mergeSome unites people of views that do not know everybody. Who is waited for is left out while they are compared:
// where an answer stands by now, one view shows it and another does not.
func mergeSome(x, y []Participant) []Participant {
	var waiting []Overruled
	for _, list := range [][]Participant{x, y} {
		for i := range list {
			if p := &list[i]; p.Response == ResponseNone && p.Address != "" {
				waiting = append(waiting, Overruled{Role: p.Role, Address: strings.ToLower(p.Address)})
				p.Response = ""
			}
		}
	}
	out := mergePeople(x, y)
	for i := range out {
		if p := &out[i]; p.Response == "" && slices.ContainsFunc(waiting, func(o Overruled) bool { return o.means(p) }) {
			p.Response = ResponseNone
		}
	}
	return out
}

// withoutRepeated takes out those whom one view knows from the thread only and another one shows on the meeting. Two who
// became one by a merge of people stay, since it can be undone.
func withoutRepeated(people []Participant) []Participant {
	return slices.DeleteFunc(people, func(p Participant) bool {
		return p.Role == RoleThread && p.ID != "" && slices.ContainsFunc(people, func(q Participant) bool { return q.ID == p.ID && q.Was == p.Was && q.Role != RoleThread })
	})
}
