package main

import (
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// newTable is a table without frames, whose columns line up also with Japanese text. Columns whose heading
// is in numbers are aligned to the right.
func newTable(w io.Writer, heading []string, numbers ...string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleDefault
	style.Options = table.Options{SeparateColumns: false, SeparateFooter: true, SeparateHeader: true}
	style.Format = table.FormatOptions{}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(cells(heading))
	var columns []table.ColumnConfig
	for _, name := range numbers {
		columns = append(columns, table.ColumnConfig{Name: name, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	return t
}

func cells(texts []string) table.Row {
	row := make(table.Row, len(texts))
	for i, s := range texts {
		row[i] = spoken(oneLine(s))
	}
	return row
}

// tallyHeading are the columns of the table that sync prints.
func tallyHeading() []string {
	return []string{"source", "seen", "logged", "excluded", "unmatched", "waiting", "failed"}
}

// printTallies prints the table of sync: for every source seen = logged + excluded + unmatched + waiting + failed.
func printTallies(w io.Writer, sources []crm.Source) {
	heading := tallyHeading()
	t := newTable(w, heading, heading[1:]...)
	var total crm.Tally
	for _, s := range sources {
		t.AppendRow(tallyRow(s.ID, s.Tally))
		total.Seen += s.Tally.Seen
		total.Logged += s.Tally.Logged
		total.Excluded += s.Tally.Excluded
		total.Unmatched += s.Tally.Unmatched
		total.Waiting += s.Tally.Waiting
		total.Failed += s.Tally.Failed
	}
	t.AppendFooter(tallyRow("total", total))
	t.Render()
}

func tallyRow(name string, t crm.Tally) table.Row {
	row := table.Row{spoken(name)}
	for _, n := range []int64{t.Seen, t.Logged, t.Excluded, t.Unmatched, t.Waiting, t.Failed} {
		row = append(row, strconv.FormatInt(n, 10))
	}
	return row
}
