package boltstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSmoke(t *testing.T) {
	s, ctx := open(t), context.Background()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, now))
	c, ok, err := s.Claim(ctx, now, time.Minute)
	must(err)
	if !ok {
		t.Fatal("nothing due")
	}
	must(s.SavePeople(ctx, "cli", []crm.Person{{ID: crm.NewID(), Kind: crm.Lead, Name: "田中 太郎", Emails: []string{"Tanaka@client.co.jp"}}}))
	a := crm.Activity{Key: crm.MessageKey("<1@x>", crm.MessageIdentity{}), Kind: crm.KindEmail, Direction: crm.DirectionIn, Time: now, Subject: "見積", Version: 1, Owners: []string{"sato@example.co.jp"}}
	must(s.Commit(ctx, crm.Commit{Source: "a", Epoch: c.Source.Epoch, Owner: "sato@example.co.jp", MoveCursor: true, Cursor: "1", At: now,
		Writes: []crm.Write{
			{Entry: crm.Entry{ExternalID: "1", Key: a.Key, Verdict: crm.Logged, Reason: crm.ReasonMatched}, Activity: &a},
			{Entry: crm.Entry{ExternalID: "2", Verdict: crm.Unmatched, Reason: crm.ReasonNobody}, Pending: []string{"x@mail.other.co.jp"}},
		}}))
	must(s.SaveAccounts(ctx, "cli", []crm.Account{{ID: crm.NewID(), Name: "Other", Domains: []string{"other.co.jp"}}}))
	w, ok, err := s.NextLate(ctx, "", 10)
	must(err)
	if !ok || len(w.Entries) != 1 || w.Entries[0].ExternalID != "2" {
		t.Fatalf("late work: %+v", w)
	}
	list, _, err := s.ListActivities(ctx, crm.ActivityFilter{})
	must(err)
	if len(list) != 1 || list[0].Subject != "見積" {
		t.Fatalf("activities: %+v", list)
	}
	people, _, err := s.ListPeople(ctx, crm.PeopleFilter{Query: "田中太郎"})
	must(err)
	if len(people) != 1 {
		t.Fatalf("people: %+v", people)
	}
	es, _, err := s.ListEntries(ctx, crm.LedgerFilter{Source: "a"})
	must(err)
	if len(es) != 2 {
		t.Fatalf("entries: %+v", es)
	}
	if lines, err := s.CheckRollups(ctx, false); err != nil || len(lines) != 0 {
		t.Fatalf("check: %v %v", lines, err)
	}
	removed, _, err := s.Erase(ctx, "cli", "x@mail.other.co.jp", now)
	must(err)
	_ = removed
	got, err := s.GetSource(ctx, "a")
	must(err)
	if got.Tally.Excluded != 1 || got.Tally.Seen != 2 {
		t.Fatalf("tally: %+v", got.Tally)
	}
}
