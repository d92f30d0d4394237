package boltstore

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// redactLife takes the person's words out of what a call and the signals of an activity say. Signals about the person go
// whole; so does what a signature says, which is about whom sent it.
func (e *erasure) redactLife(a *crm.Activity, words *regexp.Regexp, theirs map[string]bool) {
	if a.Call != nil {
		c := *a.Call
		for _, text := range []*string{&c.Note, &c.Next.Whom, &c.Next.What} {
			*text = words.ReplaceAllString(*text, erasedMark)
		}
		c.Number = ""
		a.Call = &c
	}
	about := func(address string) bool {
		return e.owns(address) || theirs[crm.CanonicalAddress(address)] || theirs[strings.ToLower(address)]
	}
	a.Signals = withoutAny(a.Signals, func(s crm.Signal) bool {
		return s.Address != "" && about(s.Address) || s.NewEmail != "" && about(s.NewEmail)
	})
	for i := range a.Signals {
		s := &a.Signals[i]
		s.Evidence, s.Successor = words.ReplaceAllString(s.Evidence, erasedMark), words.ReplaceAllString(s.Successor, erasedMark)
		fields := map[string]string{}
		for name, v := range s.Fields {
			fields[name] = words.ReplaceAllString(v, erasedMark)
		}
		if s.Fields != nil {
			s.Fields = fields
		}
	}
}

// met remembers who else is on an activity that names the person: what is kept of their lives can quote it.
func (e *erasure) met(a *activity) {
	for _, p := range a.People {
		if p.ID != "" && !e.people[p.ID] {
			e.others[p.ID] = true
		}
	}
	for _, id := range a.indexed {
		e.others[id] = true
	}
}

// forgetLives removes the history of the people who are forgotten, and takes their words out of that of others. The
// standings of others are worked out again; until then they say nothing of the person either.
func (e *erasure) forgetLives() error {
	for _, id := range sortedKeys(e.people) {
		if err := e.u.forgetChanges(&crm.Person{ID: id}); err != nil {
			return err
		}
	}
	words := wordsOf(e.spelled, e.names)
	for _, id := range sortedKeys(e.others) {
		changes, err := changesOf(e.u.tx, &crm.Person{ID: id})
		if err != nil {
			return err
		}
		for _, c := range changes {
			fresh := c
			if e.redactBy(c.Activity, words, &fresh.Evidence); e.gone[c.Activity] {
				fresh.Evidence = ""
			}
			if fresh.Evidence != c.Evidence {
				e.u.saveChange(&c, &fresh)
			}
		}
		if err := e.redactStanding(idOf(id), words); err != nil {
			return err
		}
		e.u.mark(id)
	}
	return e.u.flush()
}

// redactStanding does so with a standing; no list depends on what changes.
func (e *erasure) redactStanding(key id16, words *regexp.Regexp) error {
	st, _, err := readStanding(e.u.tx, key)
	if err != nil || st == nil {
		return err
	}
	parts := slices.Clone(st.Parts)
	for i := range parts {
		parts[i].Evidence = words.ReplaceAllString(parts[i].Evidence, erasedMark)
	}
	if slices.Equal(parts, st.Parts) {
		return nil
	}
	st.Parts = parts
	return e.u.put(bucketStandings, key[:], encodeStanding(st))
}
