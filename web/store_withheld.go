package web

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// withheldStore keeps what people keep out beside the mapping's rules.
type withheldStore interface {
	MarkPrivate(ctx context.Context, actor, rep, activityID, note string, now time.Time) (crm.PrivateThread, error)
	LiftPrivate(ctx context.Context, actor, rep, id string, now time.Time) (sources []string, err error)
	ListPrivate(ctx context.Context, rep, after string, limit int) ([]crm.PrivateThread, string, error)
	OwnRules(ctx context.Context, rep string) (rules crm.OwnRules, settled bool, err error)
	ChangeOwnRules(ctx context.Context, actor, rep string, add []crm.OwnRule, remove []string, now time.Time) error
}
