package boltstore

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// changesOf gives the changes of a person and of those merged into it, oldest first, then by ID.
func changesOf(tx *bbolt.Tx, p *crm.Person) ([]crm.Change, error) {
	var out []crm.Change
	cursor := tx.Bucket(bucketChanges).Cursor()
	seen := map[string]bool{}
	for _, id := range append([]string{p.ID}, p.Merged...) {
		if seen[id] {
			continue
		}
		seen[id] = true
		key := idOf(id)
		for k, v := cursor.Seek(key[:]); hasPrefix(k, key[:]); k, v = cursor.Next() {
			c, err := decodeChange(v)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b crm.Change) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return out, nil
}

// changeKeys are the entries of a change; none if c is nil.
func changeKeys(c *crm.Change) []change {
	if c == nil {
		return nil
	}
	person, when, id := idOf(c.Person), timeKey(c.At), idOf(c.ID)
	return []change{
		entry(bucketChanges, slices.Concat(person[:], when[:], id[:]), encodeChange(c)),
		entry(bucketChangeID, bytes.Clone(id[:]), slices.Concat(person[:], when[:])),
	}
}

// saveChange puts a change; old or fresh is nil for one that was not or is no more.
func (u *unit) saveChange(old, fresh *crm.Change) { u.reindex(changeKeys(old), changeKeys(fresh)) }

// changeByID finds a change as it was before the unit; crm.ErrNotFound.
func changeByID(tx *bbolt.Tx, id string) (crm.Change, error) {
	key := idOf(id)
	place := tx.Bucket(bucketChangeID).Get(key[:])
	if place == nil {
		return crm.Change{}, crm.ErrNotFound
	}
	return decodeChange(tx.Bucket(bucketChanges).Get(slices.Concat(place, key[:])))
}

// replaceChanges puts what rules derived in the place of all that is not fixed under them. What is there already keeps when
// it was stored.
func (u *unit) replaceChanges(p *crm.Person, f *crm.Followed) error {
	have, err := changesOf(u.tx, p)
	if err != nil {
		return err
	}
	want := map[string]crm.Change{}
	for _, c := range f.Changes {
		c.Person = cmp.Or(c.Person, p.ID) // of somebody who was merged into p, it is theirs
		want[c.ID] = c
	}
	for i := range have {
		h := &have[i]
		w, again := want[h.ID]
		delete(want, h.ID)
		switch {
		case h.Fixed(f.Rules):
		case !again:
			u.saveChange(h, nil)
		default:
			w.Seen = h.Seen
			u.saveChange(h, &w)
		}
	}
	for _, c := range f.Changes {
		c, fresh := want[c.ID]
		if !fresh {
			continue
		}
		delete(want, c.ID)
		if c.Seen.IsZero() {
			c.Seen = u.s.now()
		}
		u.saveChange(nil, &c)
		if c.Field == crm.ChangeOwner && c.By == crm.ByRules {
			u.assigned(c.To, c.Seen)
		}
	}
	return nil
}

// forgetChanges removes what is kept of somebody's life when they are no more and nothing can bring them back.
func (u *unit) forgetChanges(p *crm.Person) error {
	list, err := changesOf(u.tx, p)
	for i := range list {
		u.saveChange(&list[i], nil)
	}
	return err
}

// notice makes history of what somebody else than the rules changes of a person who is there already: their status, owner
// or stage. StatusAt of p follows. It is called before p is stored.
func (u *unit) notice(actor string, before, p *crm.Person) {
	if before == nil {
		return
	}
	at := p.Updated
	if !at.After(before.Updated) {
		at = u.s.now()
	}
	note := func(field crm.ChangeField, from, to, reason string) {
		if from == to {
			return
		}
		u.saveChange(nil, &crm.Change{ID: crm.NewID(), Person: p.ID, Field: field, At: at.UTC(), From: from, To: to, Reason: reason, By: actor, Seen: u.s.now()})
	}
	if p.Kind == crm.Lead && before.Kind == crm.Lead {
		if p.Status != before.Status && p.StatusAt.Equal(before.StatusAt) {
			p.StatusAt = at.UTC()
		}
		note(crm.ChangeStatus, string(before.Status), string(p.Status), p.Reason)
	}
	note(crm.ChangeOwner, before.Owner, p.Owner, "")
	note(crm.ChangeStage, before.Stage, p.Stage, "")
}

// savePersonBy is savePerson for what somebody else than the rules does: status, owner and stage get a history.
func (u *unit) savePersonBy(actor string, p *crm.Person) (before *crm.Person, err error) {
	key := idOf(p.ID)
	if raw := u.bucket(bucketPeople).Get(key[:]); raw != nil {
		old, err := decodePerson(raw)
		if err != nil {
			return nil, err
		}
		u.notice(actor, &old, p)
	}
	return u.savePerson(*p)
}
