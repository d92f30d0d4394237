package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// form is a write of a submission that a person sent.
func (w *world) form(ext, person, answer string, at time.Time) crm.Write {
	id := crm.SubmissionID("contact", ext)
	a := crm.Activity{ID: id, Key: crm.Key(id), Kind: crm.KindForm, Direction: crm.DirectionIn, Time: at, Subject: "お問い合わせ",
		Text: "text " + answer, Version: 1, Form: "contact", Fields: []crm.FormField{{Name: "message", Label: "内容", Values: []string{answer}}},
		Touch: crm.Touch{Campaign: "spring", Referrer: "https://search.example/"}, Product: "製品A", Custom: map[string]string{"size": "10", "budget": "100"},
		Owners: []string{sato}, Observed: []crm.Observation{{Source: "a", ExternalID: id, Owner: sato, Folder: "contact"}},
		Match: crm.Match{Rule: crm.RuleForm, Evidence: person}, People: []crm.Participant{{Kind: crm.Lead, ID: person, Name: person, Role: crm.RoleSubmitter}}}
	return crm.Write{Activity: &a, Entry: crm.Entry{ExternalID: id, Key: a.Key, SeenAt: w.now, ItemTime: at, Verdict: crm.Logged, Reason: crm.ReasonMatched}}
}

func (w *world) get(id string) crm.Activity {
	w.t.Helper()
	a, err := w.s.GetActivity(w.ctx, id)
	w.ok(err)
	return a
}

func testEditedActivity(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	first := w.form("1", "p", "first", w.now)
	id := first.Activity.ID
	w.commit(w.a, first)
	if diff := cmp.Diff(*first.Activity, w.get(id)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	w.commit(w.a, w.form("1", "p", "first", w.now))
	rows, err := w.s.ListOutbox(w.ctx, 0, 10)
	w.ok(err)
	if len(rows) != 1 {
		t.Errorf("the same state again changed something: %+v", rows)
	}
	edit := w.form("1", "p", "second", w.now.Add(time.Hour))
	edit.Activity.Custom = map[string]string{"size": "20"}
	w.commit(w.a, edit)
	want := *edit.Activity
	want.Version = 2
	want.Revisions = []crm.Revision{{At: w.now, Subject: "お問い合わせ", Text: "text first", Fields: first.Activity.Fields}}
	if diff := cmp.Diff(want, w.get(id)); diff != "" {
		t.Errorf("edited (-want +got):\n%s", diff)
	}
	w.commit(w.a, crm.Write{Entry: crm.Entry{ExternalID: id, Key: crm.Key(id), SeenAt: w.now, Verdict: crm.Excluded, Reason: "internal"}})
	if got, want := w.tally("a"), (crm.Tally{Seen: 1, Excluded: 1}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
}

func testWholeRecords(t *testing.T, w *world) {
	p := w.person("p", "p@client.co.jp")
	p.Custom = map[string]string{"size": "10", "since": "2026-11-21"}
	p.Filled = []crm.Provenance{{Field: "kana", Activity: crm.NewID(), At: w.now}, {Field: "custom.size", Activity: "x", At: w.now}}
	a := crm.Account{ID: "acc", Name: "クライアント", Custom: map[string]string{"rank": "A"}, Created: w.now, Updated: w.now}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{a}))
	gotP, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	gotA, err := w.s.GetAccount(w.ctx, "acc")
	w.ok(err)
	if diff := cmp.Diff(p, gotP) + cmp.Diff(a, gotA); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mail := w.logged(w.a, "1", "m", "p")
	mail.Activity.Custom = map[string]string{"topic": "x"}
	w.commit(w.a, mail)
	if got := w.activity("m"); !cmp.Equal(got.Custom, mail.Activity.Custom) || len(timeline(t, w.s, crm.ActivityFilter{Person: "p"})) != 1 {
		t.Errorf("mail: %+v", got)
	}
}

func phones(numbers ...string) (out []crm.Phone) {
	for _, n := range numbers {
		out = append(out, crm.Phone{Number: n, E164: crm.NormalizePhone(n, "")})
	}
	return out
}

// found is the ids of the people whom a telephone number, or a name and a company, lead to.
func (w *world) found(phone, name, company string) string {
	w.t.Helper()
	key := crm.NameKey(name, company)
	answer, err := w.s.Lookup(w.ctx, crm.Question{Phones: []string{phone}, Names: []string{key}})
	w.ok(err)
	var out []string
	for _, refs := range [][]crm.PersonRef{answer.Phones[phone], answer.Names[key]} {
		var ids []string
		for _, ref := range refs {
			ids = append(ids, ref.ID)
		}
		out = append(out, strings.Join(ids, ","))
	}
	return strings.Join(out, " / ")
}

