package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// keeper is the one Keeper of an account that was signed in.
func (b *accountBook) keeper(address string) *oauth.Keeper {
	return b.kept(address, oauth.KeeperConfig{
		Load: func(ctx context.Context) (oauth.Grant, error) {
			a, err := b.get(ctx, address)
			if errors.Is(err, crm.ErrNotFound) {
				err = &oauth.Error{Op: "act for " + address, Kind: oauth.ErrSignInAgain, Err: errors.New("it is not signed in")}
			}
			return oauth.Grant{Refresh: a.Refresh, Scopes: a.Scopes}, err
		},
		Save: func(ctx context.Context, old string, g oauth.Grant) error {
			return b.change(ctx, address, old, func(a *account) { a.Refresh = g.Refresh })
		},
		Renew: func(ctx context.Context, g oauth.Grant) (oauth.Token, error) {
			t, err := b.in.google().app.Refresh(ctx, g.Refresh, nil)
			if errors.Is(err, oauth.ErrSignInAgain) {
				now := time.Now().UTC()
				if err := b.change(ctx, address, g.Refresh, func(a *account) { a.Expired = now }); err != nil {
					b.in.log.Warn("that an account must be signed in again was not noted", "account", address, "error", err)
				}
			}
			return t, err
		},
	})
}

// delegated is the Keeper for an account for which the service account acts, for a set of scopes.
func (b *accountBook) delegated(address string, scopes []string) *oauth.Keeper {
	scopes = slices.Sorted(slices.Values(scopes))
	return b.kept(address+" "+strings.Join(scopes, " "), oauth.KeeperConfig{
		Load: func(context.Context) (oauth.Grant, error) { return oauth.Grant{}, nil },
		Save: func(context.Context, string, oauth.Grant) error { return nil },
		Renew: func(ctx context.Context, _ oauth.Grant) (oauth.Token, error) {
			g := b.in.google()
			if g.keyError != nil {
				return oauth.Token{}, &oauth.Error{Op: "act for " + address, Kind: oauth.ErrSettings, Err: g.keyError}
			}
			return g.app.Delegated(ctx, g.service, address, scopes)
		},
	})
}

func (b *accountBook) kept(name string, cfg oauth.KeeperConfig) *oauth.Keeper {
	b.keeping.Lock()
	defer b.keeping.Unlock()
	if b.keepers == nil {
		b.keepers = map[string]*oauth.Keeper{}
	}
	k := b.keepers[name]
	if k == nil {
		k = oauth.NewKeeper(cfg)
		b.keepers[name] = k
	}
	return k
}

// reset lets every token be asked for anew, with the application of a new configuration.
func (b *accountBook) reset() {
	b.keeping.Lock()
	defer b.keeping.Unlock()
	for k := range maps.Values(b.keepers) {
		k.Renewed(oauth.Token{})
	}
}

// settle waits for refreshes under way, or until ctx ends.
func (b *accountBook) settle(ctx context.Context) {
	b.keeping.Lock()
	keepers := slices.Collect(maps.Values(b.keepers))
	b.keeping.Unlock()
	for _, k := range keepers {
		k.Settle(ctx)
	}
}
