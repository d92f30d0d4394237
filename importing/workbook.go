package importing

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// saveAnew is what to do about a workbook that is damaged.
const saveAnew = "open it with a spreadsheet and save it anew as .xlsx"

// checkWorkbook looks through the parts of a workbook from which rows are read, before they are: the reader of sheets takes
// a damaged place for the end, and would leave out every row behind it without a word.
func checkWorkbook(data []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return problem("todo_copy", "book_broken")
	}
	var size uint64
	for _, f := range archive.File {
		if size += f.UncompressedSize64; size > maxUnzipped || f.UncompressedSize64 > maxUnzipped {
			return problem("todo_list_or_csv", "book_big", maxUnzipped>>20)
		}
	}
	first := firstSheet(archive)
	for _, f := range archive.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		switch {
		case strings.EqualFold(name, first) || first == "" && strings.HasPrefix(strings.ToLower(name), "xl/worksheets/sheet"):
			err = checkPart(f, true)
		case strings.EqualFold(name, "xl/sharedStrings.xml"), strings.EqualFold(name, "xl/workbook.xml"):
			err = checkPart(f, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firstSheet is the name of the part that holds the first sheet, "" if the workbook does not say.
func firstSheet(archive *zip.Reader) string {
	var book struct {
		Sheets []struct {
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if unpack(archive, "xl/workbook.xml", &book) != nil || unpack(archive, "xl/_rels/workbook.xml.rels", &links) != nil || len(book.Sheets) == 0 {
		return ""
	}
	for _, a := range book.Sheets[0].Attrs {
		for _, link := range links.Links {
			if a.Name.Local != "id" || a.Value != link.ID {
				continue
			}
			if strings.HasPrefix(link.Target, "/") {
				return path.Clean(link.Target)[1:]
			}
			return path.Join("xl", link.Target)
		}
	}
	return ""
}

func unpack(archive *zip.Reader, name string, into any) error {
	f, err := archive.Open(name)
	if err != nil {
		return fmt.Errorf("open part: %w", err)
	}
	defer func() { _ = f.Close() }()
	return partDecoder(io.LimitReader(f, maxBook)).Decode(into)
}

// partDecoder reads XML strictly, in any encoding that it names.
func partDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", label, err)
		}
		return e.NewDecoder().Reader(input), nil
	}
	return d
}

// checkPart reads a part to its end. What is wrong is told with the row, if it holds rows.
func checkPart(f *zip.File, rows bool) error {
	r, err := f.Open()
	if err != nil {
		return problem("todo_save_book", "part_packed", f.Name)
	}
	defer func() { _ = r.Close() }()
	d := partDecoder(io.LimitReader(r, maxUnzipped))
	row, inside := 0, false
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !rows:
			return problem("todo_save_book", "part_broken", f.Name, whatIsWrong(err))
		case err != nil:
			if !inside {
				row++
			}
			return problem("todo_save_book", "part_row_broken", row, whatIsWrong(err))
		}
		switch t := token.(type) {
		case xml.StartElement:
			if rows && t.Name.Local == "row" {
				row, inside = rowNumber(t, row+1), true
			}
		case xml.EndElement:
			inside = inside && t.Name.Local != "row"
		}
	}
}

// rowNumber is the number that a row says it has, else the next.
func rowNumber(e xml.StartElement, next int) int {
	for _, a := range e.Attr {
		if n, err := strconv.Atoi(a.Value); a.Name.Local == "r" && err == nil && n > 0 {
			return n
		}
	}
	return next
}

// whatIsWrong puts the fault of a part in words.
func whatIsWrong(err error) string {
	syntax := (*xml.SyntaxError)(nil)
	switch {
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF):
		return "it is damaged"
	case !errors.As(err, &syntax):
		return "it is damaged: " + err.Error()
	case strings.Contains(syntax.Msg, "unexpected EOF"):
		return "the file ends there"
	case strings.Contains(syntax.Msg, "invalid UTF-8"):
		return "it holds bytes that are no text"
	case strings.HasPrefix(syntax.Msg, "illegal character code "):
		return "it holds the character " + strings.TrimPrefix(syntax.Msg, "illegal character code ") + ", which must not be in a workbook"
	case strings.HasPrefix(syntax.Msg, "invalid character entity "):
		return "it holds " + strings.Fields(strings.TrimPrefix(syntax.Msg, "invalid character entity "))[0] + ", which stands for nothing"
	}
	return "it is damaged: " + syntax.Msg
}
