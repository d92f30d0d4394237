package boltstore

import (
	"github.com/tsunagu-crm/tsunagu/crm"
)

// The marks that an observation can have.
const (
	markWithdrawn = 1 << iota
	markAfterEnd
	markMail
)

// hasMeeting says whether an activity has anything of what came with meetings: an activity that has not is stored as
// it was before there were any.
func hasMeeting(a *crm.Activity) bool {
	if a.Meeting != nil || len(a.Messages)+len(a.Letters) > 0 || a.Outcome != nil {
		return true
	}
	for i := range a.Observed {
		if observationMarks(&a.Observed[i]) != 0 || a.Observed[i].Message != "" {
			return true
		}
	}
	for i := range a.People {
		if a.People[i].Optional || a.People[i].Type != "" {
			return true
		}
	}
	return false
}

func observationMarks(o *crm.Observation) (marks byte) {
	for i, set := range [...]bool{o.Withdrawn, o.AfterEnd, o.Mail} {
		if set {
			marks |= 1 << i
		}
	}
	return marks
}

// meeting keeps what came with meetings, behind what form keeps.
func (e *encoder) meeting(a *crm.Activity) {
	e.uint(uint64(len(a.Observed)))
	for i := range a.Observed {
		e.b = append(e.b, observationMarks(&a.Observed[i]))
	}
	e.uint(uint64(len(a.People)))
	for i := range a.People {
		e.bool(a.People[i].Optional)
		e.str(string(a.People[i].Type))
	}
	e.uint(uint64(len(a.Messages)))
	for _, key := range a.Messages {
		e.id(string(key))
	}
	e.uint(uint64(len(a.Revisions)))
	for i := range a.Revisions {
		e.occasion(&a.Revisions[i])
	}
	e.bool(a.Outcome != nil)
	if o := a.Outcome; o != nil {
		for _, text := range []string{o.Result, o.Note, o.Next.When, o.Next.Whom, o.Next.What, o.By} {
			e.str(text)
		}
		e.time(o.At)
	}
	e.bool(a.Meeting != nil)
	if m := a.Meeting; m != nil {
		e.occurrence(m)
	}
}

func (e *encoder) occurrence(m *crm.Meeting) {
	e.str(m.UID)
	e.str(m.Occurrence)
	e.int(int64(m.Sequence))
	e.time(m.Updated)
	for _, text := range []string{m.Zone, m.Location, m.Conference, m.Stated} {
		e.str(text)
	}
	for _, set := range []bool{m.AllDay, m.TimesOnly, m.Partial, m.ReplyOnly} {
		e.bool(set)
	}
	e.replies(m.Replies)
	e.bool(m.Memory != nil)
	if m.Memory == nil {
		return
	}
	for _, mark := range []crm.Mark{m.Memory.Words, m.Memory.Guests} {
		e.int(int64(mark.Rank))
		e.int(int64(mark.Sequence))
		e.time(mark.Updated)
	}
	e.replies(m.Memory.Answers)
	e.uint(uint64(len(m.Memory.Overruled)))
	for _, o := range m.Memory.Overruled {
		e.str(string(o.Role))
		e.str(o.Address)
		e.str(o.Response)
	}
	e.uint(uint64(len(m.Memory.States)))
	for i := range m.Memory.States {
		r := &m.Memory.States[i]
		e.time(r.At)
		e.str(r.Subject)
		e.occasion(r)
	}
}

// occasion keeps what only a meeting gives a state.
func (e *encoder) occasion(r *crm.Revision) {
	e.int(int64(r.Sequence))
	e.time(r.Start)
	e.time(r.End)
	e.str(r.Location)
	e.str(r.Status)
}

func (e *encoder) replies(list []crm.Reply) {
	e.uint(uint64(len(list)))
	for _, r := range list {
		e.str(r.Address)
		e.str(r.Response)
		e.time(r.At)
	}
}

func (d *decoder) meeting(a *crm.Activity) {
	if d.ended() {
		return
	}
	if d.same(len(a.Observed)) {
		for i := range a.Observed {
			if marks := d.take(1); marks != "" {
				o := &a.Observed[i]
				o.Withdrawn, o.AfterEnd, o.Mail = marks[0]&markWithdrawn != 0, marks[0]&markAfterEnd != 0, marks[0]&markMail != 0
			}
		}
	}
	if d.same(len(a.People)) {
		for i := range a.People {
			a.People[i].Optional, a.People[i].Type = d.bool(), crm.ParticipantType(d.str())
		}
	}
	a.Messages = listOf(d, 1, func(d *decoder) crm.Key { return crm.Key(d.id()) })
	if d.same(len(a.Revisions)) {
		for i := range a.Revisions {
			d.occasion(&a.Revisions[i])
		}
	}
	if d.bool() {
		a.Outcome = &crm.Outcome{Result: d.str(), Note: d.str(), Next: crm.NextAction{When: d.str(), Whom: d.str(), What: d.str()}, By: d.str(), At: d.time()}
	}
	if d.bool() {
		a.Meeting = d.occurrence()
	}
}

// same reads the length of a list that was read before.
func (d *decoder) same(n int) bool {
	if d.uint() != uint64(n) {
		d.fail()
	}
	return !d.bad
}

func (d *decoder) occurrence() *crm.Meeting {
	m := &crm.Meeting{UID: d.str(), Occurrence: d.str(), Sequence: int(d.int()), Updated: d.time(),
		Zone: d.str(), Location: d.str(), Conference: d.str(), Stated: d.str(),
		AllDay: d.bool(), TimesOnly: d.bool(), Partial: d.bool(), ReplyOnly: d.bool(), Replies: d.replies()}
	if !d.bool() {
		return m
	}
	m.Memory = &crm.MeetingMemory{Words: d.mark(), Guests: d.mark(), Answers: d.replies()}
	m.Memory.Overruled = listOf(d, 3, func(d *decoder) crm.Overruled {
		return crm.Overruled{Role: crm.Role(d.str()), Address: d.str(), Response: d.str()}
	})
	m.Memory.States = listOf(d, 7, func(d *decoder) crm.Revision {
		r := crm.Revision{At: d.time(), Subject: d.str()}
		d.occasion(&r)
		return r
	})
	return m
}

func (d *decoder) mark() crm.Mark {
	return crm.Mark{Rank: int(d.int()), Sequence: int(d.int()), Updated: d.time()}
}

func (d *decoder) occasion(r *crm.Revision) {
	r.Sequence, r.Start, r.End, r.Location, r.Status = int(d.int()), d.time(), d.time(), d.str(), d.str()
}

func (d *decoder) replies() []crm.Reply {
	return listOf(d, 3, func(d *decoder) crm.Reply {
		return crm.Reply{Address: d.str(), Response: d.str(), At: d.time()}
	})
}
