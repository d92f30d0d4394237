package mapping_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

var website = mapping.Source{ID: "forms"}

// submission is an item of the form "contact" with the given names and values in turn.
func submission(id string, pairs ...string) connectors.Item {
	sub := &crm.Submission{ID: crm.DerivedID("test", id), Form: "contact", At: noon.Add(-time.Minute), State: crm.SubmissionAccepted, Version: 1}
	for i := 0; i+1 < len(pairs); i += 2 {
		sub.Fields = append(sub.Fields, crm.FormField{Name: pairs[i], Values: []string{pairs[i+1]}})
	}
	return connectors.Item{ExternalID: sub.ID, Key: crm.SubmissionKey(*sub), Kind: crm.KindForm, Received: noon, Submission: sub}
}

func mapForm(t *testing.T, dir mapping.Directory, doc mapping.Document, pairs ...string) crm.Write {
	t.Helper()
	return mapOne(t, newMapper(t, doc), dir, website, submission("1", pairs...))
}

// visitors are people with telephone numbers and companies.
func visitors() *book {
	dir := clients()
	dir.people = append(dir.people,
		crm.Person{ID: "mori", Kind: crm.Lead, Name: "森 一郎", Company: "株式会社山川", Emails: []string{"mori@yamakawa.example"}, Phones: []crm.Phone{{Number: "03-1111-2222", E164: "+81311112222"}}},
		crm.Person{ID: "hara", Kind: crm.Lead, Name: "原 二郎", Company: "海野商事(株)", Phones: []crm.Phone{{Number: "090-1111-2222", E164: "+819011112222"}}},
		crm.Person{ID: "abe-1", Kind: crm.Lead, Name: "阿部 桜", Company: "空商店", Emails: []string{"abe1@sora.example"}, Phones: []crm.Phone{{Number: "03-3333-4444", E164: "+81333334444"}}},
		crm.Person{ID: "abe-2", Kind: crm.Lead, Name: "阿部 桜", Company: "空商店", Emails: []string{"abe2@sora.example"}, Phones: []crm.Phone{{Number: "03-3333-4444", E164: "+81333334444"}}},
	)
	return dir
}

