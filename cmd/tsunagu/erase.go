package main

import (
	"fmt"
	"slices"
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
		if in.ours(c.Address) {
			return failed("erase is for people outside: take it out of the configuration first if that is wrong",
				"%s is one of your own addresses, whose mail is internal", c.Address)
		}
		removed, changed, err := in.store.Erase(a.ctx, actorCLI, c.Address, time.Now().UTC())
		if err != nil {
			return fmt.Errorf("erase %s: %w", c.Address, err)
		}
		a.settleWhole(in)
		in.engine.Publish(everything())
		a.sayf("%s is forgotten: %s removed, and it was blanked in %d that others are on. Later mail with it is not stored.",
			c.Address, counted(removed, "activity was", "activities were"), changed)
		a.notef("Back-ups made before still hold it. Lists uploaded for import that name it go within a week.")
		return nil
	})
}

// ours says whether an address is the organisation's own, in whatever way it is spelled: by its domain, or
// because the configuration names it.
func (in *instance) ours(address string) bool {
	if in.ownDomains()(crm.AddressDomain(address)) {
		return true
	}
	cfg := in.cfg.Load()
	own := slices.Clone(cfg.Organization.Addresses)
	for _, s := range cfg.Sources {
		own = append(own, s.Owner)
	}
	normal, _ := crm.NormalizeAddress(address)
	return slices.ContainsFunc(own, func(o string) bool {
		other, ok := crm.NormalizeAddress(o)
		return ok && other == normal
	})
}
