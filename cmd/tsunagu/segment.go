package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

type segmentCommand struct {
	List   segmentListCommand   `cmd:"" help:"The segments of the mapping, with how many people are in each."`
	Export segmentExportCommand `cmd:"" help:"The members of a segment who agreed to mailings, for a mailing service."`
}

type segmentListCommand struct{}

// Run lists the segments.
func (c *segmentListCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		a.settleWhole(in)
		locale := in.cfg.Load().Organization.Locale
		t := newTable(a.stdout, []string{"segment", "name", "people"}, "people")
		for _, s := range in.rules().Segments() {
			n, err := in.store.CountSegment(a.ctx, s.Name.Name)
			if err != nil {
				return err
			}
			t.AppendRow(cells([]string{s.Name.Name, in.rules().Label(life.ListSegments, s.Name.Name, locale), strconv.FormatInt(n, 10)}))
		}
		t.Render()
		return nil
	})
}

type segmentExportCommand struct {
	Name   string `arg:"" help:"Name of the segment."`
	Format string `enum:"csv,xlsx,jsonl" default:"csv" help:"csv (default), xlsx or jsonl."`
	Output string `short:"o" placeholder:"FILE" help:"File to write (default: standard output)."`
	Force  bool   `help:"Replace FILE if it is there already."`
}

// mailable is a line of the export.
type mailable struct {
	Email   string `json:"email"`
	Name    string `json:"name"`
	Company string `json:"company"`
	ID      string `json:"id"`
}

// Run writes the members whom a mailing may reach, and says who was left out and why.
func (c *segmentExportCommand) Run(a *app) error {
	if c.Format == "xlsx" && (c.Output == "" || c.Output == "-") && a.held == nil && terminal(a.stdout) {
		return misused("add -o FILE.xlsx", "an XLSX file cannot be shown on a terminal")
	}
	return a.with(streams{output: c.Output, replace: c.Force}, func(in *instance) error {
		if !segmentKnown(in.rules(), c.Name) {
			return failed("`tsunagu segment list` lists them", "there is no segment %q", c.Name)
		}
		a.settleWhole(in)
		out, err := a.create(c.Output, c.Force)
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		x := &exporter{app: a, store: in.store, zone: in.cfg.Load().Location, ja: in.cfg.Load().Organization.Locale == "ja"}
		if x.sheet, err = newSheet(c.Format, out); err != nil {
			return err
		}
		if err := c.write(a.ctx, in, x); err != nil {
			return fmt.Errorf("export segment: %w", err)
		}
		if err := x.sheet.Close(); err != nil {
			return fmt.Errorf("export segment: %w", err)
		}
		return out.Commit()
	})
}

func segmentKnown(rules *life.Rules, name string) bool {
	for _, s := range rules.Segments() {
		if s.Name.Name == name {
			return true
		}
	}
	return false
}

func (c *segmentExportCommand) write(ctx context.Context, in *instance, x *exporter) error {
	if err := x.heading([][2]string{{"Email", "メールアドレス"}, {"Name", "氏名"}, {"Company", "会社名"}, {"ID", "ID"}}); err != nil {
		return err
	}
	written, left, seen, after := 0, map[crm.NoMailing]int{}, map[string]bool{}, ""
	for {
		page, next, err := in.store.ListSegment(ctx, c.Name, after, 1000)
		if err != nil {
			return err
		}
		for _, row := range page {
			address, why := crm.MailingAddress(&row.Person)
			if normal, _ := crm.NormalizeAddress(address); why == "" && seen[normal] {
				why = crm.NoMailingTwice
			} else {
				seen[normal] = true
			}
			if why != "" {
				left[why]++
				continue
			}
			company := row.Person.Company
			if row.Person.AccountID != "" {
				if company, err = x.accountName(row.Person.AccountID); err != nil {
					return err
				}
			}
			line := mailable{address, row.Person.Name, company, row.Person.ID}
			if err := x.row(line, func() ([]string, error) { return []string{line.Email, line.Name, line.Company, line.ID}, nil }); err != nil {
				return err
			}
			written++
		}
		if after = next; after == "" {
			break
		}
	}
	r := crm.AuditRecord{At: time.Now().UTC(), Actor: actorCLI, Action: "export segment", Object: "segment/" + c.Name, After: strconv.Itoa(written)}
	if err := in.store.AppendAudit(ctx, r); err != nil { // addresses leave the house here
		return err
	}
	x.notef("%d written", written)
	for _, why := range crm.NoMailings() {
		if n := left[why]; n > 0 {
			x.notef("%d left out: %s", n, why)
		}
	}
	return nil
}
