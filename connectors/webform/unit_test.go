package webform

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func parsed(t *testing.T, text string) value {
	t.Helper()
	v, err := parseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPaths(t *testing.T) {
	doc := parsed(t, `{"a":{"b":[{"c":"1"},{"c":"2"}],"e.f":"dot"},"x.y":"whole","n":null,"名前":"山田","t":true,"d":1,"d":2}`)
	tests := map[string]string{
		"a.b[0].c": "1", "$.a.b[-1].c": "2", "a.b[*].c": "1 2", "a['e.f']": "dot", `a["e.f"]`: "dot", "x.y": "whole", "$['x.y']": "whole",
		"名前": "山田", "t": "true", "a.b[7].c": "", "n": "", "a.b.c": "", "a[0]": "", "d": "2", "missing": "",
	}
	for text, want := range tests {
		p, err := compile(text, false)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, v := range p.all(doc) {
			if v.kind == isText {
				got = append(got, v.text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"a..b", ".", "a[", "a[x]", "a['b", "a]b", "$x", "a.b[0]c", "a[?(@.b)]", "a.*"} {
		if _, err := compile(text, false); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestTimes(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	want := time.Date(2026, 11, 21, 4, 5, 6, 0, time.UTC)
	for _, text := range []string{
		"2026-11-21T04:05:06Z", "2026-11-21T13:05:06+09:00", "2026-11-21T13:05:06+0900", "2026-11-21T13:05:06", "2026-11-21 13:05:06",
		"2026/11/21 13:05:06", "2026/11/21 午後 1:05:06", "2026/11/21 1:05:06 PM", "2026/11/21 1:05:06 PM GMT+9", "2026/11/21 4:05:06 AM GMT+0",
		"2026年11月21日 13:05:06", "２０２６/１１/２１ １３:０５:０６", "11/21/2026 13:05:06", "1795233906", "1795233906000", "2026/11/21 午後 1:05:06 GMT+9",
		"Sat, 21 Nov 2026 04:05:06 +0000", "2026-11-21T04:05:06.000Z",
	} {
		if got, err := parseTime(text, "auto", tokyo); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "2026-13-01", "1969-01-01", "9999-01-01", "12", "-1", "NaN", "1e300", "0000-00-00 00:00:00"} {
		if got, err := parseTime(text, "auto", tokyo); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	if got, err := parseTime("21.11.2026 13h05", "02.01.2006 15h04", tokyo); err != nil || !got.Equal(want.Truncate(time.Minute)) {
		t.Errorf("own layout: %v, %v", got, err)
	}
}

func TestNextLink(t *testing.T) {
	tests := []struct {
		name, want string
		headers    []string
	}{
		{"one", "/n", []string{`</n>; rel="next"`}},
		{"without quotes", "/n", []string{`</n>;rel=next`}},
		{"second of two", "/n", []string{`</p>; rel="prev", </n>; rel="next"`}},
		{"two headers", "/n", []string{`</p>; rel="prev"`, `</n>; rel="next"`}},
		{"several relations", "/n", []string{`</n>; rel="last next"`}},
		{"comma and bracket in a title", "/n", []string{`</p>; title="a, <b>; rel=\"next\""; rel=prev, </n>; rel=next`}},
		{"upper case", "/n", []string{`</n>; REL="NEXT"`}},
		{"the first rel counts", "", []string{`</n>; rel="prev"; rel="next"`}},
		{"none", "", []string{`</n>; rel="nextish"`, `garbage`, `<unclosed`, ``, `</x>; rel="unclosed`}},
	}
	for _, tt := range tests {
		if got := nextLink(tt.headers); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTables(t *testing.T) {
	table, err := parseCSV([]byte("a,b,b,\r\n1,\"x, \"\"y\"\"\r\nz\",3\r\n,,\r\n4,5,6,7,8\r\n"), ',')
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range table.parts {
		var cells []string
		for i, cell := range row.parts {
			cells = append(cells, row.names[i]+"="+cell.text)
		}
		got = append(got, cells)
	}
	want := [][]string{{"a=1", "b=x, \"y\"\nz", "b #2=3"}, {"a=4", "b=5", "b #2=6", "column 4=7", "column 5=8"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCharsets(t *testing.T) {
	const text = "氏名,①㈱"
	tests := []struct {
		name, charset, contentType string
		raw                        string
	}{
		{"UTF-8", "auto", "", text},
		{"byte order mark", "shift_jis", "", "\xef\xbb\xbf" + text},
		{"Shift_JIS guessed", "auto", "text/csv", "\x8e\x81\x96\xbc,\x87\x40\x87\x8a"},
		{"Shift_JIS said", "shift_jis", "", "\x8e\x81\x96\xbc,\x87\x40\x87\x8a"},
		{"UTF-16", "auto", "", "\xff\xfe\x0f\x6c\x0d\x54,\x00\x60\x24\x31\x32"},
		{"EUC-JP said by the answer", "auto", "text/csv; charset=EUC-JP", "\xbb\xe1\xcc\xbe,\xad\xa1\xad\xea"},
	}
	for _, tt := range tests {
		if got, err := utf8Text([]byte(tt.raw), tt.charset, tt.contentType); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

func TestEverythingInARow(t *testing.T) {
	l := &layout{skip: []string{"meta", "id"}}
	fields, _, err := l.fields(parsed(t, `{"id":1,"name":"山田","n":{"a":1.50,"b":[true,false,null,""]},"list":[{"q":"x"},{"q":"y"}],"meta":{"x":1},"empty":"","nil":null}`), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Name+"="+strings.Join(f.Values, "|"))
	}
	if diff := cmp.Diff([]string{"name=山田", "n.a=1.50", "n.b=true|false", "list.q=x|y"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	at := func(n int64) time.Time { return time.Unix(1_700_000_000+n, 0) }
	known := func(says uint64, n int64, flags uint8) entry {
		return entry{says: says, at: uint32(1_700_000_000 + n), version: 3, flags: flags}
	}
	tests := []struct {
		name    string
		before  entry
		known   bool
		row     row
		news    bool
		version uint8
	}{
		{"new", entry{}, false, row{says: 1, at: at(0)}, true, 1},
		{"the same", known(1, 0, 0), true, row{says: 1, at: at(0)}, false, 3},
		{"touched without an edit", known(1, 0, 0), true, row{says: 1, at: at(9)}, false, 3},
		{"edited", known(1, 0, 0), true, row{says: 2, at: at(9)}, true, 4},
		{"edited in the same second", known(1, 0, 0), true, row{says: 2, at: at(0)}, true, 4},
		{"stale copy", known(1, 9, 0), true, row{says: 2, at: at(0)}, false, 3},
		{"two of one id in one walk", known(1, 0, flagSeen), true, row{says: 2, at: at(0)}, false, 3},
		{"edited during the walk", known(1, 0, flagSeen), true, row{says: 2, at: at(1)}, true, 4},
		{"edited, without times", known(1, 0, flagUntimed), true, row{says: 2}, true, 4},
		{"two of one id, without times", known(1, 0, flagUntimed|flagSeen), true, row{says: 2}, false, 3},
	}
	for _, tt := range tests {
		after, news := judge(tt.before, tt.known, &tt.row, false)
		if news != tt.news || after.version != tt.version || after.flags&flagSeen == 0 {
			t.Errorf("%s: news %v, %+v", tt.name, news, after)
		}
	}
}

func TestIDsInOrder(t *testing.T) {
	for _, pair := range [][2]string{{"10", "9"}, {"0010", "9"}, {"b", "a"}, {"1", ""}, {"01HZZ", "01HAA"}} {
		if !idAfter(pair[0], pair[1]) || idAfter(pair[1], pair[0]) {
			t.Errorf("%q is not after %q", pair[0], pair[1])
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`[{"id":1,"at":"2026-11-21","a":[1,{"b":2}]}]`, "a,b\n1,2\n", `{"rows":null}`, "\xef\xbb\xbf[]", "[[[["} {
		f.Add([]byte(seed))
	}
	l := &layout{form: "contact", zone: time.UTC, timeFormat: "auto"}
	l.id, _ = compile("id", false)
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, err := utf8Text(raw, "auto", "")
		if err != nil {
			return
		}
		for _, parse := range []func() (value, error){func() (value, error) { return parseJSON(text) }, func() (value, error) { return parseCSV(text, ',') }} {
			doc, err := parse()
			if err != nil {
				continue
			}
			for _, v := range doc.parts {
				r := l.row(v, 1<<20)
				if r.item.ExternalID == "" || len(r.item.ExternalID) > maxExternalID || (r.item.Err == nil) != (r.item.Key != "") {
					t.Errorf("%+v", r.item)
				}
			}
		}
	})
}