func testIdentities(t *testing.T, w *world) {
	lead := crm.Person{ID: "lead", Kind: crm.Lead, Name: "田中 太郎", Company: "株式会社サンプル商事", Phones: phones("03-1234-5678", "090-1234-5678", "読めない")}
	other := crm.Person{ID: "other", Kind: crm.Contact, Name: "山田 花子", AccountID: "acc", Phones: phones("(03)1234-5678", "03-1234-5678"), Emails: []string{"Hanako@Other.jp", "h@other.jp"}}
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "テスト工業有限会社"}}))
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{other, lead}))
	const phone = "+81312345678"
	key := crm.NameKey("田中太郎", "(株)サンプル商事")
	got, err := w.s.Lookup(w.ctx, crm.Question{Phones: []string{phone, "+8190", "", phone}, Names: []string{key, "nobody", ""}})
	w.ok(err)
	got.Generation = 0
	want := crm.Answer{Addresses: map[string]crm.AddressAnswer{}, Domains: map[string][]crm.AccountRef{}, Messages: map[crm.Key]crm.MessageAnswer{},
		Phones: map[string][]crm.PersonRef{phone: {{ID: "lead", Kind: crm.Lead, Name: "田中 太郎"},
			{ID: "other", Kind: crm.Contact, Name: "山田 花子", AccountID: "acc", Address: "Hanako@Other.jp"}}},
		Names: map[string][]crm.PersonRef{key: {{ID: "lead", Kind: crm.Lead, Name: "田中 太郎"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got := w.found("+819012345678", "山田花子", "㈲テスト工業"); got != "lead / other" {
		t.Errorf("found %s", got)
	}
	lead.Phones, lead.Company = phones("090-1234-5678"), "別会社"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{lead}))
	if got := w.found(phone, "田中太郎", "サンプル商事"); got != "other / " {
		t.Errorf("after a change: %s", got)
	}
	w.ok(w.s.DeletePerson(w.ctx, "cli", "other"))
	if got := w.found(phone, "山田花子", "テスト工業"); got != " / " {
		t.Errorf("after somebody went: %s", got)
	}
}

func testAccountRenamed(t *testing.T, w *world) {
	member := func(id, name string) crm.Person {
		return crm.Person{ID: id, Kind: crm.Contact, Name: name, AccountID: "acc"}
	}
	rename := func(name string) { w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: name}})) }
	check := func(when, company, want string) {
		t.Helper()
		if got := w.found("", "田中太郎", company) + w.found("", "山田花子", company); got != want {
			t.Errorf("%s: %q at %s, want %q", when, got, company, want)
		}
	}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{member("p", "田中 太郎"), member("q", "山田 花子")}))
	check("before the account is there", "旧社名製作所", " /  / ")
	rename("株式会社旧社名製作所")
	check("once it is there", "旧社名製作所", " / p / q")
	rename("株式会社新社名製作所")
	check("once it is renamed", "旧社名製作所", " /  / ")
	check("once it is renamed", "新社名製作所", " / p / q")
	moved := member("p", "田中 太郎")
	moved.AccountID = ""
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{moved}))
	check("once one has gone", "新社名製作所", " /  / q")
}

func testUpdates(t *testing.T, w *world) {
	known := w.person("p", "p@client.co.jp")
	known.Kana = "キノウ"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{known}))
	at := w.now.Add(time.Hour)
	write := w.form("1", "p", "x", at)
	write.People = []crm.Person{{ID: "new", Kind: crm.Lead, Name: "新規 一郎", Created: at, Updated: at}}
	fill := func(id string, fill ...crm.Fill) crm.PersonUpdate {
		return crm.PersonUpdate{ID: id, Activity: write.Activity.ID, At: at, Fill: fill}
	}
	write.Updates = []crm.PersonUpdate{
		fill("p", crm.Fill{Field: "kana", Value: "アトカラ"}, crm.Fill{Field: "title", Value: "部長"}, crm.Fill{Field: "custom.size", Value: "10"},
			crm.Fill{Field: "phones", Value: "03-1234-5678"}, crm.Fill{Field: "emails", Value: "second@client.co.jp"}),
		fill("new", crm.Fill{Field: "company", Value: "サンプル商事"}), fill("p", crm.Fill{Field: "title", Value: "課長"}), fill("nobody", crm.Fill{Field: "title", Value: "x"}),
	}
	before, err := w.s.Lookup(w.ctx, crm.Question{})
	w.ok(err)
	for range 2 { // the second time changes nothing
		w.commit(w.a, write)
	}
	got, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	want := known
	want.Title, want.Custom, want.Phones, want.Updated = "部長", map[string]string{"size": "10"}, phones("03-1234-5678"), at
	want.Emails = append(slices.Clone(known.Emails), "second@client.co.jp")
	for _, field := range []string{"title", "custom.size", "phones", "emails"} {
		want.Filled = append(want.Filled, crm.Provenance{Field: field, Activity: write.Activity.ID, At: at})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filled (-want +got):\n%s", diff)
	}
	if got := w.found("+81312345678", "新規一郎", "サンプル商事"); got != "p / new" {
		t.Errorf("found %s", got)
	}
	after, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{"second@client.co.jp"}})
	w.ok(err)
	if after.Generation == before.Generation || len(after.Addresses["second@client.co.jp"].People) != 1 {
		t.Errorf("answer: %+v, generation before %d", after, before.Generation)
	}
	if list, _, _ := w.s.ListPeople(w.ctx, crm.PeopleFilter{Query: "second@"}); len(list) != 1 {
		t.Errorf("searching finds %d", len(list))
	}
	audit, _, err := w.s.ListAudit(w.ctx, "", 100)
	w.ok(err)
	filled := 0
	for _, r := range audit {
		if strings.HasPrefix(r.Action, "fill ") {
			filled++
		}
	}
	if filled != 1 {
		t.Errorf("%d records of filling in the audit log", filled)
	}
	if src, _ := w.s.GetSource(w.ctx, "a"); !src.LastItem.Equal(at) {
		t.Errorf("last item %v", src.LastItem)
	}
}

