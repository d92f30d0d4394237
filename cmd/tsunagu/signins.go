package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

// webSignIns are the sign-ins at other providers, as the web app wants them.
type webSignIns struct{ in *instance }

// flowRecord is the name under which flows are sealed.
const flowRecord = "sign-in flow"

// keptFlow is what the browser keeps of a sign-in, sealed.
type keptFlow struct {
	Flow    oauth.Flow        `json:"f"`
	Request web.SignInRequest `json:"r"`
}

// Providers are Google, if it is configured, and whoever IMAP sources sign in with in a browser.
func (w webSignIns) Providers() []web.Provider {
	var out []web.Provider
	if g := w.in.google().cfg; g != nil && g.ClientID != "" {
		out = append(out, web.Provider{ID: providerGoogle, Name: "Google", SignIn: g.SignIn, Services: slices.Clone(g.Services)})
	}
	if o := w.in.oidc.Load(); o != nil {
		out = append(out, web.Provider{ID: providerOIDC, Name: o.cfg.Name, SignIn: true})
	}
	names := map[string]string{providerGoogle: "Google", "microsoft": "Microsoft", "": "OAuth"}
	for _, s := range w.in.cfg.Load().Sources {
		settings, provider, ok := signsIn(&s)
		if !ok || settings.OAuth.Provider == "" && settings.OAuth.AuthURL == "" {
			continue
		}
		at := slices.IndexFunc(out, func(p web.Provider) bool { return p.ID == provider })
		if at < 0 {
			at = len(out)
			out = append(out, web.Provider{ID: provider, Name: names[settings.OAuth.Provider]})
		}
		out[at].Sources = append(out[at].Sources, s.ID)
	}
	return out
}

// signsIn says whether a source is a mailbox over IMAP that signs in with tokens, and at which provider.
func signsIn(s *config.Source) (settings *imap.Settings, provider string, ok bool) {
	settings, ok = s.Settings.(*imap.Settings)
	if !ok || settings.OAuth == nil {
		return nil, "", false
	}
	return settings, first(settings.OAuth.Provider, "oauth"), true
}

// signing finds a source that signs in with tokens.
func (in *instance) signing(id string) (*config.Source, *imap.Settings, error) {
	cfg := in.cfg.Load()
	for i := range cfg.Sources {
		if s := &cfg.Sources[i]; s.ID == id {
			settings, _, ok := signsIn(s)
			if !ok {
				return nil, nil, misused("give it an oauth block, with provider: microsoft for example", "source %s does not sign in with tokens", id)
			}
			return s, settings, nil
		}
	}
	return nil, nil, misused("", "there is no source %s", id)
}

// Begin starts a sign-in.
func (w webSignIns) Begin(ctx context.Context, req web.SignInRequest) (string, []byte, error) {
	var app *oauth.App
	var ask oauth.Request
	switch {
	case req.Source != "":
		_, settings, err := w.in.signing(req.Source)
		if err != nil {
			return "", nil, err
		}
		var scopes []string
		if app, scopes, err = settings.App(w.in.cfg.Load().Dir); err != nil {
			return "", nil, err
		}
		ask = oauth.Request{Scopes: scopes, Redirect: req.Callback, Hint: settings.Username, Offline: true, Consent: true}
	case req.Provider == providerOIDC:
		o := w.in.oidc.Load()
		if o == nil || o.error != nil {
			return "", nil, fmt.Errorf("begin sign-in at %s: %w", req.Provider, cmp.Or(o.failure(), crm.ErrNotFound))
		}
		app, ask = o.app, o.request(req)
	default:
		g := w.in.google()
		if req.Provider != providerGoogle || g.cfg == nil || g.cfg.ClientID == "" || g.error != nil {
			return "", nil, fmt.Errorf("begin sign-in at %s: %w", req.Provider, errors.Join(g.error, crm.ErrNotFound))
		}
		app, ask = g.app, w.in.googleRequest(ctx, req)
	}
	redirect, flow, err := app.Begin(ctx, ask)
	if err != nil {
		return "", nil, err
	}
	raw, err := json.Marshal(keptFlow{flow, req})
	if err != nil {
		return "", nil, fmt.Errorf("keep sign-in: %w", err)
	}
	sealed, err := w.in.box.Load().Seal(flowRecord, raw)
	return redirect, sealed, err
}

