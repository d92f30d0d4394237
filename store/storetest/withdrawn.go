package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// withdraw commits what is not there any more, with the given writes.
func (w *world) withdraw(c crm.Claim, scope crm.Scope, writes ...crm.Write) {
	w.t.Helper()
	batch := w.batch(c, writes...)
	batch.Withdrawn = []crm.Scope{scope}
	w.ok(w.s.Commit(w.ctx, batch))
}

func testWithdrawn(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	ahead := w.now.Add(24 * time.Hour)
	w.commit(w.a, w.meeting(w.a, "cal/e;", "u", ahead, "p"), w.meeting(w.a, "cal/past;", "v", w.now.Add(-24*time.Hour), "p"))
	puts := func() int {
		rows, err := w.s.ListOutbox(w.ctx, 0, 100)
		w.ok(err)
		return len(rows)
	}
	before := puts()
	w.withdraw(w.a, crm.Scope{Prefix: "cal/"})
	got := w.meetingOf("u")
	if got.Status != crm.MeetingCancelled || got.Version != 2 || len(got.Revisions) != 1 || !got.Observed[0].Withdrawn || !slices.Equal(got.Owners, []string{sato}) {
		t.Errorf("withdrawn: %+v", got)
	}
	if past := w.meetingOf("v"); past.Status != crm.MeetingConfirmed || past.Version != 1 || !past.Observed[0].Withdrawn {
		t.Errorf("withdrawn after it was held: %+v", past)
	}
	if n := puts(); n != before+2 {
		t.Errorf("%d outbox rows for two changes", n-before)
	}
	w.withdraw(w.a, crm.Scope{Prefix: "cal/"})
	if n := puts(); n != before+2 || !cmp.Equal(got, w.meetingOf("u")) {
		t.Errorf("the same again changed something: %d rows", n-before)
	}
	if e, err := w.s.GetEntry(w.ctx, "a", "cal/e;"); err != nil || e.Verdict != crm.Logged || w.tally("a").Logged != 2 {
		t.Errorf("its row: %+v, %v", e, err)
	}
	w.commit(w.a, w.meeting(w.a, "cal/e;", "u", ahead, "p"))
	if got := w.meetingOf("u"); got.Status != crm.MeetingConfirmed || got.Version != 3 || got.Observed[0].Withdrawn {
		t.Errorf("seen again: %+v", got)
	}
	// A write of the same commit comes first; a commit that is refused withdraws nothing.
	w.withdraw(w.a, crm.Scope{Prefix: "cal/e;", Present: []string{"cal/e;"}}, w.meeting(w.a, "cal/e;2", "x", ahead, "p"))
	if w.meetingOf("x").Status != crm.MeetingCancelled || w.meetingOf("u").Status != crm.MeetingConfirmed {
		t.Error("a write of the same commit is withdrawn after it, what is present is not")
	}
	stale := w.batch(w.a)
	stale.Epoch, stale.Withdrawn = stale.Epoch+1, []crm.Scope{{Prefix: "cal/"}}
	if err := w.s.Commit(w.ctx, stale); !errors.Is(err, crm.ErrFenced) || w.meetingOf("u").Status != crm.MeetingConfirmed {
		t.Errorf("a fenced commit: %v", err)
	}
}

func testWithdrawnScope(t *testing.T, w *world) {
	day := func(n int) time.Time { return w.now.Add(time.Duration(n) * 24 * time.Hour) }
	for n := 1; n <= 5; n++ {
		w.commit(w.a, w.meeting(w.a, fmt.Sprintf("cal/e;%d", n), fmt.Sprint("u", n), day(n), "p"))
	}
	w.commit(w.a, w.meeting(w.a, "cal/other;1", "other", day(3), "p"), w.meeting(w.a, "calendar/e;3", "longer", day(3), "p"),
		w.other("cal/e;6", "m6", crm.Unmatched, crm.ReasonNobody, "x@client.co.jp"), w.other("cal/e;7", "m7", crm.Failed, crm.ReasonUnreadable))
	w.commit(w.b, w.meeting(w.b, "cal/e;3", "mine", day(3), "p"))
	tally := w.tally("a")
	w.withdraw(w.a, crm.Scope{Prefix: "cal/e;", Present: []string{"cal/e;4"}, From: day(2), To: day(5), At: w.now})
	want := map[string]string{"u1": crm.MeetingConfirmed, "u2": crm.MeetingCancelled, "u3": crm.MeetingCancelled, "u4": crm.MeetingConfirmed, "u5": crm.MeetingConfirmed,
		"other": crm.MeetingConfirmed, "longer": crm.MeetingConfirmed, "mine": crm.MeetingConfirmed}
	for uid, status := range want {
		if got := w.meetingOf(uid); got.Status != status {
			t.Errorf("%s is %s, want %s", uid, got.Status, status)
		}
	}
	if got := w.tally("a"); got != tally {
		t.Errorf("tally %+v, was %+v", got, tally)
	}
	if n, _ := w.s.CountPending(w.ctx, "x@client.co.jp"); n != 1 {
		t.Errorf("%d rows wait", n)
	}
	// What leaves Logged afterwards leaves the activity as ever.
	w.commit(w.a, w.other("cal/e;2", "m2", crm.Excluded, crm.ReasonPrivate))
	if _, err := w.s.GetActivity(w.ctx, string(meetingKey("u2"))); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("excluded: %v", err)
	}
}

