package main

import (
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type replayCommand struct {
	Source string `placeholder:"ID" help:"Only this source."`
	Since  moment `placeholder:"TIME" help:"Only items from then on: 2026-11-01 or 30d."`
	DryRun bool   `help:"Say what would change, and change nothing."`
}

// Run puts what was read through today's mapping.
func (c *replayCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		if c.Source != "" {
			if err := (&syncCommand{Source: []string{c.Source}}).known(in); err != nil {
				return err
			}
		}
		since, err := c.Since.time(in.cfg.Load().Location)
		if err != nil {
			return err
		}
		today := in.recordMapping
		if c.DryRun {
			today = in.previewSection
		}
		if err := today(a.ctx); err != nil {
			return err
		}
		r, err := in.upkeep.Replay(a.ctx, c.Source, since, c.DryRun)
		if errors.Is(err, crm.ErrNotFound) {
			return failed("run `tsunagu sync` first", "source %s was never read", c.Source)
		}
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		for _, s := range r.Samples {
			a.sayf("%s %s %s: %s → %s", s.Op, s.Ref.Source, s.Ref.ExternalID, s.Before, s.After)
		}
		if more := r.Add + r.Change + r.Remove - len(r.Samples); more > 0 {
			a.sayf("… and %d more", more)
		}
		verb := "changed"
		if c.DryRun {
			verb = "would change"
		}
		a.sayf("%s: %d added, %d changed, %d removed, %d the same, %d could not be read now", verb, r.Add, r.Change, r.Remove, r.Same, r.Skipped)
		return nil
	})
}
