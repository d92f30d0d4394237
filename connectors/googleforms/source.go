package googleforms

import (
	"context"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

const (
	responsesScope = "https://www.googleapis.com/auth/forms.responses.readonly"
	bodyScope      = "https://www.googleapis.com/auth/forms.body.readonly"
	place          = "https://forms.googleapis.com/"
)

// source implements connectors.Source, Prober, Getter and Census.
type source struct {
	account string
	forms   []form
	since   string
	limits  connectors.Limits
	now     func() time.Time
	lists   *googleapi.Access     // for lists of answers
	reads   *googleapi.Access     // for everything else
	base    string                // of every address, with a slash at its end
	known   map[string]*questions // by Google's id of the form
}

// form is a form of the settings.
type form struct {
	id   string // Google's
	name string // in the mapping
}

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
)

// Close has nothing to give up: connections are the daemon's.
func (s *source) Close() error { return nil }

// begin is when the answers begin that are read now; zero for all.
func (s *source) begin() (time.Time, error) {
	t, err := googleapi.Since(s.since, s.now().UTC())
	if err == nil && !t.IsZero() {
		t = t.Truncate(24 * time.Hour)
	}
	return t, err
}

// get asks for one thing.
func (s *source) get(ctx context.Context, access *googleapi.Access, op string, history bool, path string, q url.Values, into any) error {
	address := s.base + "v1/forms/" + path + "?alt=json&prettyPrint=false"
	if len(q) > 0 {
		address += "&" + q.Encode()
	}
	return access.Get(ctx, op, 1, history, address, into)
}