func testWithdrawnSources(t *testing.T, w *world) {
	w.ok(w.s.DeclareSources(w.ctx, append(w.sources(), crm.Source{ID: "c", Kind: "caldav", Owner: "mori@example.co.jp", Fingerprint: "1"}), w.now))
	third := w.claim("c")
	ahead := w.now.Add(24 * time.Hour)
	all := func(uid string) {
		for _, c := range []crm.Claim{w.a, w.b, third} {
			w.commit(c, w.meeting(c, "cal/"+uid+";", uid, ahead, "p"))
		}
	}
	all("u")
	w.withdraw(w.b, crm.Scope{Prefix: "cal/u;"})
	w.withdraw(third, crm.Scope{Prefix: "cal/u;"})
	if got := w.meetingOf("u"); got.Status != crm.MeetingConfirmed || len(got.Owners) != 3 {
		t.Errorf("it is still in the organiser's calendar: %+v", got)
	}
	w.withdraw(w.a, crm.Scope{Prefix: "cal/u;"})
	if got := w.meetingOf("u"); got.Status != crm.MeetingCancelled {
		t.Errorf("it is in no calendar: %+v", got)
	}
	all("v")
	w.withdraw(w.a, crm.Scope{Prefix: "cal/v;"})
	if got := w.meetingOf("v"); got.Status != crm.MeetingCancelled || len(got.Observed) != 3 {
		t.Errorf("the organiser took it off: %+v", got)
	}
	w.commit(w.b, w.meeting(w.b, "cal/v;", "v", ahead, "p"))
	if got := w.meetingOf("v"); got.Status != crm.MeetingCancelled {
		t.Errorf("another's calendar has it still: %+v", got)
	}
	w.commit(w.a, w.meeting(w.a, "cal/v;", "v", ahead, "p"))
	if got := w.meetingOf("v"); got.Status != crm.MeetingConfirmed {
		t.Errorf("it is in the organiser's calendar again: %+v", got)
	}
}

