package boltstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Of two records of one customer the older one proposes that they be made one: it is looked at when the younger one comes, and
// when that turns out to be about somebody else.
func TestWhoComesMarksWhomTheyMayBe(t *testing.T) {
	s, ctx := open(t), context.Background()
	created := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	phones := []crm.Phone{{Number: "03-1111-2222", E164: "+81311112222"}}
	older := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "高橋 健", Company: "サンプル機械", Phones: phones, Created: created}
	younger := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "髙橋健", Company: "㈱サンプル機械", Phones: phones, Created: created.AddDate(0, 0, 1)}
	other := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "鈴木 花子", Company: "別会社", Created: created}
	firm := crm.Account{ID: crm.NewID(), Name: "株式会社ブランコ", Domains: []string{"buranko.example"}, Created: created}
	again := crm.Account{ID: crm.NewID(), Name: "ブランコ㈱", Created: created.AddDate(0, 0, 1)}
	save := func(people []crm.Person, accounts ...crm.Account) {
		t.Helper()
		if err := s.SavePeople(ctx, "test", people); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveAccounts(ctx, "test", accounts); err != nil {
			t.Fatal(err)
		}
	}
	marked := func() map[string]bool {
		t.Helper()
		soon := time.Now().Add(time.Hour)
		list, err := s.NextFollowing(ctx, soon, soon, 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		var done []crm.Followed
		for _, f := range list {
			out[f.ID] = true
			done = append(done, crm.Followed{ID: f.ID, Mark: f.Mark, Standing: crm.Standing{ID: f.ID}})
		}
		if err := s.Follow(ctx, done); err != nil {
			t.Fatal(err)
		}
		return out
	}
	settle := func() {
		t.Helper()
		for range 4 {
			marked()
		}
	}
	save([]crm.Person{older, other}, firm)
	settle()
	save([]crm.Person{younger}, again)
	if got := marked(); !got[older.ID] || !got[firm.ID] || !got[younger.ID] || !got[again.ID] || got[other.ID] {
		t.Errorf("when the younger ones come, %v are looked at", got)
	}
	settle()
	younger.Owner = "sato@example.co.jp" // by which nobody is known
	save([]crm.Person{younger})
	if got := marked(); got[older.ID] || !got[younger.ID] {
		t.Errorf("when the younger one gets an owner, %v are looked at", got)
	}
	younger.Name, younger.Company, younger.Phones = "田中 太郎", "田中商店", nil
	save([]crm.Person{younger})
	if got := marked(); !got[older.ID] {
		t.Errorf("when the younger one is somebody else, %v are looked at", got)
	}
}
