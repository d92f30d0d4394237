package crm

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCanonical(t *testing.T) {
	options := []FieldChoice{{"hot", Label{"高い", "Hot"}}, {"mid", Label{"普通、様子見", "Medium"}}, {"cold", Label{"低い", ""}}}
	tests := map[string]struct {
		kind FieldType
		text string
		want string
		code string
	}{
		"text":                       {FieldText, "  一行目\r\n二行目\a ", "一行目\n二行目", ""},
		"text, too long":             {FieldText, strings.Repeat("あ", 3334), "", "long"},
		"text, not UTF-8":            {FieldText, "a\xff", "", "encoding"},
		"nothing":                    {FieldNumber, " 　", "", ""},
		"number":                     {FieldNumber, "1234.50", "1234.5", ""},
		"number, thousands":          {FieldNumber, "1,234,567", "1234567", ""},
		"number, full width, yen":    {FieldNumber, "￥１，２００円", "1200", ""},
		"number, negative":           {FieldNumber, "△5", "-5", ""},
		"number, zero":               {FieldNumber, "-000.0", "0", ""},
		"number, odd thousands":      {FieldNumber, "12,34", "", "number"},
		"number, exponent":           {FieldNumber, "1e5", "", "number"},
		"number, formula":            {FieldNumber, "=1+1", "", "number"},
		"number, endless":            {FieldNumber, strings.Repeat("1", 100), "", "number"},
		"date":                       {FieldDate, "2026-11-21", "2026-11-21", ""},
		"date, slashes":              {FieldDate, "2026/1/5", "2026-01-05", ""},
		"date, Japanese":             {FieldDate, "2026年11月21日", "2026-11-21", ""},
		"date, full width":           {FieldDate, "２０２６年１１月２１日", "2026-11-21", ""},
		"date, era":                  {FieldDate, "令和8年11月21日", "2026-11-21", ""},
		"date, first year of an era": {FieldDate, "令和元年5月1日", "2019-05-01", ""},
		"date, era letter":           {FieldDate, "H31.4.30", "2019-04-30", ""},
		"date, Shōwa":                {FieldDate, "昭和64年1月7日", "1989-01-07", ""},
		"date with a time":           {FieldDate, "2026/11/21 00:00:00", "2026-11-21", ""},
		"date, impossible":           {FieldDate, "2026-02-30", "", "date"},
		"date, words":                {FieldDate, "来週", "", "date"},
		"time":                       {FieldTime, "2026-11-21T09:00:00+09:00", "2026-11-21T00:00:00Z", ""},
		"time without zone":          {FieldTime, "2026-11-21 09:00", "", "zone"},
		"time, words":                {FieldTime, "朝", "", "time"},
		"bool":                       {FieldBool, "はい", "true", ""},
		"bool, off":                  {FieldBool, "ＯＦＦ", "false", ""},
		"bool, perhaps":              {FieldBool, "たぶん", "", "bool"},
		"option":                     {FieldOption, "hot", "hot", ""},
		"option by label":            {FieldOption, "高い", "hot", ""},
		"option, width and case":     {FieldOption, "ＨＯＴ", "hot", ""},
		"option, unknown":            {FieldOption, "熱い", "", "option"},
		"options":                    {FieldOptions, "低い；hot", "hot;cold", ""},
		"options, twice":             {FieldOptions, "hot\n高い", "hot", ""},
		"options, comma in a label":  {FieldOptions, "普通、様子見;hot", "hot;mid", ""},
		"options, commas":            {FieldOptions, "高い、低い", "hot;cold", ""},
		"options, one unknown":       {FieldOptions, "hot;熱い", "", "option"},
		"url":                        {FieldURL, "HTTPS://WWW.Example.co.jp/Path?q=1", "https://www.example.co.jp/Path?q=1", ""},
		"url, script":                {FieldURL, "javascript:alert(1)", "", "url"},
		"url, no host":               {FieldURL, "https:///x", "", "url"},
		"url with a password":        {FieldURL, "https://a:b@example.co.jp/", "", "url"},
		"phone":                      {FieldPhone, "０３－１２３４－５６７８", "+81312345678", ""},
		"phone, words":               {FieldPhone, "なし", "", "phone"},
		"email":                      {FieldEmail, "Tanaka@Example.CO.JP", "tanaka@example.co.jp", ""},
		"email, none":                {FieldEmail, "tanaka", "", "email"},
		"unknown type":               {"colour", "red", "", "type"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := FieldDef{Name: "f", Type: test.kind, Label: Label{JA: "欄"}, Options: options}
			got, err := d.Canonical(test.text)
			code := ""
			if bad := (*FieldValueError)(nil); errors.As(err, &bad) {
				code = bad.Code
			}
			if got != test.want || code != test.code {
				t.Fatalf("%q, %v; want %q, %q", got, err, test.want, test.code)
			}
			if again, err := d.Canonical(got); err != nil || again != got {
				t.Errorf("again: %q, %v", again, err)
			}
		})
	}
	local, err := FieldDef{Type: FieldTime}.CanonicalIn("2026/11/21 9:00", time.FixedZone("JST", 9*3600))
	if err != nil || local != "2026-11-21T00:00:00Z" {
		t.Errorf("in a zone: %q, %v", local, err)
	}
}

