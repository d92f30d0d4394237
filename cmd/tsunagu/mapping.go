package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
	"github.com/tsunagu-crm/tsunagu/web"
)

type mappingCommand struct {
	Show     mappingShowCommand     `cmd:"" help:"Print a version of the mapping; the one in force if none is named."`
	Check    mappingCheckCommand    `cmd:"" help:"Name every mistake in a mapping, and run its tests. Saves nothing."`
	Preview  mappingPreviewCommand  `cmd:"" help:"Say what a mapping would add, change and remove. Changes nothing."`
	Apply    mappingApplyCommand    `cmd:"" help:"Save a mapping and bring history in line with it."`
	Schema   mappingSchemaCommand   `cmd:"" help:"Print the JSON Schema of mapping documents, for editors."`
	History  mappingHistoryCommand  `cmd:"" help:"List the versions."`
	Diff     mappingDiffCommand     `cmd:"" help:"Say in what two versions differ."`
	Rollback mappingRollbackCommand `cmd:"" help:"Save an earlier version anew and bring history in line with it."`
}

// maxMapping bounds a mapping document, in bytes.
const maxMapping = 1 << 20

// draft is a mapping that was read and not saved.
type draft struct {
	text     string
	document mapping.Document
	mapper   *mapping.Mapper
}

// readDraft reads the file of a command. The error names every mistake.
func (a *app) readDraft(cfg *config.Config, file string) (draft, error) {
	input, err := a.open(file)
	if err != nil {
		return draft{}, err
	}
	defer func() { _ = input.Close() }()
	text, err := io.ReadAll(io.LimitReader(input, maxMapping+1))
	if err != nil {
		return draft{}, fmt.Errorf("read %s: %w", file, cause(err))
	}
	return newDraft(cfg, file, text)
}

func newDraft(cfg *config.Config, name string, text []byte) (draft, error) {
	if len(text) > maxMapping {
		return draft{}, misused("is it the right file?", "%s is larger than %d KiB", name, maxMapping>>10)
	}
	document, mapper, problems := cfg.ReadMapping(name, text)
	if problems.Fatal() {
		return draft{}, problems
	}
	return draft{string(text), document, mapper}, nil
}

// failedTests is an error that names every test of the mapping that does not pass.
type failedTests struct{ lines []string }

func (f *failedTests) Error() string { return strings.Join(f.lines, "\n") }

// test runs the tests that stand in the mapping.
func (d *draft) test() error {
	failed := new(failedTests)
	for _, result := range d.mapper.RunTests() {
		for _, why := range result.Failures {
			failed.lines = append(failed.lines, fmt.Sprintf("test %q: %s", result.Name, why))
		}
	}
	if len(failed.lines) == 0 {
		return nil
	}
	return failed
}

// candidate is the draft as upkeep tries it.
func (d *draft) candidate(since time.Time, rows int) upkeep.Candidate {
	return upkeep.Candidate{Mapper: d.mapper, Document: d.text, Since: since, Rows: rows}
}

// preview tries a mapping. Previews wait for each other, as long as ctx allows.
func (in *instance) preview(ctx context.Context, c upkeep.Candidate) (upkeep.Preview, error) {
	select {
	case in.looking <- struct{}{}:
		defer func() { <-in.looking }()
		return in.upkeep.Preview(ctx, c)
	case <-ctx.Done():
		return upkeep.Preview{}, fmt.Errorf("wait for another preview: %w", ctx.Err())
	}
}

// save makes a draft the newest version and puts it into force. Its tests must pass. A draft equal to the newest
// version is no new one.
func (in *instance) save(ctx context.Context, author, comment string, d draft) (crm.MappingVersion, error) {
	return in.saveOver(ctx, author, comment, d, anyVersion)
}

// anyVersion is the base of a draft that may take the place of whatever is in force.
const anyVersion = -1

// saveOver is save for a draft that was made from the version base. It is refused if another is in force by now.
func (in *instance) saveOver(ctx context.Context, author, comment string, d draft, base int) (crm.MappingVersion, error) {
	if err := d.test(); err != nil {
		return crm.MappingVersion{}, err
	}
	in.saving.Lock()
	defer in.saving.Unlock()
	if err := in.takeSection(ctx, in.cfg.Load()); err != nil { // or the file's, never taken so far, would come after it
		return crm.MappingVersion{}, err
	}
	if newest := in.version(); base != anyVersion && newest.Number != base {
		return newest, &web.MappingStale{Newest: newest}
	}
	v := crm.MappingVersion{At: time.Now().UTC(), Author: author, Comment: comment, Document: d.text, Hash: documentHash(d.text)}
	if _, err := in.store.SaveMapping(ctx, v); err != nil {
		return v, fmt.Errorf("save mapping: %w", err)
	}
	if err := in.enforce(ctx, in.cfg.Load()); err != nil {
		return v, err
	}
	in.upkeep.Kick()
	return in.version(), nil
}

// stored finds a version by its number; 0 is the newest.
func (in *instance) stored(ctx context.Context, number int) (crm.MappingVersion, error) {
	versions, err := in.store.ListMappings(ctx)
	if err != nil {
		return crm.MappingVersion{}, fmt.Errorf("list mapping versions: %w", err)
	}
	for _, v := range versions {
		if v.Number == number || number == 0 && v.Number == len(versions) {
			return v, nil
		}
	}
	return crm.MappingVersion{}, crm.ErrNotFound
}

// noVersion says which versions there are.
func noVersion(number int, err error) error {
	if errors.Is(err, crm.ErrNotFound) && number == 0 {
		return failed("`tsunagu mapping apply FILE` saves one", "no version of the mapping was saved yet: the default is in force")
	}
	if errors.Is(err, crm.ErrNotFound) {
		return failed("`tsunagu mapping history` lists them", "there is no version %d", number)
	}
	return err
}
