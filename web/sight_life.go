package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetStanding tells of a record that may be seen, without words of mails that may not be read.
func (s sightStore) GetStanding(ctx context.Context, id string) (crm.Standing, error) {
	may := clearanceIn(ctx)
	if !may.All() {
		if err := sightNeed(s.subject(ctx, may, id)); err != nil {
			return crm.Standing{}, err
		}
	}
	st, err := s.Store.GetStanding(ctx, id)
	if err != nil {
		return st, err
	}
	return st, s.looking(may).shownStanding(ctx, &st)
}

func (l *looking) shownStanding(ctx context.Context, st *crm.Standing) error {
	if l.may.Bodies() {
		return nil
	}
	st.Parts = slices.Clone(st.Parts)
	for i := range st.Parts {
		ok, err := l.evidence(ctx, st.Parts[i].Activity)
		if err != nil {
			return err
		}
		if !ok {
			st.Parts[i].Evidence = ""
		}
	}
	return nil
}

// ListChanges tells of a person who may be seen.
func (s sightStore) ListChanges(ctx context.Context, person string) ([]crm.Change, error) {
	may := clearanceIn(ctx)
	if !may.All() {
		if err := sightNeed(s.person(ctx, may, person)); err != nil {
			return nil, err
		}
	}
	list, err := s.Store.ListChanges(ctx, person)
	if err != nil || may.Bodies() {
		return list, err
	}
	l := s.looking(may)
	for i := range list {
		if err := l.shownChange(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *looking) shownChange(ctx context.Context, c *crm.Change) error {
	ok, err := l.evidence(ctx, c.Activity)
	if err == nil && !ok {
		c.Evidence = ""
	}
	return err
}

// GetChange tells of a person who may be seen.
func (s sightStore) GetChange(ctx context.Context, id string) (crm.Change, error) {
	c, err := s.Store.GetChange(ctx, id)
	may := clearanceIn(ctx)
	if err == nil && !may.All() {
		err = sightNeed(s.person(ctx, may, c.Person))
	}
	if err != nil {
		return crm.Change{}, err
	}
	return c, s.looking(may).shownChange(ctx, &c)
}

// AddChange changes a person who may be seen.
func (s sightStore) AddChange(ctx context.Context, actor string, c crm.Change) (crm.Change, error) {
	if err := s.mustSeePerson(ctx, c.Person); err != nil {
		return crm.Change{}, err
	}
	return s.Store.AddChange(ctx, actor, c)
}

// listed fills a page of a list of people.
func (s sightStore) listed(ctx context.Context, after string, limit int, read func(after string, limit int) ([]crm.Listed, string, error)) ([]crm.Listed, string, error) {
	may := clearanceIn(ctx)
	if may.All() && may.Bodies() {
		return read(after, limit)
	}
	rows, next, err := visiblePage(ctx, after, limit, read, func(row *crm.Listed) (bool, error) { return may.Person(&row.Person), nil })
	l := s.looking(may)
	for i := range rows {
		if err != nil {
			break
		}
		err = l.shownStanding(ctx, &rows[i].Standing)
	}
	return rows, next, err
}

// ListUnreplied leaves out who may not be seen.
func (s sightStore) ListUnreplied(ctx context.Context, owner, after string, limit int) ([]crm.Listed, string, error) {
	return s.listed(ctx, after, limit, func(after string, limit int) ([]crm.Listed, string, error) {
		return s.Store.ListUnreplied(ctx, owner, after, limit)
	})
}

// ListFollowUps leaves out who may not be seen.
func (s sightStore) ListFollowUps(ctx context.Context, owner string, now time.Time, after string, limit int) ([]crm.Listed, string, error) {
	return s.listed(ctx, after, limit, func(after string, limit int) ([]crm.Listed, string, error) {
		return s.Store.ListFollowUps(ctx, owner, now, after, limit)
	})
}

// ListSegment leaves out who may not be seen.
func (s sightStore) ListSegment(ctx context.Context, segment, after string, limit int) ([]crm.Listed, string, error) {
	return s.listed(ctx, after, limit, func(after string, limit int) ([]crm.Listed, string, error) {
		return s.Store.ListSegment(ctx, segment, after, limit)
	})
}

// Numbers tells the numbers of those whose records are seen, and of what belongs to nobody. Asked for all, it adds those
// up: what is credited to two of them counts twice then.
func (s sightStore) Numbers(ctx context.Context, q crm.NumberQuery) ([]crm.Number, error) {
	may := clearanceIn(ctx)
	switch {
	case may.All():
		return s.Store.Numbers(ctx, q)
	case q.Owner != nil && !may.Owner(*q.Owner):
		return nil, nil
	case q.Owner != nil:
		return s.Store.Numbers(ctx, q)
	case q.By == crm.ByOwner:
		list, err := s.Store.Numbers(ctx, q)
		return slices.DeleteFunc(list, func(n crm.Number) bool { return !may.Owner(n.Key) }), err
	}
	type place struct{ period, key, detail string }
	sum := map[place]crm.Number{}
	for _, owner := range append([]string{""}, may.Owners()...) {
		q.Owner = &owner
		list, err := s.Store.Numbers(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			at := place{n.Period, n.Key, n.Detail}
			was := sum[at]
			n.Count, n.Sum = n.Count+was.Count, n.Sum+was.Sum
			sum[at] = n
		}
	}
	all := make([]crm.Number, 0, len(sum))
	for _, n := range sum {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b crm.Number) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
	})
	return all, nil
}

