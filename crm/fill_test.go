package crm

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestApplyUpdate(t *testing.T) {
	then := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now := then.Add(24 * time.Hour)
	known := func() Person {
		return Person{Kind: Lead, Name: "田中 太郎", Title: "部長", Emails: []string{"Tanaka@aoba.example"}, Phones: []Phone{{Number: "03-1234-5678", E164: "+81312345678"}},
			Custom: map[string]string{"rank": "a"}, Updated: then}
	}
	update := func(fill ...Fill) PersonUpdate { return PersonUpdate{Activity: "act", At: now, Fill: fill} }
	tests := map[string]struct {
		start  func() Person
		update PersonUpdate
		want   func(*Person)
		filled []string
	}{
		"empty ones are filled": {known, update(Fill{"company", "青葉フーズ"}, Fill{"kana", "タナカ タロウ"}, Fill{"owner", "sato@example.co.jp"}, Fill{"status", "new"}),
			func(p *Person) {
				p.Company, p.Kana, p.Owner, p.Status = "青葉フーズ", "タナカ タロウ", "sato@example.co.jp", StatusNew
			}, []string{"company", "kana", "owner", "status"}},
		"nothing is overwritten":        {known, update(Fill{"name", "田中 次郎"}, Fill{"title", "課長"}, Fill{"custom.rank", "b"}), nil, nil},
		"nothing is emptied":            {known, update(Fill{"title", ""}, Fill{"kana", ""}), nil, nil},
		"a second value for one field":  {known, update(Fill{"kana", "タナカ"}, Fill{"kana", "スズキ"}), func(p *Person) { p.Kana = "タナカ" }, []string{"kana"}},
		"a new address":                 {known, update(Fill{"emails", "t.tanaka@aoba.example"}), func(p *Person) { p.Emails = append(p.Emails, "t.tanaka@aoba.example") }, []string{"emails"}},
		"an address in another writing": {known, update(Fill{"emails", "tanaka+form@AOBA.example"}), nil, nil},
		"no address":                    {known, update(Fill{"emails", "tanaka"}), nil, nil},
		"a new number":                  {known, update(Fill{"phones", "090-1111-2222"}), func(p *Person) { p.Phones = append(p.Phones, Phone{"090-1111-2222", "+819011112222"}) }, []string{"phones"}},
		"a number in another writing":   {known, update(Fill{"phones", "０３（１２３４）５６７８"}), nil, nil},
		"a declared field":              {known, update(Fill{"custom.budget", "100"}), func(p *Person) { p.Custom = map[string]string{"rank": "a", "budget": "100"} }, []string{"custom.budget"}},
		"unknown, and not to be filled": {known, update(Fill{"colour", "red"}, Fill{"id", "x"}, Fill{"account_id", "x"}, Fill{"custom.", "x"}, Fill{"custom.A b", "x"}), nil, nil},
		"too long, or of several lines": {known, update(Fill{"kana", strings.Repeat("あ", 301)}, Fill{"department", "a\nb"}, Fill{"given_name", "\xff"}), nil, nil},
		"what a contact does not have":  {func() Person { p := known(); p.Kind = Contact; return p }, update(Fill{"company", "青葉"}, Fill{"status", "new"}), nil, nil},
		"the account of a contact":      {func() Person { p := known(); p.Kind = Contact; return p }, update(Fill{"account_id", "x"}), func(p *Person) { p.AccountID = "x" }, []string{"account_id"}},
		"somebody of whom nothing is known": {func() Person { return Person{Kind: Lead} }, update(Fill{"name", "佐藤"}, Fill{"emails", "s@aoba.example"}, Fill{"custom.rank", "b"}),
			func(p *Person) {
				p.Name, p.Emails, p.Custom = "佐藤", []string{"s@aoba.example"}, map[string]string{"rank": "b"}
			}, []string{"name", "emails", "custom.rank"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := test.start()
			if test.want != nil {
				test.want(&want)
				want.Updated = now
			}
			for _, f := range test.filled {
				want.Filled = append(want.Filled, Provenance{f, "act", now})
			}
			p := test.start()
			if changed := ApplyUpdate(&p, test.update); changed != (len(test.filled) > 0) {
				t.Errorf("changed: %v", changed)
			}
			if diff := cmp.Diff(want, p); diff != "" {
				t.Errorf("person (-want +got):\n%s", diff)
			}
			if ApplyUpdate(&p, test.update) {
				t.Error("a second time changes something again")
			}
		})
	}
}

// TestApplyUpdateSharesNothing keeps an update from reaching a copy of the record.
func TestApplyUpdateSharesNothing(t *testing.T) {
	p := Person{Kind: Lead, Emails: slices.Grow([]string{"a@aoba.example"}, 4), Custom: map[string]string{"a": "1"}, Filled: make([]Provenance, 0, 4)}
	before := p
	ApplyUpdate(&p, PersonUpdate{Fill: []Fill{{"emails", "b@aoba.example"}, {"custom.b", "2"}}})
	if len(before.Custom) != 1 || before.Emails[:2][1] != "" || before.Filled[:1][0].Field != "" {
		t.Errorf("the record before was written to: %+v", before)
	}
}
