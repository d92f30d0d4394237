package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Run holds a store to everything that the interfaces say. open makes a fresh, empty store whose days begin
// in Asia/Tokyo, and closes it when the test ends.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"declared sources", testDeclare},
		{"claims and leases", testClaims},
		{"claims together", testClaimsTogether},
		{"fencing", testFencing},
		{"wake during a pass", testWake},
		{"rows and tallies", testRows},
		{"the same mail twice", testMerge},
		{"a row leaves logged", testLeavesLogged},
		{"retired rows", testRetired},
		{"nothing of a bad batch", testAllOrNothing},
		{"retry", testRetry},
		{"directory", testDirectory},
		{"late addresses and domains", testLate},
		{"late work is not lost to a commit under way", testLateRace},
		{"a message that rows wait for", testAwaits},
		{"a message that was logged meanwhile", testAwaitsRace},
		{"whole meetings", testWholeMeetings},
		{"a mail that is part of a meeting", testMeetingMail},
		{"late work through a mail of a meeting", testMeetingAwaits},
		{"two meetings with one uid", testSameMeeting},
		{"letters", testLetters},
		{"letters are erased", testEraseLetters},
		{"a meeting becomes private", testPrivateMeeting},
		{"what is not there any more", testWithdrawn},
		{"only part of a source is withdrawn", testWithdrawnScope},
		{"three calendars of one meeting", testWithdrawnSources},
		{"thousands of rows are withdrawn", testWithdrawnMany},
		{"a deleted mail", testTombstone},
		{"outcomes", testOutcome},
		{"meetings without an outcome", testListOutcomes},
		{"erase what was said of meetings", testEraseMeetings},
		{"kinds of activities", testKinds},
		{"people", testPeople},
		{"search", testSearch},
		{"finding", testFinding},
		{"finding follows what is saved", testFindingFollows},
		{"a person's account changes", testAccountChange},
		{"a person goes", testDeletePerson},
		{"timelines", testTimelines},
		{"paging is stable", testPaging},
		{"last heard", testLastHeard},
		{"roll-ups", testRollups},
		{"finding ledger rows", testFindEntries},
		{"ledger filters", testLedgerFilters},
		{"reviews", testReviews},
		{"two people decide a review", testDecideTwice},
		{"a question is open while something waits", testSettledReview},
		{"taking back that somebody is wanted", testUndoMade},
		{"nobody is asked about the erased", testEraseAsked},
		{"an address that one of two lost", testAddressLeft},
		{"users, tokens and sessions", testUsers},
		{"users of old and new", testUserFields},
		{"sessions", testSessions},
		{"searching the audit", testFindAudit},
		{"mapping versions", testMapping},
		{"audit", testAudit},
		{"outbox", testOutbox},
		{"sealed values", testSealed},
		{"excluding later", testExclude},
		{"excluding what was reviewed", testExcludeReviewed},
		{"excluding takes content off reviews", testExcludeReview},
		{"rematch", testRematch},
		{"remap", testRemap},
		{"submissions", testSubmissions},
		{"submissions come again", testSubmissionVersions},
		{"submissions that cannot be taken", testSubmissionRefused},
		{"quarantine", testQuarantine},
		{"a suspicious edit", testSuspiciousEdit},
		{"waiting for submissions", testWaitSubmission},
		{"many submissions at once", testSubmissionsAtOnce},
		{"an edited submission", testEditedActivity},
		{"everything of a person and an activity", testWholeRecords},
		{"people by telephone and name", testIdentities},
		{"an account's name changes", testAccountRenamed},
		{"empty fields filled", testUpdates},
		{"a filled address is late work", testUpdateLate},
		{"erase", testErase},
		{"erase submissions", testEraseSubmissions},
		{"erase what was received", testEraseReceived},
		{"erase from texts", testEraseTexts},
		{"prune", testPrune},
		{"walking over activities", testEachActivity},
		{"many at once", testConcurrent},
		{"cancelled", testCancelled},
		{"a model agrees", testModel},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
	runLife(t, open)
	runJoining(t, open)
	runRecords(t, open)
	runWithheld(t, open)
	runHand(t, open)
	runArrivals(t, open)
	runCounted(t, open)
	runAmending(t, open)
}

// world is a store with one claimed source "a" of sato and one "b" of suzuki.
type world struct {
	t   testing.TB
	s   Store
	ctx context.Context
	now time.Time
	a   crm.Claim
	b   crm.Claim
}

