package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Withheld keeps out what people keep out beside the mapping's rules. A write of a Commit that is part of a private
// conversation, or that a rule of its source's owner covers, becomes an excluded row with the reason private_thread or
// own_rule; nothing else of it is stored. Its Screening says what it is held against; an activity without one is held against
// what it says itself. A private conversation comes before own rules, and neither is looked at for rows that are
// excluded or failed anyway.
type Withheld interface {
	// MarkPrivate takes a whole conversation out of the store, for everybody and all sources: the activity, those that
	// follow the same first message or one another, and rows of their messages that wait or match nobody. Content is gone when
	// it returns, indexes and roll-ups follow, and outbox rows tell the targets. Of the messages keyed hashes stay; a
	// later item that is one of them, or answers one, is kept out and joins them, and what answers that and was stored
	// before goes. crm.ErrNotFound; crm.ErrPrivate if the activity is neither mail nor a meeting or rep is not among its Owners;
	// crm.ErrTooBig, and nothing changed, if the conversation has more than 20,000 messages.
	MarkPrivate(ctx context.Context, actor, rep, activityID, note string, now time.Time) (crm.PrivateThread, error)
	// LiftPrivate takes a mark back: the rows that it kept out become failed ones (read_again) whose next try has come. It
	// names their sources. crm.ErrNotFound if the rep has no such mark.
	LiftPrivate(ctx context.Context, actor, rep, id string, now time.Time) (sources []string, err error)
	// ListPrivate gives the private conversations of a rep, the newest mark first.
	ListPrivate(ctx context.Context, rep, after string, limit int) ([]crm.PrivateThread, string, error)
	// OwnRules gives a rep's rules in the order they were made; settled says that the store is as they say.
	OwnRules(ctx context.Context, rep string) (rules crm.OwnRules, settled bool, err error)
	// ChangeOwnRules adds and removes rules (by ID), audited without their texts. They hold for every Commit from then on;
	// for what was stored before SettleOwnRules follows. crm.ErrTooBig beyond crm.MaxOwnRules.
	ChangeOwnRules(ctx context.Context, actor, rep string, add []crm.OwnRule, remove []string, now time.Time) error
	// SettleOwnRules does a bounded piece of what changed rules ask for: rows of the rep's sources that are logged or wait
	// and that a rule covers are excluded, rows of rules that are gone become failed ones (read_again). It notes in the
	// same transaction how far it is. More says that something may be left; false at the end.
	SettleOwnRules(ctx context.Context, now time.Time) (changed int, more bool, err error)
}

func runWithheld(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"a private conversation", testMarkPrivate},
		{"later mail of a private conversation", testPrivateLater},
		{"an answer to what was not seen yet", testPrivateOutOfOrder},
		{"a mark is lifted", testLiftPrivate},
		{"who may mark", testPrivateRefused},
		{"a mail that waits is private", testPrivateWaiting},
		{"a meeting is private", testPrivateConversationOfMeeting},
		{"own rules", testOwnRules},
		{"own rules about what was stored", testOwnRulesBefore},
		{"own rules go", testOwnRulesGone},
		{"own rules of many rows", testOwnRulesMany},
		{"the erased in own rules", testOwnRulesErased},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

// reply is a logged mail that answers others; the first of them started the conversation.
func (w *world) reply(c crm.Claim, ext, mail string, refs ...string) crm.Write {
	out := w.logged(c, ext, mail, "p")
	s := crm.Screening{Messages: []crm.Key{key(mail)}, Outside: []string{"p@client.co.jp"}, Inside: []string{c.Source.Owner}, Subject: out.Activity.Subject}
	for _, ref := range refs {
		s.Messages = append(s.Messages, key(ref))
	}
	out.Activity.Thread = string(key(mail))
	if len(refs) > 0 {
		out.Activity.Thread = string(key(refs[0]))
	}
	out.Screening = &s
	return out
}

func (w *world) row(source, ext string) crm.Entry {
	w.t.Helper()
	e, err := w.s.GetEntry(w.ctx, source, ext)
	w.ok(err)
	return e
}

func (w *world) vanished(mail string) {
	w.t.Helper()
	if a, err := w.s.GetActivity(w.ctx, string(key(mail))); !errors.Is(err, crm.ErrNotFound) {
		w.t.Errorf("%s is still there: %q, %v", mail, a.Subject, err)
	}
}

func (w *world) mark(mail string) crm.PrivateThread {
	w.t.Helper()
	thread, err := w.s.MarkPrivate(w.ctx, sato, sato, string(key(mail)), "健康診断", w.now)
	w.ok(err)
	return thread
}

