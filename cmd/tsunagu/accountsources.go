package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/config"
)

// The sources of accounts stand in no file. Whenever an account comes or goes, the configuration that everything works
// with is made anew: what the file says, and after it the sources of all accounts.

// withAccounts adds the sources of the accounts to the configuration of the file.
func (in *instance) withAccounts(ctx context.Context, base *config.Config) (*config.Config, error) {
	in.delegates.Store(&map[string]bool{})
	if base.Google == nil {
		return base, nil
	}
	services := map[string][]string{}
	accounts, err := in.book.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		services[a.Address] = granted(a, base.Google.Services)
	}
	delegated, err := in.delegatedOf(ctx, base)
	if err != nil {
		return nil, err
	}
	acts := map[string]bool{}
	for _, address := range delegated {
		services[address], acts[address] = base.Google.Services, true
	}
	in.delegates.Store(&acts)
	addresses := make([]string, 0, len(services))
	for address := range services {
		addresses = append(addresses, address)
	}
	slices.Sort(addresses)
	var sources []config.Source
	for _, address := range addresses {
		list, err := base.AccountSources(address, services[address])
		if err != nil {
			return nil, err
		}
		sources = append(sources, list...)
	}
	return base.With(sources), nil
}

// granted are the services that an account brings: asked for, granted, and still wanted.
func granted(a account, wanted []string) []string {
	missing := missingServices(a.Services, a.Scopes)
	return slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return !slices.Contains(a.Services, s) || slices.Contains(missing, s) })
}

// rejoin takes on the accounts as they are now. Sources that appear are read, those of an account that went are
// disabled; their rows stay. Wake names accounts whose sources are read at once.
func (in *instance) rejoin(ctx context.Context, wake ...string) error {
	in.joining.Lock()
	defer in.joining.Unlock()
	next, err := in.withAccounts(ctx, in.base.Load())
	if err != nil {
		return err
	}
	in.saving.Lock()
	defer in.saving.Unlock()
	if err := in.enforce(ctx, next); err != nil {
		return err
	}
	in.cfg.Store(next)
	sources, err := in.sources(next)
	if err != nil {
		return err
	}
	in.engine.Replace(sources)
	for i := range next.Sources {
		if s := &next.Sources[i]; slices.Contains(wake, s.Owner) || slices.Contains(wake, s.ID) {
			if err := in.engine.Wake(ctx, s.ID); err != nil {
				return fmt.Errorf("wake source %s: %w", s.ID, err)
			}
		}
	}
	in.upkeep.Kick()
	in.engine.Publish(everything())
	return nil
}
