package crm

import (
	"cmp"
	"slices"
	"strings"
)

// mergeMeetings is Merge for two views of one occurrence. Views are ordered by (Sequence, Updated), but a calendar comes
// before every mail, whatever the mail claims: anybody can write one. Each part of the result is said by the newest
// view that may say it:
//
//   - when it is, and whether it is on: the newest view at all, but an answer by mail only if there is nothing else;
//   - the words (subject, texts, place, conference, declared fields): the newest one that has words, or was marked
//     private and has none for that reason. Views that may only say when it is have none, and a cancellation without a
//     description takes none away;
//   - the people, accounts, direction and match: the newest one that knows everybody. While there is none, those who
//     do not are united. A view that shows nobody has no part in it.
//
// Of mails only where they were seen, their keys, their thread, their letters and the answers in them stay beside what a
// calendar says; their states are forgotten. A meeting that was private once keeps no letters and no words of earlier
// states, whoever said them.
//
// Of views of the same moment the parts are united, or the one stays that comes first in a total order. A response is
// what the newest view that knows everybody says, unless a later answer says otherwise or that view knows of none; answers
// are Replies, and what views say that do not know everybody.
//
// Status is derived: what the newest view states, or cancelled if withdrawals say so (cancelledBy). The states that
// views showed are remembered, each with the moment it was first seen; those that are not the present one are the
// Revisions. Version counts on with each state.
//
// Declared fields and the product are of next if both views are of the same moment: they were read with the newer
// mapping. In all else the result does not depend on the order.
func mergeMeetings(old, next Activity) Activity {
	x, y := viewOf(old), viewOf(next)
	out := meetingView{a: old, m: *old.Meeting}
	mergeTimes(&out, x, y)
	mergeWords(&out, x, y)
	mergeGuests(&out, x, y)
	out.a.People = withoutRepeated(out.a.People)
	out.m.Replies = uniteReplies(x.m.Replies, y.m.Replies)
	out.m.Mail = x.m.Mail && y.m.Mail
	cut := mergeMemories(&out, x, y)
	if cut && out.a.Version <= max(old.Version, next.Version) && compareTimes(x, y) != 0 {
		out.a.Version = max(old.Version, next.Version) // what was dropped still counts
		newer, older := x, y
		if compareTimes(x, y) < 0 {
			newer, older = y, x
		}
		if newer.a.Version <= older.a.Version && newer.showsMoreThan(older) {
			out.a.Version++
		}
	}
	out.a.Owners = union(old.Owners, next.Owners)
	out.a.Observed = mergeObserved(old.Observed, next.Observed)
	out.a.Messages = mergeMessages(&old, &next)
	out.a.Letters = mergeLetters(old.Letters, next.Letters)
	out.a.Thread = mergeThreads(&old, &next)
	out.a.Outcome = mergeOutcomes(old.Outcome, next.Outcome)
	return out.activity()
}

// mergeMemories unites the states and answers of calendars; those of mails only while no calendar shows the meeting, or
// who takes part in it.
func mergeMemories(out *meetingView, x, y meetingView) (cut bool) {
	switch {
	case x.m.Mail && !y.m.Mail:
		x.memory.States, x.a.Version = nil, 0
	case y.m.Mail && !x.m.Mail:
		y.memory.States, y.a.Version = nil, 0
	}
	switch {
	case x.memory.Guests.Calendar && !y.memory.Guests.Calendar:
		y.memory.Answers = nil
	case y.memory.Guests.Calendar && !x.memory.Guests.Calendar:
		x.memory.Answers = nil
	}
	out.memory.Private = x.memory.Private || y.memory.Private
	out.memory.Answers = uniteReplies(x.memory.Answers, y.memory.Answers)
	out.memory.States, cut = uniteStates(x.memory.States, y.memory.States)
	if out.memory.Private {
		out.memory.States = withoutWords(out.memory.States)
	}
	out.a.Version = max(x.spareVersions(), y.spareVersions()) + countStates(out.memory.States)
	return cut
}

// meetingView is a view, or what was made of several, in the form in which they are merged: responses are as the
// views said them, and what is remembered is filled in.
type meetingView struct {
	a      Activity
	m      Meeting
	memory MeetingMemory
}

// How much a view may say. Times know the first two only, guests the first three.
const (
	rankReply = iota // an answer by mail
	rankSome         // without words, or not knowing everybody
	rankFull
)

