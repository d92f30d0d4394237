package web

import (
	"context"
	"errors"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what a list reads to fill a page with rows that may be seen. A page that is cut short by them has fewer rows
// and a next one.
const (
	visibleScan  = 2000 // rows looked at
	visibleChunk = 500  // rows of one read
)

type clearanceKey struct{}

// withClearance lets all that is read under a context be read by somebody: the store that handlers ask (sightStore)
// shows no more than that.
func withClearance(ctx context.Context, may crm.Clearance) context.Context {
	return context.WithValue(ctx, clearanceKey{}, may)
}

// clearanceIn is who reads under a context. What the server does for itself, as counting for the metrics, sees all.
func clearanceIn(ctx context.Context) crm.Clearance {
	if may, ok := ctx.Value(clearanceKey{}).(crm.Clearance); ok {
		return may
	}
	return crm.Everything()
}

// unbounded is for what has to be looked at although whoever asks may not see it. Nothing of it may reach an answer.
func unbounded(ctx context.Context) context.Context { return withClearance(ctx, crm.Everything()) }

// mayBody says whether whoever asked may read what was said in an activity. The texts of one that may not be read are
// empty already; pages ask to say so.
func (s *Server) mayBody(r *request, a *crm.Activity) bool { return r.may.Body(a) }

// visiblePage reads pages of a store's list until a page of rows that may be seen is full, the list ends, or enough was
// looked at. next continues right after the last row given, or after the last one looked at; "" is the end.
func visiblePage[T any](ctx context.Context, after string, limit int, read func(after string, limit int) ([]T, string, error), seen func(*T) (bool, error)) (rows []T, next string, err error) {
	if limit <= 0 {
		limit = pageRows
	}
	size := limit
	for scanned := 0; ; {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		list, next, err := read(after, size)
		if err != nil {
			return nil, "", err
		}
		for i := range list {
			ok, err := seen(&list[i])
			if err != nil && !errors.Is(err, crm.ErrNotFound) {
				return nil, "", err
			}
			if !ok || err != nil {
				continue
			}
			if rows = append(rows, list[i]); len(rows) < limit {
				continue
			}
			if i+1 < len(list) { // the store says where that row is
				_, next, err = read(after, i+1)
			}
			return rows, next, err
		}
		scanned += len(list)
		if next == "" || scanned >= visibleScan {
			return rows, next, nil
		}
		after, size = next, min(2*size, visibleChunk)
	}
}
