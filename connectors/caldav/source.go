package caldav

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// source reads the calendars of one account. It implements connectors.Source, Getter, Census and Prober.
type source struct {
	cfg          Settings
	dav          *client
	zone         *time.Location
	since, ahead int // days
	limits       connectors.Limits
	log          *slog.Logger
	now          func() time.Time
	lookup       func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error) // nil for the system's
	lookupTXT    func(ctx context.Context, name string) ([]string, error)                           // nil for the system's

	homes  []*url.URL                     // calendar homes, or calendars; nil until they are found
	single bool                           // homes is one calendar
	seen   map[string]map[string][]string // of full readings under way: calendar, then resource, then external ids
	listed *listing                       // of the full reading under way; nil if there is none
	paging map[string]*paging             // of changes under way, by calendar
}

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
)

// Close lets go of idle connections.
func (s *source) Close() error {
	s.dav.http.CloseIdleConnections()
	return nil
}

// today is the midnight, UTC, of the day that it is.
func (s *source) today() time.Time { return s.now().UTC().Truncate(24 * time.Hour) }

// from is where the window begins, horizon where it ends. Both move with each day.
func (s *source) from() time.Time    { return s.today().AddDate(0, 0, -s.since) }
func (s *source) horizon() time.Time { return s.today().AddDate(0, 0, s.ahead+1) }
