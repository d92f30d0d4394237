package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
)

// reloadOn reads the configuration anew at each signal, until ctx ends.
func (d *daemon) reloadOn(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			d.notify.reloading()
			status := "the configuration was read anew"
			if err := d.reload(ctx); err != nil {
				status = "the new configuration is not used: see the log"
				d.log.Error("the new configuration is not used, the old one goes on", "error", err.Error())
			} else {
				d.log.Info("configuration read anew", "sources", len(d.cfg.Load().Sources))
			}
			d.notify.ready(status)
		}
	}
}

// reload takes on the sources and the mapping of the changed file. A file with mistakes changes nothing. Where
// the data is, where the web app listens and how logs look is settled at the start.
func (d *daemon) reload(ctx context.Context) error {
	d.joining.Lock()
	defer d.joining.Unlock()
	old, oldBase := joined{d.cfg.Load(), *d.delegates.Load()}, d.base.Load()
	base, problems := config.Load(d.app.configPath, d.app.env, all.Kinds())
	for _, p := range problems {
		d.log.Warn("configuration", "problem", p.String())
	}
	if problems.Fatal() {
		return fmt.Errorf("the file has %s", counted(problems.Mistakes(), "mistake", "mistakes"))
	}
	for _, fixed := range []struct{ what, old, next string }{
		{"data_dir", old.cfg.DataDir, base.DataDir},
		{"http.listen", old.cfg.HTTP.Listen, base.HTTP.Listen},
		{"http.public_url", old.cfg.HTTP.PublicURL, base.HTTP.PublicURL},
		{"secrets.key_file", old.cfg.Secrets.KeyFile, base.Secrets.KeyFile},
		{"organization.timezone", old.cfg.Organization.Timezone, base.Organization.Timezone},
	} {
		if fixed.old != fixed.next {
			d.log.Warn("this setting changes only at the next start", "setting", fixed.what)
		}
	}
	base.DataDir, base.Secrets.KeyFile, base.Location, base.HTTP = old.cfg.DataDir, old.cfg.Secrets.KeyFile, old.cfg.Location, old.cfg.HTTP
	next, err := d.withAccounts(ctx, base)
	if err != nil {
		return err
	}
	if _, mistakes := next.cfg.Mapper(); len(mistakes) > 0 {
		return fmt.Errorf("%s: %s", mistakes[0].Path, mistakes[0].What)
	}
	if _, err := d.sources(next.cfg); err != nil {
		return err
	}
	d.base.Store(base)
	d.take(next)
	d.setGoogle(base.Google)
	d.setOIDC(base.SignIn.OIDC)
	if err := d.recordMapping(ctx); err != nil {
		d.base.Store(oldBase)
		d.take(old)
		d.setGoogle(oldBase.Google)
		d.setOIDC(oldBase.SignIn.OIDC)
		return err
	}
	sources, err := d.sources(next.cfg) // those of the mapping's forms included
	if err != nil {
		return err
	}
	d.engine.Replace(sources)
	d.upkeep.Kick()
	select {
	case d.regroup <- struct{}{}:
	default: // it will be read anew anyway
	}
	return nil
}
