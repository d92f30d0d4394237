// Package sheet writes tables that spreadsheets open as they are: CSV and XLSX. What somebody else wrote is
// never run there (crm.GuardCell).
package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ErrFull says that a workbook takes no more rows.
var ErrFull = errors.New("an XLSX sheet holds 1048576 rows at most")

// Sheet takes rows of cells and writes them somewhere.
type Sheet interface {
	Row(cells []string) error
	Values(cells []any) error // texts, and numbers (float64, Number) that stay numbers; nil is an empty cell
	Close() error             // writes what is left; the writer below stays open
}

// New begins a table: "csv" or "xlsx".
func New(format string, w io.Writer) (Sheet, error) {
	switch format {
	case "csv":
		return newCSV(w)
	case "xlsx":
		return newXLSX(w)
	}
	return nil, fmt.Errorf("write table: there is no format %q", format)
}

// csvSheet is CSV that Excel opens with a double click, also a Japanese one: UTF-8 with a byte order mark, and
// CRLF. A cell that Excel would take for a formula gets an apostrophe before it.
type csvSheet struct{ w *csv.Writer }

func newCSV(w io.Writer) (*csvSheet, error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvSheet{c}, nil
}

// Values writes a line. Only texts are guarded: what is a number is none of somebody else's.
func (s *csvSheet) Values(cells []any) error {
	line := make([]string, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case nil:
		case float64:
			line[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case Number:
			line[i] = v.String()
		default:
			line[i] = crm.GuardCell(fmt.Sprint(v))
		}
	}
	return s.w.Write(line)
}

// Row writes a line of texts.
func (s *csvSheet) Row(cells []string) error {
	guarded := make([]string, len(cells))
	for i, cell := range cells {
		guarded[i] = crm.GuardCell(cell)
	}
	return s.w.Write(guarded)
}

// Close flushes.
func (s *csvSheet) Close() error {
	s.w.Flush()
	return s.w.Error()
}

// xlsxSheet streams rows into a workbook; what does not fit into memory goes into a temporary file.
type xlsxSheet struct {
	to     io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	styles map[Form]int
	row    int
}

// The limits of Excel.
const (
	maxCell = 32_767
	maxRows = 1_048_576
)

func newXLSX(w io.Writer) (*xlsxSheet, error) {
	f := excelize.NewFile()
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, fmt.Errorf("write XLSX: %w", err)
	}
	styles, err := newStyles(f)
	if err != nil {
		return nil, fmt.Errorf("write XLSX: %w", err)
	}
	return &xlsxSheet{to: w, file: f, stream: stream, styles: styles}, nil
}

// Row writes a line of texts: nothing in them is run.
func (s *xlsxSheet) Row(cells []string) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = cell
	}
	return s.Values(values)
}

// Values writes a line.
func (s *xlsxSheet) Values(cells []any) error {
	if s.row++; s.row > maxRows {
		return ErrFull
	}
	values := make([]any, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case string:
			values[i] = printable(v)
		case Number:
			values[i] = s.cell(v)
		default:
			values[i] = v
		}
	}
	return s.stream.SetRow(fmt.Sprintf("A%d", s.row), values)
}

// printable is a cell without what XML cannot hold, cut to what Excel can.
func printable(cell string) string {
	cell = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, cell)
	if utf8.RuneCountInString(cell) <= maxCell/2 {
		return cell
	}
	return cutUTF16(cell, maxCell)
}

// cutUTF16 cuts a text to n UTF-16 units, which is what Excel counts.
func cutUTF16(s string, n int) string {
	for i, r := range s {
		units := 1
		if r > 0xFFFF {
			units = 2
		}
		if n -= units; n < 0 {
			return s[:i]
		}
	}
	return s
}

// Close writes the workbook.
func (s *xlsxSheet) Close() error {
	if err := s.stream.Flush(); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	if _, err := s.file.WriteTo(s.to); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	return s.file.Close()
}
