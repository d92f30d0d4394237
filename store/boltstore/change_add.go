package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// AddChange stores what a person decided about somebody's status, owner or stage; see storetest.Life.
func (s *Store) AddChange(ctx context.Context, actor string, c crm.Change) (out crm.Change, err error) {
	err = s.update(ctx, func(u *unit) error {
		var err error
		out, err = u.addChange(actor, c)
		return err
	})
	if err != nil {
		return crm.Change{}, fmt.Errorf("change %s of %s: %w", c.Field, c.Person, err)
	}
	return out, nil
}

func (u *unit) addChange(actor string, c crm.Change) (crm.Change, error) {
	p, err := readPerson(u.tx, c.Person)
	if err != nil {
		return c, err
	}
	history, err := changesOf(u.tx, &p)
	if err != nil {
		return c, err
	}
	now := u.s.now()
	c.At = c.At.UTC()
	if c.At.IsZero() {
		c.At = now
	}
	if c.Undoes != "" {
		if err := u.undo(&c, history); err != nil {
			return c, err
		}
	}
	if c.ID == "" {
		c.ID = crm.NewID()
	} else if slices.ContainsFunc(history, func(h crm.Change) bool { return h.ID == c.ID }) {
		return c, crm.ErrConflict
	}
	c.By, c.Seen, c.Rule, c.Rules, c.Undone = actor, now, "", "", ""
	before := p
	switch c.Field {
	case crm.ChangeStatus:
		if p.Kind != crm.Lead {
			return c, fmt.Errorf("%w: only a lead has a status", crm.ErrRefused)
		}
		if c.To == "" && c.Undoes == "" {
			return c, fmt.Errorf("%w: there is no status to change to", crm.ErrRefused)
		}
		c.From = string(p.Status)
		p.Status, p.Reason, p.StatusAt = crm.LeadStatus(c.To), c.Reason, c.At
	case crm.ChangeOwner:
		c.From, p.Owner = p.Owner, c.To
	case crm.ChangeStage:
		c.From, p.Stage = p.Stage, c.To
	default:
		return c, fmt.Errorf("%w: a change of %q is not known", crm.ErrRefused, c.Field)
	}
	if c.At.After(p.Updated) {
		p.Updated = c.At
	}
	u.saveChange(nil, &c)
	if _, err := u.savePerson(p); err != nil {
		return c, err
	}
	return c, u.auditChange(actor, "person", p.ID, &before, &p)
}

// undo makes of c what takes the change back that it undoes, and marks that as undone. Only the last of a field can be.
func (u *unit) undo(c *crm.Change, history []crm.Change) error {
	at := slices.IndexFunc(history, func(h crm.Change) bool { return h.ID == c.Undoes })
	if at < 0 {
		return crm.ErrNotFound
	}
	undone := history[at]
	if undone.Undone != "" {
		return fmt.Errorf("%w: this change was taken back already", crm.ErrRefused)
	}
	c.Field, c.To = undone.Field, undone.From
	for i := range history {
		h := &history[i]
		if h.Field != undone.Field || h.ID == undone.ID {
			continue
		}
		if laterChange(h, &undone) {
			return fmt.Errorf("%w: a later change stands in the way, that of the %s from %q to %q by %s on %s; undo change %s first", crm.ErrRefused,
				h.Field, h.From, h.To, h.By, h.At.In(u.s.loc).Format(dayFormat), h.ID)
		}
		if h.To == c.To && c.Field == crm.ChangeStatus {
			c.Reason = h.Reason // the newest of them counts
		}
	}
	if c.ID == "" {
		c.ID = crm.NewID()
	}
	fresh := undone
	fresh.Undone = c.ID
	u.saveChange(&undone, &fresh)
	return nil
}

// laterChange says whether a came after b.
func laterChange(a, b *crm.Change) bool {
	return cmp.Or(a.At.Compare(b.At), a.Seen.Compare(b.Seen), strings.Compare(a.ID, b.ID)) > 0
}
