package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// origin keeps what came when meetings learned to tell calendars from mails, behind what meeting keeps. It keeps nothing of
// an activity that has nothing of that, unless more follows.
func (e *encoder) origin(a *crm.Activity, more bool) {
	if !more && a.Meeting == nil && len(a.Letters) == 0 && !slices.ContainsFunc(a.Observed, func(o crm.Observation) bool { return o.Message != "" }) {
		return
	}
	e.uint(uint64(len(a.Observed)))
	for i := range a.Observed {
		e.id(string(a.Observed[i].Message))
	}
	e.uint(uint64(len(a.Letters)))
	for i := range a.Letters {
		l := &a.Letters[i]
		e.id(string(l.Message))
		e.time(l.At)
		e.str(l.From)
		e.str(l.Subject)
		e.str(l.Text)
	}
	if a.Meeting == nil {
		return
	}
	m := a.Meeting
	e.bool(m.Mail)
	e.bool(m.Private)
	if m.Memory != nil {
		e.bool(m.Memory.Words.Calendar)
		e.bool(m.Memory.Guests.Calendar)
		e.bool(m.Memory.Private)
	}
}

func (d *decoder) origin(a *crm.Activity) {
	m := a.Meeting
	if d.ended() {
		if m != nil {
			guessOrigin(a, m)
		}
		return
	}
	if d.same(len(a.Observed)) {
		for i := range a.Observed {
			a.Observed[i].Message = crm.Key(d.id())
		}
	}
	a.Letters = listOf(d, 5, func(d *decoder) crm.Letter {
		return crm.Letter{Message: crm.Key(d.id()), At: d.time(), From: d.str(), Subject: d.str(), Text: d.str()}
	})
	if m == nil {
		return
	}
	m.Mail, m.Private = d.bool(), d.bool()
	if m.Memory != nil {
		m.Memory.Words.Calendar, m.Memory.Guests.Calendar, m.Memory.Private = d.bool(), d.bool(), d.bool()
	}
}

// guessOrigin is for a meeting that was stored before it was kept which views were mails: the places where it was seen
// tell that.
func guessOrigin(a *crm.Activity, m *crm.Meeting) {
	m.Mail = len(a.Observed) > 0 && !slices.ContainsFunc(a.Observed, func(o crm.Observation) bool { return !o.Mail })
	if m.Memory != nil && !m.Mail {
		m.Memory.Words.Calendar, m.Memory.Guests.Calendar = !m.TimesOnly, true
	}
}
