package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

type connectCommand struct {
	Google connectGoogleCommand `cmd:"" help:"Sign a Google account in, in a browser on this machine."`
	IMAP   connectIMAPCommand   `cmd:"" name:"imap" help:"Sign in a mailbox that is read over IMAP with tokens (Microsoft 365)."`
}

type connectGoogleCommand struct {
	Account   string   `placeholder:"EMAIL" help:"The account to sign in; another one is refused."`
	Services  []string `placeholder:"NAMES" help:"Of mail, calendar and forms (default: those of the configuration)."`
	Port      uint16   `placeholder:"PORT" help:"Where the browser comes back to on this machine (default: any free port). A client of the type web application must have http://127.0.0.1:PORT/ among its redirect addresses."`
	NoBrowser bool     `help:"Only print the address to open."`
}

// Run signs an account in with a loopback redirect.
func (c *connectGoogleCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		g := in.google()
		if g.cfg == nil || g.cfg.ClientID == "" {
			return misused("docs/google.md says how to get a client id", "the configuration has no google.client_id")
		}
		if g.error != nil {
			return g.error
		}
		services := c.Services
		if len(services) == 0 {
			services = g.cfg.Services
		}
		for _, s := range services {
			if !slices.Contains(config.GoogleServices(), s) {
				return misused("there are mail, calendar and forms", "%s is no service", s)
			}
			if !slices.Contains(g.cfg.Services, s) {
				return misused("add it to google.services", "the configuration does not read %s", s)
			}
		}
		t, nonce, err := a.browse(g.app, c.Port, c.NoBrowser, func(redirect string) oauth.Request {
			ask := in.googleRequest(a.ctx, web.SignInRequest{Connect: true, Callback: redirect, Hint: c.Account})
			ask.Scopes = slices.Concat([]string{"openid", "email", "profile"}, scopesOf(services), g.cfg.Scopes)
			ask.Consent = true
			return ask
		})
		if err != nil {
			return signInFailure(err)
		}
		id, err := g.app.Identity(a.ctx, t, nonce, g.cfg.Domains)
		if err != nil {
			return signInFailure(err)
		}
		if c.Account != "" && !strings.EqualFold(c.Account, id.Email) {
			return failed("choose "+c.Account+" on Google's page, or leave --account out", "the account that signed in is %s; it was not kept", id.Email)
		}
		if !vouched(id) {
			return failed("use a Workspace or Gmail account", "Google does not vouch for the address %s", id.Email)
		}
		kept, err := in.connectGoogle(a.ctx, id, t, services, actorCLI)
		if err != nil {
			return err
		}
		a.sayConnected(in, kept)
		if missing := missingServices(services, kept.Scopes); len(missing) > 0 {
			a.notef("tsunagu: %s not granted: run it again and leave every box ticked", listed(missing))
			return silent(exitFailed)
		}
		return nil
	})
}

// sayConnected names what is read of an account from now on.
func (a *app) sayConnected(in *instance, kept account) {
	var ids []string
	for _, s := range in.cfg.Load().Sources {
		if s.Owner == kept.Address && slices.Contains([]string{"gmail", "googlecalendar", "googleforms"}, s.Kind) {
			ids = append(ids, s.ID)
		}
	}
	a.sayf("%s is signed in. Sources: %s.", kept.Address, listed(ids))
}

// signInFailure says what to do about a sign-in that came to nothing.
func signInFailure(err error) error {
	todo := map[error]string{
		oauth.ErrDenied:      "sign in again and allow it, with an account of your organisation",
		oauth.ErrFlow:        "run the command again",
		oauth.ErrSettings:    "check client id, secret and redirect addresses where the application is registered",
		oauth.ErrClock:       "set this machine's clock, and let it follow a time server",
		oauth.ErrUnavailable: "try again later",
	}
	for kind, hint := range todo {
		if errors.Is(err, kind) {
			return failed(hint, "%v", err)
		}
	}
	return err
}

