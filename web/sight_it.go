package web

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// SourceHours counts what came from a source that may be seen.
func (s sightStore) SourceHours(ctx context.Context, id string, since time.Time) ([]crm.SourceHour, error) {
	if _, err := s.GetSource(ctx, id); err != nil {
		return nil, err
	}
	return s.Store.SourceHours(ctx, id, since)
}
