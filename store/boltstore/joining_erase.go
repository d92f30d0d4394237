package boltstore

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// gatherMerged learns what merges and conversions keep of the person: the records of those who were merged into the person
// or had the address themselves. Their names and addresses are the person's too.
func (e *erasure) gatherMerged() error {
	for again := true; again; {
		again = false
		err := e.eachJoin(func(m *merge) {
			if !e.people[m.Loser] && e.inMerge(m) {
				e.people[m.Loser], again = true, true
			}
			if e.people[m.Loser] && m.Person != nil {
				e.learn(m.Person)
			}
		}, func(c *conversion) {
			if !e.people[c.Person] && e.inConversion(c) {
				e.people[c.Person], again = true, true
			}
			if e.people[c.Person] && c.Before != nil {
				e.learn(c.Before)
			}
		})
		if err != nil {
			return err
		}
	}
	return e.eachJoin(func(m *merge) { // what was theirs while they were one may be the other's still
		for one, other := range map[string]string{m.Winner: m.Loser, m.Loser: m.Winner} {
			if e.people[one] && !e.people[other] && m.Kind == crm.MergePeople {
				e.others[other] = true
			}
		}
	}, func(c *conversion) {
		if e.people[c.Person] && c.Opportunity != "" {
			e.made[c.Opportunity] = true
		}
	})
}

// learn adds the names and addresses of a record.
func (e *erasure) learn(p *crm.Person) {
	e.names, e.spelled = append(e.names, p.Name), append(e.spelled, p.Emails...)
	for _, name := range []string{p.Name, p.FamilyName, p.GivenName, p.Kana} {
		e.parts = append(append(e.parts, name), strings.Fields(name)...)
	}
	for _, normal := range normalAddresses(p.Emails) {
		e.emails[normal] = true
	}
}

// inMerge says whether the loser of a merge is the person: it had the address, or the person is who it was merged into. A
// merge that was undone says of two people that they are not one.
func (e *erasure) inMerge(m *merge) bool {
	return e.hasAddress(m.Person) || m.Undone.IsZero() && e.people[m.Winner]
}

func (e *erasure) inConversion(c *conversion) bool {
	return e.hasAddress(c.Before) || c.Undone.IsZero() && e.people[c.Contact]
}

func (e *erasure) hasAddress(p *crm.Person) bool {
	return p != nil && slices.Contains(normalAddresses(p.Emails), e.address)
}

// eachJoin calls the functions with all merges and conversions.
func (e *erasure) eachJoin(merged func(*merge), converted func(*conversion)) error {
	err := e.u.bucket(bucketMerges).ForEach(func(k, _ []byte) error {
		m, err := merges().readKey(e.u.tx, k)
		if err == nil {
			merged(&m)
		}
		return err
	})
	if err != nil {
		return err
	}
	return e.u.bucket(bucketConversions).ForEach(func(k, _ []byte) error {
		c, err := conversions().readKey(e.u.tx, k)
		if err == nil {
			converted(&c)
		}
		return err
	})
}

// forgetJoins blanks merges and conversions that know the person: that there was one stays, it cannot be undone.
func (e *erasure) forgetJoins() error {
	words := wordsOf(e.spelled, e.names)
	var blankMerges, spoken []merge
	var blankConversions, deals []conversion
	err := e.eachJoin(func(m *merge) {
		if !m.Blank && m.Kind == crm.MergePeople && (e.people[m.Winner] || e.people[m.Loser] || e.hasAddress(m.Before)) {
			blankMerges = append(blankMerges, *m)
		} else if e.saidIn(m.Parked, words) || slices.ContainsFunc(m.Parked, func(p crm.Proposal) bool { return e.gone[p.Activity] }) {
			spoken = append(spoken, *m)
		}
	}, func(c *conversion) {
		if !c.Blank && (e.people[c.Person] || e.people[c.Contact] || e.hasAddress(c.Made)) {
			blankConversions = append(blankConversions, *c)
		} else if c.Deal != nil && e.saidIn(c.Deal, words) {
			deals = append(deals, *c)
		}
	})
	if err != nil {
		return err
	}
	for i := range blankMerges {
		m := blankMerges[i]
		fresh := merge{Seq: m.Seq, Blank: true, MergeRecord: crm.MergeRecord{ID: m.ID, Kind: m.Kind, Winner: m.Winner, Loser: m.Loser,
			At: m.At, By: m.By, Undone: m.Undone, UndoneBy: m.UndoneBy}}
		if err := e.u.dropKey(&m); err != nil {
			return err
		}
		if err := merges().put(e.u, &m, &fresh); err != nil {
			return err
		}
	}
	for i := range spoken { // what others were proposed names the person
		fresh := spoken[i]
		fresh.Parked = nil
		if err := merges().put(e.u, &spoken[i], &fresh); err != nil {
			return err
		}
	}
	for i := range deals {
		fresh := deals[i]
		fresh.Deal = nil
		if err := conversions().put(e.u, &deals[i], &fresh); err != nil {
			return err
		}
	}
	for i := range blankConversions {
		c := blankConversions[i]
		fresh := c
		fresh.Before, fresh.Made, fresh.Founded, fresh.Deal, fresh.Blank = nil, nil, nil, nil, true
		if err := conversions().put(e.u, &c, &fresh); err != nil {
			return err
		}
	}
	return e.u.flush()
}

// saidIn says whether a record speaks of the person.
func (e *erasure) saidIn(v any, words *regexp.Regexp) bool {
	text, err := asJSON(v)
	return err != nil || words.MatchString(text) || e.spoken(text)
}

// removeThere removes a person who is still a record of their own.
func (e *erasure) removeThere(id string) error {
	if err := e.u.leaveSuccessors("", id); err != nil {
		return err
	}
	_, err := e.u.removePerson(id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	return err
}