func TestSubmissionMakesALead(t *testing.T) {
	w := mapForm(t, clients(), mapping.Document{}, "last_name", "佐々木", "first_name", "太郎", "フリガナ", "ササキ タロウ", "貴社名", "㈱新規",
		"部署名", "営業部", "役職", "課長", "メールアドレス（半角）", "Sasaki@Shinki.example", "電話番号※必須", "０３－１２３４－５６７８",
		"お問い合わせ内容", "見積りをください。\n急ぎです。", "00N5g000001abcD", "100名", "oid", "00D000000000001", "Campaign_ID", "70100000", "lead_source", "Web")
	if w.Entry.Verdict != crm.Logged || len(w.People) != 1 || len(w.Reviews) != 0 || len(w.Updates) != 0 {
		t.Fatalf("%+v", w)
	}
	want := crm.Person{
		ID: crm.DerivedID("person", "sasaki@shinki.example"), Kind: crm.Lead, Name: "佐々木 太郎", FamilyName: "佐々木", GivenName: "太郎",
		Kana: "ササキ タロウ", Company: "㈱新規", Department: "営業部", Title: "課長", Emails: []string{"sasaki@shinki.example"},
		Phones: []crm.Phone{{Number: "０３－１２３４－５６７８", E164: "+81312345678"}}, Status: crm.StatusNew, Origin: "form", Created: noon.Add(-time.Minute), Updated: noon,
	}
	if diff := cmp.Diff(want, w.People[0]); diff != "" {
		t.Errorf("lead (-want +got):\n%s", diff)
	}
	a := w.Activity
	if a.Subject != "contact" || !strings.HasPrefix(a.Text, "見積りをください。\n急ぎです。\n\nlast_name: 佐々木\n") || !strings.Contains(a.Text, "00N5g000001abcD: 100名") ||
		strings.Contains(a.Text, "oid") {
		t.Errorf("subject %q, text %q", a.Subject, a.Text)
	}
	if a.Match.Rule != crm.RuleForm || a.Match.Evidence != "sasaki@shinki.example" || a.Touch.Campaign != "70100000" || a.Touch.Channel != "Web" ||
		a.Form != "contact" || len(a.Fields) != 13 || a.Kind != crm.KindForm || a.Direction != crm.DirectionIn {
		t.Errorf("%+v", a)
	}
	people := []crm.Participant{{Kind: crm.Lead, ID: want.ID, Name: "佐々木 太郎", Address: "sasaki@shinki.example", Role: crm.RoleSubmitter}}
	if diff := cmp.Diff(people, a.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestSubmissionOfSomebodyKnown(t *testing.T) {
	for name, test := range map[string]struct {
		pairs    []string
		person   string
		rule     crm.Rule
		evidence string
		fill     []crm.Fill
	}{
		"address": {[]string{"email", "tanaka@client.co.jp"}, "tanaka", crm.RuleAddress, "tanaka@client.co.jp", nil},
		"normalised": {[]string{"email", "ｔａｎａｋａ+web@client.co.jp", "tel", "03-9999-0000"}, "tanaka", crm.RuleNormalized, "tanaka+web@client.co.jp",
			[]crm.Fill{{Field: "phones", Value: "03-9999-0000"}}},
		"another's name does not go in": {[]string{"email", "tanaka@client.co.jp", "姓", "木村", "名", "三郎", "役職", "部長"}, "tanaka", crm.RuleAddress, "tanaka@client.co.jp",
			[]crm.Fill{{Field: "title", Value: "部長"}}},
		"their own does": {[]string{"email", "tanaka@client.co.jp", "姓", "田中", "名", "太郎", "会社名", "クライアント"}, "tanaka", crm.RuleAddress, "tanaka@client.co.jp",
			[]crm.Fill{{Field: "family_name", Value: "田中"}, {Field: "given_name", Value: "太郎"}}},
		"number": {[]string{"お名前", "森　一郎", "電話", "03(1111)2222", "email", "new@yamakawa.example"}, "mori", crm.RulePhone, "+81311112222",
			[]crm.Fill{{Field: "family_name", Value: "森"}, {Field: "given_name", Value: "一郎"}, {Field: "emails", Value: "new@yamakawa.example"}}},
		"number without a name": {[]string{"携帯番号", "+81 90 1111 2222"}, "hara", crm.RulePhone, "+819011112222", nil},
		"name and company": {[]string{"お名前", "原二郎", "会社名", "海野商事株式会社", "email", "hara@free.example"}, "hara", crm.RuleName, "原二郎, 海野商事株式会社",
			[]crm.Fill{{Field: "company", Value: "海野商事株式会社"}, {Field: "emails", Value: "hara@free.example"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := mapForm(t, visitors(), mapping.Document{}, test.pairs...)
			if w.Entry.Verdict != crm.Logged || len(w.People)+len(w.Reviews)+len(w.Pending) != 0 {
				t.Fatalf("%+v", w)
			}
			if got := w.Activity; got.People[0].ID != test.person || got.Match.Rule != test.rule || got.Match.Evidence != test.evidence {
				t.Errorf("person %q by %s %q", got.People[0].ID, got.Match.Rule, got.Match.Evidence)
			}
			var fill []crm.Fill
			for _, u := range w.Updates {
				if u.ID != test.person || u.Activity != w.Activity.ID || !u.At.Equal(w.Activity.Time) {
					t.Errorf("update %+v", u)
				}
				fill = append(fill, u.Fill...)
			}
			if diff := cmp.Diff(test.fill, fill); diff != "" {
				t.Errorf("fill (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubmissionOfNobodyIsNotGuessed(t *testing.T) {
	for name, test := range map[string]struct {
		pairs    []string
		review   string // address of the review; "" for a new lead
		identity string
		runners  []string
	}{
		"a colleague with the company's number":   {[]string{"name", "林 花", "tel", "0311112222", "mail", "hayashi@yamakawa.example"}, "", "hayashi@yamakawa.example", []string{"mori"}},
		"a name in another script":                {[]string{"name", "Ichiro Mori", "tel", "0311112222", "mail", "m@yamakawa.example"}, "m@yamakawa.example", "", nil},
		"a number of two people of the same name": {[]string{"name", "阿部桜", "tel", "03-3333-4444"}, "phone:+81333334444", "", nil},
		"name and company of two":                 {[]string{"name", "阿部桜", "company", "空商店", "mail", "x@y.example"}, "x@y.example", "", nil},
		"an address of two":                       {[]string{"mail", "family@docomo.ne.jp"}, "family@docomo.ne.jp", "", nil},
		"same name, other company":                {[]string{"name", "原二郎", "company", "海野商会"}, "", "name:" + crm.NameKey("原二郎", "海野商会"), nil},
		"a name alone":                            {[]string{"name", "原二郎"}, "", "form:" + string(submission("1").Key), nil},
		"a number that is none":                   {[]string{"tel", "12"}, "", "form:" + string(submission("1").Key), nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := mapForm(t, visitors(), mapping.Document{}, test.pairs...)
			if test.review != "" {
				if w.Entry.Verdict != crm.Waiting || w.Entry.Reason != crm.ReasonAmbiguous || len(w.People) != 0 || len(w.Reviews) != 1 ||
					w.Reviews[0].Address != test.review || len(w.Reviews[0].Candidates) == 0 || !slices.Equal(w.Pending, []string{test.review}) {
					t.Fatalf("%+v", w)
				}
				return
			}
			if w.Entry.Verdict != crm.Logged || len(w.People) != 1 || w.People[0].ID != crm.DerivedID("person", test.identity) || w.People[0].Name == "" {
				t.Fatalf("%+v", w)
			}
			var runners []string
			for _, c := range w.Activity.Match.RunnersUp {
				runners = append(runners, c.ID)
			}
			if !slices.Equal(runners, test.runners) {
				t.Errorf("runners-up %v, want %v", runners, test.runners)
			}
		})
	}
}

func TestSubmissionIsScreened(t *testing.T) {
	doc := mapping.Document{
		Screen: mapping.Screen{Addresses: []string{"*@law.example"}, Domains: []string{"rival.example"}, Subjects: []string{"採用"}},
		Forms:  map[string]mapping.Form{"contact": {Name: "お問い合わせ"}, "closed": {NewPeople: mapping.PolicyNever}},
	}
	m := newMapper(t, doc)
	dir := clients()
	dir.erased["gone@x.example"] = true
	dir.decisions["spam@x.example"] = crm.Decision{Review: "r"}
	for name, test := range map[string]struct {
		item    connectors.Item
		verdict crm.Verdict
		reason  crm.Reason
	}{
		"address":      {submission("1", "email", "boss@law.example"), crm.Excluded, "address: *@law.example"},
		"domain":       {submission("1", "email", "x@eu.rival.example"), crm.Excluded, "domain: rival.example"},
		"subject":      {submission("1", "件名", "採用について", "email", "x@y.example"), crm.Excluded, "subject: 採用"},
		"our own test": {submission("1", "email", "kato@example.co.jp"), crm.Excluded, crm.ReasonInternal},
		"erased":       {submission("1", "email", "gone@x.example"), crm.Excluded, crm.ReasonErased},
		"unwanted":     {submission("1", "email", "spam@x.example"), crm.Unmatched, crm.ReasonDismissed},
		"shell": {with(submission("1"), func(i *connectors.Item) {
			i.Submission = &crm.Submission{ID: i.Submission.ID, State: crm.SubmissionExcluded, Reason: "internal"}
		}), crm.Excluded, crm.ReasonInternal},
		"rejected":      {with(submission("1", "email", "x@y.example"), func(i *connectors.Item) { i.Submission.State = crm.SubmissionRejected }), crm.Unmatched, crm.ReasonDismissed},
		"no new people": {with(submission("1", "email", "x@y.example"), func(i *connectors.Item) { i.Submission.Form = "closed" }), crm.Unmatched, crm.ReasonNobody},
		"nothing":       {connectors.Item{ExternalID: "x", Key: "k", Kind: crm.KindForm}, crm.Failed, "unreadable: the source gave neither contents nor an error"},
	} {
		t.Run(name, func(t *testing.T) {
			w := mapOne(t, m, dir, website, test.item)
			if w.Entry.Verdict != test.verdict || w.Entry.Reason != test.reason || w.Activity != nil || len(w.People)+len(w.Updates)+len(w.Reviews) != 0 {
				t.Errorf("%+v", w)
			}
			if test.item.Submission == nil || test.item.Submission.State == crm.SubmissionExcluded {
				return
			}
			reason, out := m.ScreensSubmission(*test.item.Submission)
			if want := test.verdict == crm.Excluded && test.reason != crm.ReasonErased; out != want || want && reason != test.reason {
				t.Errorf("ScreensSubmission = %q, %v", reason, out)
			}
		})
	}
	if w := mapOne(t, m, dir, website, submission("1", "件名", "見積り", "email", "x@y.example")); w.Activity == nil || w.Activity.Subject != "お問い合わせ: 見積り" {
		t.Errorf("%+v", w)
	}
}

func TestReviewDecidesWhoSent(t *testing.T) {
	for name, pairs := range map[string][]string{
		"phone:+81333334444": {"name", "阿部桜", "tel", "03-3333-4444"},
		"x@y.example":        {"name", "阿部桜", "company", "空商店", "mail", "x@y.example"},
		"name:" + crm.NameKey("阿部桜", "空商店"): {"name", "阿部桜", "company", "空商店"},
	} {
		dir := visitors()
		dir.decisions[name] = crm.Decision{Review: "r", Person: "abe-2"}
		w := mapForm(t, dir, mapping.Document{}, pairs...)
		if w.Activity == nil || w.Activity.People[0].ID != "abe-2" || w.Activity.Match.Rule != crm.RuleDecision {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// TestBatchKnowsItsNewPeople sends forms of the same people in one batch: each person becomes one lead.
func TestBatchKnowsItsNewPeople(t *testing.T) {
	items := []connectors.Item{
		submission("1", "name", "新井 花", "email", "arai@new.example", "tel", "090-5555-6666"),
		submission("2", "email", "ARAI+x@new.example", "company", "新店"),
		submission("3", "name", "新井花", "tel", "090-5555-6666"),
		submission("4", "name", "新井 花", "email", "hana@free.example", "tel", "090 5555 6666"),
		submission("5", "email", "hana@free.example"),
		submission("6", "name", "別人", "email", "betsu@free.example"),
	}
	writes, _, err := newMapper(t, mapping.Document{}).Map(context.Background(), visitors(), website, items, noon)
	if err != nil {
		t.Fatal(err)
	}
	lead := writes[0].People[0].ID
	for i, w := range writes[1:5] {
		if len(w.People) != 0 || w.Activity == nil || w.Activity.People[0].ID != lead {
			t.Errorf("submission %d: %+v", i+2, w)
		}
	}
	if len(writes[5].People) != 1 || writes[5].People[0].ID == lead {
		t.Errorf("%+v", writes[5])
	}
}

// TestEditKeepsItsSender sends a response again with another address.
func TestEditKeepsItsSender(t *testing.T) {
	first := submission("1", "name", "新井", "email", "aria@new.example")
	second := submission("1", "name", "新井", "email", "arai@new.example")
	second.Submission.Version = 2
	m := newMapper(t, mapping.Document{})
	writes, _, err := m.Map(context.Background(), clients(), website, []connectors.Item{first, second}, noon)
	if err != nil {
		t.Fatal(err)
	}
	check := func(w crm.Write) {
		t.Helper()
		if w.Activity == nil || w.Activity.Version != 2 || len(w.People) != 0 || w.Activity.People[0].ID != writes[0].People[0].ID ||
			!cmp.Equal(w.Updates[0].Fill, []crm.Fill{{Field: "emails", Value: "arai@new.example"}}) {
			t.Errorf("%+v", w)
		}
	}
	check(writes[1])
	dir := clients()
	dir.people = append(dir.people, writes[0].People...)
	dir.messages[first.Key] = crm.MessageAnswer{Activity: writes[0].Activity.ID, People: writes[0].Activity.People}
	check(mapOne(t, m, dir, website, second))
}

func TestUsualFieldNames(t *testing.T) {
	for i, test := range []struct{ name, label, value, field string }{
		{"your-email", "", "a@b.example", "emails"}, {"form_fields[email]", "", "a@b.example", "emails"}, {"q1", "Ｅ-ｍａｉｌ ＊", "a@b.example", "emails"},
		{"entry.1", "【必須】メールアドレス", "a@b.example", "emails"}, {"x", "メールアドレス（確認用）", "a@b.example", ""},
		{"q", "会社名・団体名【必須】", "山", "company"}, {"q", "貴社名／団体名", "山", "company"}, {"q", "御社名 (任意)", "山", "company"},
		{"q", "お役職※任意", "長", "title"}, {"Title", "", "CEO", "title"}, {"q", "ご所属部署名", "部", "department"}, {"q", "会社の住所", "町", ""},
		{"q", "ＴＥＬ", "03-1234-5678", "phones"}, {"q", "携帯電話番号（日中連絡のつくもの）", "090-1234-5678", "phones"}, {"q", "製品の価格", "1", ""},
	} {
		item := submission(fmt.Sprint(i))
		item.Submission.Fields = []crm.FormField{{Name: test.name, Label: test.label, Values: []string{test.value}}}
		w := mapOne(t, newMapper(t, mapping.Document{}), clients(), website, item)
		p := w.People[0]
		got := map[string]bool{"emails": len(p.Emails) > 0, "phones": len(p.Phones) > 0, "company": p.Company != "", "title": p.Title != "", "department": p.Department != ""}
		for field, set := range got {
			if set != (field == test.field) {
				t.Errorf("%q %q: %s is set: %v", test.name, test.label, field, set)
			}
		}
	}
}

// A lead is as old as its enquiry, whenever that is read.
func TestLeadsAreMadeWhenTheEnquiryCame(t *testing.T) {
	for name, test := range map[string]struct{ at, received, want time.Time }{
		"long ago":    {noon.AddDate(0, -2, 0), noon, noon.AddDate(0, -2, 0)},
		"a moment":    {noon.Add(-time.Second), noon, noon.Add(-time.Second)},
		"in future":   {noon.AddDate(0, 1, 0), noon, noon},
		"not said":    {time.Time{}, noon.Add(-time.Hour), noon.Add(-time.Hour)},
		"not at all":  {time.Time{}, time.Time{}, noon},
		"other zones": {noon.Add(-time.Hour).In(time.FixedZone("", 9*3600)), noon, noon.Add(-time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			item := submission("1", "name", "新 一郎", "email", "shin@atarashii.example")
			item.Submission.At, item.Received = test.at, test.received
			w := mapOne(t, newMapper(t, mapping.Document{}), clients(), website, item)
			if len(w.People) != 1 || !w.People[0].Created.Equal(test.want) || w.People[0].Created.Location() != time.UTC || !w.People[0].Updated.Equal(noon) {
				t.Errorf("%+v", w.People)
			}
		})
	}
}
