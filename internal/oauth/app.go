package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// AppConfig describes an application as it is registered at a provider.
type AppConfig struct {
	ClientID     string
	ClientSecret string // "" for a public client
	Endpoints    Endpoints
	HTTP         *http.Client     // from NewHTTP
	Now          func() time.Time // nil for time.Now
}

// App is an application at a provider. It is safe for concurrent use and prints as its client id.
type App struct {
	cfg AppConfig
	now func() time.Time

	mu         sync.Mutex
	discovered *Endpoints
	keys       oidc.KeySet
	skew       time.Duration // our clock minus the provider's, as last seen
}

// NewApp makes an App. It calls nobody.
func NewApp(cfg AppConfig) *App {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &App{cfg: cfg, now: cfg.Now}
}

// String is the client id, which is public.
func (a *App) String() string { return "application " + a.cfg.ClientID }

// GoString keeps the client secret out of %#v.
func (a *App) GoString() string { return a.String() }

// Skew is by how much our clock was ahead of the provider's when it last answered; below two minutes it is 0, since
// answers take their time and Date counts in seconds.
func (a *App) Skew() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.skew
}

// tolerance is how far clocks may be apart before anything is said about it.
const tolerance = 2 * time.Minute

// noteDate compares the Date of an answer (RFC 9110 section 6.6.1) with our clock.
func (a *App) noteDate(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	skew := a.now().Sub(date)
	if skew.Abs() < tolerance {
		skew = 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.skew = skew
}

// endpoints gives all endpoints, looked up at the issuer if the settings leave some out.
func (a *App) endpoints(ctx context.Context, need func(Endpoints) string) (Endpoints, error) {
	if e := a.cfg.Endpoints; need(e) != "" || e.Issuer == "" {
		return e, nil
	}
	a.mu.Lock()
	known := a.discovered
	a.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	e, err := a.discover(ctx)
	if err != nil {
		return Endpoints{}, err
	}
	a.mu.Lock()
	a.discovered = &e
	a.mu.Unlock()
	return e, nil
}

// discover reads what the issuer says of itself.
func (a *App) discover(ctx context.Context) (Endpoints, error) {
	const op = "look up the provider's endpoints"
	fail := func(err error) (Endpoints, error) {
		return Endpoints{}, &Error{Op: op, Kind: ErrUnavailable, Err: err}
	}
	e := a.cfg.Endpoints
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(e.Issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return fail(err)
	}
	resp, err := a.cfg.HTTP.Do(req)
	if err != nil {
		return fail(bare(err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fail(fmt.Errorf("answer %d", resp.StatusCode))
	}
	var said struct {
		Issuer string `json:"issuer"`
		Auth   string `json:"authorization_endpoint"`
		Token  string `json:"token_endpoint"`
		Revoke string `json:"revocation_endpoint"`
		Device string `json:"device_authorization_endpoint"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&said); err != nil {
		return fail(err)
	}
	if said.Issuer != e.Issuer {
		return fail(fmt.Errorf("the issuer calls itself %q", redact(said.Issuer)))
	}
	for _, f := range []struct {
		set  *string
		said string
	}{{&e.Auth, said.Auth}, {&e.Token, said.Token}, {&e.Revoke, said.Revoke}, {&e.Device, said.Device}, {&e.JWKS, said.JWKS}} {
		if *f.set != "" || f.said == "" {
			continue
		}
		if err := CheckURL(f.said); err != nil {
			return fail(err)
		}
		*f.set = f.said
	}
	return e, nil
}
