package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
)

// The sources of accounts stand in no file. Whenever an account comes or goes, the configuration that everything works
// with is made anew: what the file says, and after it the sources of all accounts.

// joined is the configuration of the file with the sources of the accounts.
type joined struct {
	cfg       *config.Config
	delegates map[string]bool // accounts for which the service account acts
}

// take has everything work with a configuration.
func (in *instance) take(j joined) {
	in.delegates.Store(&j.delegates)
	in.cfg.Store(j.cfg)
}

// withAccounts adds the sources of the accounts and of the connected mailboxes to the configuration of the file, and what
// was chosen for sources.
func (in *instance) withAccounts(ctx context.Context, base *config.Config) (joined, error) {
	base, err := in.withSettings(ctx, base)
	if err != nil {
		return joined{}, err
	}
	j, err := in.withGoogle(ctx, base)
	if err == nil {
		j.cfg, err = in.withMailboxes(ctx, j.cfg)
	}
	return j, err
}

// withGoogle adds the sources of the Google accounts. It changes nothing.
func (in *instance) withGoogle(ctx context.Context, base *config.Config) (joined, error) {
	if base.Google == nil {
		return joined{cfg: base}, nil
	}
	services := map[string][]string{}
	accounts, err := in.book.list(ctx)
	if err != nil {
		return joined{}, err
	}
	for _, a := range accounts {
		services[a.Address] = granted(a, base.Google.Services)
	}
	delegated, err := in.delegatedOf(ctx, base)
	if err != nil {
		return joined{}, err
	}
	acts := map[string]bool{}
	for _, address := range delegated {
		services[address], acts[address] = base.Google.Services, true
	}
	var sources []config.Source
	for _, address := range slices.Sorted(maps.Keys(services)) {
		list, err := base.AccountSources(address, services[address])
		if err != nil {
			return joined{}, err
		}
		sources = append(sources, list...)
	}
	return joined{base.With(sources), acts}, nil
}

// granted are the services that an account brings: asked for, granted, and still wanted.
func granted(a account, wanted []string) []string {
	missing := missingServices(a.Services, a.Scopes)
	return slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return !slices.Contains(a.Services, s) || slices.Contains(missing, s) })
}

// rejoin takes on the accounts as they are now. Sources that appear are read, those of an account that went are
// disabled; their rows stay. Wake names accounts whose sources are read at once. It is done also for somebody who has
// closed the browser meanwhile.
func (in *instance) rejoin(ctx context.Context, wake ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	in.joining.Lock()
	defer in.joining.Unlock()
	next, err := in.withAccounts(ctx, in.base.Load())
	if err != nil {
		return err
	}
	in.saving.Lock()
	defer in.saving.Unlock()
	if err := in.enforce(ctx, next.cfg); err != nil {
		return err
	}
	in.take(next)
	sources, err := in.sources(next.cfg)
	if err != nil {
		return err
	}
	in.engine.Replace(sources)
	for i := range next.cfg.Sources {
		if s := &next.cfg.Sources[i]; slices.Contains(wake, s.Owner) || slices.Contains(wake, s.ID) {
			if err := in.engine.Wake(ctx, s.ID); err != nil {
				return fmt.Errorf("wake source %s: %w", s.ID, err)
			}
		}
	}
	in.upkeep.Kick()
	in.engine.Publish(everything())
	return nil
}
