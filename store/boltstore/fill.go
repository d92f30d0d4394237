package boltstore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fillPeople applies the updates of a commit: what is empty in people's records is filled (crm.ApplyUpdate). Each
// person is stored once. The record keeps which activity filled what, so that one line in the audit log is enough for
// a commit. An update of somebody who is not there any more is passed over.
func (u *unit) fillPeople(c crm.Commit) error {
	var order []string
	updates := map[string][]crm.PersonUpdate{}
	for _, w := range c.Writes {
		for _, up := range w.Updates {
			if updates[up.ID] == nil {
				order = append(order, up.ID)
			}
			updates[up.ID] = append(updates[up.ID], up)
		}
	}
	var filled []string
	for _, id := range order {
		changed, err := u.fillPerson(id, updates[id])
		if err != nil {
			return err
		}
		if changed {
			filled = append(filled, id)
		}
	}
	if len(filled) == 0 {
		return nil
	}
	r := crm.AuditRecord{At: c.At, Actor: "tsunagu", Action: "fill person", Object: "person/" + filled[0]}
	if len(filled) > 1 {
		r.Action, r.Object = "fill people", fmt.Sprintf("%d people", len(filled))
	}
	if err := u.audit(r); err != nil {
		return err
	}
	return u.advance()
}

func (u *unit) fillPerson(id string, updates []crm.PersonUpdate) (changed bool, err error) {
	id, err = nowCalled(u.tx, id)
	if err != nil {
		return false, err
	}
	p, err := readPerson(u.tx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, up := range updates {
		up.Fill = u.withoutErased(up.Fill)
		changed = crm.ApplyUpdate(&p, up) || changed
	}
	if changed {
		_, err = u.savePerson(p)
	}
	return changed, err
}

// withoutErased leaves out addresses whose owners asked to be forgotten.
func (u *unit) withoutErased(fill []crm.Fill) []crm.Fill {
	erased := unlessEmpty(u.bucket(bucketErased))
	if erased == nil {
		return fill
	}
	return slices.DeleteFunc(slices.Clone(fill), func(f crm.Fill) bool {
		address, ok := crm.NormalizeAddress(f.Value)
		if f.Field != "emails" || !ok {
			return false
		}
		hash := u.s.hmac("erased", address)
		return erased.Get(hash[:]) != nil
	})
}
