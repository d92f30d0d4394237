package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type backupCommand struct {
	File string `arg:"" help:"File to write; - for standard output."`
}

// Run writes a consistent copy of the store, which may be in use. The file appears whole or not at all. The
// key file is not in it: a back-up alone shows no secret.
func (c *backupCommand) Run(a *app) error {
	return a.with(streams{output: c.File}, func(in *instance) error {
		out, err := a.create(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		if err := in.store.Backup(a.ctx, out); err != nil {
			return fmt.Errorf("back up the store: %w", err)
		}
		if err := out.Commit(); err != nil {
			return err
		}
		a.notef("The store is backed up. Keep a copy of %s in another place: the back-up cannot be used without it.", in.cfg.Load().Secrets.KeyFile)
		return nil
	})
}

type restoreCommand struct {
	File string `arg:"" help:"Back-up to read; - for standard input."`
}

// Run puts a back-up into an empty data directory and opens it once, so that a damaged or foreign one is
// noticed now.
func (c *restoreCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.DataDir, storeName)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return failed("move it away first, or name another data_dir", "the data directory %s holds a store already", cfg.DataDir)
	}
	if _, err := os.Stat(cfg.Secrets.KeyFile); errors.Is(err, os.ErrNotExist) {
		return failed("put it back first", "the key file %s, which belongs to the back-up, is missing", cfg.Secrets.KeyFile)
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	input, err := a.open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }()
	out, err := a.create(path)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	if _, err := io.Copy(out, input); err != nil {
		return fmt.Errorf("restore %s: %w", c.File, err)
	}
	if err := out.Commit(); err != nil {
		return err
	}
	in, err := openInstance(a.ctx, cfg, a.logger(cfg, true))
	if errors.Is(err, crm.ErrCorrupt) {
		return errors.Join(failed("nothing was restored; try another one", "%s is damaged, or is no back-up", c.File), removeIfThere(path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", c.File, err), removeIfThere(path))
	}
	sources, err := in.store.ListSources(a.ctx)
	if err != nil {
		return errors.Join(err, in.Close(), removeIfThere(path))
	}
	a.sayf("%s is restored into %s, with %d sources.", c.File, cfg.DataDir, len(sources))
	return in.Close()
}
