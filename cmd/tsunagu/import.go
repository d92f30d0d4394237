package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type importCommand struct {
	People importPeopleCommand `cmd:"" help:"Take leads, contacts or accounts in from a CSV or XLSX file."`
}

type importPeopleCommand struct {
	File   string `arg:"" help:"CSV (UTF-8, UTF-16 or Shift_JIS; commas, semicolons or tabs) or XLSX; - for standard input."`
	Kind   string `enum:"leads,contacts,accounts," default:"" help:"leads, contacts or accounts; guessed from the columns if not given."`
	DryRun bool   `help:"Say what would be written, and write nothing."`
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
		if s.custom, err = in.declaredFields(a.ctx); err != nil {
			return err
		}
		s.zone = in.cfg.Load().Location
		own := in.ownDomains()
		report, err := importPeople(a, in.store, own, s, c.Kind, c.DryRun)
		if err != nil {
			return err
		}
		if !c.DryRun && report.written > 0 {
			in.upkeep.Kick()
			in.engine.Publish(everything())
		}
		if report.bad > 0 {
			return silent(exitFailed)
		}
		return nil
	})
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

// imported is what an import came to.
type imported struct{ written, bad int }

func importPeople(a *app, store peopleStore, own func(string) bool, s *sheetRows, kind string, dryRun bool) (imported, error) {
	columns := guessColumns(s.heading)
	a.sayf("read as %s", s.how)
	guessed := kind == ""
	if guessed {
		kind = s.guessKind(columns)
	}
	s.declare(columns, kind)
	a.sayColumns(s.heading, columns)
	if guessed {
		a.sayf("taken for %s (--kind says otherwise)", kind)
	}
	if !slices.ContainsFunc(columns, func(f field) bool {
		return f == fieldName || f == fieldFamily || f == fieldAddress || kind == "accounts" && f == fieldCompany
	}) {
		return imported{}, failed("name a column 氏名, 会社名 or メールアドレス, or name, company or email", "no column holds a name or an address")
	}
	p, err := newPlan(a.ctx, store, own)
	if err != nil {
		return imported{}, err
	}
	p.custom, p.zone = s.custom, s.zone
	for rows := range slices.Chunk(s.rows, importStep) {
		if err := p.addRows(s.records(rows, columns), kind); err != nil {
			return imported{}, err
		}
	}
	a.sayPlan(p, kind, dryRun)
	report := imported{bad: len(p.bad)}
	if dryRun {
		return report, nil
	}
	report.written, err = p.write()
	return report, err
}

// sayColumns prints how the columns were understood.
func (a *app) sayColumns(heading []string, columns []field) {
	var read, unread []string
	for i, h := range heading {
		if columns[i] == "" {
			if h != "" {
				unread = append(unread, h)
			}
			continue
		}
		read = append(read, fmt.Sprintf("%s → %s", h, columns[i]))
	}
	a.sayf("columns: %s", strings.Join(read, ", "))
	if len(unread) > 0 {
		a.sayf("not read: %s", strings.Join(unread, ", "))
	}
}

// shownLines bounds each list of an import's report.
const shownLines = 200

func (a *app) sayPlan(p *plan, kind string, dryRun bool) {
	a.sayLines(p.duplicates)
	var remarks []string
	for _, text := range p.notes.order {
		rows := p.notes.rows[text]
		remarks = append(remarks, fmt.Sprintf("row %d%s: %s", rows[0], more(len(rows)-1), text))
	}
	a.sayLines(remarks)
	var bad []string
	for _, b := range p.bad {
		bad = append(bad, fmt.Sprintf("row %d is left out: %s", b.number, b.why))
	}
	a.sayLines(bad)
	verb := ""
	if dryRun {
		verb = "nothing is written; it would be "
	}
	line := ""
	if kind != "accounts" {
		line = fmt.Sprintf("%s: %s", kind, counts(p.people)) + "; "
	}
	a.sayf("%s%saccounts: %s; %s left out", verb, line, counts(p.accounts), counted(len(p.bad), "row", "rows"))
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func (a *app) sayLines(lines []string) {
	for _, line := range lines[:min(len(lines), shownLines)] {
		a.sayf("%s", line)
	}
	if n := len(lines) - shownLines; n > 0 {
		a.sayf("… and %d more of these", n)
	}
}

func counts[T any](records map[string]*planned[T]) string {
	var fresh, changed, same int
	for _, r := range records {
		switch {
		case !r.stored:
			fresh++
		case r.changed():
			changed++
		default:
			same++
		}
	}
	return fmt.Sprintf("%d new, %d changed, %d unchanged", fresh, changed, same)
}

// importStep is how many records are written at a time.
const importStep = 1000

// write stores what is new or changed, accounts first, and says how many records that was.
func (p *plan) write() (int, error) {
	var accounts []crm.Account
	for _, id := range p.firms {
		if x := p.accounts[id]; x.changed() {
			x.record.Updated = p.now
			accounts = append(accounts, x.record)
		}
	}
	for part := range slices.Chunk(accounts, importStep) {
		if err := p.store.SaveAccounts(p.ctx, actorCLI, part); err != nil {
			return 0, fmt.Errorf("write accounts: %w", err)
		}
	}
	var people []crm.Person
	for _, id := range p.order {
		if x := p.people[id]; x.changed() {
			x.record.Updated = p.now
			people = append(people, x.record)
		}
	}
	for part := range slices.Chunk(people, importStep) {
		if err := p.store.SavePeople(p.ctx, actorCLI, part); err != nil {
			return 0, fmt.Errorf("write people: %w", err)
		}
	}
	return len(accounts) + len(people), nil
}
