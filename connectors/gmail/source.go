package gmail

import (
	"context"
	"fmt"
	"time"

	gmail "google.golang.org/api/gmail/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// The optional things a Gmail source can do. Only one that is told of news waits for it.
var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
	_ connectors.Waiter = (*told)(nil)
)

// What calls cost, in units (https://developers.google.com/workspace/gmail/api/reference/quota, 2026).
const (
	costProfile    = 1
	costLabels     = 1
	costHistory    = 2
	costList       = 5
	costGet        = 20
	costAttachment = 20
	costWatch      = 100
)

// me is the mailbox of whoever is signed in.
const me = "me"

// source reads one mailbox. What it remembers only saves calls: the cursor alone says what was read.
type source struct {
	settings Settings
	env      connectors.Env
	now      func() time.Time
	access   *googleapi.Access
	pubsub   *googleapi.Access // nil if nothing tells of news

	service *gmail.UsersService // nil until it is needed
	whole   *gmail.UsersService // the same, with smaller answers, for whole messages
	labels  *labels             // as last listed; nil: not yet
	window  *listing            // of the window under way
}

// Close forgets what was remembered. The connections are the accounts'.
func (s *source) Close() error {
	s.service, s.whole, s.labels, s.window = nil, nil, nil, nil
	return nil
}

// open makes the services.
func (s *source) open(ctx context.Context) error {
	if s.service != nil {
		return nil
	}
	service, err := gmail.NewService(ctx, s.access.ClientOptions()...)
	if err != nil {
		return s.access.Fault(ctx, "open gmail", err)
	}
	whole, err := gmail.NewService(ctx, s.access.Bounded(wholeLimit).ClientOptions()...)
	if err != nil {
		return s.access.Fault(ctx, "open gmail", err)
	}
	s.service, s.whole = service.Users, whole.Users
	return nil
}

// profile says how the mailbox stands.
func (s *source) profile(ctx context.Context) (*gmail.Profile, error) {
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	var out *gmail.Profile
	err := s.access.Do(ctx, "look at mailbox", costProfile, false, func(ctx context.Context) (err error) {
		out, err = s.service.GetProfile(me).Context(ctx).Do()
		return err
	})
	if err == nil && out.HistoryId == 0 {
		err = &connectors.Fault{Op: "look at mailbox", Err: fmt.Errorf("the answer has no history id")}
	}
	return out, err
}

// since reads the setting.
func (s *source) since() (time.Time, error) {
	t, err := googleapi.Since(s.settings.Since, s.now())
	if err != nil {
		return time.Time{}, &connectors.Fault{Kind: connectors.Permanent, Op: "read setting since", Err: err}
	}
	return t, nil
}
