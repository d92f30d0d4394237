package upkeep

import "context"

// PreviewActivities is Preview without what must be read again.
func (u *Upkeep) PreviewActivities(ctx context.Context, c Candidate) (p Preview, err error) {
	err = u.previewActivities(ctx, c, &p)
	return p, err
}
