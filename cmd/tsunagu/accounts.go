package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// providerGoogle is the provider whose accounts bring sources.
const providerGoogle = "google"

// account is a signed-in account, as it is sealed in the store under account/google/ADDRESS.
type account struct {
	Address  string    `json:"address"` // lower-case
	Subject  string    `json:"sub"`     // the provider's own name for it
	Name     string    `json:"name,omitempty"`
	Refresh  string    `json:"refresh_token"`
	Scopes   []string  `json:"scopes"`   // granted
	Services []string  `json:"services"` // asked for
	Since    time.Time `json:"since"`    // when the person signed in
	By       string    `json:"by"`       // who did it
	Expired  time.Time `json:"expired,omitzero"`
}

// String keeps the token out of messages.
func (a account) String() string { return a.Address }

// GoString keeps the token out of %#v.
func (a account) GoString() string { return a.Address }

func accountRecord(address string) string { return "account/" + providerGoogle + "/" + address }

// accountBook keeps the accounts and one Keeper for each. The zero value with an instance is ready.
type accountBook struct {
	in      *instance
	mu      sync.Mutex // held while a record is read, changed and written
	keeping sync.Mutex // guards keepers
	keepers map[string]*oauth.Keeper
	once    oauth.Once
}

// get reads an account; crm.ErrNotFound if it is not signed in.
func (b *accountBook) get(ctx context.Context, address string) (account, error) {
	if b.in.store == nil {
		return account{}, crm.ErrNotFound
	}
	raw, err := b.in.unsealed(ctx, accountRecord(address))
	if err != nil {
		return account{}, err
	}
	var a account
	if raw == nil {
		return a, crm.ErrNotFound
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("read account %s: %w", address, errors.New("it is damaged")) // the cause could quote a token
	}
	return a, nil
}

func (b *accountBook) put(ctx context.Context, a account) error {
	raw, err := json.Marshal(a) //nolint:gosec // the token is what is to be kept; it is sealed
	if err != nil {
		return fmt.Errorf("keep account %s: %w", a.Address, err)
	}
	return b.in.saveSealed(ctx, accountRecord(a.Address), raw)
}

// list gives all accounts by address.
func (b *accountBook) list(ctx context.Context) ([]account, error) {
	if b.in.store == nil {
		return nil, nil
	}
	b.in.sealing.Lock()
	names, err := b.in.sealed(ctx)
	b.in.sealing.Unlock()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []account
	for _, name := range names {
		address, is := strings.CutPrefix(name, accountRecord(""))
		if !is {
			continue
		}
		a, err := b.get(ctx, address)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// errNoRefresh says that a consent brought nothing lasting.
var errNoRefresh = errors.New("the provider gave no lasting permission")

// accept keeps what somebody granted. Services are what was asked for. A provider that was asked before may give no
// new refresh token; then the old one goes on, if it is still good.
func (b *accountBook) accept(ctx context.Context, id oauth.Identity, t oauth.Token, services []string, by string) (account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, err := b.get(ctx, id.Email)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return account{}, err
	}
	scopes := t.Scopes
	if scopes == nil {
		scopes = scopesOf(services)
	}
	a := account{Address: id.Email, Subject: id.Subject, Name: id.Name, Refresh: t.Refresh, Scopes: scopes, Services: services, Since: time.Now().UTC(), By: by}
	if a.Refresh == "" {
		if old.Refresh == "" || !old.Expired.IsZero() || old.Subject != id.Subject {
			return account{}, errNoRefresh
		}
		a.Refresh, a.Since = old.Refresh, old.Since
	}
	for _, s := range old.Services {
		if !slices.Contains(a.Services, s) && old.Subject == id.Subject && len(oauth.Missing(scopesOf([]string{s}), scopes)) == 0 {
			a.Services = append(slices.Clone(a.Services), s) // granted before, and again with this
		}
	}
	if err := b.put(ctx, a); err != nil {
		return account{}, err
	}
	b.keeper(id.Email).Renewed(oauth.Token{Access: t.Access, Expiry: t.Expiry})
	return a, nil
}

// forget takes an account out of the book and gives what was in it.
func (b *accountBook) forget(ctx context.Context, address string) (account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, err := b.get(ctx, address)
	if err != nil {
		return a, err
	}
	if err := b.in.dropSealed(ctx, accountRecord(address)); err != nil {
		return a, err
	}
	b.keeping.Lock()
	defer b.keeping.Unlock()
	if k := b.keepers[address]; k != nil {
		k.Renewed(oauth.Token{})
	}
	delete(b.keepers, address)
	return a, nil
}

// change changes an account that still has the refresh token; one that was signed in anew meanwhile stays as it is.
func (b *accountBook) change(ctx context.Context, address, refresh string, fn func(*account)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, err := b.get(ctx, address)
	if errors.Is(err, crm.ErrNotFound) || err == nil && a.Refresh != refresh {
		return nil
	}
	if err != nil {
		return err
	}
	fn(&a)
	return b.put(ctx, a)
}
