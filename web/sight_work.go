package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// shownProposal takes out of a proposal the words of a mail that may not be read.
func (l *looking) shownProposal(ctx context.Context, p *crm.Proposal) error {
	ok, err := l.evidence(ctx, p.Activity)
	if err != nil {
		return err
	}
	if !ok {
		p.Evidence = nil
	}
	if p.Other == "" || l.may.All() {
		return nil
	}
	if ok, err := l.s.subject(ctx, l.may, p.Other); err != nil || ok {
		return err
	}
	p.Other, p.Name = "", "" // the twin may not be seen
	return nil
}

// proposal says whether a proposal may be seen: it is about a record that may be, and so is the twin of a merger.
func (l *looking) proposal(ctx context.Context, p *crm.Proposal) (bool, error) {
	ok, err := l.s.onto(ctx, l.may, p.Owner, p.Person, p.Account)
	if err != nil || !ok || p.Kind != crm.ProposeMerge {
		return ok, err
	}
	return l.s.subject(ctx, l.may, p.Other)
}

// GetProposal gives a proposal that may be seen.
func (s sightStore) GetProposal(ctx context.Context, id string) (crm.Proposal, error) {
	p, err := s.Store.GetProposal(ctx, id)
	may := clearanceIn(ctx)
	if err != nil || may.All() && may.Bodies() {
		return p, err
	}
	l := s.looking(may)
	if !may.All() {
		if err := sightNeed(l.proposal(ctx, &p)); err != nil {
			return crm.Proposal{}, err
		}
	}
	return p, l.shownProposal(ctx, &p)
}

// ListProposals leaves out what may not be seen.
func (s sightStore) ListProposals(ctx context.Context, f crm.ProposalFilter) ([]crm.Proposal, string, error) {
	may := clearanceIn(ctx)
	if may.All() && may.Bodies() {
		return s.Store.ListProposals(ctx, f)
	}
	l := s.looking(may)
	rows, next, err := visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Proposal, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListProposals(ctx, f)
	}, func(p *crm.Proposal) (bool, error) {
		if may.All() {
			return true, nil
		}
		return l.proposal(ctx, p)
	})
	for i := range rows {
		if err != nil {
			break
		}
		err = l.shownProposal(ctx, &rows[i])
	}
	return rows, next, err
}

// countedSeen is up to what a number of rows that may be seen is counted.
const countedSeen = 100

// CountProposals counts what may be seen, up to a hundred.
func (s sightStore) CountProposals(ctx context.Context, state crm.ProposalState, owner string) (int64, error) {
	may := clearanceIn(ctx)
	if may.All() || owner != "" && may.Owner(owner) {
		return s.Store.CountProposals(ctx, state, owner)
	}
	rows, _, err := s.ListProposals(ctx, crm.ProposalFilter{State: state, Owner: owner, Limit: countedSeen})
	return int64(len(rows)), err
}

// DecideProposal decides about what may be seen.
func (s sightStore) DecideProposal(ctx context.Context, actor, id string, state crm.ProposalState, now time.Time) (crm.Proposal, error) {
	if _, err := s.GetProposal(ctx, id); err != nil {
		return crm.Proposal{}, err
	}
	p, err := s.Store.DecideProposal(ctx, actor, id, state, now)
	if may := clearanceIn(ctx); err == nil && !(may.All() && may.Bodies()) {
		err = s.looking(may).shownProposal(ctx, &p)
	}
	return p, err
}

// shownReview leaves the candidates who may be seen, and takes out the subject of a mail that may not be read.
func (l *looking) shownReview(ctx context.Context, r *crm.Review) error {
	if !l.may.BodyOf(r.Owner) {
		r.Subject = ""
	}
	if l.may.All() {
		return nil
	}
	var failed error
	r.Candidates = slices.DeleteFunc(slices.Clone(r.Candidates), func(c crm.Candidate) bool {
		ok, err := l.candidate(ctx, c)
		failed = errors.Join(failed, err)
		return !ok
	})
	return failed
}

