package formmail

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func parser() Parser {
	return Parser{
		From: []string{"form@service.example", "@forms.example"}, Subject: "お問い合わせ", Layout: LayoutInline, Separator: ": ",
		Fields: []Field{
			{Name: "name", Label: "お名前"}, {Name: "fax", Label: "FAX", Optional: true}, {Label: "受付番号"},
			{Name: "message", Label: "内容", Many: true, After: []string{"-----"}}, {Name: "agree", Label: "同意"},
		},
		Start: "お問い合わせが届きました。", End: "以上",
	}
}

func TestParse(t *testing.T) {
	const whole = "こんにちは\nお問い合わせが届きました。\n\nお名前: 山田\nFAX: 03\n受付番号: 1\n内容: 一\n二: 三\n\n四\n-----\n五\n-----\n\n同意: はい\n\n以上\nサンプル"
	edit := func(old, with string) string { return strings.Replace(whole, old, with, 1) }
	for _, c := range []struct {
		name, text string
		want       string // the values, or a word of the error
	}{
		{"whole", whole, "山田|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"carriage returns", strings.ReplaceAll(whole, "\n", "\r\n"), "山田|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"width, marks and bullets", edit("お名前: ", "◆ 【必須】お名前 ※：　"), "山田|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"half-width", edit("FAX", "ｆａｘ"), "山田|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"optional one missing", edit("FAX: 03\n", ""), "山田|一\n二: 三\n\n四\n-----\n五|はい"},
		{"empty", edit("山田", ""), "|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"spaces", edit("山田", "　山田　太郎　 "), "山田　太郎|03|一\n二: 三\n\n四\n-----\n五|はい"},
		{"required one missing", edit("受付番号: 1\n", ""), "error: fields are missing before \"内容\": 受付番号"},
		{"twice", edit("五", "お名前: 佐藤"), `error: the label "お名前" stands there twice`},
		{"another place", edit("五", "FAX: 1"), `error: the label "FAX" stands there twice`},
		{"another place, not there before", strings.Replace(edit("FAX: 03\n", ""), "五", "FAX: 1", 1), `error: the label "FAX" stands at another place`},
		{"a line more", edit("FAX: 03\n", "FAX: 03\n続き\n"), `error: a line after "FAX" belongs to no field: 続き`},
		{"a rule less", edit("五\n-----\n", "五\n"), `error: a line after "内容" is missing: -----`},
		{"a new field behind the text", edit("五\n-----\n", "五\n性別: 男\n-----\n"), "error: may be a field of its own: 性別: 男"},
		{"no start", edit("お問い合わせが届きました。", "x"), "error: the line before the fields is missing"},
		{"no end", edit("\n以上\nサンプル", "\n"), "error: the line after the fields is missing"},
		{"something before the first", edit("お名前: 山田", "x\nお名前: 山田"), "error: the first field does not follow"},
		{"cut off", whole[:strings.Index(whole, "四")], "error: the line after the fields is missing: 以上: 同意"},
		{"begins twice", edit("五", "お問い合わせが届きました。\nお名前: 佐藤"), "error: begin twice"},
		{"two submissions", whole + "\n" + whole, "error: begin twice"},
		{"quoted", "> " + strings.ReplaceAll(whole, "\n", "\n> "), "error: the line before the fields is missing"},
		{"forwarded", "-----Original Message-----\nFrom: a\n\n" + whole, "error: an answer or a forward"},
		{"forwarded without a mark", "差出人: a\n宛先: b\n件名: c\n\n" + whole, "error: an answer or a forward"},
		{"fields again below", whole + "\n\nお名前: 佐藤\nFAX: 1\n内容: 二", "error: a second time"},
		{"too long", whole + strings.Repeat("x", maxText), "error: not complete"},
		{"nothing", "", "error: the line before the fields is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parser()
			m := mail(c.text)
			fields, err := p.Parse(&m)
			if part, wrong := strings.CutPrefix(c.want, "error: "); wrong {
				var unread *Unread
				if !errors.As(err, &unread) || !strings.Contains(err.Error(), part) || fields != nil {
					t.Errorf("got %v, error %v, want %q", fields, err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range fields {
				got = append(got, f.Values[0])
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestParseNamesWhatIsMissing(t *testing.T) {
	p := parser()
	m := mail("お問い合わせが届きました。\nお名前: 山田\n受付番号: 1\n同意: はい\n以上")
	_, err := p.Parse(&m)
	var unread *Unread
	if !errors.As(err, &unread) {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"内容"}, unread.Missing); diff != "" {
		t.Error(diff)
	}
}

// The text of several lines may have the words of the End anchor in it, if the mail ends with them.
func TestLastValueHasTheEnd(t *testing.T) {
	p := parser()
	p.Fields = []Field{{Name: "message", Label: "内容", Many: true}}
	for _, c := range []struct{ name, text, want string }{
		{"the mail ends with it", "一\n以上\n二\n\n以上\n", "一\n以上\n二"},
		{"something follows", "一\n以上\n二\n\n以上\nサンプル\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mail("お問い合わせが届きました。\n内容: " + c.text)
			fields, err := p.Parse(&m)
			if c.want == "" {
				if err == nil {
					t.Errorf("read as %v", fields)
				}
				return
			}
			if err != nil || fields[0].Values[0] != c.want {
				t.Errorf("got %v, %v", fields, err)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		name, from, subject string
		want                bool
	}{
		{"address", "FORM@service.example", "【お問い合わせ】1", true},
		{"domain", "x@forms.example", "お問い合わせ", true},
		{"domain below", "x@a.forms.example", "お問い合わせ", false},
		{"other sender", "x@service.example", "お問い合わせ", false},
		{"other subject", "form@service.example", "資料請求", false},
		{"answer", "form@service.example", "Re: お問い合わせ", false},
		{"forward, full-width", "form@service.example", "ＦＷ：お問い合わせ", false},
		{"half-width kana", "form@service.example", "オ問イ合ワセ", true},
		{"no sender", "", "お問い合わせ", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parser()
			if got := p.Matches(&connectors.Message{From: []crm.Mailbox{{Address: c.from}}, Subject: c.subject}); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Parser)
		want []string // paths
	}{
		{"right", func(*Parser) {}, nil},
		{"layout", func(p *Parser) { p.Layout = "x" }, []string{"layout"}},
		{"any mail", func(p *Parser) { p.From, p.Subject = nil, " " }, []string{"subject"}},
		{"senders", func(p *Parser) { p.From = []string{"a@b.jp", "@b.jp", "b.jp", "a b@c", "a@"} }, []string{"from[2]", "from[3]", "from[4]"}},
		{"no fields", func(p *Parser) { p.Fields = nil }, []string{"fields"}},
		{"too many fields", func(p *Parser) { p.Fields = make([]Field, maxFields+1) }, []string{"fields"}},
		{"labels", func(p *Parser) { p.Fields[1].Label, p.Fields[2].Label = "※", "オ名前：" }, []string{"fields[1].label", "fields[2].label"}},
		{"names", func(p *Parser) { p.Fields[1].Name = "name" }, []string{"fields[1].name"}},
		{"nothing required", func(p *Parser) { p.Fields = []Field{{Name: "a", Label: "a", Optional: true}, {Label: "b"}} }, []string{"fields"}},
		{"optional behind text", func(p *Parser) { p.Fields[4].Optional = true }, []string{"fields[4].optional"}},
		{"long anchors", func(p *Parser) { p.Start = strings.Repeat("x", 3000); p.End = p.Start }, []string{"start", "end"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parser()
			c.edit(&p)
			var got []string
			for _, problem := range p.Check() {
				got = append(got, problem.Path)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
