package mapping_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
)

func parse(t testing.TB, text string) mapping.Document {
	t.Helper()
	doc, problems := mapping.Parse([]byte(text))
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, text)
	}
	return doc
}

const rulesOfForms = `
custom:
  lead: [{name: plan, type: option, label: {ja: プラン}, options: [{value: basic}, {value: pro}]}]
  contact: [{name: plan, type: option, label: {ja: プラン}, options: [{value: basic}, {value: pro}]}]
  activity: [{name: wanted, type: date, label: {ja: 希望日}}, {name: staff, type: number, label: {ja: 人数}}]
lookups:
  areas: {東京都: sato@example.co.jp, 大阪府: kato@example.co.jp}
fields:
  form:
    activity: {status: '"received"', product: '"any"'}
forms:
  contact:
    name: お問い合わせ
    person:
      name: {value: 'form.?who.orValue("")', when: 'form.?who.orValue("") != "-"'}
      company: 'form.?kaisha.orValue("")'
      emails: 'form.?adr.orValue("")'
      custom.plan: {value: 'form.?plan.orValue("")', map: {プロ: pro, "*": basic}}
    activity:
      subject: '"[" + person.company + "] " + form.?topic.orValue("件名なし")'
      custom.wanted: 'form[?"希望日"].orValue("")'
      custom.staff: form.staff
    campaign: '"spring"'
    channel: {value: touch.medium, map: {cpc: 広告}}
    product: {default: 製品A}
    owner: {value: 'form.?area.orValue("")', lookup: areas}
`

func TestFormRules(t *testing.T) {
	m := newMapper(t, parse(t, rulesOfForms))
	item := submission("1", "who", "新井 花", "kaisha", "新店", "adr", "arai@new.example", "plan", "プロ", "topic", "相談", "希望日", "2026年12月1日", "area", "大阪府")
	item.Submission.Touch = crm.Touch{Medium: "cpc", Campaign: "winter"}
	w := mapOne(t, m, clients(), website, item)
	p, a := w.People[0], w.Activity
	if p.Name != "新井 花" || p.FamilyName != "新井" || p.Company != "新店" || p.Owner != "kato@example.co.jp" || !cmp.Equal(p.Emails, []string{"arai@new.example"}) ||
		!cmp.Equal(p.Custom, map[string]string{"plan": "pro"}) {
		t.Errorf("%+v", p)
	}
	if a.Subject != "[新店] 相談" || a.Status != "received" || a.Product != "製品A" || a.Touch.Campaign != "spring" || a.Touch.Channel != "広告" ||
		!cmp.Equal(a.Owners, []string{"kato@example.co.jp"}) || !cmp.Equal(a.Custom, map[string]string{"wanted": "2026-12-01"}) {
		t.Errorf("%+v", a)
	}
	if m.RuleErrors() != 1 { // form.staff was not sent
		t.Errorf("%d failures of rules", m.RuleErrors())
	}
	w = mapOne(t, m, clients(), website, submission("2", "who", "-", "adr", "tanaka@client.co.jp", "kaisha", "x", "plan", "おためし", "希望日", "いつか"))
	fill := []crm.Fill{{Field: "custom.plan", Value: "basic"}}
	if w.Activity == nil || w.Activity.People[0].ID != "tanaka" || !cmp.Equal(w.Updates[0].Fill, fill) || w.Activity.Custom != nil || w.Activity.Subject != "[x] 件名なし" {
		t.Errorf("%+v", w)
	}
}

func TestScreeningSeesTheRulesSubject(t *testing.T) {
	m := newMapper(t, parse(t, "screen: {subjects: [採用]}\nforms: {contact: {activity: {subject: '\"採用: \" + form.?q.orValue(\"\")'}}}"))
	if reason, out := m.ScreensSubmission(*submission("1", "q", "x").Submission); !out || reason != "subject: 採用" {
		t.Errorf("%q, %v", reason, out)
	}
}

