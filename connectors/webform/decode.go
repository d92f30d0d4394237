package webform

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// utf8Text gives an answer as UTF-8 without a byte order mark. charset is the setting; auto believes a byte
// order mark, then the bytes if they are UTF-8, then the answer's Content-Type, and else takes it for
// Shift_JIS, which is what Japanese spreadsheets write.
func utf8Text(raw []byte, charset, contentType string) ([]byte, error) {
	if text, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		return text, nil
	}
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		return decoded(raw, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM))
	}
	if charset == "auto" {
		if utf8.Valid(raw) {
			return raw, nil
		}
		_, params, _ := mime.ParseMediaType(contentType) // an unreadable type says nothing
		charset = params["charset"]
	}
	switch strings.ToLower(charset) {
	case "utf-8", "utf8":
		return bytes.ToValidUTF8(raw, []byte("\ufffd")), nil
	case "euc-jp", "eucjp":
		return decoded(raw, japanese.EUCJP)
	default:
		return decoded(raw, japanese.ShiftJIS)
	}
}

func decoded(raw []byte, from encoding.Encoding) ([]byte, error) {
	text, err := from.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fmt.Errorf("decode answer: %w", err)
	}
	return text, nil
}

// parseCSV reads a table whose first row has the headings. Rows become objects; empty rows are passed over.
func parseCSV(text []byte, delimiter rune) (value, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = delimiter, true, -1, true
	table := value{kind: isList}
	var names []string
	for count := 0; ; {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return table, nil
		}
		if err != nil {
			return value{}, fmt.Errorf("read CSV: %w", err)
		}
		if count += len(record); count > maxValues {
			return value{}, fmt.Errorf("read CSV: more than %d cells", maxValues)
		}
		if names == nil {
			names = headings(record)
			continue
		}
		if row, ok := tableRow(record, &names); ok {
			table.parts = append(table.parts, row)
		}
	}
}

// headings are the names of the columns: a heading that comes again gets a number, an empty one its place.
func headings(record []string) []string {
	seen := make(map[string]int, len(record))
	names := make([]string, len(record))
	for i, name := range record {
		name = strings.Join(strings.Fields(name), " ")
		if name == "" {
			name = "column " + strconv.Itoa(i+1)
		}
		if seen[name]++; seen[name] > 1 {
			name += " #" + strconv.Itoa(seen[name])
		}
		names[i] = name
	}
	return names
}

// tableRow makes an object of a record. Cells beyond the headings are named by their place.
func tableRow(record []string, names *[]string) (value, bool) {
	for len(*names) < len(record) {
		*names = append(*names, "column "+strconv.Itoa(len(*names)+1))
	}
	row := value{kind: isObject, names: (*names)[:len(record):len(record)], parts: make([]value, len(record))}
	filled := false
	for i, cell := range record {
		row.parts[i] = value{kind: isText, text: strings.Clone(cell)}
		filled = filled || strings.TrimSpace(cell) != ""
	}
	return row, filled
}
