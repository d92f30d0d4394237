package boltstore

import (
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxJoined bounds how many merges are followed one after another.
const maxJoined = 100

// joinedInto is where a record went.
type joinedInto struct{ winner, merge string }

func (u *unit) leaveSign(m *merge) error {
	key := idOf(m.Loser)
	var e encoder
	e.id(m.Winner)
	e.id(m.ID)
	if err := u.keepKey(m); err != nil {
		return err
	}
	return u.put(bucketJoinedInto, key[:], e.b)
}

func (u *unit) removeSign(m *merge) error {
	key := idOf(m.Loser)
	if err := u.dropKey(m); err != nil {
		return err
	}
	return u.delete(bucketJoinedInto, key[:])
}

func decodeSign(b []byte) (joinedInto, error) {
	d := decoder{s: string(b)}
	out := joinedInto{winner: d.id(), merge: d.id()}
	if d.bad {
		return joinedInto{}, corrupt("a sign of a merge")
	}
	return out, nil
}

// readSign says where a record went; ok is false if it was not merged into another.
func readSign(tx *bbolt.Tx, id string) (sign joinedInto, ok bool, err error) {
	if id == "" {
		return sign, false, nil
	}
	key := idOf(id)
	raw := tx.Bucket(bucketJoinedInto).Get(key[:])
	if raw == nil {
		return sign, false, nil
	}
	sign, err = decodeSign(raw)
	return sign, err == nil, err
}

// nowCalled is the id of the record that a record was merged into, through any number of merges; its own if it was not.
func nowCalled(tx *bbolt.Tx, id string) (string, error) {
	for range maxJoined {
		sign, ok, err := readSign(tx, id)
		if err != nil || !ok {
			return id, err
		}
		id = sign.winner
	}
	return id, nil
}

// resolve makes an activity name the winners of merges instead of the losers.
func (u *unit) resolve(a *activity) error {
	if unlessEmpty(u.bucket(bucketJoinedInto)) != nil {
		if err := u.resolvePeople(a); err != nil {
			return err
		}
		if err := u.resolveAccounts(a); err != nil {
			return err
		}
	}
	forgetMoves(&a.Activity)
	return nil
}

// forgetMoves drops what is noted of accounts that have left an activity since.
func forgetMoves(a *crm.Activity) {
	for {
		lost := func(m crm.Moved) bool {
			return !slices.Contains(a.Accounts, m.To) && !slices.ContainsFunc(a.Moved, func(next crm.Moved) bool { return next.From == m.To && next.To != m.To })
		}
		if !slices.ContainsFunc(a.Moved, lost) {
			return
		}
		a.Moved = withoutAny(a.Moved, lost)
	}
}

// resolvePeople repoints participants. Where the last winner is gone, nobody is known by the address.
func (u *unit) resolvePeople(a *activity) error {
	owned := false
	for i := range a.People {
		p := a.People[i]
		for range maxJoined {
			sign, ok, err := readSign(u.tx, p.ID)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			p.Repoint(sign.winner, p.Kind)
		}
		if p.ID == a.People[i].ID {
			continue
		}
		if err := u.kindOfWinner(&p); err != nil {
			return err
		}
		if !owned {
			a.People, owned = slices.Clone(a.People), true
		}
		a.People[i] = p
	}
	return nil
}

func (u *unit) kindOfWinner(p *crm.Participant) error {
	person, err := readPerson(u.tx, p.ID)
	there, err := isThere(err)
	if err != nil {
		return err
	}
	if !there {
		p.ID, p.Kind, p.Was = "", "", ""
		return nil
	}
	p.Kind = person.Kind
	return nil
}

// resolveAccounts puts winners in the place of losers and notes it. Where the winner stood already it is noted too, so that
// it stays when the loser comes back.
func (u *unit) resolveAccounts(a *activity) error {
	for range maxJoined {
		at, into := -1, joinedInto{}
		for i, id := range a.Accounts {
			sign, ok, err := readSign(u.tx, id)
			if err != nil {
				return err
			}
			if ok {
				at, into = i, sign
				break
			}
		}
		if at < 0 {
			return nil
		}
		moveAccount(&a.Activity, a.Accounts[at], into)
	}
	return nil
}

func moveAccount(a *crm.Activity, from string, into joinedInto) {
	moved := slices.Clip(a.Moved)
	note := func(from string) {
		m := crm.Moved{From: from, To: into.winner, Merge: into.merge}
		if !slices.Contains(moved, m) {
			moved = append(moved, m)
		}
	}
	accounts := slices.DeleteFunc(slices.Clone(a.Accounts), func(id string) bool { return id == from })
	if slices.Contains(accounts, into.winner) {
		note(into.winner)
	} else {
		accounts = append(accounts, into.winner)
	}
	note(from)
	slices.Sort(accounts)
	a.Accounts, a.Moved = accounts, moved
}

// moveBack takes off an activity what a merge of accounts put there. It says whether the winner stood there because of the
// merge at all.
func moveBack(a *crm.Activity, m *merge) bool {
	ours := func(v crm.Moved) bool { return v.Merge == m.ID }
	if !slices.ContainsFunc(a.Moved, ours) {
		return false
	}
	if slices.Contains(a.Accounts, m.Winner) {
		accounts := slices.DeleteFunc(slices.Clone(a.Accounts), func(id string) bool { return id == m.Winner })
		for _, v := range a.Moved {
			if ours(v) && !slices.Contains(accounts, v.From) {
				accounts = append(accounts, v.From)
			}
		}
		slices.Sort(accounts)
		a.Accounts = accounts
	}
	a.Moved = withoutAny(a.Moved, ours)
	return true
}

// unsigned refuses to make a record anew that was merged into another: somebody saves what they read before.
func (u *unit) unsigned(kind crm.MergeKind, id string) error {
	sign, merged, err := readSign(u.tx, id)
	if err == nil && merged {
		err = fmt.Errorf("%w: %s was merged into %s meanwhile", crm.ErrRefused, id, u.called(kind, sign.winner))
	}
	return err
}
