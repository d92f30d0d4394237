package life

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// silence lets the rules of silence act that come due before a time.
func (w *walk) silence(before time.Time) {
	if w.shortest == 0 || before.Sub(w.base.at) < w.shortest {
		return
	}
	for w.silent <= len(w.s.r.rules) {
		r, at, from := w.dueSilence(before)
		if r == nil {
			return
		}
		w.silent++
		n := len(w.made)
		w.move(r, &crm.Event{Kind: crm.EventSilence, At: at, Evidence: w.s.day(from.at)}, from.id)
		if n == len(w.made) {
			return
		}
	}
}

// dueSilence is the rule that acts first before a time, and when; of several at one moment the first.
func (w *walk) dueSilence(before time.Time) (due *rule, at time.Time, from mark) {
	for i := range w.s.r.rules {
		r := &w.s.r.rules[i]
		if r.on != crm.EventSilence {
			continue
		}
		t, since := w.silenceEnds(r)
		if !t.Before(before) || !t.After(w.closed) || due != nil && !t.Before(at) || !w.fits(r, nil, t) {
			continue
		}
		due, at, from = r, t, since
	}
	return due, at, from
}

// silenceEnds is when a rule's time of silence is over, and from what it counts: from the last exchange or decision; from
// the end of a meeting that was agreed on by then; and where the time had passed before the status began, from that.
func (w *walk) silenceEnds(r *rule) (time.Time, mark) {
	from := w.base
	at := from.at.Add(r.after)
	if !at.After(w.entered.at) && w.entered.id != "" {
		from = w.entered
		at = from.at.Add(r.after)
	}
	for moved := true; moved; {
		moved = false
		for _, m := range w.s.ahead {
			if later := m.ends.Add(r.after); m.ends.After(from.at) && !m.known.After(at) && m.ends.Before(at.Add(366*24*time.Hour)) && later.After(at) {
				at, moved = later, true
			}
		}
	}
	return at, from
}

// nextSilence is when a rule of silence acts next if nothing happens; zero if none does.
func (w *walk) nextSilence() (next time.Time) {
	if !w.s.isLead() || w.silent > len(w.s.r.rules) {
		return next
	}
	for i := range w.s.r.rules {
		r := &w.s.r.rules[i]
		if r.on != crm.EventSilence || r.to == w.status || r.from != nil && !r.from[w.status] {
			continue
		}
		if at, _ := w.silenceEnds(r); at.After(w.s.now) {
			next = soonest(next, at)
		}
	}
	return next
}
