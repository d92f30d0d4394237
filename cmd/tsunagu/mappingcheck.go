package main

import (
	"errors"
)

type mappingCheckCommand struct {
	File string `arg:"" help:"Mapping document; - for standard input."`
}

// Run is content with a mapping that could be saved.
func (c *mappingCheckCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	d, err := a.readDraft(cfg, c.File)
	if err != nil {
		return err
	}
	if err := d.test(); err != nil {
		return a.sayTests(err)
	}
	a.sayf("%s is in order: %s passed.", c.File, counted(len(d.document.Tests), "test", "tests"))
	return nil
}

// sayTests prints the tests that failed, one a line.
func (a *app) sayTests(err error) error {
	var tests *failedTests
	if !errors.As(err, &tests) {
		return err
	}
	for _, line := range tests.lines {
		a.notef("%s", line)
	}
	return silent(exitUsage)
}

type mappingPreviewCommand struct {
	File  string `arg:"" help:"Mapping document; - for standard input."`
	Since moment `default:"30d" placeholder:"TIME" help:"Only items from then on: 2026-11-01 or 30d (default 30d)."`
	Rows  int    `default:"2000" placeholder:"N" help:"Read at most so many items that are not logged again from their sources; 0 for none (default 2000)."`
}

// Run says what would change.
func (c *mappingPreviewCommand) Run(a *app) error {
	if c.Rows < 0 {
		return misused("", "--rows %d is less than nothing", c.Rows)
	}
	return a.with(streams{input: c.File}, func(in *instance) error {
		cfg := in.cfg.Load()
		d, err := a.readDraft(cfg, c.File)
		if err != nil {
			return err
		}
		since, err := c.Since.time(cfg.Location)
		if err != nil {
			return err
		}
		p, err := in.preview(a.ctx, d.candidate(since, c.Rows))
		if err != nil {
			return err
		}
		for _, s := range p.Samples {
			a.sayf("%s %s %s: %s → %s", s.Op, s.Ref.Source, s.Ref.ExternalID, s.Before, s.After)
		}
		if more := p.Add + p.Change + p.Remove - len(p.Samples); more > 0 {
			a.sayf("… and %d more", more)
		}
		a.sayf("would change: %d added, %d changed, %d removed, %d the same, %d could not be read now, %d not read again",
			p.Add, p.Change, p.Remove, p.Same, p.Skipped, p.Unread)
		if err := d.test(); err != nil {
			a.notef("Its tests fail, so it cannot be saved yet:")
			return a.sayTests(err)
		}
		return nil
	})
}
