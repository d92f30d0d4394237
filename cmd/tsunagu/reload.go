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
	old, oldBase := d.cfg.Load(), d.base.Load()
	next, problems := config.Load(d.app.configPath, d.app.env, all.Kinds())
	for _, p := range problems {
		d.log.Warn("configuration", "problem", p.String())
	}
	if problems.Fatal() {
		return fmt.Errorf("the file has %s", counted(problems.Mistakes(), "mistake", "mistakes"))
	}
	for _, fixed := range []struct{ what, old, next string }{
		{"data_dir", old.DataDir, next.DataDir},
		{"http.listen", old.HTTP.Listen, next.HTTP.Listen},
		{"http.public_url", old.HTTP.PublicURL, next.HTTP.PublicURL},
		{"secrets.key_file", old.Secrets.KeyFile, next.Secrets.KeyFile},
		{"organization.timezone", old.Organization.Timezone, next.Organization.Timezone},
	} {
		if fixed.old != fixed.next {
			d.log.Warn("this setting changes only at the next start", "setting", fixed.what)
		}
	}
	next.DataDir, next.Secrets.KeyFile, next.Location, next.HTTP = old.DataDir, old.Secrets.KeyFile, old.Location, old.HTTP
	base := next
	next, err := d.withAccounts(ctx, base)
	if err != nil {
		return err
	}
	taken := false
	defer func() {
		if !taken {
			_, _ = d.withAccounts(ctx, oldBase) // for whom the service account acts is as it was
		}
	}()
	if _, mistakes := next.Mapper(); len(mistakes) > 0 {
		return fmt.Errorf("%s: %s", mistakes[0].Path, mistakes[0].What)
	}
	if _, err := d.sources(next); err != nil {
		return err
	}
	d.base.Store(base)
	d.cfg.Store(next)
	d.setGoogle(base.Google)
	if err := d.recordMapping(ctx); err != nil {
		d.base.Store(oldBase)
		d.cfg.Store(old)
		d.setGoogle(oldBase.Google)
		return err
	}
	sources, err := d.sources(next) // those of the mapping's forms included
	if err != nil {
		return err
	}
	taken = true
	d.engine.Replace(sources)
	d.upkeep.Kick()
	return nil
}
