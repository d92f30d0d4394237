package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

// providerOIDC is the id of the organisation's own identity provider.
const providerOIDC = "oidc"

// oidcParts are what the section sign_in.oidc makes. They do not change; a reload makes others.
type oidcParts struct {
	cfg       *config.OIDC
	app       *oauth.App
	transport *http.Transport
	error     error // why nothing can be called
}

// failure is why nobody can sign in; nil is no reason.
func (o *oidcParts) failure() error {
	if o == nil {
		return nil
	}
	return o.error
}

// setOIDC takes on the section of a configuration.
func (in *instance) setOIDC(cfg *config.OIDC) {
	var p *oidcParts
	if cfg != nil {
		p = &oidcParts{cfg: cfg}
		p.transport, p.error = oauth.NewTransport(cfg.CAFile)
		if p.error == nil {
			p.app = oauth.NewApp(oauth.AppConfig{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, HTTP: oauth.NewHTTP(p.transport),
				Endpoints: oauth.Endpoints{Issuer: cfg.Issuer}})
		}
	}
	if old := in.oidc.Swap(p); old != nil && old.transport != nil {
		old.transport.CloseIdleConnections()
	}
}

func (o *oidcParts) request(req web.SignInRequest) oauth.Request {
	return oauth.Request{Scopes: []string{"openid", "email", "profile"}, Redirect: req.Callback, Hint: req.Hint}
}

// finishOIDC says who signed in at the organisation's own provider. Somebody of an allowed domain may become a user.
func (w webSignIns) finishOIDC(ctx context.Context, k keptFlow, query url.Values, out *web.SignedIn) error {
	o := w.in.oidc.Load()
	if o == nil || o.error != nil {
		return fmt.Errorf("%w: the provider is configured no longer", web.ErrFlow)
	}
	t, err := o.app.Finish(ctx, k.Flow, query)
	if err != nil {
		return err
	}
	id, err := o.app.Identity(ctx, t, k.Flow.Nonce, nil)
	if err != nil {
		return err
	}
	_, domain, _ := strings.Cut(id.Email, "@")
	allowed := slices.Contains(o.cfg.AllowedDomains, domain)
	if len(o.cfg.AllowedDomains) > 0 && !allowed {
		return fmt.Errorf("%w: %s is of no allowed domain", web.ErrDenied, id.Email)
	}
	out.Email, out.Name = id.Email, id.Name
	out.Verified = id.Verified || allowed && o.cfg.TrustEmail
	out.SignUp = allowed
	return nil
}

// webSealer seals what the web app keeps.
type webSealer struct{ in *instance }

// Seal seals a record under the newest key.
func (w webSealer) Seal(name string, plain []byte) ([]byte, error) {
	return w.in.box.Load().Seal("web/"+name, plain)
}

// Unseal opens what Seal made for the same name.
func (w webSealer) Unseal(name string, sealed []byte) ([]byte, error) {
	return w.in.box.Load().Unseal("web/"+name, sealed)
}