func TestCheckFieldDefs(t *testing.T) {
	good := []FieldDef{
		{Name: "rank", Type: FieldOption, Label: Label{"確度", "Rank"}, Options: []FieldChoice{{"a", Label{"高", "High"}}, {"b", Label{}}}},
		{Name: "budget_2026", Type: FieldNumber, Label: Label{JA: "予算"}},
	}
	if found := CheckFieldDefs(OnLead, good); len(found) > 0 {
		t.Errorf("good declarations: %v", found)
	}
	bad := []FieldDef{
		{Name: "Rank", Type: "choice"},
		{Name: "rank", Type: FieldOption, Label: Label{JA: "確度"}},
		{Name: "rank", Type: FieldText, Label: Label{EN: "確度"}, Options: []FieldChoice{{"a", Label{}}}},
		{Name: "x", Type: FieldOptions, Label: Label{JA: "一\n行"}, Options: []FieldChoice{{"a;b", Label{}}, {"", Label{}}, {"c", Label{JA: "C"}}, {"d", Label{JA: "ｃ"}}}},
	}
	var got []string
	for _, e := range CheckFieldDefs("person", bad) {
		got = append(got, strings.Join([]string{string(rune('0' + e.Def)), e.Key}, " "))
	}
	want := []string{"0 ", "0 name", "0 type", "0 label", "1 options", "2 options", "2 name", "2 label", "3 label", "3 options", "3 options", "3 options"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	var one *FieldDefError
	if err := bad[0].Check(); !errors.As(err, &one) || one.Key != "name" {
		t.Errorf("Check() = %v", err)
	}
	if err := good[0].Check(); err != nil {
		t.Errorf("Check() = %v", err)
	}
	if found := CheckFieldDefs(OnLead, make([]FieldDef, MaxFieldDefs+1)); !strings.Contains(found[len(found)-1].Text, "more than 100") {
		t.Errorf("too many: %v", found[len(found)-1])
	}
}

func TestLabels(t *testing.T) {
	defs := []FieldDef{
		{Name: "rank", Type: FieldOptions, Label: Label{"確度", "Rank"}, Options: []FieldChoice{{"a", Label{"高", "High"}}, {"b", Label{EN: "Low"}}}},
		{Name: "agreed", Type: FieldBool, Label: Label{JA: "同意"}},
		{Name: "one", Label: Label{JA: "二つ"}}, {Name: "two", Label: Label{JA: "二つ"}},
	}
	for heading, want := range map[string]string{"custom.rank": "rank", "確度": "rank", "ＲＡＮＫ ": "rank", "同意": "agreed", "二つ": "", "custom.none": "", "": "", "custom.": ""} {
		d, ok := FieldHeaded(defs, heading)
		if d.Name != want || ok != (want != "") {
			t.Errorf("FieldHeaded(%q) = %q, %v", heading, d.Name, ok)
		}
	}
	for _, c := range []struct {
		def               int
		value, lang, want string
	}{{0, "a;b", "ja", "高、Low"}, {0, "a;gone", "en", "High, gone"}, {1, "true", "ja", "はい"}, {1, "false", "en", "no"}, {1, "", "en", ""}} {
		if got := defs[c.def].Display(c.value, c.lang); got != c.want {
			t.Errorf("Display(%q, %s) = %q, want %q", c.value, c.lang, got, c.want)
		}
	}
	if got := defs[1].Heading("en"); got != "同意" {
		t.Errorf("Heading = %q", got)
	}
}
