package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

type mappingShowCommand struct {
	Version  int  `arg:"" optional:"" help:"Number of the version (default: the newest)."`
	Defaults bool `help:"Print the lifecycle section that holds where the mapping has none, to start from."`
}

// Run prints the document as it was saved.
func (c *mappingShowCommand) Run(a *app) error {
	if c.Defaults {
		return c.defaults(a)
	}
	return a.with(streams{}, func(in *instance) error {
		v, err := in.stored(a.ctx, c.Version)
		if err != nil {
			return noVersion(c.Version, err)
		}
		if _, err := io.WriteString(a.stdout, harmless(v.Document)); err != nil {
			return fmt.Errorf("print mapping: %w", err)
		}
		return nil
	})
}

func (c *mappingShowCommand) defaults(a *app) error {
	if c.Version != 0 {
		return misused("leave the number out", "the defaults have no versions")
	}
	text, err := mapping.Render(mapping.Document{Lifecycle: life.Default()})
	if err == nil {
		_, err = a.stdout.Write(text)
	}
	if err != nil {
		return fmt.Errorf("print defaults: %w", err)
	}
	return nil
}

type mappingSchemaCommand struct{}

// Run prints the schema (JSON Schema 2020-12).
func (c *mappingSchemaCommand) Run(a *app) error {
	if _, err := a.stdout.Write(mapping.Schema()); err != nil {
		return fmt.Errorf("print schema: %w", err)
	}
	return nil
}

type mappingHistoryCommand struct{}

// Run lists the versions, newest first.
func (c *mappingHistoryCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		versions, err := in.store.ListMappings(a.ctx)
		if err != nil {
			return fmt.Errorf("list mapping versions: %w", err)
		}
		t := newTable(a.stdout, []string{"version", "saved", "by", "history", "comment"}, "version")
		for i := len(versions) - 1; i >= 0; i-- {
			v := versions[i]
			state := "was in line"
			switch newest := i == len(versions)-1; {
			case newest && v.Applied:
				state = "in line"
			case newest:
				state = "being brought in line"
			case !v.Applied:
				state = "superseded"
			}
			t.AppendRow(cells([]string{strconv.Itoa(v.Number), v.At.In(in.cfg.Load().Location).Format("2006-01-02 15:04"), v.Author, state, v.Comment}))
		}
		t.Render()
		return nil
	})
}

type mappingDiffCommand struct {
	A int `arg:"" help:"Number of a version."`
	B int `arg:"" help:"Number of another one."`
}

// Run prints the difference in the unified format; nothing if there is none.
func (c *mappingDiffCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		var versions [2]crm.MappingVersion
		for i, number := range []int{c.A, c.B} {
			if number < 1 {
				return misused("versions count from 1", "there is no version %d", number)
			}
			var err error
			if versions[i], err = in.stored(a.ctx, number); err != nil {
				return noVersion(number, err)
			}
		}
		if _, err := io.WriteString(a.stdout, harmless(diffVersions(versions[0], versions[1]))); err != nil {
			return fmt.Errorf("print difference: %w", err)
		}
		return nil
	})
}

func diffVersions(a, b crm.MappingVersion) string {
	return lineDiff(fmt.Sprintf("version %d", a.Number), fmt.Sprintf("version %d", b.Number), a.Document, b.Document)
}
