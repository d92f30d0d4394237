package web

import (
	"context"
	"fmt"

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
	reviewRecord
	sourceRecord
	commentRecord
	mergeRecord
	conversionRecord
)

// policy is what the organisation lets its people see.
func (s *Server) policy() crm.AccessPolicy {
	if s.cfg.Access == nil {
		return crm.AccessPolicy{}
	}
	return s.cfg.Access()
}

// clearanceOfToken is what a program may see. It sees what its user sees; without one, those of admins and IT see all, and
// those of reps and managers what belongs to nobody. crm.ErrNotFound if the user is gone or disabled: so is the token.
func (s *Server) clearanceOfToken(ctx context.Context, t *crm.Token) (crm.Clearance, error) {
	u := crm.User{Role: t.Role}
	if t.User != "" {
		var err error
		if u, err = s.store.GetUser(ctx, t.User); err != nil {
			return crm.Clearance{}, err
		}
		if u.Disabled || !mayGrant(u.Role, t.Role) {
			return crm.Clearance{}, crm.ErrNotFound
		}
		return s.clearanceOf(ctx, u)
	}
	if admin.allows(t.Role) {
		return crm.Everything(), nil
	}
	return s.clearanceOf(ctx, u)
}

// clearanceOf is what a user may see under the policy in force.
func (s *Server) clearanceOf(ctx context.Context, u crm.User) (crm.Clearance, error) {
	policy := s.policy()
	if policy.HidesNothing() {
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

// sees asks the store, which shows only what may be seen.
func (s *Server) sees(ctx context.Context, may crm.Clearance, kind record, id string) (bool, error) {
	ctx = withClearance(ctx, may)
	var err error
	switch kind {
	case personRecord:
		_, err = s.store.GetPerson(ctx, id)
	case accountRecord:
		_, err = s.store.GetAccount(ctx, id)
	case activityRecord:
		_, err = s.store.GetActivity(ctx, id)
	case opportunityRecord:
		_, err = s.store.GetOpportunity(ctx, id)
	case contractRecord:
		_, err = s.store.GetContract(ctx, id)
	case taskRecord:
		_, err = s.store.GetTask(ctx, id)
	case proposalRecord:
		_, err = s.store.GetProposal(ctx, id)
	case changeRecord:
		_, err = s.store.GetChange(ctx, id)
	case reviewRecord:
		_, err = s.store.GetReview(ctx, id)
	case sourceRecord:
		_, err = s.store.GetSource(ctx, id)
	case commentRecord:
		_, err = s.store.GetComment(ctx, id)
	case mergeRecord:
		_, err = s.store.GetMerge(ctx, id)
	case conversionRecord:
		_, err = s.store.GetConversion(ctx, id)
	default:
		return false, fmt.Errorf("look at record of kind %d: unknown", kind)
	}
	return err == nil, err
}
