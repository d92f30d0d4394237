package crm

import (
	"cmp"
	"slices"
	"strings"
)

// ResponseRank orders responses by how much they say: one who answered before one who did not, before one of whom
// nothing is known. Of definite answers accepted is the greatest, then tentative, then declined. What is no response
// ranks with those of whom nothing is known.
func ResponseRank(response string) int {
	switch response {
	case ResponseNone:
		return 1
	case ResponseDeclined:
		return 2
	case ResponseTentative:
		return 3
	case ResponseAccepted:
		return 4
	}
	return 0
}

// stateOfMeeting is the state that a view shows. One without words of its own shows times and status only.
func stateOfMeeting(a *Activity, m *Meeting, words Mark) Revision {
	r := Revision{At: m.Updated, Sequence: m.Sequence, Start: a.Time, End: a.End, Status: m.Stated}
	if words.Rank == rankFull && words.Sequence == m.Sequence && words.Updated.Equal(m.Updated) {
		r.Subject, r.Location = a.Subject, m.Location
	}
	return r
}

// uniteStates joins the states that two views know, oldest first; each stands where it was first seen. cut says that
// there were more than are kept.
func uniteStates(x, y []Revision) (out []Revision, cut bool) {
	all := slices.Concat(x, y)
	slices.SortFunc(all, func(a, b Revision) int { return cmp.Or(compareMeetingStates(a, b), compareMoments(a, b)) })
	all = slices.CompactFunc(all, func(a, b Revision) bool { return compareMeetingStates(a, b) == 0 })
	slices.SortFunc(all, func(a, b Revision) int { return cmp.Or(compareMoments(a, b), compareMeetingStates(a, b)) })
	if kept := 2 * (MaxRevisions + 1); len(all) > kept {
		return append(slices.Clip(all[:1]), all[len(all)-kept+1:]...), true
	}
	return all, false
}

// withoutWords is states as somebody saw them who may only know when the meeting is.
func withoutWords(states []Revision) []Revision {
	if !slices.ContainsFunc(states, func(r Revision) bool { return !wordless(r) }) {
		return states
	}
	bare := slices.Clone(states)
	for i := range bare {
		bare[i].Subject, bare[i].Location = "", ""
	}
	bare, _ = uniteStates(bare, nil)
	return bare
}

// Retitled is now, which a mapping made of was, with another name for its states where the mapping gives another subject or
// place: naming a meeting otherwise makes no new state of it.
func Retitled(was, now Activity) Activity {
	if was.Meeting == nil || now.Meeting == nil || now.Meeting.Memory == nil ||
		was.Subject == now.Subject && was.Meeting.Location == now.Meeting.Location {
		return now
	}
	m, memory := *now.Meeting, *now.Meeting.Memory
	states := slices.Clone(memory.States)
	for i := range states {
		if r := &states[i]; !wordless(*r) && r.Subject == was.Subject && r.Location == was.Meeting.Location {
			r.Subject, r.Location = now.Subject, m.Location
		}
	}
	memory.States, _ = uniteStates(states, nil)
	m.Memory, now.Meeting = &memory, &m
	return now
}

// earlierStates are those that are not the present one; nil if there are none.
func earlierStates(a *Activity, m *Meeting, states []Revision) []Revision {
	now := Revision{Start: a.Time, End: a.End, Status: a.Status, Subject: a.Subject, Location: m.Location}
	var out []Revision
	for _, r := range shownStates(states) {
		if !sameTimes(r, now) || !wordless(r) && compareMeetingStates(r, now) != 0 {
			out = append(out, r)
		}
	}
	return slices.Clip(firstAndNewest(out))
}

// shownStates leaves out states without words that are known with words too. They are remembered, since the words may
// have to go one day.
func shownStates(states []Revision) []Revision {
	shadowed := func(r Revision) bool {
		return wordless(r) && slices.ContainsFunc(states, func(o Revision) bool { return !wordless(o) && sameTimes(o, r) })
	}
	if !slices.ContainsFunc(states, shadowed) {
		return states
	}
	var out []Revision
	for _, r := range states {
		if !shadowed(r) {
			out = append(out, r)
		}
	}
	return out
}

func wordless(r Revision) bool { return r.Subject == "" && r.Location == "" }

func sameTimes(a, b Revision) bool {
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Status == b.Status
}

func compareMeetingStates(a, b Revision) int {
	return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), strings.Compare(a.Status, b.Status),
		strings.Compare(a.Subject, b.Subject), strings.Compare(a.Location, b.Location))
}

func compareMoments(a, b Revision) int {
	return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), a.At.Compare(b.At))
}

func countStates(states []Revision) int { return max(1, len(shownStates(states))) }

// spareVersions is how much the version is ahead of the states: what a source counts itself, and what came and
// went without a state of its own.
func (v *meetingView) spareVersions() int { return v.a.Version - countStates(v.memory.States) }

// showsMoreThan says whether the newest state of v is unknown to the other.
func (v *meetingView) showsMoreThan(other meetingView) bool {
	if len(v.memory.States) == 0 {
		return false
	}
	newest := v.memory.States[len(v.memory.States)-1]
	return !slices.ContainsFunc(other.memory.States, func(r Revision) bool { return compareMeetingStates(r, newest) == 0 })
}

// canonicalOf is an address as replies have it; "" for none.
func canonicalOf(address string) string {
	if address == "" {
		return ""
	}
	return cmp.Or(CanonicalAddress(address), strings.ToLower(address))
}

// replyOf is the answer of an address, nil if there is none.
func replyOf(replies []Reply, address string) *Reply {
	if len(replies) == 0 || address == "" {
		return nil
	}
	canonical := canonicalOf(address)
	for i := range replies {
		if replies[i].Address == canonical {
			return &replies[i]
		}
	}
	return nil
}

// uniteReplies keeps the latest answer of each address; of several of one moment that which says most. Nil of none.
func uniteReplies(a, b []Reply) []Reply { return orderReplies(slices.Concat(a, b)) }

func orderReplies(all []Reply) []Reply {
	if len(all) == 0 {
		return nil
	}
	for i := range all {
		all[i].Address = canonicalOf(all[i].Address)
	}
	slices.SortFunc(all, func(x, y Reply) int {
		return cmp.Or(strings.Compare(x.Address, y.Address), y.At.Compare(x.At),
			cmp.Compare(ResponseRank(y.Response), ResponseRank(x.Response)), strings.Compare(x.Response, y.Response))
	})
	return slices.Clip(slices.CompactFunc(all, func(x, y Reply) bool { return x.Address == y.Address }))
}

// mergeMessages unites; an activity's own key is no part of it. Nil of none.
func mergeMessages(x, y *Activity) []Key {
	if len(x.Messages)+len(y.Messages) == 0 {
		return nil
	}
	all := slices.Concat(x.Messages, y.Messages)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(k Key) bool { return k == "" || k == x.Key || k == y.Key })
	if len(all) == 0 {
		return nil
	}
	return slices.Clip(all)
}

// mergeThreads prefers the thread of another message to that which the meeting itself starts.
func mergeThreads(x, y *Activity) string {
	rank := func(a *Activity) int {
		switch a.Thread {
		case "":
			return 2
		case string(a.Key):
			return 1
		}
		return 0
	}
	if cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(len(y.Thread), len(x.Thread)), strings.Compare(x.Thread, y.Thread)) > 0 {
		return y.Thread
	}
	return x.Thread
}