// PreviewMerge compares what may be seen.
func (s sightStore) PreviewMerge(ctx context.Context, kind crm.MergeKind, winner, loser string) (crm.MergePreview, error) {
	if err := s.mustSeeBoth(ctx, winner, loser); err != nil {
		return crm.MergePreview{}, err
	}
	return s.Store.PreviewMerge(ctx, kind, winner, loser)
}

func (s sightStore) mustSeeBoth(ctx context.Context, ids ...string) error {
	may := clearanceIn(ctx)
	if may.All() {
		return nil
	}
	for _, id := range ids {
		if err := sightNeed(s.subject(ctx, may, id)); err != nil {
			return err
		}
	}
	return nil
}

// Merge joins what may be seen.
func (s sightStore) Merge(ctx context.Context, actor string, kind crm.MergeKind, winner, loser string, now time.Time) (crm.MergeRecord, error) {
	if err := s.mustSeeBoth(ctx, winner, loser); err != nil {
		return crm.MergeRecord{}, err
	}
	return s.Store.Merge(ctx, actor, kind, winner, loser, now)
}

// merge says whether a merger may be seen: the winner may, and the loser as it was could be.
func (s sightStore) merge(ctx context.Context, may crm.Clearance, m *crm.MergeRecord) (bool, error) {
	if m.Person != nil && !may.Person(m.Person) || m.Account != nil && !may.Account(m.Account) {
		return false, nil
	}
	return s.subject(ctx, may, m.Winner)
}

// GetMerge gives a merger that may be seen.
func (s sightStore) GetMerge(ctx context.Context, id string) (crm.MergeRecord, error) {
	m, err := s.Store.GetMerge(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		err = sightNeed(s.merge(ctx, may, &m))
	}
	if err != nil {
		return crm.MergeRecord{}, err
	}
	return m, nil
}

// ListMerges leaves out what may not be seen.
func (s sightStore) ListMerges(ctx context.Context, subject, after string, limit int) ([]crm.MergeRecord, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListMerges(ctx, subject, after, limit)
	}
	return visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.MergeRecord, string, error) {
		return s.Store.ListMerges(ctx, subject, after, limit)
	}, func(m *crm.MergeRecord) (bool, error) { return s.merge(ctx, may, m) })
}

// Unmerge takes back what may be seen.
func (s sightStore) Unmerge(ctx context.Context, actor, id string, now time.Time) (crm.MergeRecord, error) {
	if _, err := s.GetMerge(ctx, id); err != nil {
		return crm.MergeRecord{}, err
	}
	return s.Store.Unmerge(ctx, actor, id, now)
}

// PreviewConversion shows what may be seen, and offers nothing else.
func (s sightStore) PreviewConversion(ctx context.Context, p crm.ConversionPlan) (crm.ConversionPreview, error) {
	if err := s.mustSeePlan(ctx, &p); err != nil {
		return crm.ConversionPreview{}, err
	}
	v, err := s.Store.PreviewConversion(ctx, p)
	may := clearanceIn(ctx)
	if err != nil || may.All() {
		return v, err
	}
	l := s.looking(may)
	var failed error
	for _, list := range []*[]crm.Candidate{&v.Accounts, &v.Contacts} {
		*list = slices.DeleteFunc(*list, func(c crm.Candidate) bool {
			ok, err := l.candidate(ctx, c)
			failed = errors.Join(failed, err)
			return !ok
		})
	}
	return v, failed
}

func (s sightStore) mustSeePlan(ctx context.Context, p *crm.ConversionPlan) error {
	return errors.Join(s.mustSeePerson(ctx, p.Person), s.mustSeePerson(ctx, p.Contact), s.mustSeeAccount(ctx, p.Account))
}

// Convert converts who may be seen.
func (s sightStore) Convert(ctx context.Context, actor string, p crm.ConversionPlan, now time.Time) (crm.Conversion, error) {
	if err := s.mustSeePlan(ctx, &p); err != nil {
		return crm.Conversion{}, err
	}
	return s.Store.Convert(ctx, actor, p, now)
}

// GetConversion gives a conversion of who may be seen.
func (s sightStore) GetConversion(ctx context.Context, id string) (crm.Conversion, error) {
	c, err := s.Store.GetConversion(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		err = sightNeed(s.conversion(ctx, may, &c))
	}
	if err != nil {
		return crm.Conversion{}, err
	}
	return c, nil
}

func (s sightStore) conversion(ctx context.Context, may crm.Clearance, c *crm.Conversion) (bool, error) {
	if c.Before != nil && !may.Person(c.Before) {
		return false, nil
	}
	return s.person(ctx, may, cmp.Or(c.Contact, c.Person))
}

// ListConversions leaves out what may not be seen.
func (s sightStore) ListConversions(ctx context.Context, person, after string, limit int) ([]crm.Conversion, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListConversions(ctx, person, after, limit)
	}
	return visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.Conversion, string, error) {
		return s.Store.ListConversions(ctx, person, after, limit)
	}, func(c *crm.Conversion) (bool, error) { return s.conversion(ctx, may, c) })
}

// UndoConversion takes back what may be seen.
func (s sightStore) UndoConversion(ctx context.Context, actor, id string, now time.Time) (crm.Conversion, error) {
	if _, err := s.GetConversion(ctx, id); err != nil {
		return crm.Conversion{}, err
	}
	return s.Store.UndoConversion(ctx, actor, id, now)
}