func testUpdateLate(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp")}))
	w.commit(w.a, w.logged(w.a, "0", "m", "p"))
	w.commit(w.a, w.other("1", "1", crm.Unmatched, crm.ReasonNobody, "second@client.co.jp"))
	write := w.form("f", "p", "x", w.now)
	write.Updates = []crm.PersonUpdate{{ID: "p", Activity: write.Activity.ID, At: w.now,
		Fill: []crm.Fill{{Field: "emails", Value: "Second@client.co.jp"}}}}
	batch := w.batch(w.a, w.other("2", "2", crm.Unmatched, crm.ReasonNobody, "second@client.co.jp"), write)
	batch.MoveCursor, batch.Cursor = true, "here"
	w.ok(w.s.Commit(w.ctx, batch))
	if diff := cmp.Diff([]string{"second@client.co.jp a/1", "second@client.co.jp a/2"}, sorted(w.lateWork())); diff != "" {
		t.Errorf("late work (-want +got):\n%s", diff)
	}
	if src, _ := w.s.GetSource(w.ctx, "a"); src.Cursor != "here" {
		t.Errorf("cursor %q", src.Cursor)
	}
	// Whoever was forgotten does not come back through a form.
	_, _, err := w.s.Erase(w.ctx, "it", "gone@client.co.jp", w.now)
	w.ok(err)
	write.Updates[0].Fill = []crm.Fill{{Field: "emails", Value: "gone@client.co.jp"}, {Field: "title", Value: "部長"}}
	w.commit(w.a, write)
	if p, _ := w.s.GetPerson(w.ctx, "p"); p.Title != "部長" || len(p.Emails) != 2 {
		t.Errorf("filled: %+v", p)
	}
}

func testEraseSubmissions(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("forgotten", forgotten), w.person("other", "other@client.co.jp")}))
	from := func(s crm.Submission, address string) crm.Submission {
		s.Fields = append(s.Fields, crm.FormField{Name: "email", Values: []string{address}})
		return s
	}
	first := w.add(from(w.submission("1", "words one"), " Forget.Me+x@CLIENT.co.jp"))
	w.add(from(w.quarantined("2", "words two"), erased))
	w.add(from(w.submission("3", "words three"), "other@client.co.jp"))
	w.add(from(w.submission("4", "words four, version one, about "+forgotten), "other@client.co.jp"))
	w.add(from(w.quarantined("4", "words four, version two"), erased))
	w.add(w.submission("5", "words five")) // known by a telephone number
	w.commit(w.a, w.form("5", "forgotten", "words five", w.now))
	mentions := w.form("6", "other", "please ask "+forgotten, w.now)
	mentions.Activity.People = append(mentions.Activity.People, crm.Participant{Address: erased, Role: crm.RoleCc})
	mentions.Activity.Custom = map[string]string{"referee": erased}
	mentions.Activity.Touch.Landing = "https://example.co.jp/?to=" + erased
	told := w.submission("6", "please ask "+forgotten)
	told.Touch.Landing = mentions.Activity.Touch.Landing
	w.add(told)
	mentions.Pending = []string{erased}
	w.commit(w.a, mentions)
	edited := w.form("6", "other", "never mind", w.now.Add(time.Hour))
	edited.Activity.People, edited.Activity.Custom, edited.Activity.Touch, edited.Pending = mentions.Activity.People, mentions.Activity.Custom, mentions.Activity.Touch, mentions.Pending
	w.commit(w.a, edited)
	_, _, err := w.s.Erase(w.ctx, "it", forgotten, w.now)
	w.ok(err)
	w.gone("words one", "words two", "words four", "words five", "forget.me")
	w.kept("words three")
	shell := "excluded " + crm.ReasonErased
	if diff := cmp.Diff([]string{shell, "words three", shell, shell, "please ask [erased]", shell}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	got, err := w.s.GetSubmission(w.ctx, first.ID)
	w.ok(err)
	if want := (crm.Submission{ID: first.ID, Form: "contact", At: first.At, State: crm.SubmissionExcluded, Reason: crm.ReasonErased, Version: 1, Seq: first.Seq}); !cmp.Equal(want, got) {
		t.Errorf("shell %+v, want %+v", got, want)
	}
	a := w.get(mentions.Activity.ID)
	if a.Custom["referee"] != "[erased]" || len(a.Revisions) != 1 || a.Revisions[0].Fields[0].Values[0] != "please ask [erased]" {
		t.Errorf("what stays: %+v", a)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: 2, crm.SubmissionExcluded: 4})
}