// GetReview gives a question that may be seen.
func (s sightStore) GetReview(ctx context.Context, id string) (crm.Review, error) {
	r, err := s.Store.GetReview(ctx, id)
	may := clearanceIn(ctx)
	if err != nil || may.All() && may.Bodies() {
		return r, err
	}
	if !may.Owner(r.Owner) {
		return crm.Review{}, crm.ErrNotFound
	}
	return r, s.looking(may).shownReview(ctx, &r)
}

// ListReviews leaves out what may not be seen.
func (s sightStore) ListReviews(ctx context.Context, state crm.ReviewState, after string, limit int) ([]crm.Review, string, error) {
	may := clearanceIn(ctx)
	if may.All() && may.Bodies() {
		return s.Store.ListReviews(ctx, state, after, limit)
	}
	rows, next, err := visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.Review, string, error) {
		return s.Store.ListReviews(ctx, state, after, limit)
	}, func(r *crm.Review) (bool, error) { return may.Owner(r.Owner), nil })
	l := s.looking(may)
	for i := range rows {
		if err != nil {
			break
		}
		err = l.shownReview(ctx, &rows[i])
	}
	return rows, next, err
}

// CountReviews counts what may be seen, up to a hundred.
func (s sightStore) CountReviews(ctx context.Context, state crm.ReviewState) (int64, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.CountReviews(ctx, state)
	}
	rows, _, err := visiblePage(ctx, "", countedSeen, func(after string, limit int) ([]crm.Review, string, error) {
		return s.Store.ListReviews(ctx, state, after, limit)
	}, func(r *crm.Review) (bool, error) { return may.Owner(r.Owner), nil })
	return int64(len(rows)), err
}

// Decide answers a question that may be seen, in its whole: what was taken out of it for whoever asks stays.
func (s sightStore) Decide(ctx context.Context, actor string, r crm.Review, person *crm.Person) error {
	if may := clearanceIn(ctx); !(may.All() && may.Bodies()) {
		was, err := s.Store.GetReview(ctx, r.ID)
		if err != nil {
			return err
		}
		if !may.Owner(was.Owner) {
			return crm.ErrNotFound
		}
		r.Subject, r.Candidates = was.Subject, was.Candidates
		if person != nil {
			if err := s.mustSeePerson(ctx, person.ID); err != nil {
				return err
			}
		}
	}
	return s.Store.Decide(ctx, actor, r, person)
}

// task says whether a task may be seen: it is about a record that may be seen, or about none and one's own or the team's.
// What somebody is to do themselves is theirs to see, whatever it is about.
func (s sightStore) task(ctx context.Context, may crm.Clearance, t *crm.Task) (bool, error) {
	if t.Owner != "" && may.Owner(t.Owner) {
		return true, nil
	}
	return s.onto(ctx, may, t.Owner, t.Person, t.Account)
}

// GetTask gives a task that may be seen.
func (s sightStore) GetTask(ctx context.Context, id string) (crm.Task, error) {
	t, err := s.Store.GetTask(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		err = sightNeed(s.task(ctx, may, &t))
	}
	if err != nil {
		return crm.Task{}, err
	}
	return t, nil
}

// ListTasks leaves out what may not be seen.
func (s sightStore) ListTasks(ctx context.Context, f crm.TaskFilter) ([]crm.Task, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListTasks(ctx, f)
	}
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Task, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListTasks(ctx, f)
	}, func(t *crm.Task) (bool, error) { return s.task(ctx, may, t) })
}

// SaveTask changes what may be seen, and plans nothing for records that may not.
func (s sightStore) SaveTask(ctx context.Context, actor string, t crm.Task) error {
	if !clearanceIn(ctx).All() {
		switch _, err := s.Store.GetTask(ctx, t.ID); {
		case err == nil:
			if _, err := s.GetTask(ctx, t.ID); err != nil {
				return err
			}
		case !errors.Is(err, crm.ErrNotFound):
			return err
		default:
			if err := errors.Join(s.mustSeePerson(ctx, t.Person), s.mustSeeAccount(ctx, t.Account)); err != nil {
				return err
			}
		}
	}
	return s.Store.SaveTask(ctx, actor, t)
}

