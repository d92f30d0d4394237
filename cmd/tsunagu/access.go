package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// access gives sources clients that act for accounts.
type access struct{ in *instance }

// requestLimit bounds one request of a source, its answer included.
const requestLimit = 5 * time.Minute

// Client gives a client that acts for an account. What the service account may do comes before what somebody granted.
func (a access) Client(provider, address string, scopes ...string) (*http.Client, error) {
	const op = "open account"
	g := a.in.google()
	switch {
	case provider != providerGoogle:
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: fmt.Errorf("there is no provider %s", provider)}
	case g.error != nil:
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: g.error, Hint: "complete the section google of the configuration"}
	}
	address = strings.ToLower(address)
	keeper, err := a.keeper(address, scopes)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: requestLimit, Transport: &oauth.Transport{Keeper: keeper, Base: g.transport, Origins: g.origins, QuotaProject: g.cfg.QuotaProject,
		Explain: func(err error) error { return a.in.accountFault(address, err) }}}, nil
}

func (a access) keeper(address string, scopes []string) (*oauth.Keeper, error) {
	const op = "open account"
	if (*a.in.delegates.Load())[address] {
		return a.in.book.delegated(address, scopes), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	kept, err := a.in.book.get(ctx, address)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, &connectors.Fault{Kind: connectors.AuthExpired, Op: op, Err: fmt.Errorf("%s is not signed in", address), Hint: signInHint(address)}
	}
	if err != nil {
		return nil, err
	}
	if missing := oauth.Missing(scopes, kept.Scopes); len(missing) > 0 {
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: fmt.Errorf("%s did not grant %s", address, strings.Join(missing, ", ")),
			Hint: signInHint(address) + ", and leave every box ticked"}
	}
	return a.in.book.keeper(address), nil
}

// Endpoint is where a service answers, if the configuration says so.
func (a access) Endpoint(provider, service string) string {
	if provider != providerGoogle {
		return ""
	}
	return a.in.google().set(service)
}

func signInHint(address string) string {
	return "sign in with Google again, in the web app under My connections or with `tsunagu connect google --account " + address + "`"
}

// accountFault says what a failure of the sign-in means for a source, and what to do.
func (in *instance) accountFault(address string, err error) error {
	f := &connectors.Fault{Kind: connectors.Retryable, Op: "sign in as " + address, Err: err}
	var said *oauth.Error
	if errors.As(err, &said) {
		f.After = said.After
	}
	switch {
	case errors.Is(err, oauth.ErrSignInAgain):
		f.Kind, f.Hint = connectors.AuthExpired, signInHint(address)
	case errors.Is(err, oauth.ErrClock):
		f.After, f.Hint = time.Minute, "set this machine's clock, and let it follow a time server"
	case errors.Is(err, oauth.ErrDelegation):
		f.Kind, f.Hint = connectors.Permanent, in.delegationHint()
	case errors.Is(err, oauth.ErrSettings), errors.Is(err, oauth.ErrForeignHost):
		f.Kind, f.Hint = connectors.Permanent, "check the section google of the configuration against the Google Cloud console"
	case errors.Is(err, oauth.ErrNotStored):
		f.Hint = "see that the data directory can be written"
	}
	return f
}

// delegationHint says what an administrator of the domain has to enter.
func (in *instance) delegationHint() string {
	g := in.google()
	who := "the service account"
	if g.service != nil && g.service.ClientID != "" {
		who = "client id " + g.service.ClientID
	}
	return "in the admin console, Security, API controls, domain-wide delegation, allow " + who + " the scopes " + strings.Join(in.delegationScopes(), ",") + ", and see that the user exists"
}

func (in *instance) delegationScopes() []string {
	g := in.google()
	if g.cfg == nil {
		return nil
	}
	scopes := slices.Concat(scopesOf(g.cfg.Services), g.cfg.Scopes)
	if g.cfg.Delegation != nil && g.cfg.Delegation.Group != "" {
		scopes = append(scopes, memberScope)
	}
	return scopes
}

// budgets are the limits that sources share, with the numbers of the configuration.
type budgets struct{ in *instance }

// Spend waits until the units may be spent.
func (b budgets) Spend(ctx context.Context, cost int, history bool, limits ...connectors.Budget) error {
	return b.in.quota.Spend(ctx, cost, history, b.set(limits)...)
}

// Pause lets nobody spend of a limit for so long.
func (b budgets) Pause(limit connectors.Budget, d time.Duration) {
	b.in.quota.Pause(b.set([]connectors.Budget{limit})[0], d)
}

// set puts the configuration's numbers into limits that it knows.
func (b budgets) set(limits []connectors.Budget) []connectors.Budget {
	g := b.in.google().cfg
	if g == nil {
		return limits
	}
	out := slices.Clone(limits)
	for i := range out {
		for _, known := range []struct {
			prefix string
			units  int
		}{
			{"gmail/user/", g.Quota.UserPerMinute}, {"gmail/project", g.Quota.ProjectPerMinute}, {"calendar/user/", g.Quota.CalendarUserPerMinute},
			{"calendar/project", g.Quota.CalendarProjectPerMinute}, {"forms/user/", g.Quota.FormsUserPerMinute}, {"forms/project", g.Quota.FormsProjectPerMinute},
		} {
			if strings.HasPrefix(out[i].Name, known.prefix) && out[i].Per == time.Minute && known.units > 0 {
				out[i].Units = known.units
			}
		}
	}
	return out
}
