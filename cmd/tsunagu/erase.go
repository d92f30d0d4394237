package main

import (
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type eraseCommand struct {
	Address string `arg:"" help:"Mail address to forget."`
}

// Run forgets an address for good. Later mail with it is excluded.
func (c *eraseCommand) Run(a *app) error {
	if _, ok := crm.NormalizeAddress(c.Address); !ok {
		return misused("an address looks like tanaka@example.com", "%q is not a mail address", c.Address)
	}
	return a.with(streams{}, func(in *instance) error {
		removed, changed, err := in.store.Erase(a.ctx, actorCLI, c.Address, time.Now().UTC())
		if err != nil {
			return fmt.Errorf("erase %s: %w", c.Address, err)
		}
		in.engine.Publish(everything())
		a.sayf("%s is forgotten: %d activities were removed, and it was blanked in %d that others are on. Later mail with it is not stored.",
			c.Address, removed, changed)
		a.notef("Back-ups made before still hold it.")
		return nil
	})
}
