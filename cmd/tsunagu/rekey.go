package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/internal/secret"
)

type rekeyCommand struct{}

// Run adds a key to the key file and seals everything with it. A crash in between loses nothing: the older
// keys stay in the file, and running it again finishes the work.
func (c *rekeyCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		in.sealing.Lock()
		defer in.sealing.Unlock()
		names, err := in.sealed(a.ctx)
		if err != nil {
			return err
		}
		keyFile := in.cfg.Load().Secrets.KeyFile
		target, err := filepath.EvalSymlinks(keyFile) // the file itself is replaced, not a link to it
		if err != nil {
			return fmt.Errorf("find the key file %s: %w", keyFile, cause(err))
		}
		box, err := secret.Rotate(target)
		if errors.Is(err, fs.ErrPermission) {
			return failed("run it as the user that owns the folder", "the key file %s cannot be written: %v", target, cause(err))
		}
		if err != nil {
			return err
		}
		in.box.Store(box)
		if len(names) > 0 {
			names = append(names, sealedNames)
		}
		for _, name := range names {
			plain, err := in.unsealed(a.ctx, name)
			if err != nil {
				return err
			}
			if plain == nil {
				continue // its name is written before it is, and taken off after it
			}
			if err := in.seal(a.ctx, name, plain); err != nil {
				return err
			}
		}
		a.sayf("%s has a new key; %s sealed with it. Keep a copy of the file apart from the back-ups.",
			keyFile, counted(len(names), "stored secret was", "stored secrets were"))
		return nil
	})
}
