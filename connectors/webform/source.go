package webform

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// source polls one form. It implements connectors.Source, Getter, Census and Prober.
type source struct {
	cfg       Settings // effective
	rows      layout
	paths     pagePaths
	base      *url.URL
	delimiter rune
	overlap   time.Duration
	start     time.Time // rows before it are left alone; zero for none
	first     int       // number of the first page
	keep      int       // rows that are kept in mind before any are forgotten
	shape     string
	limits    connectors.Limits
	client    *http.Client
	log       *slog.Logger
	now       func() time.Time

	cache     cached
	known     knownRows         // of the last Fetch, for the versions of what is read again
	heldFault *connectors.Fault // no call before heldUntil
	heldUntil time.Time
}

// pagePaths are paths in a whole answer.
type pagePaths struct{ next, pages, total, more, item path }

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
)

// Close lets go of idle connections.
func (s *source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
