package main

import "github.com/tsunagu-crm/tsunagu/internal/backups"

type backupCommand struct {
	File string `arg:"" help:"File to write, which must not be there yet; - for standard output."`
}

// Run writes a consistent copy of the store, which may be in use. The file appears whole or not at all, and
// never takes the place of another. The key file is not in it: a back-up alone shows no secret.
func (c *backupCommand) Run(a *app) error {
	if a.held == nil && c.File == "-" && terminal(a.stdout) {
		return misused("name a file, or send it on with a pipe", "a back-up cannot be shown on a terminal")
	}
	return a.with(streams{output: c.File}, func(in *instance) error {
		out, err := a.create(c.File, false)
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		sum := backups.NewSummed(out)
		if err := in.store.Backup(a.ctx, sum); err != nil {
			return err
		}
		if err := sum.Finish(); err != nil {
			return err
		}
		if err := out.Commit(); err != nil {
			return err
		}
		if err := in.madeBackup(a.ctx, nil); err != nil {
			return err
		}
		a.notef("The store is backed up. Keep a copy of %s in another place: the back-up cannot be used without it.", in.cfg.Load().Secrets.KeyFile)
		return nil
	})
}