func testWithdrawnMany(t *testing.T, w *world) {
	const n = 5003
	ahead := w.now.Add(24 * time.Hour)
	var present []string
	var writes []crm.Write
	ext := func(i int) string { return fmt.Sprintf("cal/e;%05d", i) }
	for i := range n {
		writes = append(writes, w.meeting(w.a, ext(i), fmt.Sprint("u", i), ahead.Add(time.Duration(i)*time.Minute), "p"))
		if i%1000 == 999 {
			present = append(present, ext(i))
		}
	}
	w.commit(w.a, writes...)
	slices.Reverse(present)
	batch := w.batch(w.a)
	batch.MoveCursor, batch.Cursor, batch.Withdrawn = true, "here", []crm.Scope{{Prefix: "cal/", Present: present}}
	w.ok(w.s.Commit(w.ctx, batch))
	cancelled := 0
	for after := ""; ; {
		list, next, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Limit: 1000, After: after})
		w.ok(err)
		for _, a := range list {
			if a.Status == crm.MeetingCancelled {
				cancelled++
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if src, _ := w.s.GetSource(w.ctx, "a"); cancelled != n-5 || src.Cursor != "here" || src.Tally.Logged != n {
		t.Errorf("%d are cancelled, source %+v", cancelled, src)
	}
	lines, err := w.s.CheckRollups(w.ctx, false)
	w.ok(err)
	if len(lines) > 0 {
		t.Error(lines)
	}
	var refs []crm.ItemRef // what follows looks at every activity
	for i := range n - 3 {
		refs = append(refs, crm.ItemRef{Source: "a", ExternalID: ext(i)})
	}
	w.ok(w.s.ExcludeRows(w.ctx, "it", refs, crm.ReasonSubject, w.now))
}

func testTombstone(t *testing.T, w *world) {
	mail := func(c crm.Claim, ext string) crm.Write {
		write := w.logged(c, ext, "m", "p")
		write.Activity.FullText, write.Activity.Attachments = "quoted words", []crm.Attachment{{Name: "secret.pdf"}}
		return write
	}
	w.commit(w.a, mail(w.a, "1"), w.logged(w.a, "12", "stays", "p"))
	w.commit(w.b, mail(w.b, "1"))
	gone := crm.Scope{Prefix: "1", Present: []string{"12"}}
	w.withdraw(w.a, gone)
	if got := w.activity("m"); got.Status != "" || got.FullText != "quoted words" {
		t.Errorf("deleted in one of two mailboxes: %+v", got)
	}
	w.withdraw(w.b, gone)
	got := w.activity("m")
	if got.Status != crm.StatusDeleted || got.Text+got.FullText != "" || got.Attachments != nil || got.Subject != "件名 m" || len(got.Owners) != 2 || got.Version != 2 {
		t.Errorf("tombstone: %+v", got)
	}
	if w.activity("stays").Text == "" || len(timeline(t, w.s, crm.ActivityFilter{Person: "p"})) != 2 {
		t.Error("another mail went")
	}
	w.gone("secret.pdf", "quoted words")
	w.commit(w.b, mail(w.b, "1"))
	if got := w.activity("m"); got.Status != "" || got.FullText != "quoted words" || got.Version != 3 || len(got.Attachments) != 1 {
		t.Errorf("seen again: %+v", got)
	}
}

func testOutcome(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	started := w.now.Add(-2 * time.Hour)
	w.commit(w.a, w.meeting(w.a, "cal/e;", "u", started, "p"), w.logged(w.a, "1", "m", "p"))
	id := string(meetingKey("u"))
	o := crm.Outcome{Result: crm.OutcomeNoShow, Note: "nobody came", Next: crm.NextAction{When: "2026-12-01", What: "call"}, By: sato, At: w.now}
	got, err := w.s.SetOutcome(w.ctx, sato, id, o)
	w.ok(err)
	if diff := cmp.Diff(&o, got.Outcome) + cmp.Diff(got, w.get(id)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	rows, err := w.s.ListOutbox(w.ctx, 0, 10)
	w.ok(err)
	audit, _, err := w.s.ListAudit(w.ctx, "", 10)
	w.ok(err)
	if len(rows) != 3 || rows[2].Activity != id || audit[0].Action != "set outcome" || audit[0].Object != "activity/"+id || audit[0].Actor != sato {
		t.Errorf("outbox %+v, audit %+v", rows, audit)
	}
	moved := w.meeting(w.a, "cal/e;", "u", started.Add(time.Minute), "p")
	moved.Activity.Meeting.Sequence = 1
	w.commit(w.a, moved)
	was := w.get(id)
	now := was
	now.Outcome, now.Accounts = nil, []string{"acc"}
	if stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: was, Now: now}}); err != nil || stale != nil {
		t.Fatal(stale, err)
	}
	if got := w.get(id); got.Outcome == nil || len(got.Revisions) != 1 || len(got.Accounts) != 1 {
		t.Errorf("after a merge and a mapping: %+v", got)
	}
	for _, test := range []struct {
		name, id string
		o        crm.Outcome
		want     error
	}{
		{"nothing known", "none", o, crm.ErrNotFound},
		{"a mail", string(key("m")), o, crm.ErrOutcome},
		{"no result", id, crm.Outcome{By: sato, At: w.now}, crm.ErrOutcome},
		{"an earlier word", id, crm.Outcome{Result: crm.OutcomeHeld, By: suzuki, At: w.now.Add(-time.Minute)}, crm.ErrConflict},
	} {
		if _, err := w.s.SetOutcome(w.ctx, sato, test.id, test.o); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if w.get(id).Outcome.Result != crm.OutcomeNoShow {
		t.Error("what was refused changed something")
	}
}

