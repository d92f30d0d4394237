package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testFinding(t *testing.T, w *world) {
	s := w.s.(Finding)
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "株式会社サンプル商事", Domains: []string{"sample.co.jp"}},
		{ID: "tana", Name: "田中製作所", Phones: []crm.Phone{{Number: "03-5550-0199", E164: "+81355500199"}}}}))
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{
		{ID: "1", Kind: crm.Contact, Name: "田中 太郎", FamilyName: "田中", GivenName: "太郎", Kana: "たなか たろう", AccountID: "acc", Emails: []string{"Taro.Tanaka@sample.co.jp"},
			Phones: []crm.Phone{{Number: "03-5550-0101", E164: "+81355500101"}}},
		{ID: "2", Kind: crm.Lead, Name: "山田中 一", Company: "㈱テスト"},
		{ID: "3", Kind: crm.Lead, Name: "鈴木 花子", Company: "東京 田中商会", Emails: []string{"hanako@example.jp"}},
		{ID: "4", Kind: crm.Contact, Name: "Bob Brown", Emails: []string{"bob@tanaka.example"}},
	}))
	for _, test := range []struct {
		name, query, kind string
		want              []string
	}{
		{"begins before a word before the rest", "田中", "", []string{"1", "tana", "3", "2"}},
		{"one character", "鈴", "", []string{"3"}},
		{"one character inside", "太", "", []string{"1"}},
		{"half-width kana", "ﾀﾅｶ", "", []string{"1"}},
		{"without the space", "田中太郎", "", []string{"1"}},
		{"two words in any order", "太郎 田中", "", []string{"1"}},
		{"address", "taro.tanaka@s", "", []string{"1"}},
		{"part of an address", "tanaka", "", []string{"4", "1"}},
		{"telephone number with hyphens", "03-5550", "", []string{"1", "tana"}},
		{"telephone number without", "0355500101", "", []string{"1"}},
		{"telephone number from abroad", "+81 3", "", []string{"1", "tana"}},
		{"hyphens elsewhere", "035-550", "", []string{"1", "tana"}},
		{"domain of an account", "SAMPLE.CO", "account", []string{"acc"}},
		{"leads", "田中", "lead", []string{"3", "2"}},
		{"accounts", "田中", "account", []string{"tana"}},
		{"a legal form", "(株)", "", []string{"2"}},
		{"nobody", "qqq", "", nil},
		{"nothing asked", " ", "", nil},
	} {
		found, err := s.Search(w.ctx, crm.SearchQuery{Query: test.query, Kind: test.kind})
		w.ok(err)
		var got []string
		for _, h := range found.Hits {
			got = append(got, h.ID)
			if (h.Person == nil) == (h.Account == nil) || h.Person != nil && h.Kind != string(h.Person.Kind) || h.Account != nil && h.Kind != "account" {
				t.Errorf("%s: hit %+v", test.name, h)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || found.More {
			t.Errorf("%s (-want +got):\n%s more: %v", test.name, diff, found.More)
		}
	}
	if found, _ := s.Search(w.ctx, crm.SearchQuery{Query: "田中", Limit: 2}); len(found.Hits) != 2 || !found.More || found.Hits[0].ID != "1" {
		t.Errorf("two of four: %+v", found)
	}
	var others []crm.Person
	for i := range 500 {
		others = append(others, crm.Person{ID: fmt.Sprintf("crowd%d", i), Kind: crm.Lead, Name: fmt.Sprintf("田中 %03d", i), Owner: "other@example.co.jp", Created: w.now, Updated: w.now})
	}
	mine := crm.Person{ID: "mine", Kind: crm.Lead, Name: "山 田中", Owner: "me@example.co.jp", Created: w.now, Updated: w.now}
	w.ok(w.s.SavePeople(w.ctx, "test", append(others, mine)))
	sees := func(h *crm.Hit) bool { return h.Person != nil && h.Person.Owner == mine.Owner }
	if found, err := s.Search(w.ctx, crm.SearchQuery{Query: "田中", Limit: 2, Seen: sees}); err != nil || len(found.Hits) != 1 || found.Hits[0].ID != "mine" || found.More {
		t.Errorf("mine behind five hundred of others: %+v, %v", found, err)
	}
}

func testFindingFollows(t *testing.T, w *world) {
	s := w.s.(Finding)
	look := func(query string) (out []string) {
		found, err := s.Search(w.ctx, crm.SearchQuery{Query: query})
		w.ok(err)
		for _, h := range found.Hits {
			out = append(out, h.ID)
		}
		list, _, err := w.s.ListPeople(w.ctx, crm.PeopleFilter{Query: query})
		w.ok(err)
		if len(list) != len(out) {
			t.Errorf("%q: %d in the list, %v found", query, len(list), out)
		}
		return out
	}
	p := crm.Person{ID: "p", Kind: crm.Lead, Name: "旧姓 花子", Emails: []string{"old@a.example"}, ExternalKey: "K-1"}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	p.Name, p.Emails = "新姓 花子", []string{"new@a.example"}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	if got := look("旧姓"); got != nil {
		t.Errorf("found by what was: %v", got)
	}
	if got := look("新姓"); !slices.Equal(got, []string{"p"}) {
		t.Errorf("not found by what is: %v", got)
	}
	p.Name = "旧姓 花子"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	if got := look("旧姓"); !slices.Equal(got, []string{"p"}) {
		t.Errorf("found after all: %v", got)
	}
	if got, err := s.FindPersonByKey(w.ctx, "K-1"); err != nil || got.ID != "p" {
		t.Errorf("by key: %+v, %v", got, err)
	}
	p.ExternalKey = "K-2"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	for _, key := range []string{"K-1", ""} {
		if _, err := s.FindPersonByKey(w.ctx, key); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("by key %q: %v", key, err)
		}
	}
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "a", Name: "A", ExternalKey: "K-2"}}))
	if got, err := s.FindAccountByKey(w.ctx, "K-2"); err != nil || got.ID != "a" {
		t.Errorf("account by key: %+v, %v", got, err)
	}
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	if got := look("花子"); got != nil {
		t.Errorf("found though gone: %v", got)
	}
	if _, err := s.FindPersonByKey(w.ctx, "K-2"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("by the key of nobody: %v", err)
	}
}
