package boltstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// TestDecidedRowIsLate: an item whose sender could be two people waits; what a person decides makes it late
// work, and matching it again logs it.
func TestDecidedRowIsLate(t *testing.T) {
	const owner, address = "sato@example.co.jp", "info@client.co.jp"
	s, ctx := open(t), t.Context()
	if err := s.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap", Owner: owner}}, benchStart); err != nil {
		t.Fatal(err)
	}
	err := s.SavePeople(ctx, "admin", []crm.Person{
		{ID: "p", Kind: crm.Contact, Name: "田中", Emails: []string{address}}, {ID: "q", Kind: crm.Contact, Name: "鈴木", Emails: []string{address}}})
	if err != nil {
		t.Fatal(err)
	}
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}, Location: time.UTC}, mapping.Document{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	item := connectors.Item{ExternalID: "1", Key: crm.MessageKey("<1@client>", crm.MessageIdentity{}), Kind: crm.KindEmail, Folder: "INBOX", Received: benchStart,
		Message: &connectors.Message{MessageID: "1@client", Date: benchStart, Subject: "s", Class: crm.ClassPersonal,
			From: []crm.Mailbox{{Address: address}}, To: []crm.Mailbox{{Address: owner}}}}
	commit := func() crm.Entry {
		t.Helper()
		writes, generation, err := mapper.Map(ctx, s, mapping.Source{ID: "a", Owner: owner}, []connectors.Item{item}, benchStart)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(ctx, crm.Commit{Source: "a", Owner: owner, Writes: writes, Generation: generation, At: benchStart}); err != nil {
			t.Fatal(err)
		}
		return writes[0].Entry
	}
	if e := commit(); e.Verdict != crm.Waiting || e.Reason != crm.ReasonAmbiguous {
		t.Fatalf("verdict %s (%s)", e.Verdict, e.Reason)
	}
	review, err := s.GetReview(ctx, crm.ReviewID(crm.ReviewAmbiguous, address))
	if err != nil {
		t.Fatal(err)
	}
	review.State, review.Person = crm.ReviewAccepted, "q"
	if err := s.Decide(ctx, owner, review, nil); err != nil {
		t.Fatal(err)
	}
	work, ok, err := s.NextLate(ctx, "", 10)
	if err != nil || !ok || work.Address != address || len(work.Entries) != 1 || work.Entries[0].ExternalID != "1" {
		t.Fatalf("late work: %+v, %v, %v", work, ok, err)
	}
	if e := commit(); e.Verdict != crm.Logged {
		t.Errorf("verdict after the decision: %s (%s)", e.Verdict, e.Reason)
	}
	if n, err := s.CountPending(ctx, address); n != 0 || err != nil {
		t.Errorf("%d rows still wait, %v", n, err)
	}
	list, _, err := s.ListActivities(ctx, crm.ActivityFilter{Person: "q"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(1, len(list)); diff != "" {
		t.Errorf("activities of the chosen person (-want +got):\n%s", diff)
	}
}
