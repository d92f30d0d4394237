package importing

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// workbookOf is a workbook of people in rows 2 to n+1.
func workbookOf(t *testing.T, n int) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, h := range []string{"氏名", "会社名", "メールアドレス"} {
		if err := f.SetCellValue("Sheet1", fmt.Sprintf("%c1", 'A'+i), h); err != nil {
			t.Fatal(err)
		}
	}
	for row := 2; row < n+2; row++ {
		cells := []any{fmt.Sprintf("人 %d", row), "株式会社山", fmt.Sprintf("p%d@yama.example", row)}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// rewritten is a workbook with one part changed.
func rewritten(t *testing.T, book []byte, part string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			text = []byte(change(string(text)))
		}
		to, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A sheet that is damaged in the middle is refused, since all rows behind the place would be missing without a word.
func TestDamagedSheetsAreRefused(t *testing.T) {
	const sheet = "xl/worksheets/sheet1.xml"
	book := workbookOf(t, 600)
	in301 := func(text string) func(string) string {
		return func(s string) string {
			at := strings.Index(s, `<row r="301"`)
			at += strings.Index(s[at:], ">") + 1
			return s[:at] + text + s[at:]
		}
	}
	for name, c := range map[string]struct {
		book []byte
		want string
	}{
		"control character": {rewritten(t, book, sheet, in301("\x01")), "row 301 cannot be read (it holds the character U+0001"},
		"entity":            {rewritten(t, book, sheet, in301("&nothing;")), "row 301 cannot be read (it holds &nothing;"},
		"no UTF-8":          {rewritten(t, book, sheet, in301("\xff\xfe")), "row 301 cannot be read (it holds bytes that are no text"},
		"wrong nesting":     {rewritten(t, book, sheet, in301("</sheetData>")), "row 301 cannot be read"},
		"cut in a row":      {rewritten(t, book, sheet, func(s string) string { return s[:strings.Index(s, `<row r="302"`)-8] }), "row 301 cannot be read (the file ends there"},
		"cut between rows":  {rewritten(t, book, sheet, func(s string) string { return s[:strings.Index(s, `<row r="302"`)] }), "row 302 cannot be read (the file ends there"},
		"entity from elsewhere": {rewritten(t, book, sheet, func(s string) string {
			s = strings.Replace(s, "<worksheet", `<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet`, 1)
			return in301("&x;")(s)
		}), "row 301 cannot be read (it holds &x;"},
		"shared texts": {rewritten(t, book, "xl/sharedStrings.xml", func(s string) string { return s[:len(s)/2] }), "xl/sharedStrings.xml in the workbook cannot be read"},
		"first half":   {book[:len(book)/2], "the workbook cannot be read: it is damaged, or only a part of one"},
		"bare start":   {book[:34], "the workbook cannot be read: it is damaged, or only a part of one"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Read(bytes.NewReader(c.book))
			p := (*Problem)(nil)
			if !errors.As(err, &p) || !strings.HasPrefix(p.What, c.want) || p.Todo == "" || strings.Contains(p.Error(), "zip:") {
				t.Errorf("%v, %v", s != nil, err)
			}
		})
	}
	if s, err := Read(bytes.NewReader(book)); err != nil || len(s.rows) != 600 {
		t.Errorf("whole: %v", err)
	}
	if _, err := Read(bytes.NewReader(rewritten(t, book, sheet, func(s string) string {
		return strings.Replace(s, "<worksheet", `<!-- nothing --><worksheet`, 1)
	}))); err != nil {
		t.Error(err)
	}
}

func TestWorkbooksThatUnpackTooFarAreRefused(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	to, err := w.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range 257 {
		if _, err := to.Write(bytes.Repeat([]byte{' '}, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&out); err == nil || !strings.Contains(err.Error(), "larger than 256 MiB when it is unpacked") {
		t.Error(err)
	}
}

func TestErrorsOfFormulasAreNoValues(t *testing.T) {
	m := newPeopleMemory()
	said, r := m.take(t, []byte("氏名,会社名,部署,メールアドレス,備考\n田中 次郎,株式会社山,#REF!,tanaka@yama.example,#N/A\n鈴木 一,#N/A,,suzuki@yama.example,\n#NAME?,,,,\n"), "leads", false)
	if r.People.New != 2 || len(r.Bad) != 1 || r.Bad[0].Row != 4 || !strings.Contains(said, "row 2: the column 部署 holds the error #REF!") ||
		!strings.Contains(said, "row 3: the column 会社名 holds the error #N/A") || strings.Contains(said, "備考 holds") {
		t.Errorf("%s", said)
	}
	for _, p := range m.people {
		if strings.Contains(p.Department+p.Company+p.Name, "#") {
			t.Errorf("%+v", p)
		}
	}
	m.takeWith(t, []byte("氏名,部署,メールアドレス\n田中 次郎,営業部,tanaka@yama.example\n"), Options{Kind: "leads"}, false)
	m.takeWith(t, []byte("氏名,部署,メールアドレス\n田中 次郎,#REF!,tanaka@yama.example\n"), Options{Kind: "leads", ClearEmpty: true}, false)
	for _, p := range m.people {
		if p.Name == "田中 次郎" && p.Department != "営業部" {
			t.Errorf("%+v", p)
		}
	}
}

// Of one row one thing is said.
func TestRowsAreNotBothKeptApartAndLeftOut(t *testing.T) {
	m := newPeopleMemory()
	m.take(t, []byte("氏名,会社名,メールアドレス,電話番号\n田中 次郎,株式会社山,info@yama.example,03-5550-0101\n佐藤 花子,株式会社山,sato@yama.example,03-5550-0102\n"), "leads", false)
	said, r := m.take(t, []byte("氏名,会社名,メールアドレス,電話番号\n佐藤 花子,株式会社山,info@yama.example,03-5550-0102\n"), "leads", false)
	if r.Skipped != 1 || strings.Contains(said, "kept apart") {
		t.Errorf("%s", said)
	}
	said, r = m.take(t, []byte("会社名,親会社\n株式会社甲,株式会社乙\n株式会社乙,株式会社甲\n"), "accounts", false)
	if len(r.Bad) != 0 || strings.Contains(said, "left out: 株") || !strings.Contains(said, "would be above itself as a parent, so no parent is set") {
		t.Errorf("%s", said)
	}
}
