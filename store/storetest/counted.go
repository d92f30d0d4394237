package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Counted tells what stands behind numbers.
type Counted interface {
	// ListCounted gives the facts that numbers add up, each with its record: the last day first, within a day in an order
	// of the store's own. Together the pages have as many facts as the numbers of the same days, details and restrictions
	// count. A page can be shorter than its limit, or a little longer, and be followed by another one. Of MetricManual one
	// detail is asked for. crm.ErrRefused for a metric that is not listed, and for what is no day.
	ListCounted(ctx context.Context, q crm.CountedQuery) ([]crm.Counted, string, error)
}

// Views keeps reports as users set them up.
type Views interface {
	// SaveView inserts or replaces by ID, audited. crm.ErrRefused for one of another user, and for more than
	// crm.MaxSavedViews of one.
	SaveView(ctx context.Context, actor string, v crm.SavedView) error
	GetView(ctx context.Context, id string) (crm.SavedView, error)
	DeleteView(ctx context.Context, actor, id string) error // audited; crm.ErrNotFound
	// ListViews gives the views of a user and those that are shared, by name.
	ListViews(ctx context.Context, owner string) ([]crm.SavedView, error)
}

func runCounted(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"what was counted of people", testCountedPeople},
		{"what was counted of activities", testCountedActivities},
		{"what was counted of opportunities", testCountedOpportunities},
		{"pages of what was counted", testCountedPages},
		{"what cannot be listed", testCountedRefused},
		{"saved views", testSavedViews},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

// behind reads all pages of a list.
func (w *world) behind(q crm.CountedQuery) (out []crm.Counted) {
	w.t.Helper()
	for range 1000 {
		page, next, err := w.s.ListCounted(w.ctx, q)
		w.ok(err)
		out = append(out, page...)
		if q.After = next; next == "" {
			return out
		}
	}
	w.t.Fatal("the list has no end")
	return nil
}

// wantCounted says which records stand behind a number, and holds the numbers to that.
func (w *world) wantCounted(why string, q crm.CountedQuery, want ...string) {
	w.t.Helper()
	var got []string
	for _, c := range w.behind(q) {
		switch {
		case c.Person != nil:
			got = append(got, c.Person.ID)
		case c.Activity != nil:
			got = append(got, c.Activity.Subject)
		case c.Opportunity != nil:
			got = append(got, c.Opportunity.ID)
		default:
			got = append(got, "nothing")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := gocmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", why, diff)
	}
	n := int64(0)
	for _, one := range w.numbersOf(crm.NumberQuery{Metric: q.Metric, Grain: crm.GrainDay, From: q.From, To: q.To, Owner: q.Owner, Channel: q.Channel, Campaign: q.Campaign}) {
		if q.Details == nil || slices.Contains(q.Details, one.Detail) {
			n += one.Count
		}
	}
	if n != int64(len(want)) {
		w.t.Errorf("%s: the number is %d, the list has %d", why, n, len(want))
	}
}

func testCountedPeople(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "P", "p@c.jp"), w.lead("q", "Q", "q@c.jp"))
	follow := func(id string, facts ...crm.Fact) {
		t.Helper()
		f, err := w.s.GetFollowing(w.ctx, id)
		w.ok(err)
		made := asIs(f)
		made.Facts = facts
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	at := func(month, day, hour int) time.Time {
		return time.Date(2026, time.Month(month), day, hour, 0, 0, 0, time.UTC)
	}
	won := func(at time.Time, channel, campaign string) crm.Fact {
		return crm.Fact{Metric: crm.MetricStatus, At: at, Owners: []string{sato}, Channel: channel, Campaign: campaign, Detail: "meeting_won", Value: 1}
	}
	working := won(at(11, 21, 3), "web", "Expo")
	working.Detail = "working"
	nobody := won(at(11, 22, 3), "", "")
	nobody.Owners = nil
	// The evening of 31 October in UTC is 1 November in Tokyo, as is the day after.
	follow("p", won(at(10, 31, 20), "web", "Expo"), won(at(11, 1, 3), "web", "expo"), working)
	follow("q", won(at(11, 21, 3), "referral", ""), nobody)
	q := crm.CountedQuery{Metric: crm.MetricStatus, From: "2026-11-01", To: "2026-11-30"}
	w.wantCounted("all of a month", q, "p", "p", "p", "q", "q")
	q.Details = []string{"meeting_won"}
	w.wantCounted("of a detail", q, "p", "p", "q", "q")
	q.Owner = text("")
	w.wantCounted("nobody's", q, "q")
	q.Owner = text(sato)
	w.wantCounted("an owner's", q, "p", "p", "q")
	q.Owner, q.Channel = nil, text("referral")
	w.wantCounted("of a channel", q, "q")
	q.Channel, q.To = nil, "2026-11-01"
	w.wantCounted("a day that is two in UTC", q, "p", "p")
	q.Campaign = text("ＥＸＰＯ")
	if n := len(w.behind(q)); n != 2 {
		t.Errorf("of a campaign, however it is written: %d", n)
	}
	q.Campaign = nil
	follow("p", won(at(11, 1, 3), "web", "expo"))
	w.wantCounted("what was counted before is taken off", q, "p")
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	w.wantCounted("of somebody who is gone", q)
}