func viewOf(a Activity) meetingView {
	v := meetingView{a: a, m: *a.Meeting}
	if v.m.Private = v.m.Private && !v.m.Mail; v.m.Private {
		v.silence()
	}
	if v.m.Stated == "" && !slices.ContainsFunc(a.Observed, func(o Observation) bool { return o.Withdrawn }) {
		v.m.Stated = a.Status
	}
	if v.m.Memory != nil {
		v.memory = *v.m.Memory
	} else {
		v.memory = memoryOf(&v.a, &v.m)
	}
	v.m.Memory = nil
	v.a.People = slices.Clone(a.People)
	for i := range v.a.People {
		p := &v.a.People[i]
		if v.memory.Guests.Rank < rankFull {
			if p.Address != "" && ResponseRank(p.Response) > ResponseRank(ResponseNone) {
				p.Response = "" // Answers or Replies have it
			}
		} else if i := slices.IndexFunc(v.memory.Overruled, func(o Overruled) bool { return o.means(p) }); i >= 0 {
			p.Response = v.memory.Overruled[i].Response
		}
	}
	v.memory.Overruled = nil
	return v
}

// memoryOf is what there is to remember of a view that was not merged with another.
func memoryOf(a *Activity, m *Meeting) MeetingMemory {
	mark := Mark{Sequence: m.Sequence, Updated: m.Updated}
	memory := MeetingMemory{Words: mark, Guests: mark}
	memory.Words.Rank, memory.Guests.Rank = wordsRank(a, m), guestsRank(a, m)
	memory.Words.Calendar, memory.Guests.Calendar = !m.Mail && saysWords(a, m), !m.Mail && len(a.People) > 0
	memory.Private = m.Private && !m.Mail
	if memory.Guests.Rank < rankFull {
		for _, p := range a.People {
			address := canonicalOf(p.Address)
			if address != "" && ResponseRank(p.Response) > ResponseRank(ResponseNone) && replyOf(m.Replies, address) == nil {
				memory.Answers = append(memory.Answers, Reply{address, p.Response, m.Updated})
			}
		}
		memory.Answers = uniteReplies(memory.Answers, nil)
	}
	if !m.ReplyOnly {
		memory.States = []Revision{stateOfMeeting(a, m, memory.Words)}
	}
	return memory
}

// activity derives what follows from the rest, and remembers no more than must be.
func (v *meetingView) activity() Activity {
	a := v.a
	v.memory.Overruled = v.answer(a.People)
	a.Status = v.m.Stated
	if cancelledBy(&a) {
		a.Status = MeetingCancelled
	}
	if v.memory.Private {
		a.Letters, v.memory.States = nil, withoutWords(v.memory.States)
	}
	a.Revisions = earlierStates(&a, &v.m, v.memory.States)
	if fresh := memoryOf(&a, &v.m); !sameMemory(&fresh, &v.memory) {
		v.memory.Answers, v.memory.States = slices.Clip(v.memory.Answers), slices.Clip(v.memory.States)
		memory := v.memory
		v.m.Memory = &memory
	}
	m := v.m
	a.Meeting = &m
	return a
}

func mergeTimes(out *meetingView, x, y meetingView) {
	v := x
	if cmp.Or(compareTimes(x, y), compareOccasions(x, y)) < 0 {
		v = y
	}
	out.a.Time, out.a.End = v.a.Time, v.a.End
	m := &out.m
	m.Sequence, m.Updated, m.AllDay, m.Zone = v.m.Sequence, v.m.Updated, v.m.AllDay, v.m.Zone
	m.Stated, m.ReplyOnly, m.Memory = v.m.Stated, v.m.ReplyOnly, nil
}

// compareTimes is greater than 0 if x says when the meeting is.
func compareTimes(x, y meetingView) int {
	return cmp.Or(compareBool(y.m.Mail, x.m.Mail), compareBool(y.m.ReplyOnly, x.m.ReplyOnly), cmp.Compare(x.m.Sequence, y.m.Sequence), x.m.Updated.Compare(y.m.Updated))
}

// compareOccasions makes the order total: of views of one moment a cancelled one stays, then the later one.
func compareOccasions(x, y meetingView) int {
	return cmp.Or(compareBool(x.m.Stated == MeetingCancelled, y.m.Stated == MeetingCancelled), compareBool(x.m.Stated != "", y.m.Stated != ""),
		strings.Compare(y.m.Stated, x.m.Stated), x.a.Time.Compare(y.a.Time), x.a.End.Compare(y.a.End),
		compareBool(x.m.AllDay, y.m.AllDay), strings.Compare(x.m.Zone, y.m.Zone))
}

func compareMarks(a, b Mark) int {
	return cmp.Or(compareBool(a.Calendar, b.Calendar), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Sequence, b.Sequence), a.Updated.Compare(b.Updated))
}
