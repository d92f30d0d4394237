package web

import (
	"context"
	"errors"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// standingOf is where a person or account stands. What was entered a moment ago was not followed yet: it has none.
func (s *Server) standingOf(ctx context.Context, id string) (crm.Standing, error) {
	st, err := s.store.GetStanding(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return crm.Standing{ID: id}, nil
	}
	return st, err
}
