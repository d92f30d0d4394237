package upkeep

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// PreviewActivities is Preview without what must be read again.
func (u *Upkeep) PreviewActivities(ctx context.Context, c Candidate) (p Preview, err error) {
	err = u.previewActivities(ctx, c, &p)
	return p, err
}

// Differences are the fields in which two states of an activity differ.
func Differences(was, now *crm.Activity) []FieldChange { return differences(was, now) }

// Difference says the same in English.
func Difference(was, now *crm.Activity) (before, after string) { return difference(was, now) }