// deal says whether an opportunity or a contract may be seen: it is one's own or the team's, or nobody's, or its account
// or the lead that it goes back to may be seen.
func (s sightStore) deal(ctx context.Context, may crm.Clearance, owner, person, account string) (bool, error) {
	if owner != "" && may.Owner(owner) {
		return true, nil
	}
	return s.onto(ctx, may, owner, person, account)
}

// GetOpportunity gives an opportunity that may be seen.
func (s sightStore) GetOpportunity(ctx context.Context, id string) (crm.Opportunity, error) {
	o, err := s.Store.GetOpportunity(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		err = sightNeed(s.deal(ctx, may, o.Owner, o.Lead, o.Account))
	}
	if err != nil {
		return crm.Opportunity{}, err
	}
	return o, nil
}

// ListOpportunities leaves out what may not be seen.
func (s sightStore) ListOpportunities(ctx context.Context, f crm.DealFilter) ([]crm.Opportunity, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListOpportunities(ctx, f)
	}
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Opportunity, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListOpportunities(ctx, f)
	}, func(o *crm.Opportunity) (bool, error) { return s.deal(ctx, may, o.Owner, o.Lead, o.Account) })
}

// SaveOpportunity changes what may be seen.
func (s sightStore) SaveOpportunity(ctx context.Context, actor string, o crm.Opportunity) (crm.Opportunity, error) {
	if !clearanceIn(ctx).All() {
		switch _, err := s.Store.GetOpportunity(ctx, o.ID); {
		case err == nil:
			if _, err := s.GetOpportunity(ctx, o.ID); err != nil {
				return o, err
			}
		case !errors.Is(err, crm.ErrNotFound):
			return o, err
		default:
			if err := s.mustSeeAccount(ctx, o.Account); err != nil {
				return o, err
			}
		}
	}
	return s.Store.SaveOpportunity(ctx, actor, o)
}

// DeleteOpportunity deletes what may be seen.
func (s sightStore) DeleteOpportunity(ctx context.Context, actor, id string) error {
	if _, err := s.GetOpportunity(ctx, id); err != nil {
		return err
	}
	return s.Store.DeleteOpportunity(ctx, actor, id)
}

// GetContract gives a contract that may be seen.
func (s sightStore) GetContract(ctx context.Context, id string) (crm.Contract, error) {
	c, err := s.Store.GetContract(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		err = sightNeed(s.deal(ctx, may, c.Owner, "", c.Account))
	}
	if err != nil {
		return crm.Contract{}, err
	}
	return c, nil
}

// ListContracts leaves out what may not be seen.
func (s sightStore) ListContracts(ctx context.Context, f crm.DealFilter) ([]crm.Contract, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListContracts(ctx, f)
	}
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Contract, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListContracts(ctx, f)
	}, func(c *crm.Contract) (bool, error) { return s.deal(ctx, may, c.Owner, "", c.Account) })
}

// ListNotices leaves out what may not be seen.
func (s sightStore) ListNotices(ctx context.Context, today, after string, limit int) ([]crm.Contract, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListNotices(ctx, today, after, limit)
	}
	return visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.Contract, string, error) {
		return s.Store.ListNotices(ctx, today, after, limit)
	}, func(c *crm.Contract) (bool, error) { return s.deal(ctx, may, c.Owner, "", c.Account) })
}

// SaveContract changes what may be seen.
func (s sightStore) SaveContract(ctx context.Context, actor string, c crm.Contract) (crm.Contract, error) {
	if !clearanceIn(ctx).All() {
		switch _, err := s.Store.GetContract(ctx, c.ID); {
		case err == nil:
			if _, err := s.GetContract(ctx, c.ID); err != nil {
				return c, err
			}
		case !errors.Is(err, crm.ErrNotFound):
			return c, err
		default:
			if err := s.mustSeeAccount(ctx, c.Account); err != nil {
				return c, err
			}
		}
	}
	return s.Store.SaveContract(ctx, actor, c)
}

// DeleteContract deletes what may be seen.
func (s sightStore) DeleteContract(ctx context.Context, actor, id string) error {
	if _, err := s.GetContract(ctx, id); err != nil {
		return err
	}
	return s.Store.DeleteContract(ctx, actor, id)
}
