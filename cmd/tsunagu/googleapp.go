package main

import (
	"errors"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// googleParts are what the google section of a configuration makes: the application, the connections that all
// accounts share, and the service account. They do not change; a reload makes others.
type googleParts struct {
	cfg       *config.Google // nil if there is no section
	app       *oauth.App
	transport *http.Transport
	origins   map[string]bool
	service   *oauth.ServiceAccount // nil without delegation, or if it cannot be read
	keyError  error                 // why the service account's key cannot be used
	error     error                 // why nothing can be called
}

const googleScopes = "https://www.googleapis.com/auth/"

// scopesOf are the scopes that services need.
func scopesOf(services []string) []string {
	var out []string
	for _, s := range services {
		switch s {
		case "mail":
			out = append(out, googleScopes+"gmail.readonly")
		case "calendar":
			out = append(out, googleScopes+"calendar.readonly")
		case "forms":
			out = append(out, googleScopes+"forms.responses.readonly", googleScopes+"forms.body.readonly")
		}
	}
	return out
}

// missingServices are those of services that scopes do not suffice for; nil if there are none.
func missingServices(services, scopes []string) []string {
	var out []string
	for _, s := range services {
		if len(oauth.Missing(scopesOf([]string{s}), scopes)) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func newGoogleParts(cfg *config.Google) *googleParts {
	p := &googleParts{cfg: cfg}
	if cfg == nil {
		p.error = errors.New("the configuration has no section google")
		return p
	}
	e := cfg.Endpoints
	transport, err := oauth.NewTransport(cfg.CAFile)
	if err != nil {
		p.error = err
		transport, _ = oauth.NewTransport("") // fails for no file only
	}
	p.transport = transport
	p.app = oauth.NewApp(oauth.AppConfig{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, HTTP: oauth.NewHTTP(transport),
		Endpoints: oauth.Google().With(oauth.Endpoints{Issuer: e.Issuer, Auth: e.Auth, Token: e.Token, Revoke: e.Revoke, Device: e.Device, JWKS: e.JWKS})})
	p.origins = oauth.Origins(p.endpoint("gmail"), p.endpoint("calendar"), p.endpoint("forms"), p.endpoint("directory"), p.endpoint("pubsub"))
	if cfg.Delegation != nil {
		p.service, p.keyError = oauth.ReadServiceAccount(cfg.Delegation.KeyFile)
	}
	return p
}

// endpoint is where a service answers.
func (p *googleParts) endpoint(service string) string {
	if set := p.set(service); set != "" {
		return set
	}
	return map[string]string{
		"gmail": "https://gmail.googleapis.com/", "calendar": "https://www.googleapis.com/calendar/v3/", "forms": "https://forms.googleapis.com/",
		"directory": "https://admin.googleapis.com/", "pubsub": "https://pubsub.googleapis.com/",
	}[service]
}

// set is what the configuration says about a service's endpoint; "" for nothing.
func (p *googleParts) set(service string) string {
	if p.cfg == nil {
		return ""
	}
	e := p.cfg.Endpoints
	return map[string]string{"gmail": e.Gmail, "calendar": e.Calendar, "forms": e.Forms, "directory": e.Directory, "pubsub": e.PubSub}[service]
}

// google gives today's parts.
func (in *instance) google() *googleParts { return in.parts.Load() }

// setGoogle takes on the section of a configuration. The files that it names are read anew, and so are all tokens.
func (in *instance) setGoogle(cfg *config.Google) {
	old := in.parts.Swap(newGoogleParts(cfg))
	if old == nil {
		return
	}
	in.book.reset()
	if old.transport != nil {
		old.transport.CloseIdleConnections()
	}
}
