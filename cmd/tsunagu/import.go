package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

type importCommand struct {
	People importPeopleCommand `cmd:"" help:"Take leads, contacts or accounts in from a CSV or XLSX file."`
}

type importPeopleCommand struct {
	File       string   `arg:"" help:"CSV (UTF-8, UTF-16 or Shift_JIS; commas, semicolons or tabs) or XLSX; - for standard input."`
	Kind       string   `enum:"leads,contacts,accounts," default:"" help:"leads, contacts or accounts; guessed from the columns if not given."`
	DryRun     bool     `help:"Say what would be written, and write nothing."`
	Columns    bool     `help:"Say what the columns are taken for, and do nothing else."`
	Map        []string `sep:"none" placeholder:"\"HEADING=FIELD\"" help:"Take a column for a field, as \"会社名=company\"; with nothing behind the = it is not read. Can be given several times."`
	Key        string   `placeholder:"HEADING" help:"The column by which records are found again, such as 顧客番号."`
	ClearEmpty bool     `help:"An empty cell empties the field of a record that is there already."`
	Duplicates string   `enum:"ask,skip,update,create" default:"ask" help:"What becomes of rows that may be about somebody who is there: ask leaves them out and says so, skip leaves all out who are there, update changes the record if it is all but sure, create adds them (${enum})."`
}

// Run reads the whole file, says what it understood and what is there twice, and only then writes.
func (c *importPeopleCommand) Run(a *app) error {
	return a.with(streams{input: c.File}, func(in *instance) error {
		input, err := a.open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = input.Close() }()
		s, err := readSheet(input)
		if err != nil {
			return err
		}
		o, err := c.options(a, in)
		if err != nil {
			return err
		}
		if c.Columns {
			return a.sayColumns(s, o)
		}
		report, err := importPeople(a, in.store, s, o, c.DryRun)
		if !c.DryRun && report.written > 0 {
			in.upkeep.Kick()
			a.settleWhole(in)
			in.engine.Publish(everything())
		}
		if err != nil {
			return err
		}
		if report.bad > 0 {
			return silent(exitFailed)
		}
		return nil
	})
}

func (c *importPeopleCommand) options(a *app, in *instance) (o importing.Options, err error) {
	o = importing.Options{Kind: c.Kind, Map: map[string]string{}, Key: c.Key, ClearEmpty: c.ClearEmpty, Duplicates: importing.Policy(c.Duplicates),
		Own: in.ownDomains(), Zone: in.cfg.Load().Location}
	for _, m := range c.Map {
		heading, field, ok := strings.Cut(m, "=")
		if !ok || heading == "" {
			return o, misused("say --map \"会社名=company\"", "--map %s names no column and field", m)
		}
		o.Map[heading] = field
	}
	if o.Custom, err = in.declaredFields(a.ctx); err != nil {
		return o, err
	}
	if o.User, err = in.worksHere(a.ctx); err != nil {
		return o, err
	}
	o.Words, err = in.lifeWords(a.ctx)
	return o, err
}

// worksHere tells whether an address is that of a user who may sign in, or of somebody whose mailbox or calendar is read.
func (in *instance) worksHere(ctx context.Context) (func(address string) bool, error) {
	users, err := in.store.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := in.store.ListSources(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range sources {
		known[strings.ToLower(sources[i].Owner)] = true
	}
	for i := range users {
		known[users[i].Email] = !users[i].Disabled
	}
	return func(address string) bool { return known[address] }, nil
}

// lifeWords are the lists of the lifecycle section of the mapping in force; those of the product without a mapping.
func (in *instance) lifeWords(ctx context.Context) (w importing.Words, err error) {
	doc := life.Default()
	v, err := in.store.LatestMapping(ctx)
	switch {
	case errors.Is(err, crm.ErrNotFound):
	case err != nil:
		return w, fmt.Errorf("read mapping: %w", err)
	default:
		stored, problems := config.StoredMapping(v.Document)
		if problems.Fatal() {
			return w, fmt.Errorf("read mapping: %w", problems)
		}
		if stored.Lifecycle.Statuses != nil {
			doc.Statuses = stored.Lifecycle.Statuses
		}
		if stored.Lifecycle.Reasons != nil {
			doc.Reasons = stored.Lifecycle.Reasons
		}
		doc.Requests = stored.Lifecycle.Requests
	}
	return importing.WordsOf(&doc), nil
}

// ownDomains says which domains belong to the organisation.
func (in *instance) ownDomains() func(string) bool {
	own := in.cfg.Load().Organization.Domains
	return func(domain string) bool {
		for d := range crm.DomainAndParents(domain) {
			if slices.Contains(own, d) {
				return true
			}
		}
		return false
	}
}

// readSheet reads a table, with its problems put as failures.
func readSheet(r io.Reader) (*importing.Sheet, error) {
	s, err := importing.Read(r)
	return s, asFailure(err)
}

// asFailure is a Problem as a failure of the command.
func asFailure(err error) error {
	var p *importing.Problem
	if errors.As(err, &p) {
		return failed(p.Todo, "%s", p.What)
	}
	return err
}

// imported is what an import came to.
type imported struct{ written, bad int }

func importPeople(a *app, store importing.Store, s *importing.Sheet, o importing.Options, dryRun bool) (imported, error) {
	p, err := importing.Make(a.ctx, store, s, o)
	if err != nil {
		return imported{}, asFailure(err)
	}
	report := p.Report()
	for _, line := range report.Lines(dryRun) {
		a.sayf("%s", line)
	}
	out := imported{bad: len(report.Bad)}
	if dryRun {
		return out, nil
	}
	written, err := p.Apply(a.ctx, actorCLI)
	out.written = written.Accounts + written.People
	return out, err
}

func (a *app) sayColumns(s *importing.Sheet, o importing.Options) error {
	r, err := importing.Columns(s, o)
	if err != nil {
		return asFailure(err)
	}
	a.sayf("read as %s, %s, %s", r.How, counted(r.Rows, "row", "rows"), r.Kind)
	for _, c := range r.Columns {
		field := string(c.Field)
		if field == "" {
			field = "not read"
		}
		a.sayf("%s → %s", c.Heading, field)
	}
	return nil
}
