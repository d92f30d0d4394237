package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type syncCommand struct {
	Source []string `placeholder:"ID" help:"Only this source; may be given several times."`
	Full   bool     `help:"Read everything anew, not just what is new. Nothing is written twice."`
}

// Run reads the sources until nothing more is pending, brings history in line, and prints the sums.
func (c *syncCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	in, err := openInstance(a.ctx, cfg, a.logger(cfg, true))
	if errors.Is(err, crm.ErrLocked) {
		return heldByDaemon(cfg, "it reads the sources by itself; use \"sync now\" in the web app, or stop it first")
	}
	if err != nil {
		return err
	}
	return errors.Join(c.sync(a, in), in.Close())
}

func (c *syncCommand) sync(a *app, in *instance) error {
	if err := c.freshGroup(a, in); err != nil {
		return err
	}
	if err := c.known(in); err != nil {
		return err
	}
	if len(in.sourceIDs()) == 0 {
		return a.noSource(in)
	}
	if err := in.recordMapping(a.ctx); err != nil {
		return err
	}
	c.catchUp(a, in) // first, so that what a new rule excludes goes before anything is added
	p := newProgress(a.stderr)
	err := in.engine.Drain(a.ctx, c.Source, c.Full, p.report)
	p.finish()
	if err != nil {
		return err
	}
	c.catchUp(a, in)
	sources, err := in.configured(a.ctx, c.Source)
	if err != nil {
		return err
	}
	printTallies(a.stdout, sources)
	return a.sayFailures(sources)
}

// noSource says that there is nothing to read, and what would change that.
func (a *app) noSource(in *instance) error {
	g := in.google().cfg
	switch {
	case g == nil:
		return failed("add a mailbox under `sources:` in "+a.configPath, "there is no source to read")
	case g.Delegation != nil && g.Delegation.Group != "":
		return failed("`tsunagu check accounts` says whether "+g.Delegation.Group+" can be read and who is in it", "there is no source to read: the service account acts for nobody")
	}
	return failed("`tsunagu connect google` signs an account in", "there is no source to read")
}

// freshGroup takes on who joined or left the group of accounts.
func (c *syncCommand) freshGroup(a *app, in *instance) error {
	changed, err := in.readGroup(a.ctx)
	if err != nil {
		f := explainFailure(err)
		a.notef("tsunagu: the group of accounts was not taken on, those known go on: %s", sentence(f.what, f.todo))
		return nil
	}
	if changed {
		return in.rejoin(a.ctx)
	}
	return nil
}

// catchUp brings history in line with the mapping and with who is known by now.
func (c *syncCommand) catchUp(a *app, in *instance) {
	if _, err := in.upkeep.CatchUp(a.ctx); err != nil {
		a.notef("tsunagu: bringing history in line is not finished and goes on at the next run: %s", oneLine(err.Error()))
	}
	if _, err := in.follower.CatchUp(a.ctx); err != nil {
		a.notef("tsunagu: working out what follows for people is not finished and goes on at the next run: %s", oneLine(err.Error()))
	}
}

// known refuses a --source that the configuration does not have.
func (c *syncCommand) known(in *instance) error {
	ids := in.sourceIDs()
	for _, id := range c.Source {
		if !slices.Contains(ids, id) {
			return misused(fmt.Sprintf("the configuration has %s", listed(ids)), "there is no source %s", id)
		}
	}
	return nil
}

// sayFailures says of each source what is wrong with it and what to do.
func (a *app) sayFailures(sources []crm.Source) error {
	bad := false
	for _, s := range sources {
		if s.Error == "" {
			continue
		}
		bad = true
		a.notef("tsunagu: source %s: %s", s.ID, sentence(s.Error, s.Hint))
	}
	if bad {
		return silent(exitFailed)
	}
	return nil
}

// sentence joins what is wrong and what to do about it.
func sentence(what, todo string) string {
	if todo == "" {
		return oneLine(what)
	}
	return oneLine(what) + ": " + oneLine(todo)
}

// listed names things in a row.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	out := names[0]
	for i, name := range names[1:] {
		if i == len(names)-2 {
			out += " and " + name
		} else {
			out += ", " + name
		}
	}
	return out
}