// browse signs in with a browser on this machine.
func (a *app) browse(app *oauth.App, port uint16, quiet bool, ask func(redirect string) oauth.Request) (oauth.Token, string, error) {
	l, err := oauth.Listen(a.ctx, port)
	if err != nil {
		return oauth.Token{}, "", err
	}
	defer l.Close()
	address, flow, err := app.Begin(a.ctx, ask(l.Redirect()))
	if err != nil {
		return oauth.Token{}, "", err
	}
	a.notef("Open this address in a browser on this machine, within ten minutes:\n%s", address)
	if a.held == nil && !quiet && terminal(a.stderr) {
		openBrowser(a.ctx, address)
	}
	query, err := l.Wait(a.ctx, flow.State)
	if err != nil {
		return oauth.Token{}, "", err
	}
	t, err := app.Finish(a.ctx, flow, query)
	return t, flow.Nonce, err
}

// openBrowser tries to; the address stands on the screen anyway.
func openBrowser(ctx context.Context, address string) {
	name := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = exec.CommandContext(ctx, first(name, "xdg-open"), address).Run() //nolint:gosec // the address is the provider's, made here
}

type connectIMAPCommand struct {
	Source    string `arg:"" help:"Id of the source."`
	Device    bool   `help:"Sign in on another device, by typing a code there."`
	Port      uint16 `placeholder:"PORT" help:"Where the browser comes back to on this machine (default: any free port)."`
	NoBrowser bool   `help:"Only print the address to open."`
}

// Run signs a mailbox in.
func (c *connectIMAPCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		s, settings, err := in.signing(c.Source)
		if err != nil {
			return err
		}
		app, scopes, err := settings.App(in.cfg.Load().Dir)
		if err != nil {
			return err
		}
		var t oauth.Token
		if c.Device {
			t, err = a.device(app, scopes)
		} else {
			t, _, err = a.browse(app, c.Port, c.NoBrowser, func(redirect string) oauth.Request {
				if settings.OAuth.Provider == "microsoft" { // which lets the port be any for this name only
					redirect = strings.Replace(redirect, "127.0.0.1", "localhost", 1)
				}
				return oauth.Request{Scopes: scopes, Redirect: redirect, Hint: settings.Username, Offline: true, Consent: true}
			})
		}
		if err != nil {
			return signInFailure(err)
		}
		if err := in.keepSource(a.ctx, s, settings, t, actorCLI); err != nil {
			return err
		}
		a.sayf("%s is signed in.", s.ID)
		return nil
	})
}

// device signs in on another device.
func (a *app) device(app *oauth.App, scopes []string) (oauth.Token, error) {
	code, err := app.Device(a.ctx, scopes)
	if err != nil {
		return oauth.Token{}, err
	}
	a.notef("Open %s on any device and enter the code %s.", code.URL, code.UserCode)
	return app.Poll(a.ctx, code)
}

type disconnectCommand struct {
	Google disconnectGoogleCommand `cmd:"" help:"Revoke what a Google account granted, and forget its tokens."`
}

type disconnectGoogleCommand struct {
	Account string `arg:"" name:"email" help:"Address of the account."`
}

// Run forgets an account. Its activities stay.
func (c *disconnectGoogleCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		address := strings.ToLower(c.Account)
		err := in.disconnectGoogle(a.ctx, actorCLI, address)
		switch {
		case errors.Is(err, crm.ErrNotFound) && (*in.delegates.Load())[address]:
			return failed("take it out of google.delegation or out of the group", "%s is read through the service account", address)
		case errors.Is(err, crm.ErrNotFound):
			return failed("", "%s is not signed in", address)
		case errors.Is(err, errNotRevoked):
			a.notef("tsunagu: Google was not told (%s): take Tsunagu away at https://myaccount.google.com/connections as well", oneLine(fmt.Sprint(err)))
		case err != nil:
			return err
		}
		a.sayf("%s is disconnected. What was logged stays.", address)
		return nil
	})
}
