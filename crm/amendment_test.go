package crm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAmendment: what a change leaves alone stays as somebody else made it meanwhile.
func TestAmendment(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	read := crm.Person{ID: "p", Name: "田中", Title: "課長", Emails: []string{"a@x.jp", "b@x.jp"}, Custom: map[string]string{"rank": "A", "old": "1"}, Updated: at}
	for _, test := range []struct {
		name       string
		mine, his  func(p *crm.Person)
		base       time.Time
		whole      bool
		want       func(p *crm.Person)
		conflicted bool
	}{
		{name: "different fields", mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Name, p.Owner = "田中 太郎", "sato" },
			want: func(p *crm.Person) { p.Name, p.Owner, p.Title = "田中 太郎", "sato", "部長" }},
		{name: "the same field", mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Title = "次長" },
			want: func(p *crm.Person) { p.Title = "部長" }},
		{name: "the same field, whole", whole: true, mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Title = "次長" }, conflicted: true},
		{name: "the same word, whole", whole: true, mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Title, p.Name = "部長", "田中 太郎" },
			want: func(p *crm.Person) { p.Title, p.Name = "部長", "田中 太郎" }},
		{name: "another version", base: at, mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Name, p.Updated = "田中 太郎", at.Add(time.Second) }, conflicted: true},
		{name: "the same version", base: at.In(time.FixedZone("JST", 9*3600)), mine: func(p *crm.Person) { p.Title = "部長" }, his: func(p *crm.Person) { p.Owner = "sato" },
			want: func(p *crm.Person) { p.Title, p.Owner = "部長", "sato" }},
		{name: "addresses", mine: func(p *crm.Person) { p.Emails = []string{"c@x.jp", "a@x.jp"} }, his: func(p *crm.Person) { p.Emails = []string{"a@x.jp", "b@x.jp", "d@x.jp"} },
			want: func(p *crm.Person) { p.Emails = []string{"a@x.jp", "d@x.jp", "c@x.jp"} }},
		{name: "addresses in another order", mine: func(p *crm.Person) { p.Emails = []string{"b@x.jp", "a@x.jp"} }, his: func(p *crm.Person) { p.Name = "x" },
			want: func(p *crm.Person) { p.Emails, p.Name = []string{"b@x.jp", "a@x.jp"}, "x" }},
		{name: "declared fields", mine: func(p *crm.Person) { p.Custom = map[string]string{"rank": "B"} }, his: func(p *crm.Person) { p.Custom = map[string]string{"rank": "A", "old": "1", "new": "2"} },
			want: func(p *crm.Person) { p.Custom = map[string]string{"rank": "B", "new": "2"} }},
		{name: "the first declared field", mine: func(p *crm.Person) { p.Custom = map[string]string{"rank": "A", "old": "1", "x": "y"} }, his: func(p *crm.Person) { p.Custom = nil },
			want: func(p *crm.Person) { p.Custom = map[string]string{"x": "y"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			mine, now, want := read, read, read
			test.mine(&mine)
			test.his(&now)
			got, err := crm.Amendment[crm.Person]{Was: read, Is: mine, Base: test.base, Whole: test.whole}.On(now, now.Updated)
			if test.conflicted {
				if !errors.Is(err, crm.ErrConflict) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
