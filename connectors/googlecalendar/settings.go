package googlecalendar

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// Settings are the settings of a Google Calendar source.
type Settings struct {
	Account   string    `yaml:"account" json:"account"`     // address of the account that was signed in
	Calendars Calendars `yaml:"calendars" json:"calendars"` // which of its calendars are read
	Since     string    `yaml:"since" json:"since"`         // 90d, 2026-01-31 or all: where the window begins
	Ahead     string    `yaml:"ahead" json:"ahead"`         // 90d: how far into the future it reaches, at most five years
}

// Calendars chooses calendars by id or by name, as the account sees it; "primary" is the account's own.
type Calendars struct {
	Include []string `yaml:"include" json:"include"` // only these; empty for all but holidays, birthdays and the like
	Exclude []string `yaml:"exclude" json:"exclude"` // never these
}

// maxAhead bounds the window: a daily series has an item for each day of it.
const maxAhead = 5 * 366 * 24 * time.Hour

// Check finds every mistake at once.
func (s *Settings) Check() []connectors.Problem {
	var out []connectors.Problem
	add := func(path, what, hint string) {
		out = append(out, connectors.Problem{Path: path, What: what, Hint: hint})
	}
	if !strings.Contains(s.Account, "@") {
		add("account", "the account is missing", "write the address that was signed in with Google")
	}
	if _, err := googleapi.Since(s.Since, time.Now()); err != nil {
		add("since", err.Error(), "write a number of days such as 90d, a date such as 2026-01-31, or all")
	}
	if d, err := googleapi.Days(s.Ahead); err != nil || d > maxAhead {
		add("ahead", fmt.Sprintf("%q is no number of days up to %d", s.Ahead, maxAhead/(24*time.Hour)), "write a number of days such as 90d")
	}
	for _, list := range []struct {
		path  string
		names []string
	}{{"calendars.include", s.Calendars.Include}, {"calendars.exclude", s.Calendars.Exclude}} {
		for i, name := range list.names {
			if strings.TrimSpace(name) == "" {
				add(list.path+"["+strconv.Itoa(i)+"]", "the calendar has no name", "write its id or its name, or primary")
			}
		}
	}
	return out
}

// Fingerprint changes with every setting; none of them is secret.
func (s *Settings) Fingerprint() string { return googleapi.Fingerprint(s) }

// Open makes the source; the first Fetch connects.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	return s.open(env, time.Now)
}

func (s *Settings) open(env connectors.Env, now func() time.Time) (*source, error) {
	if problems := s.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: "open googlecalendar source", Hint: p.Hint,
			Err: fmt.Errorf("%s: %s", p.Path, p.What)}
	}
	env.Limits = env.Limits.OrDefault()
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	settings := *s
	settings.Account = strings.ToLower(strings.TrimSpace(s.Account))
	ahead, err := googleapi.Days(s.Ahead)
	if err != nil {
		return nil, fmt.Errorf("read setting ahead: %w", err)
	}
	access, err := googleapi.Open(env, googleapi.Options{
		Account: settings.Account, Service: "calendar", Scopes: []string{scope},
		Limits: []connectors.Budget{
			{Name: "calendar/user/" + settings.Account, Units: userPerMinute, Per: time.Minute},
			{Name: "calendar/project", Units: projectPerMinute, Per: time.Minute},
		},
	})
	if err != nil {
		return nil, err
	}
	return &source{settings: settings, env: env, ahead: ahead, now: now, access: access,
		base: access.Endpoint(place), zones: make(map[string]*time.Location), quiet: make(map[string]quiet)}, nil
}
