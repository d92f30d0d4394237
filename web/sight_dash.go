package web

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ListCounted gives rows without the records that may not be seen: each counts, as in the number that they stand behind. Who
// does not see all numbers asks for an owner's.
func (s sightStore) ListCounted(ctx context.Context, q crm.CountedQuery) ([]crm.Counted, string, error) {
	may := clearanceIn(ctx)
	if !may.All() && (q.Owner == nil || !may.Owner(*q.Owner)) {
		return nil, "", crm.ErrNotFound
	}
	rows, next, err := s.Store.ListCounted(ctx, q)
	if err != nil {
		return nil, "", err
	}
	look := s.looking(may)
	for i := range rows {
		if err := look.counted(ctx, &rows[i]); err != nil {
			return nil, "", err
		}
	}
	return rows, next, nil
}

// counted takes out of a row what may not be seen.
func (l *looking) counted(ctx context.Context, c *crm.Counted) error {
	switch {
	case c.Activity != nil:
		ok, err := l.activity(ctx, c.Activity)
		if err != nil {
			return err
		}
		if !ok {
			c.Activity = nil
			return nil
		}
		return l.shorten(ctx, c.Activity)
	case c.Person != nil && !l.may.Person(c.Person):
		c.Person = nil
	case c.Opportunity != nil:
		ok, err := l.s.deal(ctx, l.may, c.Opportunity.Owner, "", c.Opportunity.Account)
		if err != nil {
			return err
		}
		if !ok {
			c.Opportunity = nil
		}
	}
	return nil
}
