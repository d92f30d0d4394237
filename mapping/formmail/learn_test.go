package formmail

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func mail(text string) connectors.Message { return connectors.Message{Text: text, FullText: text} }

func TestLearn(t *testing.T) {
	m := mail("見本 一郎様からお問い合わせです。\r\n受付 No.123\r\n\r\n■お名前 ※必須：見本 一郎 様\r\n■会社名：\r\n■受付日時：2026/11/22 10:00\r\n--- ご用件 ---\r\n■お問い合わせ内容：\r\n資料希望\r\n\r\n------\r\nサンプル株式会社\r\n")
	m.From = []crm.Mailbox{{Address: "Form@Service.example"}}
	m.Subject = "お問い合わせ #123 見本様"
	got, err := Learn(m, []Marked{{"name", "見本 一郎"}, {"会社名", ""}, {"message", "資料希望"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Parser{
		From: []string{"form@service.example"}, Subject: "お問い合わせ #", Layout: LayoutInline, Before: "■", Separator: "：",
		Fields: []Field{
			{Name: "name", Label: "お名前", Suffix: "様"},
			{Name: "会社名", Label: "会社名"},
			{Label: "受付日時", After: []string{"--- ご用件 ---"}},
			{Name: "message", Label: "お問い合わせ内容", Many: true, Below: true},
		},
		Start: "受付 No.*", End: "------\nサンプル株式会社",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLearnRefuses(t *testing.T) {
	const text = "お問い合わせ\n\nお名前: 山田 太郎\n会社名: 青空商事\n電話: 03-1111-2222\nFAX: 03-1111-2222\n備考: 一行目\n二行目\n\n以上\n"
	truncated := mail(text)
	truncated.Truncated = true
	for _, c := range []struct {
		name   string
		mail   connectors.Message
		marked []Marked
		want   string
	}{
		{"nothing marked", mail(text), nil, "no value is marked"},
		{"only empty values", mail(text), []Marked{{"name", " "}}, "no value is marked"},
		{"no name", mail(text), []Marked{{"", "山田 太郎"}}, "has no name"},
		{"a name twice", mail(text), []Marked{{"name", "山田 太郎"}, {"name", "青空商事"}}, "there twice"},
		{"not in the mail", mail(text), []Marked{{"name", "佐藤"}}, `the value of "name", "佐藤", is not in the mail`},
		{"part of a line", mail(text), []Marked{{"name", "山田"}}, "only a part of its line"},
		{"two labels", mail(text), []Marked{{"tel", "03-1111-2222"}}, `behind several labels, "電話" (line 5), "FAX" (line 6)`},
		{"both marks on both labels", mail(text), []Marked{{"tel", "03-1111-2222"}, {"fax2", "03-1111-2222"}}, "several labels"},
		{"no such empty field", mail(text), []Marked{{"name", "山田 太郎"}, {"url", ""}}, "no empty field with this label"},
		{"all mistakes at once", mail(text), []Marked{{"name", "佐藤"}, {"company", "緑商事"}}, "緑商事"},
		{"a line between that is nobody's", mail("お名前: 山田\n住所: 東京都\n千代田区\n電話: 03\n"), []Marked{{"name", "山田"}, {"address", "東京都"}, {"tel", "03"}}, "line 3 belongs to no marked value: 千代田区"},
		{"two ways", mail("A: one\nB = two\n"), []Marked{{"a", "one"}, {"b", "two"}}, "not parted in one way"},
		{"two fields on a line", mail("姓\t山田\t名\t太郎\n"), []Marked{{"family", "山田"}, {"given", "太郎"}}, "family"},
		{"a label twice", mail("名: 一\n名: 二\n"), []Marked{{"a", "一"}, {"b", "二"}}, "there twice"},
		{"cut off", truncated, []Marked{{"name", "山田 太郎"}}, "too long"},
		{"wrapped", connectors.Message{FullText: text, Wrapper: "smime"}, []Marked{{"name", "山田 太郎"}}, "wrapper"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Learn(c.mail, c.marked)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, error %v, want %q", p, err, c.want)
			}
		})
	}
}

// A field's own name decides between labels with one value.
func TestLearnByName(t *testing.T) {
	p, err := Learn(mail("電話: 03-1\nＦＡＸ（任意）: 03-1\n"), []Marked{{"fax", "03-1"}, {"電話", "03-1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{Name: "電話", Label: "電話"}, {Name: "fax", Label: "ＦＡＸ"}}
	if diff := cmp.Diff(want, p.Fields); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLearnLeavesTheCustomerOut(t *testing.T) {
	m := mail("Name: Taro\nEmail: taro@client.co.jp\n")
	m.From = []crm.Mailbox{{Name: "Taro", Address: "Taro@client.co.jp"}}
	m.Subject = "Taro sent the contact form"
	p, err := Learn(m, []Marked{{"name", "Taro"}, {"email", "taro@client.co.jp"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.From) != 0 || p.Subject != "sent the contact form" {
		t.Errorf("from %q, subject %q", p.From, p.Subject)
	}
}