const (
	sato   = "sato@example.co.jp"
	suzuki = "suzuki@example.co.jp"
)

func start() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

func newWorld(t testing.TB, s Store) *world {
	w := &world{t: t, s: s, ctx: t.Context(), now: start()}
	w.ok(s.DeclareSources(w.ctx, w.sources(), w.now))
	w.a, w.b = w.claim("a"), w.claim("b")
	return w
}

func (w *world) sources() []crm.Source {
	return []crm.Source{
		{ID: "a", Kind: "imap", Owner: sato, Fingerprint: "1"},
		{ID: "b", Kind: "imap", Owner: suzuki, Fingerprint: "1"},
	}
}

func (w *world) claim(id string) crm.Claim {
	w.t.Helper()
	c, ok, err := w.s.ClaimSource(w.ctx, id, w.now, time.Hour)
	w.ok(err)
	if !ok {
		w.t.Fatalf("source %s cannot be claimed", id)
	}
	return c
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// batch is a commit of writes by a claim, resting on the newest state of the directory.
func (w *world) batch(c crm.Claim, writes ...crm.Write) crm.Commit {
	w.t.Helper()
	answer, err := w.s.Lookup(w.ctx, crm.Question{})
	w.ok(err)
	return crm.Commit{Source: c.Source.ID, Epoch: c.Source.Epoch, Owner: c.Source.Owner, Writes: writes,
		Generation: answer.Generation, At: w.now}
}

func (w *world) commit(c crm.Claim, writes ...crm.Write) {
	w.t.Helper()
	w.ok(w.s.Commit(w.ctx, w.batch(c, writes...)))
}

func key(name string) crm.Key {
	return crm.MessageKey("<"+name+"@mail>", crm.MessageIdentity{})
}

// logged is a write of a mail that came in from people with the given ids.
func (w *world) logged(c crm.Claim, ext, mail string, people ...string) crm.Write {
	a := crm.Activity{
		ID: string(key(mail)), Key: key(mail), Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal,
		Time: w.now, Subject: "件名 " + mail, Text: "text of " + mail, Version: 1, Owners: []string{c.Source.Owner},
		Observed: []crm.Observation{{Source: c.Source.ID, ExternalID: ext, Owner: c.Source.Owner, Folder: "INBOX"}},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: mail + "@client.co.jp"},
	}
	for i, id := range people {
		role := crm.RoleFrom
		if i > 0 {
			role = crm.RoleCc
		}
		a.People = append(a.People, crm.Participant{Kind: crm.Contact, ID: id, Name: id, Address: id + "@client.co.jp", Role: role})
	}
	return crm.Write{Entry: w.entry(ext, mail, crm.Logged, crm.ReasonMatched), Activity: &a}
}

func (w *world) entry(ext, mail string, v crm.Verdict, reason crm.Reason) crm.Entry {
	return crm.Entry{ExternalID: ext, Key: key(mail), SeenAt: w.now, ItemTime: w.now, Verdict: v, Reason: reason}
}

// other is a write of a mail that is not logged.
func (w *world) other(ext, mail string, v crm.Verdict, reason crm.Reason, pending ...string) crm.Write {
	return crm.Write{Entry: w.entry(ext, mail, v, reason), Pending: pending}
}

func (w *world) person(id, address string) crm.Person {
	return crm.Person{ID: id, Kind: crm.Contact, Name: "Person " + id, Emails: []string{address}, Created: w.now, Updated: w.now}
}

func (w *world) tally(source string) crm.Tally {
	w.t.Helper()
	src, err := w.s.GetSource(w.ctx, source)
	w.ok(err)
	return src.Tally
}

func (w *world) activity(mail string) crm.Activity {
	w.t.Helper()
	a, err := w.s.GetActivity(w.ctx, string(key(mail)))
	w.ok(err)
	return a
}

func (w *world) lateWork() []string {
	w.t.Helper()
	var out []string
	for {
		work, ok, err := w.s.NextLate(w.ctx, "", 100)
		w.ok(err)
		if !ok {
			return out
		}
		for _, e := range work.Entries {
			out = append(out, fmt.Sprintf("%s%s %s/%s", work.Address, work.Domain, e.Source, e.ExternalID))
		}
		w.ok(w.s.LateDone(w.ctx, work.ID))
	}
}
