package web

import (
	"context"
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// commentStore keeps what colleagues say about people and accounts.
type commentStore interface {
	SaveComment(ctx context.Context, actor string, c crm.Comment) error
	GetComment(ctx context.Context, id string) (crm.Comment, error)
	ListComments(ctx context.Context, subject, after string, limit int) ([]crm.Comment, string, error)
	ListMentions(ctx context.Context, user string, unseen bool, after string, limit int) ([]crm.Comment, string, error)
	SeeMentions(ctx context.Context, user, subject string) error
}

// filingStore keeps who stands on an activity because a person said so.
type filingStore interface {
	FileActivity(ctx context.Context, actor, activity string, f crm.Filed) (crm.Activity, error)
	UnfileActivity(ctx context.Context, actor, activity, id string, now time.Time) (crm.Activity, error)
	GetFiling(ctx context.Context, activity string) (crm.Filing, error)
	RaiseReview(ctx context.Context, actor string, r crm.Review) error
}

// SaveComment takes comments about records that may be seen.
func (s sightStore) SaveComment(ctx context.Context, actor string, c crm.Comment) error {
	if may := clearanceIn(ctx); !may.All() {
		if err := sightNeed(s.subject(ctx, may, c.Subject)); err != nil {
			return err
		}
	}
	return s.Store.SaveComment(ctx, actor, c)
}

// GetComment gives a comment about a record that may be seen.
func (s sightStore) GetComment(ctx context.Context, id string) (crm.Comment, error) {
	c, err := s.Store.GetComment(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.All() {
		if err := sightNeed(s.subject(ctx, may, c.Subject)); err != nil {
			return crm.Comment{}, err
		}
	}
	return c, err
}

// ListComments gives nothing of a record that may not be seen.
func (s sightStore) ListComments(ctx context.Context, subject, after string, limit int) ([]crm.Comment, string, error) {
	if may := clearanceIn(ctx); !may.All() {
		if err := sightNeed(s.subject(ctx, may, subject)); err != nil {
			return nil, "", err
		}
	}
	return s.Store.ListComments(ctx, subject, after, limit)
}

// ListMentions leaves out comments about records that may not be seen.
func (s sightStore) ListMentions(ctx context.Context, user string, unseen bool, after string, limit int) ([]crm.Comment, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListMentions(ctx, user, unseen, after, limit)
	}
	return visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.Comment, string, error) {
		return s.Store.ListMentions(ctx, user, unseen, after, limit)
	}, func(c *crm.Comment) (bool, error) { return s.subject(ctx, may, c.Subject) })
}

// seeFiled says whether an activity may be seen, and the people of whom something is decided about it.
func (s sightStore) seeFiled(ctx context.Context, activity string, people ...string) error {
	if clearanceIn(ctx).All() {
		return nil
	}
	if _, err := s.GetActivity(ctx, activity); err != nil {
		return err
	}
	for _, id := range people {
		if id == "" {
			continue
		}
		if _, err := s.GetPerson(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// FileActivity takes decisions about activities and people that may be seen.
func (s sightStore) FileActivity(ctx context.Context, actor, activity string, f crm.Filed) (crm.Activity, error) {
	if err := s.seeFiled(ctx, activity, f.Detach, f.Attach); err != nil {
		return crm.Activity{}, err
	}
	if _, err := s.Store.FileActivity(ctx, actor, activity, f); err != nil {
		return crm.Activity{}, err
	}
	return s.filedNow(ctx, activity)
}

// UnfileActivity does the same.
func (s sightStore) UnfileActivity(ctx context.Context, actor, activity, id string, now time.Time) (crm.Activity, error) {
	if err := s.seeFiled(ctx, activity); err != nil {
		return crm.Activity{}, err
	}
	if _, err := s.Store.UnfileActivity(ctx, actor, activity, id, now); err != nil {
		return crm.Activity{}, err
	}
	return s.filedNow(ctx, activity)
}

// filedNow is an activity as it is after a decision. Whoever took the only record off it that they may see sees it no more,
// which undoes nothing.
func (s sightStore) filedNow(ctx context.Context, activity string) (crm.Activity, error) {
	a, err := s.GetActivity(ctx, activity)
	if errors.Is(err, crm.ErrNotFound) {
		return crm.Activity{ID: activity}, nil
	}
	return a, err
}

// GetFiling gives the decisions about an activity that may be seen.
func (s sightStore) GetFiling(ctx context.Context, activity string) (crm.Filing, error) {
	if err := s.seeFiled(ctx, activity); err != nil {
		return crm.Filing{}, err
	}
	return s.Store.GetFiling(ctx, activity)
}
