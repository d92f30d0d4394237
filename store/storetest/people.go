package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testDirectory(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("q", "Tanaka+crm@Client.co.jp"), w.person("p", "tanaka@client.co.jp")}))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "クライアント", Domains: []string{"client.co.jp"}},
		{ID: "sub", Name: "研究所", Domains: []string{"lab.client.co.jp"}}}))
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	got, err := w.s.Lookup(w.ctx, crm.Question{
		Addresses: []string{"tanaka@client.co.jp", "nobody@client.co.jp"},
		Domains:   []string{"mail.client.co.jp", "x.lab.client.co.jp", "co.jp", "other.com"},
		Messages:  []crm.Key{key("m"), key("none")},
	})
	w.ok(err)
	if got.Generation == 0 {
		t.Error("the generation did not advance")
	}
	got.Generation = 0
	want := crm.Answer{
		Addresses: map[string]crm.AddressAnswer{"tanaka@client.co.jp": {People: []crm.PersonRef{
			{ID: "p", Kind: crm.Contact, Name: "Person p", Address: "tanaka@client.co.jp"},
			{ID: "q", Kind: crm.Contact, Name: "Person q", Address: "Tanaka+crm@Client.co.jp"}}}},
		Domains: map[string][]crm.AccountRef{"mail.client.co.jp": {{ID: "acc", Name: "クライアント", Domain: "client.co.jp"}},
			"x.lab.client.co.jp": {{ID: "sub", Name: "研究所", Domain: "lab.client.co.jp"}}},
		Messages: map[crm.Key]crm.MessageAnswer{key("m"): {Activity: string(key("m")), People: w.activity("m").People}},
	}
	slices.SortFunc(got.Addresses["tanaka@client.co.jp"].People, func(a, b crm.PersonRef) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func testLate(t *testing.T, w *world) {
	w.commit(w.a,
		w.other("1", "1", crm.Unmatched, crm.ReasonNobody, "tanaka@client.co.jp", "suzuki@mail.client.co.jp"),
		w.other("2", "2", crm.Unmatched, crm.ReasonNobody, "tanaka@client.co.jp"),
		w.other("3", "3", crm.Unmatched, crm.ReasonNobody, "other@elsewhere.com"),
		w.other("4", "4", crm.Excluded, crm.ReasonFolder, "tanaka@client.co.jp"))
	logged := w.logged(w.a, "5", "5", "p")
	logged.Pending = []string{"tanaka@client.co.jp"}
	w.commit(w.a, logged)
	if n, _ := w.s.CountPending(w.ctx, "tanaka@client.co.jp"); n != 3 {
		t.Errorf("%d rows wait", n)
	}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "Tanaka@client.co.jp"), w.person("q", "new@nowhere.jp")}))
	var got []string
	from := ""
	for range 10 {
		work, ok, err := w.s.NextLate(w.ctx, from, 2)
		w.ok(err)
		if !ok {
			break
		}
		if len(work.Entries) > 2 || work.Address != "tanaka@client.co.jp" {
			t.Fatalf("work: %+v", work)
		}
		for _, e := range work.Entries {
			got = append(got, e.ExternalID)
		}
		if from = work.Next; from == "" {
			w.ok(w.s.LateDone(w.ctx, work.ID))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"1", "2", "5"}, got); diff != "" {
		t.Errorf("late rows (-want +got):\n%s", diff)
	}
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "c", Domains: []string{"client.co.jp"}}}))
	if diff := cmp.Diff([]string{"client.co.jp a/1", "client.co.jp a/2", "client.co.jp a/5"}, sorted(w.lateWork())); diff != "" {
		t.Errorf("late rows of a domain (-want +got):\n%s", diff)
	}
	if err := w.s.LateDone(w.ctx, "12345"); err != nil {
		t.Errorf("done twice: %v", err)
	}
}

func testLateRace(t *testing.T, w *world) {
	// The batch was matched before the person came, and is committed after.
	batch := w.batch(w.a, w.other("1", "1", crm.Unmatched, crm.ReasonNobody, "tanaka@client.co.jp", "x@domain.jp"))
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "tanaka@client.co.jp")}))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "c", Domains: []string{"domain.jp"}}}))
	if work := w.lateWork(); work != nil {
		t.Fatalf("work before anything waits: %v", work)
	}
	w.ok(w.s.Commit(w.ctx, batch))
	if diff := cmp.Diff([]string{"domain.jp a/1", "tanaka@client.co.jp a/1"}, sorted(w.lateWork())); diff != "" {
		t.Errorf("late rows (-want +got):\n%s", diff)
	}
}

