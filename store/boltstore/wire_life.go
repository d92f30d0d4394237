package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// hasLife says whether an activity has anything of what came with following people: one that has not is stored as it
// was before.
func hasLife(a *activity) bool {
	if len(a.Signals)+len(a.Moved) > 0 || a.Call != nil || a.By != "" || a.channel != "" || a.campaign != "" {
		return true
	}
	return slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.Was != "" })
}

// life keeps what came with following people, behind what origin keeps.
func (e *encoder) life(a *activity) {
	e.str(a.channel)
	e.str(a.campaign)
	e.str(a.By)
	e.uint(uint64(len(a.Signals)))
	for i := range a.Signals {
		e.signal(&a.Signals[i])
	}
	e.bool(a.Call != nil)
	if a.Call != nil {
		for _, s := range []string{a.Call.Result, a.Call.Note, a.Call.Next.When, a.Call.Next.Whom, a.Call.Next.What, a.Call.Number} {
			e.str(s)
		}
	}
	e.uint(uint64(len(a.Moved)))
	for _, m := range a.Moved {
		e.id(m.From)
		e.id(m.To)
		e.id(m.Merge)
	}
	e.uint(uint64(len(a.People)))
	for i := range a.People {
		e.str(a.People[i].Was)
	}
}

func (d *decoder) life(a *activity) {
	if d.ended() {
		return
	}
	a.channel, a.campaign, a.By = d.str(), d.str(), d.str()
	a.Signals = listOf(d, 9, (*decoder).signal)
	if d.bool() {
		a.Call = &crm.Call{Result: d.str(), Note: d.str(), Next: crm.NextAction{When: d.str(), Whom: d.str(), What: d.str()}, Number: d.str()}
	}
	a.Moved = listOf(d, 3, func(d *decoder) crm.Moved { return crm.Moved{From: d.id(), To: d.id(), Merge: d.id()} })
	if n := d.count(1); n != len(a.People) {
		d.fail()
		return
	}
	for i := range a.People {
		a.People[i].Was = d.str()
	}
}

func (e *encoder) signal(s *crm.Signal) {
	for _, text := range []string{string(s.Kind), s.Address, s.Evidence, s.Code, s.Reason, s.Successor, s.NewEmail} {
		e.str(text)
	}
	e.time(s.Until)
	e.custom(s.Fields)
}

func (d *decoder) signal() crm.Signal {
	return crm.Signal{Kind: crm.SignalKind(d.str()), Address: d.str(), Evidence: d.str(), Code: d.str(), Reason: d.str(),
		Successor: d.str(), NewEmail: d.str(), Until: d.time(), Fields: d.custom()}
}

// hasPersonLife is hasLife for people.
func hasPersonLife(p *crm.Person) bool {
	return p.Reason != "" || !p.StatusAt.IsZero() || p.Request != "" || p.Stage != "" || p.Final != "" || p.Given != (crm.Touch{}) ||
		p.Consent != (crm.Consent{}) || p.DoNotContact != "" || len(p.BadEmails)+len(p.Merged) > 0 || !p.Left.IsZero() ||
		p.Successor != "" || !p.Converted.IsZero() || p.ExternalKey != ""
}

func (e *encoder) personLife(p *crm.Person) {
	for _, s := range []string{p.Reason, p.Request, p.Stage, p.Final, string(p.Consent.State), p.Consent.Evidence, p.DoNotContact, p.ExternalKey} {
		e.str(s)
	}
	e.time(p.StatusAt)
	e.touch(&p.Given)
	e.time(p.Consent.At)
	e.strs(p.BadEmails)
	e.time(p.Left)
	e.id(p.Successor)
	e.time(p.Converted)
	e.ids(p.Merged)
}

func (d *decoder) personLife(p *crm.Person) {
	if d.ended() {
		return
	}
	p.Reason, p.Request, p.Stage, p.Final = d.str(), d.str(), d.str(), d.str()
	p.Consent.State, p.Consent.Evidence, p.DoNotContact, p.ExternalKey = crm.ConsentState(d.str()), d.str(), d.str(), d.str()
	p.StatusAt, p.Given, p.Consent.At = d.time(), d.touch(), d.time()
	p.BadEmails, p.Left, p.Successor, p.Converted, p.Merged = d.strs(), d.time(), d.id(), d.time(), d.ids()
}
