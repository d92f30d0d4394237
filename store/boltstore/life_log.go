package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// LogActivity stores what a person logged by hand; see storetest.Life.
func (s *Store) LogActivity(ctx context.Context, actor string, a crm.Activity) error {
	err := loggable(&a)
	if err == nil {
		err = s.update(ctx, func(u *unit) error { return u.logByHand(actor, a) })
	}
	if err != nil {
		return fmt.Errorf("log activity: %w", err)
	}
	return nil
}

// loggable says why an activity cannot be logged by hand.
func loggable(a *crm.Activity) error {
	switch {
	case a.Kind != crm.KindCall && a.Kind != crm.KindNote:
		return fmt.Errorf("%w: only calls and notes are logged by hand", crm.ErrRefused)
	case len(a.Observed) > 0:
		return fmt.Errorf("%w: a source yields it", crm.ErrRefused)
	case a.Key == "" && a.ID == "":
		return fmt.Errorf("%w: it has no key", crm.ErrRefused)
	}
	return nil
}

func (u *unit) logByHand(actor string, a crm.Activity) error {
	a.ID = cmp.Or(a.ID, string(a.Key))
	a.Key = cmp.Or(a.Key, crm.Key(a.ID))
	a.By, a.Match.Rule, a.Version = cmp.Or(a.By, actor), crm.RuleManual, max(a.Version, 1)
	a.Match.Evidence = cmp.Or(a.Match.Evidence, a.By)
	if a.Time.IsZero() {
		a.Time = u.s.now()
	}
	if len(a.Owners) == 0 && strings.Contains(a.By, "@") {
		a.Owners = []string{a.By}
	}
	st, err := u.activity(string(a.Key))
	if err != nil {
		return err
	}
	if st.cur != nil {
		return crm.ErrConflict
	}
	if a.People, err = u.partakers(&a); err != nil {
		return err
	}
	for _, id := range a.Accounts {
		if _, err := readAccount(u.tx, id); err != nil {
			return fmt.Errorf("account %s: %w", id, err)
		}
	}
	u.setActivity(st, activity{Activity: crm.Merge(a, a)})
	after, err := asJSON(loggedByHand(&a))
	if err != nil {
		return err
	}
	return u.audit(crm.AuditRecord{Actor: actor, Action: "log " + string(a.Kind), Object: "activity/" + a.ID, After: after})
}

// loggedByHand is what the audit tells of an activity: not its words, which stand in the activity.
func loggedByHand(a *crm.Activity) any {
	out := struct {
		Kind   crm.ActivityKind `json:"kind"`
		At     time.Time        `json:"at"`
		People []string         `json:"people,omitempty"`
		Result string           `json:"result,omitempty"`
	}{Kind: a.Kind, At: a.Time}
	for i := range a.People {
		if a.People[i].ID != "" {
			out.People = append(out.People, a.People[i].ID)
		}
	}
	if a.Call != nil {
		out.Result = a.Call.Result
	}
	return out
}

// partakers are the people of an activity with what their records say of them.
func (u *unit) partakers(a *crm.Activity) ([]crm.Participant, error) {
	out := slices.Clone(a.People)
	for i := range out {
		one := &out[i]
		if one.ID == "" {
			continue
		}
		p, err := readPerson(u.tx, one.ID)
		if err != nil {
			return nil, fmt.Errorf("person %s: %w", one.ID, err)
		}
		one.Kind, one.Name = p.Kind, cmp.Or(one.Name, p.Name)
		if one.Address == "" && len(p.Emails) > 0 {
			one.Address = crm.CanonicalAddress(p.Emails[0])
		}
		if one.Role == "" {
			one.Role = crm.RoleTo
			if a.Direction == crm.DirectionIn {
				one.Role = crm.RoleFrom
			}
		}
	}
	return out, nil
}