func testPeople(t *testing.T, w *world) {
	p := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "田中 太郎", FamilyName: "田中", GivenName: "太郎", Kana: "タナカ タロウ",
		Company: "㈱サンプル", Department: "営業部", Title: "部長", Emails: []string{"a@b.co.jp", "c@d.jp"},
		Phones: []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}, Owner: sato, Status: crm.StatusNew, Origin: "import", Created: w.now, Updated: w.now}
	a := crm.Account{ID: crm.NewID(), Name: "サンプル", Kana: "サンプル", Domains: []string{"b.co.jp"}, Phones: p.Phones, Owner: sato, Origin: "api", Created: w.now, Updated: w.now}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{a}))
	gotP, err := w.s.GetPerson(w.ctx, p.ID)
	w.ok(err)
	gotA, err := w.s.GetAccount(w.ctx, a.ID)
	w.ok(err)
	if diff := cmp.Diff(p, gotP) + cmp.Diff(a, gotA); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.Emails = []string{"c@d.jp"}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{"a@b.co.jp", "c@d.jp"}})
	w.ok(err)
	if len(answer.Addresses) != 1 {
		t.Errorf("after an address went: %+v", answer.Addresses)
	}
	if n, _ := w.s.CountPeople(w.ctx); n != 1 {
		t.Errorf("%d people", n)
	}
	if n, _ := w.s.CountAccounts(w.ctx); n != 1 {
		t.Errorf("%d accounts", n)
	}
	write := w.logged(w.a, "1", "m", p.ID)
	write.People = []crm.Person{{ID: p.ID, Name: "another"}, {ID: crm.NewID(), Name: "by policy"}}
	w.commit(w.a, write)
	if got, _ := w.s.GetPerson(w.ctx, p.ID); got.Name != p.Name {
		t.Errorf("a commit replaced a person: %+v", got)
	}
	if n, _ := w.s.CountPeople(w.ctx); n != 2 {
		t.Errorf("%d people after one was created", n)
	}
	if _, err := w.s.GetPerson(w.ctx, "x"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	if err := w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("ok", "a@b.jp"), {Name: "no id"}}); err == nil {
		t.Error("a person without an id was saved")
	}
	if _, err := w.s.GetPerson(w.ctx, "ok"); err == nil {
		t.Error("half of the people were saved")
	}
}

func testSearch(t *testing.T, w *world) {
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "サンプル商事", Domains: []string{"sample.co.jp"}}, {ID: "b", Name: "ABC Inc"}}))
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{
		{ID: "1", Kind: crm.Contact, Name: "田中 太郎", Kana: "たなか たろう", AccountID: "acc", Emails: []string{"Tanaka@sample.co.jp"}},
		{ID: "2", Kind: crm.Lead, Name: "Bob Brown", Company: "㈱テスト"},
		{ID: "3", Kind: crm.Contact, Name: "alice brown", AccountID: "acc"},
	}))
	for _, test := range []struct {
		name string
		f    crm.PeopleFilter
		want []string
	}{
		{"all by name", crm.PeopleFilter{}, []string{"3", "2", "1"}},
		{"prefix", crm.PeopleFilter{Query: "ali"}, []string{"3"}},
		{"substring, any case and width", crm.PeopleFilter{Query: "ＢＲＯＷＮ"}, []string{"3", "2"}},
		{"two words", crm.PeopleFilter{Query: "brown bob"}, []string{"2"}},
		{"half-width kana", crm.PeopleFilter{Query: "ﾀﾅｶ"}, []string{"1"}},
		{"hiragana in the middle", crm.PeopleFilter{Query: "ろう"}, []string{"1"}},
		{"name without its space", crm.PeopleFilter{Query: "田中太郎"}, []string{"1"}},
		{"company", crm.PeopleFilter{Query: "(株)テスト"}, []string{"2"}},
		{"address", crm.PeopleFilter{Query: "tanaka@sample"}, []string{"1"}},
		{"kind", crm.PeopleFilter{Kind: crm.Lead}, []string{"2"}},
		{"members", crm.PeopleFilter{Account: "acc"}, []string{"3", "1"}},
		{"members found", crm.PeopleFilter{Account: "acc", Query: "brown"}, []string{"3"}},
		{"nobody", crm.PeopleFilter{Query: "zzz"}, nil},
	} {
		for _, limit := range []int{1, 50} {
			var got []string
			for f := test.f; ; {
				f.Limit = limit
				list, next, err := w.s.ListPeople(w.ctx, f)
				w.ok(err)
				for _, p := range list {
					got = append(got, p.ID)
				}
				if f.After = next; next == "" {
					break
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	}
	for query, want := range map[string]string{"さんぷる": "acc", "SAMPLE.co": "acc", "abc": "b"} {
		list, _, err := w.s.ListAccounts(w.ctx, crm.AccountFilter{Query: query})
		w.ok(err)
		if len(list) != 1 || list[0].ID != want {
			t.Errorf("accounts %q: %+v", query, list)
		}
	}
}

func testAccountChange(t *testing.T, w *world) {
	p := w.person("p", "p@client.co.jp")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	count := func(account string) int { return len(timeline(t, w.s, crm.ActivityFilter{Account: account})) }
	for _, account := range []string{"x", "y", ""} {
		p.AccountID = account
		w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
		for _, other := range []string{"x", "y"} {
			want := 0
			if other == account {
				want = 1
			}
			if got := count(other); got != want {
				t.Errorf("as a contact of %q: %d activities of %q", account, got, other)
			}
		}
	}
}

func testDeletePerson(t *testing.T, w *world) {
	p := w.person("p", "p@client.co.jp")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	if a := w.activity("m"); a.People[0].ID != "" || a.People[0].Address != "p@client.co.jp" {
		t.Errorf("participant: %+v", a.People)
	}
	if list := timeline(t, w.s, crm.ActivityFilter{Person: "p"}); len(list) != 0 {
		t.Errorf("timeline of nobody: %+v", list)
	}
	if err := w.s.DeletePerson(w.ctx, "cli", "p"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("new", "p@client.co.jp")}))
	if diff := cmp.Diff([]string{"p@client.co.jp a/1"}, w.lateWork()); diff != "" {
		t.Errorf("the address is not waited for again (-want +got):\n%s", diff)
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
