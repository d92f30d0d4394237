package googlecalendar

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

const (
	scope = "https://www.googleapis.com/auth/calendar.readonly"
	place = "https://www.googleapis.com/calendar/v3/"

	// The quotas of a new project (https://developers.google.com/workspace/calendar/api/guides/quota), requests.
	userPerMinute    = 600
	projectPerMinute = 10_000
)

// source implements connectors.Source, Prober, Getter and Census.
type source struct {
	settings Settings
	env      connectors.Env
	ahead    time.Duration
	now      func() time.Time
	access   *googleapi.Access
	base     string // of every address, with a slash at its end

	list   []listed                  // the calendars chosen, by id; nil before they were asked for
	asked  time.Time                 // when
	zones  map[string]*time.Location // by name; nil for one that nobody knows
	quiet  map[string]quiet          // by calendar
	masked string                    // the question for changes, but for the token
}

// quiet remembers that a token had no news, so that pages of history do not each wait for a poll.
type quiet struct {
	token string
	at    time.Time
}

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
)

// Close has nothing to give up: connections are the daemon's.
func (s *source) Close() error { return nil }

const day = 24 * time.Hour

// window is what is read of a calendar now: midnights in UTC. A zero from does not restrict.
func (s *source) window() (from, to time.Time, err error) {
	now := s.now().UTC()
	from, err = googleapi.Since(s.settings.Since, now)
	if err == nil && !from.IsZero() {
		from = from.Truncate(day)
	}
	return from, now.Add(s.ahead).Truncate(day), err
}
