package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

type mappingApplyCommand struct {
	File    string `arg:"" help:"Mapping document; - for standard input."`
	Comment string `placeholder:"TEXT" help:"Why it was changed; kept with the version."`
}

// Run saves a mapping whose tests pass, and waits until history is in line with it. Interrupting it, or killing the
// process, stops neither: the work goes on in the daemon, or at the next start.
func (c *mappingApplyCommand) Run(a *app) error {
	return a.with(streams{input: c.File}, func(in *instance) error {
		d, err := a.readDraft(in.cfg.Load(), c.File)
		if err != nil {
			return err
		}
		return a.apply(in, d, c.Comment)
	})
}

type mappingRollbackCommand struct {
	Version int    `arg:"" help:"Number of the version to go back to."`
	Comment string `placeholder:"TEXT" help:"Why; kept with the version."`
}

// Run saves an earlier version as the newest.
func (c *mappingRollbackCommand) Run(a *app) error {
	if c.Version < 1 {
		return misused("versions count from 1", "there is no version %d", c.Version)
	}
	return a.with(streams{}, func(in *instance) error {
		v, err := in.stored(a.ctx, c.Version)
		if err != nil {
			return noVersion(c.Version, err)
		}
		d, err := in.draftOf(v)
		if err != nil {
			return err
		}
		return a.apply(in, d, first(c.Comment, rollbackComment(v.Number)))
	})
}

// draftOf is a stored version as it would be saved today. What earlier versions of Tsunagu wrote beside the mapping
// is left out.
func (in *instance) draftOf(v crm.MappingVersion) (draft, error) {
	d, err := newDraft(in.cfg.Load(), versionName(v.Number), []byte(v.Document))
	if err == nil {
		return d, nil
	}
	old, problems := config.StoredMapping(v.Document)
	if problems.Fatal() {
		return d, err
	}
	text, err := mapping.Render(old)
	if err != nil {
		return d, err
	}
	return newDraft(in.cfg.Load(), versionName(v.Number), text)
}

func versionName(number int) string     { return "version " + strconv.Itoa(number) }
func rollbackComment(number int) string { return "back to " + versionName(number) }

func (a *app) apply(in *instance, d draft, comment string) error {
	before := in.version()
	v, err := in.save(a.ctx, actorCLI, comment, d)
	var tests *failedTests
	if errors.As(err, &tests) {
		a.notef("tsunagu: nothing was saved, since tests of the mapping fail:")
		return a.sayTests(err)
	}
	if err != nil {
		return err
	}
	if before.Number == v.Number {
		a.sayf("version %d of the mapping is the same, and is in force.", v.Number)
	} else {
		a.sayf("version %d of the mapping is in force.", v.Number)
	}
	done := make(chan error, 1)
	if a.held == nil {
		go func() {
			_, err := in.upkeep.CatchUp(a.ctx)
			done <- err
		}()
	}
	if err := a.follow(in, done); err != nil {
		return err
	}
	a.settleWhole(in)
	return nil
}

// lookEvery is how often the progress is looked at.
const lookEvery = 200 * time.Millisecond

// follow shows how history is brought in line, until it is. Inside the daemon nothing comes from done.
func (a *app) follow(in *instance, done <-chan error) error {
	show := newAlignProgress(a)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var err error
		ended := false
		select {
		case <-a.ctx.Done():
			show.finish()
			if a.held == nil {
				if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
					return fmt.Errorf("bring history in line: %w", err)
				}
			}
			return a.ctx.Err()
		case err = <-done:
			ended = true
		case <-tick.C:
		}
		state, stateErr := in.upkeep.Alignment(a.ctx)
		if err = errors.Join(err, stateErr); err != nil {
			show.finish()
			return fmt.Errorf("bring history in line: %w", err)
		}
		show.report(state)
		switch {
		case !state.Ended.IsZero() || ended:
			show.finish()
			a.sayf("history is in line: %s looked at, %d changed; %s removed, %d read again.",
				counted(state.Done, "activity", "activities"), state.Changed, counted(state.Removed, "item", "items"), state.Readmitted)
			return nil
		case state.Trouble != "":
			show.finish()
			return failed("it is tried again within a minute, and goes on where it stopped", "history is not in line yet: %s", oneLine(state.Trouble))
		}
	}
}

// alignProgress is a bar on a terminal, else a line now and then.
type alignProgress struct {
	app  *app
	bar  *progressbar.ProgressBar
	said time.Time
}

func newAlignProgress(a *app) *alignProgress {
	p := &alignProgress{app: a, said: time.Now()}
	if terminal(a.stderr) {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription("bringing history in line"),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
	}
	return p
}

func (p *alignProgress) report(s upkeep.Alignment) {
	if p.bar != nil {
		p.bar.ChangeMax64(max(s.Total, 1))
		_ = p.bar.Set64(s.Done)
		return
	}
	if time.Since(p.said) < quietFor {
		return
	}
	p.said = time.Now()
	p.app.notef("%d of about %d activities looked at, %d changed", s.Done, s.Total, s.Changed)
}

func (p *alignProgress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// aligned tells open pages how far alignment has come.
func (in *instance) aligned(s upkeep.Alignment) {
	in.engine.Publish(engine.Event{Ledger: true, Many: s.Removed+s.Changed > 0 && !s.Ended.IsZero(), At: time.Now().UTC()})
}
