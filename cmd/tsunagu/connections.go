package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// Connections are the accounts of an owner, or all.
func (w webSignIns) Connections(ctx context.Context, owner string) ([]web.Connection, error) {
	cfg := w.in.cfg.Load()
	if cfg.Google == nil {
		return nil, nil
	}
	accounts, err := w.in.book.list(ctx)
	if err != nil {
		return nil, err
	}
	delegates := *w.in.delegates.Load()
	sources := map[string][]string{}
	for _, s := range cfg.Sources {
		sources[s.Owner] = append(sources[s.Owner], s.ID)
	}
	own := func(address string, services []string) (ids []string) {
		for _, service := range services {
			if id := config.AccountSourceID(service, address); slices.Contains(sources[address], id) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	var out []web.Connection
	for i := range accounts {
		a := &accounts[i]
		if owner != "" && a.Address != owner || delegates[a.Address] {
			continue
		}
		missing := missingServices(a.Services, a.Scopes)
		c := web.Connection{Provider: providerGoogle, Account: a.Address, Owner: a.Address, Missing: missing, Since: a.Since, State: web.ConnectionOK,
			Services: slices.DeleteFunc(slices.Clone(a.Services), func(s string) bool { return slices.Contains(missing, s) })}
		c.Sources = own(a.Address, c.Services)
		switch {
		case !a.Expired.IsZero():
			c.State = web.ConnectionExpired
		case len(missing) > 0:
			c.State = web.ConnectionPartial
		}
		out = append(out, c)
	}
	for address := range delegates {
		if owner == "" || address == owner {
			out = append(out, web.Connection{Provider: providerGoogle, Account: address, Owner: address, Services: slices.Clone(cfg.Google.Services),
				Sources: own(address, cfg.Google.Services), State: web.ConnectionOK, Delegated: true})
		}
	}
	slices.SortFunc(out, func(x, y web.Connection) int { return strings.Compare(x.Account, y.Account) })
	return out, nil
}

// Disconnect gives back what was granted for an account.
func (w webSignIns) Disconnect(ctx context.Context, actor, provider, address string) error {
	if provider != providerGoogle {
		return crm.ErrNotFound
	}
	if err := w.in.disconnectGoogle(ctx, actor, strings.ToLower(address)); !errors.Is(err, errNotRevoked) {
		return err
	}
	return nil // it is forgotten here; the log says that Google was not told
}

// errNotRevoked says that an account was forgotten, but the provider could not be told.
var errNotRevoked = errors.New("the provider could not be told to revoke it")

// disconnectGoogle forgets an account first, so that nothing is read any more whatever Google answers, and then tells
// Google, whatever else went wrong: nobody has the token afterwards. What was logged stays.
func (in *instance) disconnectGoogle(ctx context.Context, actor, address string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	a, err := in.book.forget(ctx, address)
	if err != nil {
		return err
	}
	in.noteAudit(ctx, actor, "disconnect account", accountRecord(address))
	rejoined := in.rejoin(ctx)
	if err := in.google().revoke(ctx, a.Refresh); err != nil {
		in.log.Warn("an account was disconnected, but Google could not be told", "account", address, "error", err)
		if rejoined == nil {
			return fmt.Errorf("%w: %w", errNotRevoked, err)
		}
	}
	return rejoined
}

// revoke tells Google that what a token stands for is granted no more.
func (p *googleParts) revoke(ctx context.Context, refresh string) error {
	if p.app == nil {
		return p.error
	}
	return p.app.Revoke(ctx, refresh)
}
