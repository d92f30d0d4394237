package web

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashStore tells what stands behind numbers, and keeps views of reports.
type dashStore interface {
	ListCounted(ctx context.Context, q crm.CountedQuery) ([]crm.Counted, string, error)
	SaveView(ctx context.Context, actor string, v crm.SavedView) error
	GetView(ctx context.Context, id string) (crm.SavedView, error)
	DeleteView(ctx context.Context, actor, id string) error
	ListViews(ctx context.Context, owner string) ([]crm.SavedView, error)
}
