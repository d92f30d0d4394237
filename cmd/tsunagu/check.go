package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
)

type checkCommand struct {
	Config   checkConfigCommand   `cmd:"" help:"Read the configuration and name every mistake in it. Calls nobody."`
	Accounts checkAccountsCommand `cmd:"" help:"Sign in to every source, change nothing, and say what was found."`
}

type checkConfigCommand struct{}

// Run is content with a configuration that Load accepts and a key file that can be used, if there is one.
func (c *checkConfigCommand) Run(a *app) error {
	if a.held != nil {
		return misused("", "check does not run inside the daemon")
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if err := usableKey(cfg); err != nil {
		return err
	}
	if err := usableGoogle(cfg.Google); err != nil {
		return err
	}
	a.sayf("%s is in order: %s, data in %s, web app on %s.", a.configPath, counted(len(cfg.Sources), "source", "sources"), cfg.DataDir, cfg.HTTP.Listen)
	return nil
}

type checkAccountsCommand struct {
	Source []string `placeholder:"ID" help:"Only this source; may be given several times."`
}

// probeLimit is how long one source may take to answer.
const probeLimit = 30 * time.Second

// Run tries the accounts that are signed in, then probes the sources one after the other. Beside the daemon it does
// without the secrets that sources have obtained, since the daemon may be using them. Accounts are the daemon's own:
// with Google configured, it runs there, and the configuration in force is what is tried.
func (c *checkAccountsCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if a.held != nil && cfg.Google == nil {
		return misused("", "check does not run inside the daemon")
	}
	in, err := a.borrow(cfg)
	if errors.Is(err, crm.ErrLocked) && cfg.Google != nil {
		return a.forward(cfg, streams{})
	}
	if err != nil {
		return err
	}
	defer in.release(a)
	cfg = in.cfg.Load()
	if err := (&syncCommand{Source: c.Source}).known(in); err != nil {
		return err
	}
	bad := c.Source == nil && !a.checkGoogle(in)
	if len(cfg.Sources) == 0 && cfg.Google == nil {
		return failed("add a mailbox under `sources:` in "+a.configPath, "there is no source to try")
	}
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		if c.Source != nil && !slices.Contains(c.Source, s.ID) {
			continue
		}
		if err := a.probe(in, s); err != nil {
			if a.ctx.Err() != nil {
				return a.ctx.Err()
			}
			bad = true
			f := explainFailure(err)
			a.sayf("%s: FAILED", s.ID)
			a.sayf("  %s", oneLine(f.what))
			if f.todo != "" {
				a.sayf("  → %s", oneLine(f.todo))
			}
		}
	}
	if bad {
		return silent(exitFailed)
	}
	return nil
}

// borrow gives an instance with the store if there is one and nobody holds it, else without. With accounts it cannot
// do without: crm.ErrLocked if the daemon holds the store.
func (a *app) borrow(cfg *config.Config) (*instance, error) {
	if a.held != nil {
		return a.held, nil
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, storeName)); err == nil {
		in, err := openInstance(a.ctx, cfg, a.logger(cfg, true))
		if !errors.Is(err, crm.ErrLocked) || cfg.Google != nil {
			return in, err
		}
	}
	in := newInstance(cfg, a.logger(cfg, true))
	full, err := in.withAccounts(a.ctx, cfg)
	if err != nil {
		return nil, err
	}
	in.take(full)
	return in, nil
}

// release closes what borrow opened. Nothing was written that closing could lose.
func (in *instance) release(a *app) {
	if in.store != nil && in != a.held {
		_ = in.Close()
	}
}

func (a *app) probe(in *instance, s *config.Source) (err error) {
	ctx, cancel := context.WithTimeout(a.ctx, probeLimit)
	defer cancel()
	env := in.sourceEnv(in.cfg.Load(), s.ID)
	if in.store == nil {
		env.Secrets = noSecrets{}
	}
	source, err := s.Settings.Open(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	prober, ok := source.(connectors.Prober)
	if !ok {
		a.sayf("%s: this kind of source cannot be tried; it is read with `tsunagu sync --source %s`", s.ID, s.ID)
		return nil
	}
	report, err := prober.Probe(ctx)
	if err != nil {
		return err
	}
	a.sayf("%s: ok", s.ID)
	for _, line := range report.Lines {
		a.sayf("  %s", line)
	}
	if report.Items >= 0 {
		a.sayf("  %s to read", counted(report.Items, "item", "items"))
	}
	return nil
}

// noSecrets is for a look without the store: nothing is kept.
type noSecrets struct{}

// Load gives nothing.
func (noSecrets) Load(context.Context, string) ([]byte, error) { return nil, nil }

// Save keeps nothing.
func (noSecrets) Save(context.Context, string, []byte) error { return nil }

// usableGoogle reads the files that the section google names.
func usableGoogle(g *config.Google) error {
	if g == nil {
		return nil
	}
	if g.CAFile != "" {
		if _, err := oauth.NewTransport(g.CAFile); err != nil {
			return failed("let google.ca_file name a readable PEM file", "google.ca_file: %v", err)
		}
	}
	if d := g.Delegation; d != nil {
		if _, err := oauth.ReadServiceAccount(d.KeyFile); err != nil {
			return failed("download a key in JSON form for the service account, and let google.delegation.key_file name it", "google.delegation.key_file: %v", err)
		}
	}
	return nil
}

// usableKey opens the key file if there is one; one that is missing is made at the first start.
func usableKey(cfg *config.Config) error {
	_, err := secret.Open(cfg.Secrets.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
