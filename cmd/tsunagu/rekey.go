package main

import (
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
		box, err := secret.Rotate(in.cfg.Load().Secrets.KeyFile)
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
			if err := in.seal(a.ctx, name, plain); err != nil {
				return err
			}
		}
		a.sayf("%s has a new key; %d stored secrets were sealed with it. Keep a copy of the file apart from the back-ups.",
			in.cfg.Load().Secrets.KeyFile, len(names))
		return nil
	})
}
