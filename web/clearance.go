package web

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// record is a kind of record that a route's {id} names.
type record int

const (
	noRecord record = iota
	personRecord
	accountRecord
	activityRecord
	opportunityRecord
	contractRecord
	taskRecord
	proposalRecord
	changeRecord
)

// clearanceOf is what a user may see under the policy in force.
func (s *Server) clearanceOf(ctx context.Context, u crm.User) (crm.Clearance, error) {
	if s.cfg.Access == nil {
		return crm.Everything(), nil
	}
	policy := s.cfg.Access()
	if policy == (crm.AccessPolicy{}) {
		return crm.Everything(), nil
	}
	users, err := s.store.ListUsers(ctx)
	if err != nil {
		return crm.Clearance{}, fmt.Errorf("list users: %w", err)
	}
	return crm.NewClearance(u, policy, users), nil
}

// mustSee returns crm.ErrNotFound if a record may not be seen: that it exists is not told either. A record that is not
// there is left to the handler.
func (s *Server) mustSee(ctx context.Context, may crm.Clearance, kind record, id string) error {
	if kind == noRecord || may.All() {
		return nil
	}
	seen, err := s.sees(ctx, may, kind, id)
	if err == nil && !seen {
		return crm.ErrNotFound
	}
	return err
}

func (s *Server) sees(ctx context.Context, may crm.Clearance, kind record, id string) (bool, error) {
	switch kind {
	case personRecord:
		p, err := s.store.GetPerson(ctx, id)
		return err == nil && may.Person(&p), err
	case accountRecord:
		a, err := s.store.GetAccount(ctx, id)
		return err == nil && may.Account(&a), err
	case activityRecord:
		a, err := s.store.GetActivity(ctx, id)
		if err != nil {
			return false, err
		}
		return s.seesActivity(ctx, may, &a)
	case opportunityRecord:
		o, err := s.store.GetOpportunity(ctx, id)
		return err == nil && may.Owner(o.Owner), err
	case contractRecord:
		c, err := s.store.GetContract(ctx, id)
		return err == nil && may.Owner(c.Owner), err
	case taskRecord:
		t, err := s.store.GetTask(ctx, id)
		return err == nil && may.Owner(t.Owner), err
	case proposalRecord:
		p, err := s.store.GetProposal(ctx, id)
		return err == nil && may.Owner(p.Owner), err
	case changeRecord:
		c, err := s.store.GetChange(ctx, id)
		if err != nil {
			return false, err
		}
		return s.sees(ctx, may, personRecord, c.Person)
	}
	return false, fmt.Errorf("look at record of kind %d: unknown", kind)
}

// seesActivity says whether an activity may be seen: it is the user's or the team's, or stands on the timeline of a
// record that may be seen.
func (s *Server) seesActivity(ctx context.Context, may crm.Clearance, a *crm.Activity) (bool, error) {
	if may.Credited(a) {
		return true, nil
	}
	for _, p := range a.People {
		if p.ID == "" {
			continue
		}
		if ok, err := s.sees(ctx, may, personRecord, p.ID); ok || err != nil && !errors.Is(err, crm.ErrNotFound) {
			return ok, err
		}
	}
	return slices.ContainsFunc(a.Accounts, func(id string) bool {
		ok, err := s.sees(ctx, may, accountRecord, id)
		return ok && err == nil
	}), nil
}
