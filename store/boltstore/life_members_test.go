package boltstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Conditions on a contact ask its account: who changes the account marks its people, and they come with it.
func TestAnAccountThatChangesMarksItsPeople(t *testing.T) {
	s, ctx := open(t), context.Background()
	account := crm.Account{ID: crm.NewID(), Name: "サンプル商事", Domains: []string{"sample.example"}}
	member := crm.Person{ID: crm.NewID(), Kind: crm.Contact, Name: "田中 太郎", AccountID: account.ID, Emails: []string{"tanaka@sample.example"}}
	other := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "鈴木 花子", Emails: []string{"suzuki@else.example"}}
	save := func(a crm.Account) {
		t.Helper()
		if err := s.SaveAccounts(ctx, "test", []crm.Account{a}); err != nil {
			t.Fatal(err)
		}
	}
	save(account)
	if err := s.SavePeople(ctx, "test", []crm.Person{member, other}); err != nil {
		t.Fatal(err)
	}
	// marked gives who is marked with the name of their employer, and takes them off the queue.
	marked := func() map[string]string {
		t.Helper()
		soon := time.Now().Add(time.Hour)
		list, err := s.NextFollowing(ctx, soon, soon, 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		var done []crm.Followed
		for _, f := range list {
			out[f.ID] = ""
			if f.Employer != nil {
				out[f.ID] = f.Employer.Name
			}
			done = append(done, crm.Followed{ID: f.ID, Mark: f.Mark, Standing: crm.Standing{ID: f.ID}})
			if f.Person != nil {
				done[len(done)-1].Status = f.Person.Status
			}
		}
		if err := s.Follow(ctx, done); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := marked(); got[member.ID] != "サンプル商事" || len(got) != 3 {
		t.Fatalf("at first: %v", got)
	}
	for range 3 { // following one may mark the other
		marked()
	}
	account.Name = "サンプル製作所"
	save(account)
	got := marked()
	if name, ok := got[member.ID]; !ok || name != "サンプル製作所" {
		t.Errorf("after the account changed: %v", got)
	}
	if _, ok := got[other.ID]; ok {
		t.Errorf("somebody else is followed: %v", got)
	}
	for range 3 {
		marked()
	}
	save(account)
	if _, ok := marked()[member.ID]; ok {
		t.Error("nothing changed, and its people are followed again")
	}
}