func testCountedActivities(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "P", "p@c.jp"))
	form := w.logged(w.a, "2", "form", "p")
	form.Activity.Kind, form.Activity.Product, form.Activity.Form = crm.KindForm, "会計", "f"
	meeting := w.logged(w.a, "3", "meeting", "p")
	meeting.Activity.Kind, meeting.Activity.Direction, meeting.Activity.Meeting = crm.KindMeeting, crm.DirectionNone, &crm.Meeting{UID: "u"}
	meeting.Activity.End = meeting.Activity.Time.Add(time.Hour)
	w.commit(w.a, w.logged(w.a, "1", "mail", "p"), form, meeting)
	w.commit(w.b, w.logged(w.b, "1", "mail", "p"))
	call := crm.Activity{Key: "call", Subject: "電話", Kind: crm.KindCall, Direction: crm.DirectionOut, Time: w.now, Call: &crm.Call{Result: crm.CallNoAnswer}}
	w.ok(w.s.LogActivity(w.ctx, sato, call))
	later := w.now.AddDate(0, 0, 3)
	_, err := w.s.SetOutcome(w.ctx, sato, string(key("meeting")), crm.Outcome{Result: crm.OutcomeHeld, By: sato, At: later})
	w.ok(err)
	q := crm.CountedQuery{Metric: crm.MetricActivities, From: "2026-11-21", To: "2026-11-21"}
	w.wantCounted("all of a day, each once", q, "件名 mail", "件名 form", "件名 meeting", "電話")
	q.Details = []string{"email/in", "call/out"}
	w.wantCounted("of some kinds", q, "件名 mail", "電話")
	q.Owner = text(suzuki)
	w.wantCounted("an owner's", q, "件名 mail")
	q.Owner = text("")
	w.wantCounted("nobody's", q)
	q.To, q.From, q.Owner = "2026-11-20", "2026-11-01", nil
	w.wantCounted("of days before", q)
	q = crm.CountedQuery{Metric: crm.MetricCalls, From: "2026-11-01", To: "2026-11-30"}
	w.wantCounted("calls", q, "電話")
	q.Metric = crm.MetricProducts
	w.wantCounted("enquiries", q, "件名 form")
	q.Metric, q.Details = crm.MetricManual, []string{crm.ManualTyped}
	w.wantCounted("what was typed", q, "電話", "件名 meeting")
	q.From = "2026-11-24"
	w.wantCounted("what was said of a meeting later", q, "件名 meeting")
	q.From, q.Details = "2026-11-01", []string{crm.ManualAutomatic}
	w.wantCounted("what came by itself", q, "件名 mail", "件名 form", "件名 meeting")
	w.commit(w.a, w.other("2", "form", crm.Excluded, crm.ReasonSubject))
	w.wantCounted("what was excluded later", crm.CountedQuery{Metric: crm.MetricProducts, From: "2026-11-01", To: "2026-11-30"})
	if t.Failed() {
		t.Log("counted by the organisation's days")
	}
}

func testCountedOpportunities(_ *testing.T, w *world) {
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "acc", Name: "A"}}))
	w.opportunity("open", nil)
	win := func(o *crm.Opportunity) {
		o.Stage, o.Ends, o.Closed, o.Amount = crm.StageWon, crm.EndsWon, "2026-11-10", 500
	}
	w.opportunity("won", win)
	q := crm.CountedQuery{Metric: crm.MetricWon, From: "2026-11-01", To: "2026-11-30"}
	w.wantCounted("won", q, "won")
	w.opportunity("open", win)
	w.wantCounted("one more", q, "won", "open")
	w.ok(w.s.DeleteOpportunity(w.ctx, "cli", "won"))
	w.wantCounted("one is gone", q, "open")
}

