package boltstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Unmerge brings the loser back; see storetest.Joining.
func (s *Store) Unmerge(ctx context.Context, actor, id string, now time.Time) (r crm.MergeRecord, err error) {
	err = s.update(ctx, func(u *unit) error {
		m, err := u.unmerge(actor, id, now, "")
		r = m.MergeRecord
		return err
	})
	if err != nil {
		return crm.MergeRecord{}, fmt.Errorf("undo merge %s: %w", id, err)
	}
	return r, nil
}

// unmerge is Unmerge within a unit. except is the id of the conversion that is undone with it; "" for none.
func (u *unit) unmerge(actor, id string, now time.Time, except string) (merge, error) {
	m, err := u.readMerge(id)
	if err != nil {
		return m, err
	}
	if err := u.unhindered(m.Winner, m.Seq, except); err != nil {
		return m, err
	}
	before := m
	m.Undone, m.UndoneBy = now, actor
	if m.Kind == crm.MergeAccounts {
		err = u.unmergeAccounts(&m)
	} else {
		err = u.unmergePeople(&m)
	}
	if err != nil {
		return m, err
	}
	if err := merges().put(u, &before, &m); err != nil {
		return m, err
	}
	if err := u.flush(); err != nil {
		return m, err
	}
	if err := u.advance(); err != nil {
		return m, err
	}
	return m, u.auditJoin(actor, now, "undo merge", m.Winner, m.Loser, "merge/"+m.ID)
}

func (u *unit) unmergePeople(m *merge) error {
	current, err := readPerson(u.tx, m.Winner)
	if err != nil {
		return u.winnerGone(m, err)
	}
	if there, err := isThere(u.personThere(m.Loser)); there || err != nil {
		return u.loserThere(m, err)
	}
	kept := *m.Person
	if kept.AccountID, err = u.accountNow(kept.AccountID, kept.ID, m); err != nil {
		return err
	}
	m.Person = &kept
	winner, loser := crm.UnmergePersons(current, m.MergeRecord)
	if err := u.removeSign(m); err != nil {
		return err
	}
	if _, err := u.savePerson(loser); err != nil {
		return err
	}
	theirs := without(normalAddresses(loser.Emails), normalAddresses(m.Before.Emails))
	belonging := u.belonging(map[string]string{winner.ID: winner.AccountID, loser.ID: loser.AccountID})
	err = u.eachOfPerson(m.Winner, func(st *actState) error {
		people, parted := partPeople(st.cur.People, winner.ID, &loser, theirs)
		st.cur.People = people
		if !parted && winner.AccountID == current.AccountID {
			return nil
		}
		return belonging.settle(&st.cur.Activity, current.AccountID, func(p *crm.Participant) bool {
			return p.ID == loser.ID || p.ID == winner.ID
		})
	})
	if err != nil {
		return err
	}
	if _, err := u.savePerson(winner); err != nil {
		return err
	}
	if err := u.moveSuccessorsBack(m); err != nil {
		return err
	}
	if err := u.returnRecords(m); err != nil {
		return err
	}
	if err := u.returnCaused(m); err != nil {
		return err
	}
	return u.returnDecided(m.Winner, normalAddresses(loser.Emails))
}

// partPeople gives a participant back to the loser who named it before the merge, or came since and has one of their
// addresses.
func partPeople(people []crm.Participant, winner string, loser *crm.Person, theirs []string) (out []crm.Participant, parted bool) {
	out = slices.Clone(people)
	for i := range out {
		p := &out[i]
		if p.ID != winner {
			continue
		}
		address, ok := crm.NormalizeAddress(p.Address)
		switch {
		case p.Restore(loser.ID, loser.Kind):
			parted = true
		case ok && slices.Contains(theirs, address):
			p.ID, p.Kind, p.Was = loser.ID, loser.Kind, ""
			parted = true
		}
	}
	return out, parted
}

func (u *unit) personThere(id string) error {
	_, err := readPerson(u.tx, id)
	return err
}

func (u *unit) winnerGone(m *merge, err error) error {
	if there, err := isThere(err); there || err != nil {
		return err
	}
	return u.notThere(m.Kind, m.Winner, fmt.Errorf("%w: it is not there any more", crm.ErrRefused))
}

func (u *unit) loserThere(m *merge, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: there is a record %s again, %s", crm.ErrRefused, m.Loser, u.called(m.Kind, m.Loser))
}

// accountNow is the account that one belongs to who comes back: the one it was merged into meanwhile, whose merge then
// knows the member; "" if it is not there any more.
func (u *unit) accountNow(account, member string, undone *merge) (string, error) {
	if account == undone.Loser && undone.Kind == crm.MergeAccounts {
		return account, nil // it is about to come back
	}
	for range maxJoined {
		sign, ok, err := readSign(u.tx, account)
		if err != nil {
			return "", err
		}
		if !ok {
			break
		}
		m, err := merges().read(u.tx, sign.merge)
		if err != nil {
			return "", err
		}
		if before := m; !slices.Contains(m.Members, member) {
			m.Members = append(slices.Clip(m.Members), member)
			if err := merges().put(u, &before, &m); err != nil {
				return "", err
			}
		}
		account = sign.winner
	}
	_, err := readAccount(u.tx, account)
	there, err := isThere(err)
	if !there {
		account = ""
	}
	return account, err
}
