package main

import (
	"encoding/json"
	"errors"
	"io"

	tables "github.com/tsunagu-crm/tsunagu/web/sheet"
)

// sheet takes rows of cells and writes them somewhere.
type sheet interface {
	Row(cells []string) error
	Close() error // writes what is left; the writer below stays open
}

func newSheet(format string, w io.Writer) (sheet, error) {
	if format != "csv" && format != "xlsx" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return &jsonLines{encoder}, nil
	}
	out, err := tables.New(format, w)
	return bounded{out}, err
}

// bounded says what to do when a workbook is full.
type bounded struct{ sheet }

// Row writes a line.
func (b bounded) Row(cells []string) error {
	err := b.sheet.Row(cells)
	if errors.Is(err, tables.ErrFull) {
		return failed("use --since, or --format csv", "%s", tables.ErrFull)
	}
	return err
}
