package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type exportCommand struct {
	What   string `arg:"" enum:"activities,leads,contacts,accounts,ledger" help:"activities, leads, contacts, accounts or ledger."`
	Format string `enum:"jsonl,csv,xlsx," default:"" help:"jsonl (default), csv for Excel, or xlsx. Taken from the name of FILE if not given."`
	Output string `short:"o" placeholder:"FILE" help:"File to write (default: standard output)."`
	Force  bool   `help:"Replace FILE if it is there already, such as an earlier export."`
	Since  moment `placeholder:"TIME" help:"Only what is from then on: 2026-11-01, 2026-11-01T09:00:00+09:00 or 30d."`
}

// Run writes everything of one sort, a page at a time, so that memory stays small.
func (c *exportCommand) Run(a *app) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	if format == "xlsx" && (c.Output == "" || c.Output == "-") && a.held == nil && terminal(a.stdout) {
		return misused("add -o FILE.xlsx", "an XLSX file cannot be shown on a terminal")
	}
	return a.with(streams{output: c.Output, replace: c.Force}, func(in *instance) error {
		since, err := c.Since.time(in.cfg.Load().Location)
		if err != nil {
			return err
		}
		out, err := a.create(c.Output, c.Force)
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		x := &exporter{app: a, store: in.store, since: since, zone: in.cfg.Load().Location, ja: in.cfg.Load().Organization.Locale == "ja"}
		if x.custom, err = in.declaredFields(a.ctx); err != nil {
			return err
		}
		if x.sheet, err = newSheet(format, out); err != nil {
			return err
		}
		if err := x.write(c.What); err != nil {
			return fmt.Errorf("export %s: %w", c.What, err)
		}
		if err := x.sheet.Close(); err != nil {
			return fmt.Errorf("export %s: %w", c.What, err)
		}
		return out.Commit()
	})
}

// format is the one asked for, else what the file's name says.
func (c *exportCommand) format() (string, error) {
	if c.Format != "" {
		return c.Format, nil
	}
	switch extension := strings.ToLower(filepath.Ext(c.Output)); {
	case extension == "" || slices.Contains([]string{".jsonl", ".json", ".ndjson"}, extension):
		return "jsonl", nil
	case extension == ".csv" || extension == ".xlsx":
		return extension[1:], nil
	default:
		return "", misused("add --format jsonl, csv or xlsx", "the name %s does not tell the format", c.Output)
	}
}

// exporter walks through the store and fills a sheet.
type exporter struct {
	*app
	store    exportStore
	sheet    sheet
	since    time.Time
	zone     *time.Location
	ja       bool
	accounts map[string]string // names by id, of those met lately
	custom   map[crm.FieldTarget][]crm.FieldDef
}

func (x *exporter) write(what string) error {
	switch what {
	case "activities":
		return x.activities()
	case "ledger":
		return x.ledger()
	case "accounts":
		return x.allAccounts()
	default:
		return x.people(what)
	}
}

// row writes a record: the value itself as JSON, or its cells.
func (x *exporter) row(value any, cells func() ([]string, error)) error {
	if lines, ok := x.sheet.(*jsonLines); ok {
		return lines.encoder.Encode(value)
	}
	row, err := cells()
	if err != nil {
		return err
	}
	return x.sheet.Row(row)
}

// heading writes the names of the columns, in the organisation's language.
func (x *exporter) heading(columns [][2]string) error {
	if _, ok := x.sheet.(*jsonLines); ok {
		return nil
	}
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c[0]
		if x.ja {
			row[i] = c[1]
		}
	}
	return x.sheet.Row(row)
}

func (x *exporter) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.zone).Format("2006-01-02 15:04:05")
}

// jsonLines writes a JSON object a line.
type jsonLines struct{ encoder *json.Encoder }

// Row is not used: JSON lines are encoded from values.
func (*jsonLines) Row([]string) error { return nil }

// Close has nothing left to do.
func (*jsonLines) Close() error { return nil }