func testCountedPages(t *testing.T, w *world) {
	var people []crm.Person
	for i := range 130 {
		people = append(people, w.lead(fmt.Sprintf("p%03d", i), "P", fmt.Sprintf("p%d@c.jp", i)))
	}
	w.savePeople(people...)
	for i := range people {
		f, err := w.s.GetFollowing(w.ctx, people[i].ID)
		w.ok(err)
		made := asIs(f)
		for n := range 3 {
			made.Facts = append(made.Facts, crm.Fact{Metric: crm.MetricReached, At: w.now.AddDate(0, 0, -(i % 40)), Detail: fmt.Sprint("step ", n), Value: 1})
		}
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	for _, details := range [][]string{nil, {"step 1"}, {"step 0", "step 2"}} {
		q := crm.CountedQuery{Metric: crm.MetricReached, Details: details, From: "2026-01-01", To: "2026-12-31", Limit: 7}
		want := 130 * max(len(details), 1)
		if details == nil {
			want = 3 * 130
		}
		seen, last := map[string]bool{}, time.Time{}
		for _, c := range w.behind(q) {
			seen[c.Person.ID+c.Fact.Detail] = true
			if !last.IsZero() && c.Fact.At.After(last) {
				t.Errorf("%v after %v", c.Fact.At, last)
			}
			last = c.Fact.At
		}
		if len(seen) != want || len(w.behind(q)) != want {
			t.Errorf("%v: %d different ones on all pages instead of %d", details, len(seen), want)
		}
	}
	mails := make([]crm.Write, 25)
	for i := range mails {
		mails[i] = w.logged(w.a, fmt.Sprint(i), fmt.Sprint("m", i), "p000")
	}
	w.commit(w.a, mails...)
	if n := len(w.behind(crm.CountedQuery{Metric: crm.MetricActivities, From: "2026-11-21", To: "2026-11-21", Limit: 4})); n != 25 {
		t.Errorf("%d mails", n)
	}
}

func testCountedRefused(t *testing.T, w *world) {
	for _, q := range []crm.CountedQuery{
		{Metric: crm.MetricCost, From: "2026-11-01", To: "2026-11-30"},
		{Metric: crm.MetricLeads, From: "2026-11", To: "2026-11-30"},
		{Metric: "odd", From: "2026-11-01", To: "2026-11-30"},
	} {
		if _, _, err := w.s.ListCounted(w.ctx, q); !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func testSavedViews(t *testing.T, w *world) {
	view := func(id, owner, name string, shared bool) crm.SavedView {
		return crm.SavedView{ID: id, Owner: owner, Name: name, Report: crm.ReportLeads, Query: "range=last_12m", Shared: shared, Created: w.now}
	}
	names := func(owner string) (out []string) {
		list, err := w.s.ListViews(w.ctx, owner)
		w.ok(err)
		for _, v := range list {
			out = append(out, v.Name)
		}
		return out
	}
	w.ok(w.s.SaveView(w.ctx, sato, view("1", sato, "b 私の表", false)))
	w.ok(w.s.SaveView(w.ctx, suzuki, view("2", suzuki, "a みんなの表", true)))
	w.ok(w.s.SaveView(w.ctx, suzuki, view("3", suzuki, "c", false)))
	if diff := gocmp.Diff([]string{"a みんなの表", "b 私の表"}, names(sato)); diff != "" {
		t.Error(diff)
	}
	got, err := w.s.GetView(w.ctx, "1")
	w.ok(err)
	if diff := gocmp.Diff(view("1", sato, "b 私の表", false), got); diff != "" {
		t.Error(diff)
	}
	if err := w.s.SaveView(w.ctx, sato, view("3", sato, "mine now", false)); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("another user's view: %v", err)
	}
	if err := w.s.SaveView(w.ctx, sato, crm.SavedView{ID: "4", Owner: sato, Report: "odd"}); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("a view of nothing: %v", err)
	}
	w.ok(w.s.DeleteView(w.ctx, suzuki, "2"))
	if err := w.s.DeleteView(w.ctx, suzuki, "2"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if diff := gocmp.Diff([]string{"b 私の表"}, names(sato)); diff != "" {
		t.Error(diff)
	}
	for i := range crm.MaxSavedViews - 1 {
		w.ok(w.s.SaveView(w.ctx, sato, view(fmt.Sprint("x", i), sato, "x", false)))
	}
	if err := w.s.SaveView(w.ctx, sato, view("one more", sato, "x", false)); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("too many: %v", err)
	}
}