// googleRequest is what is asked of Google. Consent is asked for again when there is no refresh token that works, since
// only then Google gives one.
func (in *instance) googleRequest(ctx context.Context, req web.SignInRequest) oauth.Request {
	g := in.google()
	ask := oauth.Request{Scopes: []string{"openid", "email", "profile"}, Redirect: req.Callback, Hint: req.Hint}
	if len(g.cfg.Domains) == 1 {
		ask.Domain = g.cfg.Domains[0]
	}
	if !req.Connect {
		return ask
	}
	ask.Scopes = slices.Concat(ask.Scopes, scopesOf(g.cfg.Services), g.cfg.Scopes)
	ask.Offline, ask.Incremental, ask.Consent = true, true, true
	if known, err := in.book.get(ctx, strings.ToLower(req.Hint)); err == nil && known.Expired.IsZero() {
		ask.Consent = len(missingServices(g.cfg.Services, known.Scopes)) > 0
	}
	return ask
}

// Finish ends a sign-in.
func (w webSignIns) Finish(ctx context.Context, sealed []byte, query url.Values) (web.SignedIn, error) {
	raw, err := w.in.box.Load().Unseal(flowRecord, sealed)
	if err != nil {
		return web.SignedIn{}, fmt.Errorf("%w: it cannot be opened", web.ErrFlow)
	}
	var k keptFlow
	if err := json.Unmarshal(raw, &k); err != nil {
		return web.SignedIn{}, fmt.Errorf("%w: it cannot be read", web.ErrFlow)
	}
	out := web.SignedIn{Provider: k.Request.Provider, Return: k.Request.Return, User: k.Request.User}
	if query.Get("state") == k.Flow.State && !w.in.book.once.Use(k.Flow.State, time.Now()) {
		return out, fmt.Errorf("%w: it was finished already", web.ErrFlow)
	}
	switch {
	case k.Request.Source != "":
		err = w.finishSource(ctx, k, query, &out)
	case k.Request.Provider == providerOIDC:
		err = w.finishOIDC(ctx, k, query, &out)
	default:
		err = w.finishGoogle(ctx, k, query, &out)
	}
	return out, webError(err)
}

// webError puts a failure into the web app's words.
func webError(err error) error {
	switch {
	case errors.Is(err, oauth.ErrDenied):
		return fmt.Errorf("%w: %w", web.ErrDenied, err)
	case errors.Is(err, oauth.ErrFlow):
		return fmt.Errorf("%w: %w", web.ErrFlow, err)
	case errors.Is(err, errNoRefresh):
		return fmt.Errorf("%w: %w", web.ErrNotLasting, err)
	}
	return err
}

func (w webSignIns) finishSource(ctx context.Context, k keptFlow, query url.Values, out *web.SignedIn) error {
	s, settings, err := w.in.signing(k.Request.Source)
	if err != nil {
		return err
	}
	app, _, err := settings.App(w.in.cfg.Load().Dir)
	if err != nil {
		return err
	}
	t, err := app.Finish(ctx, k.Flow, query)
	if err != nil {
		return err
	}
	out.Email, out.Connected = s.Owner, true
	return w.in.keepSource(ctx, s, settings, t, first(k.Request.User, actorWeb))
}

func (w webSignIns) finishGoogle(ctx context.Context, k keptFlow, query url.Values, out *web.SignedIn) error {
	g := w.in.google()
	if g.cfg == nil || g.error != nil {
		return fmt.Errorf("%w: Google is configured no longer", web.ErrFlow)
	}
	t, err := g.app.Finish(ctx, k.Flow, query)
	if err != nil {
		return err
	}
	id, err := g.app.Identity(ctx, t, k.Flow.Nonce, g.cfg.Domains)
	if err != nil {
		return err
	}
	out.Email, out.Name, out.Verified = id.Email, id.Name, vouched(id)
	out.SignUp = out.Verified && w.in.mayJoin(id)
	if out.Verified {
		if err := w.in.book.recognise(ctx, id, out.SignUp); err != nil {
			return err
		}
	}
	if !k.Request.Connect {
		return nil
	}
	if err := w.mayConnect(ctx, k.Request.User, *out); err != nil {
		return err
	}
	a, err := w.in.connectGoogle(ctx, id, t, g.cfg.Services, first(k.Request.User, id.Email))
	if err != nil {
		return err
	}
	out.Missing = missingServices(g.cfg.Services, a.Scopes)
	out.Connected = len(out.Missing) < len(g.cfg.Services)
	return nil
}