func testListOutcomes(t *testing.T, w *world) {
	const day = 24 * time.Hour
	list := func(owner string, limit int) (out []string) {
		t.Helper()
		found, err := w.s.ListOutcomes(w.ctx, owner, w.now, limit)
		w.ok(err)
		for _, a := range found {
			out = append(out, a.Meeting.UID)
		}
		return out
	}
	fill(w, 3)
	w.commit(w.a, w.meeting(w.a, "1", "ahead", w.now.Add(day), "p"), w.meeting(w.a, "2", "now", w.now.Add(-time.Minute), "p"), w.meeting(w.a, "3", "today", w.now.Add(-2*time.Hour), "p"),
		w.meeting(w.a, "4", "old", w.now.Add(-16*day), "p"), w.meeting(w.a, "5", "twoweeks", w.now.Add(-14*day), "p"), w.meeting(w.a, "6", "alone", w.now.Add(-day)), w.meeting(w.a, "7", "gone", w.now.Add(-day), "p"))
	declined := w.meeting(w.b, "3", "today", w.now.Add(-2*time.Hour), "p")
	declined.Activity.People = append(declined.Activity.People, crm.Participant{Address: suzuki, Role: crm.RoleAttendee, Response: crm.ResponseDeclined, Internal: true})
	w.commit(w.b, declined, w.meeting(w.b, "8", "other", w.now.Add(-3*day), "p"))
	w.withdraw(w.a, crm.Scope{Prefix: "7", At: w.now.Add(-2 * day)})
	if got := list(sato, 10); !slices.Equal(got, []string{"today@calendar", "twoweeks@calendar"}) {
		t.Errorf("of one owner: %v", got)
	}
	if got := list(sato, 1); !slices.Equal(got, []string{"today@calendar"}) {
		t.Errorf("the newest: %v", got)
	}
	if got := list(suzuki, 10); !slices.Equal(got, []string{"other@calendar"}) {
		t.Errorf("of another owner: %v", got)
	}
	_, err := w.s.SetOutcome(w.ctx, sato, string(meetingKey("today")), crm.Outcome{Result: crm.OutcomeHeld, By: sato, At: w.now})
	w.ok(err)
	if got := list(sato, 10); !slices.Equal(got, []string{"twoweeks@calendar"}) {
		t.Errorf("once somebody said: %v", got)
	}
}

func testEraseMeetings(t *testing.T, w *world) {
	person := w.person("forgotten", forgotten)
	person.Name = "忘田 花子"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person, w.person("other", "other@client.co.jp")}))
	attends := func(uid string) *crm.Activity {
		write := w.meeting(w.a, "cal/"+uid+";", uid, w.now.Add(-2*time.Hour), "forgotten", "other")
		write.Activity.People[1].Address, write.Activity.People[1].Response = erased, crm.ResponseAccepted
		write.Activity.Subject, write.Activity.Meeting.Location = "忘田花子様と", "忘田 花子様の事務所"
		write.Activity.Meeting.Replies = []crm.Reply{{Address: erased, Response: crm.ResponseDeclined, At: w.now}, {Address: "other@client.co.jp", Response: crm.ResponseAccepted, At: w.now}}
		w.commit(w.a, write)
		return write.Activity
	}
	attends("u")
	moved := w.meeting(w.a, "cal/u;", "u", w.now.Add(-3*time.Hour), "forgotten", "other")
	moved.Activity.People[1].Address, moved.Activity.Meeting.Sequence = erased, 1
	w.commit(w.a, moved)
	_, err := w.s.SetOutcome(w.ctx, sato, string(meetingKey("u")), crm.Outcome{Result: crm.OutcomeHeld, Note: "忘田花子様は元気", Next: crm.NextAction{Whom: "忘田 花子"}, By: sato, At: w.now})
	w.ok(err)
	invited := w.invitation(w.a, "INBOX;1", "invite", "v", w.now, "other")
	invited.Activity.People = append(invited.Activity.People, crm.Participant{Kind: crm.Contact, ID: "forgotten", Address: erased, Role: crm.RoleOrganizer})
	w.commit(w.a, invited)
	removed, changed, err := w.s.Erase(w.ctx, "it", forgotten, w.now)
	w.ok(err)
	if removed != 1 || changed != 1 {
		t.Errorf("%d removed, %d changed", removed, changed)
	}
	got := w.meetingOf("u")
	if len(got.Meeting.Replies) != 1 || len(got.Revisions) != 1 || got.Revisions[0].Location != "[erased]様の事務所" || got.Outcome.Next.Whom != "[erased]" || got.Version != 2 {
		t.Errorf("what stays: %+v of %+v, %+v", got, got.Meeting, got.Outcome)
	}
	w.gone(erased, "忘田", "agenda of v")
	w.kept("agenda of u")
}
