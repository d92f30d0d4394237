package importing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The limits of a file of people.
const (
	maxPeopleFile = 64 << 20
	maxPeopleRows = 500_000
	maxColumns    = 500
	maxUnzipped   = 256 << 20 // of an XLSX file, on disk
	maxUnzippedIn = 32 << 20  // of it, in memory
	maxBook       = 4 << 20   // of the list of its sheets
)

// Sheet is a table of people as it was read.
type Sheet struct {
	how     string // "Shift_JIS, separated by tabs"
	heading []string
	rows    []sheetRow

	custom map[crm.FieldTarget][]crm.FieldDef // declared fields; what their columns hold is read as well
}

// sheetRow is a row that is not empty.
type sheetRow struct {
	number int // as a spreadsheet counts: the heading is usually 1; of a CSV file the line
	cells  []string
	broken map[int]string // by column: the error that a formula gave instead of a value; the cell is empty
}

// Read reads CSV in the usual Japanese encodings, or the first sheet of an XLSX workbook.
func Read(r io.Reader) (*Sheet, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPeopleFile+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	switch {
	case len(data) > maxPeopleFile:
		return nil, problem("todo_split", "file_big", maxPeopleFile>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, problem("todo_xlsx_or_csv", "file_xls")
	}
	text, name, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	return readCSV(text, name)
}

// decodeText finds out the encoding: a byte order mark tells it, valid UTF-8 is UTF-8, all else is taken for
// Shift_JIS as Windows writes it (cp932).
func decodeText(data []byte) (text, name string, err error) {
	decode := func(e encoding.Encoding) (string, error) {
		out, err := e.NewDecoder().Bytes(data)
		return string(out), err
	}
	switch {
	case bytes.HasPrefix(data, []byte("\uFEFF")):
		name = "UTF-8 with a byte order mark"
		text = string(data[3:])
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		name = "UTF-16"
		text, err = decode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
	case utf8.Valid(data):
		name, text = "UTF-8", string(data)
	default:
		name = "Shift_JIS"
		text, err = decode(japanese.ShiftJIS)
	}
	if err != nil {
		return "", "", problem("todo_utf8", "file_charset", name)
	}
	if before, _, found := strings.Cut(text, "\uFFFD"); found && !bytes.Contains(data, []byte("\uFFFD")) {
		return "", "", problem("todo_utf8", "line_charset", strings.Count(before, "\n")+1)
	}
	if strings.ContainsRune(text, 0) {
		return "", "", problem("todo_is_table", "file_no_text")
	}
	return text, name, nil
}

func readCSV(text, encoding string) (*Sheet, error) {
	comma, separator := delimiter(text)
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if line, found := openQuote(text, byte(comma)); found {
		return nil, problem("todo_quote", "quote_open", line)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	out := &Sheet{how: encoding + ", separated by " + separator}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, problem("todo_quotes", "file_no_csv", err)
		}
		line, _ := r.FieldPos(0)
		if err := out.add(line, record); err != nil {
			return nil, err
		}
	}
	return out.checked()
}

// delimiter counts what separates the cells of the first line.
func delimiter(text string) (comma rune, name string) {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	quoted := false
	count := map[rune]int{}
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			count[c]++
		}
	}
	comma, name = ',', "commas"
	if count[';'] > count[comma] {
		comma, name = ';', "semicolons"
	}
	if count['\t'] > count[comma] {
		comma, name = '\t', "tabs"
	}
	return comma, name
}

func readXLSX(data []byte) (*Sheet, error) {
	if err := checkWorkbook(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzippedIn})
	if err != nil {
		return nil, problem("todo_no_password", "book_unreadable", err)
	}
	defer func() { _ = f.Close() }()
	names := f.GetSheetList()
	if len(names) == 0 {
		return nil, problem("", "book_no_sheet")
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return nil, problem("todo_xlsx", "sheet_unreadable", names[0], err)
	}
	defer func() { _ = rows.Close() }()
	out := &Sheet{how: "XLSX, sheet " + names[0]}
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, problem("todo_xlsx", "row_unreadable", number, err)
		}
		if err := out.add(number, cells); err != nil {
			return nil, err
		}
	}
	if err := rows.Error(); err != nil {
		return nil, problem("todo_xlsx", "sheet_unreadable", names[0], err)
	}
	return out.checked()
}

// add takes a row: the first that is not empty is the heading.
func (s *Sheet) add(number int, cells []string) error {
	if len(cells) > maxColumns {
		return problem("todo_is_people", "many_columns", number, maxColumns)
	}
	empty := true
	clean := make([]string, len(cells))
	var broken map[int]string
	for i, cell := range cells {
		clean[i] = tidy(cell)
		if s.heading != nil && isFault(clean[i]) {
			if broken == nil {
				broken = map[int]string{}
			}
			broken[i], clean[i] = clean[i], ""
		}
		empty = empty && clean[i] == "" && broken[i] == ""
	}
	switch {
	case empty:
	case s.heading == nil:
		s.heading = clean
	case len(s.rows) == maxPeopleRows:
		return problem("todo_split", "many_rows", maxPeopleRows)
	default:
		s.rows = append(s.rows, sheetRow{number, clean, broken})
	}
	return nil
}

// isFault reports what a spreadsheet shows, and writes into CSV, where a formula has no value.
func isFault(cell string) bool {
	switch cell {
	case "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!":
		return true
	}
	return false
}

// tidy trims a cell, full-width spaces included, and takes off the apostrophe that keeps spreadsheets from
// taking a cell for a formula. Characters that steer a terminal or turn the reading direction round are no part
// of a name, and go.
func tidy(cell string) string {
	cell = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\r' || r == '\u3000':
			return ' '
		case steers(r) || r == '\uFEFF':
			return -1
		}
		return r
	}, cell)
	return crm.UnguardCell(strings.TrimSpace(cell))
}

func (s *Sheet) checked() (*Sheet, error) {
	if s.heading == nil {
		return nil, problem("todo_heading", "file_empty")
	}
	return s, nil
}

// Heading is the first row that is not empty.
func (s *Sheet) Heading() []string { return s.heading }

// Rows are the cells of the rows below the heading, but for empty ones.
func (s *Sheet) Rows() [][]string {
	out := make([][]string, len(s.rows))
	for i, r := range s.rows {
		out[i] = r.cells
	}
	return out
}

// Each gives the rows below the heading with their numbers, but for empty ones, until give returns false.
func (s *Sheet) Each(give func(number int, cells []string) bool) {
	for _, r := range s.rows {
		if !give(r.number, r.cells) {
			return
		}
	}
}
