package importing

import (
	"fmt"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Report says what was understood and what would be, or was, written.
type Report struct {
	How        string      `json:"read_as"` // "Shift_JIS, separated by tabs"
	Kind       string      `json:"kind"`    // leads, contacts or accounts
	Guessed    bool        `json:"kind_guessed"`
	Columns    []Column    `json:"columns"`
	Rows       int         `json:"rows"`
	People     Counts      `json:"people"`
	Accounts   Counts      `json:"accounts"`
	Duplicates []Duplicate `json:"duplicates,omitempty"`
	Held       []Held      `json:"held,omitempty"` // rows about which somebody has to decide, the first 10,000
	Skipped    int         `json:"skipped"`        // rows left out as duplicates
	Remarks    []Remark    `json:"remarks,omitempty"`
	Bad        []BadRow    `json:"bad,omitempty"` // rows left out as wrong
}

// Column is a column of the file; Field is "" if it is not read.
type Column struct {
	Heading string `json:"heading"`
	Field   Field  `json:"field,omitempty"`
}

// Counts counts records.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// Duplicate is a row about somebody who is there already, or may be.
type Duplicate struct {
	Row      int      `json:"row"`
	Name     string   `json:"name"`
	ID       string   `json:"id,omitempty"` // of the record that is stored, or planned by an earlier row
	Score    int      `json:"score,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
	Text     string   `json:"text"` // Said in English
	Said     Sentence `json:"said"`
	Held     bool     `json:"held,omitempty"` // the row is not written before somebody decides (Options.Decided)
}

// maxHeld is how many rows are kept for whoever decides about them.
const maxHeld = 10_000

// Held is a row that is not written before somebody decides whether it is about one of the records that its Duplicates name.
type Held struct {
	Row    int        `json:"row"`
	Person crm.Person `json:"person"` // as the row has it, without an ID
}

// Remark is something that was noticed in some rows, which are taken all the same.
type Remark struct {
	Rows []int    `json:"rows"`
	Text string   `json:"text"` // Said in English
	Said Sentence `json:"said"`
}

// BadRow is a row that cannot be imported.
type BadRow struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"` // heading, if it is one column's fault
	Why    string `json:"why"`              // in English, with the column

	Said Sentence `json:"said"` // without the column
}

// say notes what is said of a duplicate.
func (p *Plan) say(d Duplicate) {
	d.Text = d.Said.String()
	p.duplicates = append(p.duplicates, d)
}

// skip leaves a row out as a duplicate.
func (p *Plan) skip(_ record, d Duplicate) {
	p.say(d)
	p.skipped++
}

// Report says what the plan holds.
func (p *Plan) Report() Report {
	out := p.report
	out.Kind, out.People, out.Accounts = p.kind, countOf(p.people), countOf(p.accounts)
	out.Duplicates, out.Held, out.Skipped, out.Bad = p.duplicates, p.held, p.skipped, p.bad
	for _, said := range p.notes.order {
		text := said.String()
		out.Remarks = append(out.Remarks, Remark{p.notes.rows[text], text, said})
	}
	return out
}

func countOf[T any](records map[string]*planned[T]) (c Counts) {
	for _, r := range records {
		switch {
		case !r.stored:
			c.New++
		case r.changed():
			c.Changed++
		default:
			c.Unchanged++
		}
	}
	return c
}

// String is "1 new, 2 changed, 3 unchanged".
func (c Counts) String() string {
	return fmt.Sprintf("%d new, %d changed, %d unchanged", c.New, c.Changed, c.Unchanged)
}

// shownLines bounds each list of the lines of a report.
const shownLines = 200

// Lines are the report in words; dryRun says that nothing will be written.
func (r *Report) Lines(dryRun bool) []string {
	out := append([]string{"read as " + r.How}, r.ColumnLines()...)
	if r.Guessed {
		out = append(out, fmt.Sprintf("taken for %s (--kind says otherwise)", r.Kind))
	}
	var duplicates, remarks, bad []string
	for _, d := range r.Duplicates {
		duplicates = append(duplicates, d.Text)
	}
	for _, m := range r.Remarks {
		more := ""
		if n := len(m.Rows) - 1; n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		remarks = append(remarks, fmt.Sprintf("row %d%s: %s", m.Rows[0], more, m.Text))
	}
	for _, b := range r.Bad {
		bad = append(bad, fmt.Sprintf("row %d is left out: %s", b.Row, b.Why))
	}
	for _, list := range [][]string{duplicates, remarks, bad} {
		out = append(out, list[:min(len(list), shownLines)]...)
		if n := len(list) - shownLines; n > 0 {
			out = append(out, fmt.Sprintf("… and %d more of these", n))
		}
	}
	return append(out, r.summary(dryRun))
}

func (r *Report) summary(dryRun bool) string {
	line := ""
	if dryRun {
		line = "nothing is written; it would be "
	}
	if r.Kind != "accounts" {
		line += fmt.Sprintf("%s: %s; ", r.Kind, r.People)
	}
	line += fmt.Sprintf("accounts: %s; %s left out", r.Accounts, counted(len(r.Bad), "row", "rows"))
	if r.Skipped > 0 {
		line += fmt.Sprintf(", %s as possible duplicates", counted(r.Skipped, "row", "rows"))
	}
	return line
}

// ColumnLines say how the columns were understood.
func (r *Report) ColumnLines() []string {
	var read, unread []string
	for _, c := range r.Columns {
		switch {
		case c.Field != "":
			read = append(read, fmt.Sprintf("%s → %s", c.Heading, c.Field))
		case c.Heading != "":
			unread = append(unread, c.Heading)
		}
	}
	out := []string{"columns: " + strings.Join(read, ", ")}
	if len(unread) > 0 {
		out = append(out, "not read: "+strings.Join(unread, ", "))
	}
	return out
}
