package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var bucketSuccessors = []byte("successors") // person id16, id16 of somebody whom that one follows → nothing

// successorKeys is the entry by which a person is found from whoever follows them.
func successorKeys(p *crm.Person) []change {
	if p.Successor == "" {
		return nil
	}
	id, successor := idOf(p.ID), idOf(p.Successor)
	return []change{entry(bucketSuccessors, append(successor[:], id[:]...), nothing)}
}

// moveSuccessors makes those whom the loser follows be followed by the winner.
func (u *unit) moveSuccessors(from, to string, m *merge) error {
	return u.eachFollowed(from, func(p *crm.Person) bool {
		if p.ID == to {
			return false
		}
		m.Followed = append(m.Followed, p.ID)
		p.Successor = to
		return true
	})
}

func (u *unit) moveSuccessorsBack(m *merge) error {
	return u.eachFollowed(m.Winner, func(p *crm.Person) bool {
		if !slices.Contains(m.Followed, p.ID) {
			return false
		}
		p.Successor = m.Loser
		return true
	})
}

func (u *unit) eachFollowed(successor string, edit func(p *crm.Person) bool) error {
	ids, err := u.under(bucketSuccessors, successor)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, err := decodePerson(u.bucket(bucketPeople).Get(id[:]))
		if err != nil {
			return err
		}
		if edit(&p) {
			if _, err := u.savePerson(p); err != nil {
				return err
			}
		}
	}
	return nil
}