func TestMailRules(t *testing.T) {
	doc := parse(t, `
custom:
  contact: [{name: vip, type: bool, label: {ja: 優先}}]
  activity: [{name: topic, type: text, label: {ja: 用件}}]
fields:
  email:
    activity:
      product: {value: mail.subject, map: {"件名 SUBJECT": 製品B}}
      custom.topic: '"from " + mail.from + " to " + mail.to.join(",") + " by " + person.name'
      status: {when: 'item.direction == "in"', default: unread}
    person: {title: '"部長"', company: '"x"', custom.vip: '"yes"'}
`)
	w := mapOne(t, newMapper(t, doc), clients(), sato, mail("1", "田中<tanaka@client.co.jp>", "kato@example.co.jp"))
	a := w.Activity
	if a.Product != "製品B" || a.Status != "unread" || a.Custom["topic"] != "from tanaka@client.co.jp to kato@example.co.jp by 田中" || a.Subject != "件名 SUBJECT" {
		t.Errorf("%+v", a)
	}
	want := []crm.PersonUpdate{{ID: "tanaka", Activity: a.ID, At: a.Time, Fill: []crm.Fill{{Field: "custom.vip", Value: "true"}, {Field: "title", Value: "部長"}}}}
	if diff := cmp.Diff(want, w.Updates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormMail(t *testing.T) {
	doc := mapping.Document{
		Screen: mapping.Screen{Subjects: []string{"社外秘"}},
		Forms: map[string]mapping.Form{"seminar": {Name: "説明会", Mail: &formmail.Parser{
			From: []string{"wordpress@example.co.jp"}, Layout: formmail.LayoutInline,
			Fields: []formmail.Field{{Name: "name", Label: "お名前"}, {Name: "email", Label: "メールアドレス"}},
		}}},
	}
	m := newMapper(t, doc)
	notice := func(text string) connectors.Item {
		return with(mail("1", "wordpress@example.co.jp", us), func(i *connectors.Item) {
			i.Message.Text, i.Message.FullText, i.Message.Class = text, text, crm.ClassBulk
		})
	}
	good := notice("お名前: 新井 花\nメールアドレス: arai@new.example\n")
	w := mapOne(t, m, clients(), sato, good)
	a := w.Activity
	if a == nil || a.Kind != crm.KindForm || a.Form != "seminar" || a.Key != good.Key || a.Subject != "説明会" || len(w.People) != 1 || w.People[0].Name != "新井 花" ||
		len(a.People) != 1 || a.People[0].Role != crm.RoleSubmitter || a.People[0].Address != "arai@new.example" || !a.Time.Equal(good.Message.Date) ||
		w.People[0].Owner != sato.Owner {
		t.Fatalf("%+v", w)
	}
	w = mapOne(t, m, clients(), sato, notice("お名前: 新井 花\n秘密の言葉\n"))
	if w.Entry.Verdict != crm.Waiting || !strings.HasPrefix(string(w.Entry.Reason), "quarantine: seminar: ") || strings.Contains(string(w.Entry.Reason), "秘密") || w.Activity != nil ||
		len(w.Reviews) != 1 || w.Reviews[0].ID != crm.ReviewID(crm.ReviewFormMail, "seminar") || w.Reviews[0].Address != "seminar" || !cmp.Equal(w.Pending, []string{"seminar"}) {
		t.Errorf("%+v", w)
	}
	w = mapOne(t, m, clients(), sato, notice("お名前: 加藤\nメールアドレス: kato@example.co.jp\n"))
	if w.Entry.Verdict != crm.Excluded || w.Entry.Reason != crm.ReasonInternal {
		t.Errorf("our own: %+v", w)
	}
	w = mapOne(t, m, clients(), sato, with(good, func(i *connectors.Item) {
		msg := *i.Message
		msg.Subject = "社外秘"
		i.Message = &msg
	}))
	if w.Entry.Verdict != crm.Excluded || w.Entry.Reason != "subject: 社外秘" {
		t.Errorf("excluded subject: %+v", w)
	}
}

// logged are activities of mail and forms as a store has them under a mapping, with the people whom it made.
func logged(t *testing.T, m *mapping.Mapper, dir *book) []crm.Activity {
	t.Helper()
	items := []connectors.Item{
		submission("1", "who", "新井 花", "adr", "arai@new.example", "kaisha", "新店", "topic", "相談", "area", "東京都"),
		submission("2", "email", "tanaka@client.co.jp", "件名", "見積り", "Campaign_ID", "7"),
		submission("3", "氏名", "森 一郎", "tel", "03-1111-2222"),
		mail("4", tanaka, us), mail("5", us, "suzuki.hanako@gmail.com"),
	}
	items[0].Submission.Touch = crm.Touch{Campaign: "winter", Medium: "cpc"}
	writes, _, err := m.Map(context.Background(), dir, sato, items, noon)
	if err != nil {
		t.Fatal(err)
	}
	var list []crm.Activity
	for _, w := range writes {
		if w.Activity == nil {
			t.Fatalf("%+v", w)
		}
		dir.people = append(dir.people, w.People...)
		dir.messages[w.Activity.Key] = crm.MessageAnswer{Activity: w.Activity.ID, People: w.Activity.People}
		list = append(list, *w.Activity)
	}
	return list
}

func remap(t *testing.T, m *mapping.Mapper, dir *book, list []crm.Activity) (after []crm.Activity, changed int) {
	t.Helper()
	out, _, err := m.Remap(context.Background(), dir, list)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range out {
		if r.Activity.Version != list[i].Version {
			t.Errorf("version %d became %d", list[i].Version, r.Activity.Version)
		}
		if same := crm.SameActivity(&list[i], &r.Activity); same == r.Changed {
			t.Errorf("changed is %v, but %s", r.Changed, cmp.Diff(list[i], r.Activity))
		}
		if r.Changed {
			changed++
		}
		after = append(after, r.Activity)
	}
	return after, changed
}

// TestRemapThereAndBack goes from one mapping to another and back, in both directions.
func TestRemapThereAndBack(t *testing.T) {
	plain := newMapper(t, mapping.Document{})
	other := newMapper(t, parse(t, strings.Replace(rulesOfForms, "fields:\n", "fields:\n  email: {activity: {product: mail.subject, status: '\"open\"'}}\n", 1)))
	for name, pair := range map[string][2]*mapping.Mapper{"rules come and go": {plain, other}, "rules go and come": {other, plain}} {
		t.Run(name, func(t *testing.T) {
			dir := visitors()
			start := logged(t, pair[0], dir)
			again, changed := remap(t, pair[0], dir, start)
			if changed != 0 {
				t.Errorf("the same mapping changes %d:\n%s", changed, cmp.Diff(start, again))
			}
			there, changed := remap(t, pair[1], dir, start)
			if changed != len(start) {
				t.Errorf("the other mapping changes %d of %d", changed, len(start))
			}
			twice, changed := remap(t, pair[1], dir, there)
			if changed != 0 {
				t.Errorf("applied again it changes %d: %s", changed, cmp.Diff(there, twice))
			}
			back, _ := remap(t, pair[0], dir, there)
			if diff := cmp.Diff(start, back); diff != "" {
				t.Errorf("there and back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRematchOfForms(t *testing.T) {
	m, dir := newMapper(t, parse(t, rulesOfForms)), visitors()
	list := logged(t, m, dir)
	rematch := func() []mapping.Rematched {
		out, _, err := m.Rematch(context.Background(), dir, list[:1])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := rematch(); out[0].Changed {
		t.Errorf("nothing happened, but %s", cmp.Diff(list[0], out[0].Activity))
	}
	lead := &dir.people[len(dir.people)-1]
	lead.Kind, lead.AccountID = crm.Contact, "partner"
	if out := rematch(); lead.Emails[0] != "arai@new.example" || !out[0].Changed || out[0].Activity.People[0].Kind != crm.Contact ||
		!cmp.Equal(out[0].Activity.Accounts, []string{"partner"}) || out[0].Activity.Match.Rule != crm.RuleForm {
		t.Errorf("became a contact: %+v", out[0])
	}
	if rows, _, excluded := newMapper(t, mapping.Document{Screen: mapping.Screen{Domains: []string{"new.example"}}}).Screens(list[0]); !excluded || len(rows) != 1 {
		t.Error("a domain that is excluded later does not cover the form")
	}
	if _, reason, excluded := newMapper(t, mapping.Document{Screen: mapping.Screen{Subjects: []string{"見積"}}}).Screens(list[1]); !excluded || reason != "subject: 見積" {
		t.Errorf("%q, %v", reason, excluded)
	}
}

func TestHashCoversRules(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{
		"{}", "forms: {a: {}}", "forms: {a: {name: x}}", "forms: {a: {owner: form.x}}", "forms: {a: {new_people: never}}", "lookups: {a: {b: c}}", "lookups: {a: {b: d}}",
		"custom: {lead: [{name: a, type: text, label: {ja: a}}]}", "fields: {email: {activity: {product: mail.subject}}}", "fields: {email: {activity: {product: mail.text}}}",
		"forms: {a: {mail: {subject: x, layout: inline, fields: [{name: name, label: お名前}]}}}",
		"tests: [{name: a, item: {form: a}, expect: {verdict: logged}}]",
	} {
		hash := newMapper(t, parse(t, text)).Hash()
		if seen[hash] != "" {
			t.Errorf("%s has the hash of %s", text, seen[hash])
		}
		seen[hash] = text
	}
}

func TestManualListsEveryKey(t *testing.T) {
	manual, err := os.ReadFile("../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"screen", "addresses", "domains", "subjects", "folders", "classes", "match", "free_mail", "role_names", "people", "new", "fields", "forms", "name", "person",
		"activity", "campaign", "channel", "product", "owner", "new_people", "mail", "from", "layout", "before", "separator", "start", "end", "label", "optional", "many",
		"below", "suffix", "after", "lookups", "custom", "type", "options", "tests", "item", "expect", "value", "when", "lookup", "map", "default",
	} {
		if !strings.Contains(string(manual), key) {
			t.Errorf("docs/mapping.md does not explain %s", key)
		}
	}
}
