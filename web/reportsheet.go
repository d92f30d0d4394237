package web

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web/sheet"
)

// ReportText puts the numbers of reports into the words that their pages use. Who reads codes asks for JSON.
type ReportText struct {
	say    *speaker
	people map[string]string // names of owners by their addresses
}

// NewReportText speaks "ja" or "en", and names owners by their accounts.
func NewReportText(lang string, users []crm.User) (*ReportText, error) {
	speakers, err := newSpeakers(time.UTC) // a report has days and no times
	if err != nil {
		return nil, err
	}
	say := speakers[lang]
	if say == nil {
		return nil, fmt.Errorf("write report: there are no words of the language %q", lang)
	}
	return &ReportText{say, ownerNames(users)}, nil
}

// ownerNames are the names of users by their addresses. Those whom a name would not tell apart have their address behind it.
func ownerNames(users []crm.User) map[string]string {
	bearers := map[string]int{}
	for i := range users {
		bearers[users[i].Name]++
	}
	names := make(map[string]string, len(users))
	for i := range users {
		u := &users[i]
		names[u.Email] = cmp.Or(u.Name, u.Email)
		if u.Name != "" && bearers[u.Name] > 1 {
			names[u.Email] = u.Name + " (" + u.Email + ")"
		}
	}
	return names
}

// Heading names the columns of a report.
func (x *ReportText) Heading(t *crm.ReportTable) []string {
	head := []string{x.say.text("grain." + string(t.Grain))}
	if t.By != crm.ByNone {
		head = append(head, x.say.text("dimension."+string(t.By)))
	}
	for _, c := range t.Columns {
		head = append(head, c.Title.In(x.say.lang))
	}
	return head
}

// Row is a line of a report for a sheet; a cell of what cannot be known is nil.
func (x *ReportText) Row(t *crm.ReportTable, r *crm.ReportRow) []any {
	cells := []any{x.say.dashPeriodName(r.Period, t.Grain)}
	if t.By != crm.ByNone {
		cells = append(cells, x.say.reportKey(t.By, r.Key, x.people))
	}
	return append(cells, reportValues(t, r.Values)...)
}

// Sums are the lines beneath: the totals, and those of the period before.
func (x *ReportText) Sums(t *crm.ReportTable) [][]any {
	line := func(name, from, to string, values []crm.Measure) []any {
		period := x.say.text("dash.period", "from", x.say.plannedDay(from), "to", x.say.plannedDay(to))
		cells := []any{x.say.text("reports."+name) + " " + period}
		if t.By != crm.ByNone {
			cells = append(cells, nil)
		}
		return append(cells, reportValues(t, values)...)
	}
	lines := [][]any{line("total", t.From, t.To, t.Totals)}
	if len(t.Previous.Totals) > 0 {
		lines = append(lines, line("before", t.Previous.From, t.Previous.To, t.Previous.Totals))
	}
	return lines
}

// Write writes a report as a table that spreadsheets open: "csv" or "xlsx".
func (x *ReportText) Write(w io.Writer, format string, t *crm.ReportTable) error {
	out, err := sheet.New(format, w)
	if err != nil {
		return err
	}
	if err := out.Row(x.Heading(t)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for i := range t.Rows {
		if err := out.Values(x.Row(t, &t.Rows[i])); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	for _, line := range x.Sums(t) {
		if err := out.Values(line); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// reportKey is what people read of a key.
func (sp *speaker) reportKey(by crm.Dimension, key string, people map[string]string) string {
	if key == "" {
		return sp.text("reports.no_key")
	}
	if by == crm.ByOwner {
		return cmp.Or(people[key], key)
	}
	return key
}

// reportValues are numbers in the form of their units.
func reportValues(t *crm.ReportTable, values []crm.Measure) []any {
	forms := map[crm.Unit]sheet.Form{crm.UnitRate: sheet.Percent, crm.UnitSeconds: sheet.Duration}
	cells := make([]any, len(values))
	for i, m := range values {
		if m.Known {
			cells[i] = sheet.Number{Value: m.Value, As: forms[t.Columns[i].Unit]}
		}
	}
	return cells
}