func (w *world) isPrivate(source string, ids ...string) {
	w.t.Helper()
	for _, ext := range ids {
		if e := w.row(source, ext); e.Verdict != crm.Excluded || e.Reason != crm.ReasonPrivateThread || e.Activity != "" {
			w.t.Errorf("row %s/%s: %+v", source, ext, e)
		}
	}
}

func testMarkPrivate(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{w.person("p", "p@client.co.jp")}))
	w.s.EnableOutbox(true)
	w.commit(w.a, w.reply(w.a, "1", "root"), w.reply(w.a, "2", "answer", "root"), w.reply(w.a, "3", "other"))
	w.commit(w.b, w.reply(w.b, "1", "answer", "root"), w.reply(w.b, "2", "deeper", "root", "answer"))
	thread := w.mark("answer")
	if thread.Items != 4 || thread.By != sato || thread.Note != "健康診断" || !thread.From.Equal(w.now) {
		t.Errorf("marked: %+v", thread)
	}
	for _, mail := range []string{"root", "answer", "deeper"} {
		w.vanished(mail)
	}
	w.isPrivate("a", "1", "2")
	w.isPrivate("b", "1", "2")
	if a := w.activity("other"); a.Subject == "" {
		t.Error("another conversation went too")
	}
	if a, b := w.tally("a"), w.tally("b"); a != (crm.Tally{Seen: 3, Logged: 1, Excluded: 2}) || b != (crm.Tally{Seen: 2, Excluded: 2}) {
		t.Errorf("tallies %+v, %+v", a, b)
	}
	list, _, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Person: "p", Limit: 10})
	w.ok(err)
	if len(list) != 1 {
		t.Errorf("%d activities on the timeline", len(list))
	}
	rows, err := w.s.ListOutbox(w.ctx, 0, 100)
	w.ok(err)
	removed := map[string]bool{}
	for _, r := range rows {
		if r.Op == "delete" {
			removed[r.Activity] = true
		}
	}
	if len(removed) != 3 {
		t.Errorf("the targets are told of %d removals", len(removed))
	}
	audit, _, err := w.s.ListAudit(w.ctx, "", 50)
	w.ok(err)
	for _, r := range audit {
		if strings.Contains(r.Before+r.After+r.Object, "件名") || strings.Contains(r.Before+r.After, "健康") {
			t.Errorf("the audit tells: %+v", r)
		}
	}
	mine, next, err := w.s.ListPrivate(w.ctx, "Sato@Example.co.jp", "", 10)
	if err != nil || len(mine) != 1 || next != "" || mine[0].ID != thread.ID {
		t.Errorf("listed: %+v, %v", mine, err)
	}
	if theirs, _, _ := w.s.ListPrivate(w.ctx, suzuki, "", 10); len(theirs) != 0 {
		t.Errorf("others see %+v", theirs)
	}
}

func testPrivateLater(t *testing.T, w *world) {
	w.commit(w.a, w.reply(w.a, "1", "root"))
	thread := w.mark("root")
	unmatched := w.other("3", "third", crm.Unmatched, crm.ReasonNobody, "x@nowhere.example")
	unmatched.Screening = &crm.Screening{Messages: []crm.Key{key("third"), key("second")}}
	w.commit(w.a, w.reply(w.a, "2", "second", "root"), unmatched, w.reply(w.a, "4", "elsewhere"))
	w.commit(w.b, w.reply(w.b, "1", "root"))
	w.isPrivate("a", "1", "2", "3")
	w.isPrivate("b", "1")
	w.vanished("second")
	if n, _ := w.s.CountPending(w.ctx, "x@nowhere.example"); n != 0 {
		t.Errorf("%d rows wait for somebody on a private mail", n)
	}
	w.commit(w.a, w.reply(w.a, "1", "root")) // read again
	w.isPrivate("a", "1")
	mine, _, err := w.s.ListPrivate(w.ctx, sato, "", 10)
	w.ok(err)
	if mine[0].Items != 4 || mine[0].ID != thread.ID {
		t.Errorf("it keeps out %+v", mine[0])
	}
	if got := w.tally("a"); got != (crm.Tally{Seen: 4, Logged: 1, Excluded: 3}) {
		t.Errorf("tally %+v", got)
	}
	if w.row("a", "4").Verdict != crm.Logged {
		t.Error("another conversation is kept out")
	}
	review := w.reply(w.a, "5", "fifth", "third")
	review.Reviews = []crm.Review{{ID: "0123456789abcdef0123456789abcdef", Address: "q@client.co.jp", Subject: "件名", State: crm.ReviewOpen, Raised: w.now}}
	review.People = []crm.Person{w.person("q", "q@client.co.jp")}
	w.commit(w.a, review)
	if n, _ := w.s.CountReviews(w.ctx, crm.ReviewOpen); n != 0 {
		t.Error("a private mail raised a review")
	}
	if _, err := w.s.GetPerson(w.ctx, "q"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a private mail made a person: %v", err)
	}
}

// A mail that answers one which was not read yet, and names no other, is logged; it goes as soon as the link is known.
func testPrivateOutOfOrder(t *testing.T, w *world) {
	w.commit(w.a, w.reply(w.a, "1", "root"))
	w.mark("root")
	w.commit(w.a, w.reply(w.a, "3", "third", "second"))
	if w.row("a", "3").Verdict != crm.Logged {
		t.Fatal("nothing links it yet")
	}
	w.commit(w.a, w.reply(w.a, "4", "fourth", "second"), w.reply(w.a, "2", "second", "root"))
	w.isPrivate("a", "1", "2", "3", "4")
	w.vanished("third")
	w.vanished("fourth")
}

func testLiftPrivate(t *testing.T, w *world) {
	w.commit(w.a, w.reply(w.a, "1", "root"), w.reply(w.a, "2", "second", "root"))
	w.commit(w.b, w.reply(w.b, "1", "second", "root"))
	thread := w.mark("second")
	if _, err := w.s.LiftPrivate(w.ctx, suzuki, suzuki, thread.ID, w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("somebody else lifts it: %v", err)
	}
	sources, err := w.s.LiftPrivate(w.ctx, sato, sato, thread.ID, w.now)
	if err != nil || !slices.Equal(sources, []string{"a", "b"}) {
		t.Fatalf("lifted: %v, %v", sources, err)
	}
	if got := w.tally("a"); got != (crm.Tally{Seen: 2, Failed: 2}) {
		t.Errorf("tally %+v", got)
	}
	due, err := w.s.RetryDue(w.ctx, "a", w.now.Add(time.Second), 10)
	if err != nil || len(due) != 2 || due[0].Reason != crm.ReasonReadAgain {
		t.Fatalf("due: %+v, %v", due, err)
	}
	w.commit(w.a, w.reply(w.a, "1", "root"), w.reply(w.a, "2", "second", "root"))
	w.commit(w.b, w.reply(w.b, "1", "second", "root"))
	if a := w.activity("second"); !slices.Equal(a.Owners, []string{sato, suzuki}) {
		t.Errorf("read again: %+v", a.Owners)
	}
	if mine, _, _ := w.s.ListPrivate(w.ctx, sato, "", 10); len(mine) != 0 {
		t.Errorf("still listed: %+v", mine)
	}
	if _, err := w.s.LiftPrivate(w.ctx, sato, sato, thread.ID, w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
}

func testPrivateRefused(t *testing.T, w *world) {
	w.commit(w.a, w.reply(w.a, "1", "root"), w.formWrite())
	for name, test := range map[string]struct {
		rep, id string
		want    error
	}{
		"not credited": {suzuki, string(key("root")), crm.ErrPrivate},
		"nobody":       {"", string(key("root")), crm.ErrPrivate},
		"not there":    {sato, "none", crm.ErrNotFound},
		"a form":       {sato, string(key("form")), crm.ErrPrivate},
	} {
		if _, err := w.s.MarkPrivate(w.ctx, test.rep, test.rep, test.id, "", w.now); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if w.row("a", "1").Verdict != crm.Logged {
		t.Error("a refused mark did something")
	}
}

func (w *world) formWrite() crm.Write {
	out := w.logged(w.a, "form", "form")
	out.Activity.Kind, out.Activity.Form = crm.KindForm, "contact"
	return out
}

func testPrivateWaiting(t *testing.T, w *world) {
	w.commit(w.a, w.reply(w.a, "1", "root"))
	waits := w.other("1", "root", crm.Waiting, crm.ReasonNewContact, "new@client.co.jp")
	waits.Reviews = []crm.Review{{ID: "0123456789abcdef0123456789abcdef", Address: "new@client.co.jp", Subject: "件名 root", State: crm.ReviewOpen, Raised: w.now}}
	w.commit(w.b, waits)
	w.mark("root")
	w.isPrivate("b", "1")
	if _, err := w.s.GetReview(w.ctx, "0123456789abcdef0123456789abcdef"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("its review: %v", err)
	}
}

func testPrivateConversationOfMeeting(_ *testing.T, w *world) {
	w.commit(w.a, w.meeting(w.a, "cal/e", "u", w.now.Add(time.Hour), "p"))
	meeting := w.meetingOf("u")
	_, err := w.s.MarkPrivate(w.ctx, sato, sato, meeting.ID, "", w.now)
	w.ok(err)
	w.commit(w.b, w.meeting(w.b, "cal/e", "u", w.now.Add(2*time.Hour), "p"))
	w.isPrivate("a", "cal/e")
	w.isPrivate("b", "cal/e")
}
