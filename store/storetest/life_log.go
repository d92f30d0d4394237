package storetest

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// call is a call that sato logged with people.
func (w *world) call(name string, people ...string) crm.Activity {
	a := crm.Activity{Key: key(name), Kind: crm.KindCall, Direction: crm.DirectionOut, Time: w.now, Subject: "電話", Text: "said of " + name, By: sato,
		Call: &crm.Call{Result: crm.CallAgain, Note: "note of " + name, Number: "03-1234-5678", Next: crm.NextAction{When: "2026-12-01", Whom: "田中様", What: "call again"}}}
	for _, id := range people {
		a.People = append(a.People, crm.Participant{ID: id})
	}
	return a
}

func testLogActivity(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	p := w.person("p", "P+tag@client.co.jp")
	p.AccountID = "acc"
	w.savePeople(p)
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("acc"), w.account("other")}))
	a := w.call("call", "p")
	a.Accounts = []string{"other"}
	w.ok(w.s.LogActivity(w.ctx, sato, a))
	got := w.activity("call")
	want := a
	want.ID, want.Version, want.Owners = string(a.Key), 1, []string{sato}
	want.People = []crm.Participant{{Kind: crm.Contact, ID: "p", Name: "Person p", Address: crm.CanonicalAddress("P+tag@client.co.jp"), Role: crm.RoleTo}}
	want.Match = got.Match
	if diff := cmp.Diff(want, got); diff != "" || got.Match.Rule != crm.RuleManual {
		t.Errorf("stored, by rule %s (-want +got):\n%s", got.Match.Rule, diff)
	}
	for name, f := range map[string]crm.ActivityFilter{"person": {Person: "p"}, "account": {Account: "acc"}, "named account": {Account: "other"}, "owner": {Owner: sato}, "calls": {Kind: crm.KindCall}} {
		if list := timeline(t, w.s, f); len(list) != 1 {
			t.Errorf("%s: %d activities", name, len(list))
		}
	}
	rows, err := w.s.ListOutbox(w.ctx, 0, 10)
	if w.ok(err); len(rows) != 1 || rows[0].Op != "put" {
		t.Errorf("the targets are told %+v", rows)
	}
	audit, _, _ := w.s.ListAudit(w.ctx, "", 1)
	if audit[0].Actor != sato || audit[0].Object != "activity/"+got.ID {
		t.Errorf("audited as %+v", audit[0])
	}
	if err := w.s.LogActivity(w.ctx, suzuki, a); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	if _, out, err := w.s.LastHeard(w.ctx, "p"); err != nil || !out.Equal(w.now) && w.now.Before(got.Time) {
		t.Errorf("reached at %s, %v", out, err)
	}
	note := crm.Activity{Key: key("note"), Kind: crm.KindNote, Direction: crm.DirectionNone, Time: w.now, Text: "opinion"}
	w.ok(w.s.LogActivity(w.ctx, suzuki, note))
	if got := w.activity("note"); got.By != suzuki || len(got.Owners) != 1 || got.Owners[0] != suzuki {
		t.Errorf("a note: %+v", got)
	}
}

func testLogRefused(t *testing.T, w *world) {
	w.savePeople(w.person("p", "p@client.co.jp"))
	good := w.call("call", "p")
	for name, test := range map[string]struct {
		change func(a *crm.Activity)
		want   error
	}{
		"a mail":            {func(a *crm.Activity) { a.Kind = crm.KindEmail }, crm.ErrRefused},
		"from a source":     {func(a *crm.Activity) { a.Observed = []crm.Observation{{Source: "a", ExternalID: "1"}} }, crm.ErrRefused},
		"without a key":     {func(a *crm.Activity) { a.Key = "" }, crm.ErrRefused},
		"with nobody known": {func(a *crm.Activity) { a.People[0].ID = "x" }, crm.ErrNotFound},
		"at no account":     {func(a *crm.Activity) { a.Accounts = []string{"x"} }, crm.ErrNotFound},
	} {
		a := good
		a.People = append([]crm.Participant(nil), good.People...)
		test.change(&a)
		if err := w.s.LogActivity(w.ctx, sato, a); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if n := len(timeline(t, w.s, crm.ActivityFilter{})); n != 0 {
		t.Errorf("%d activities are there", n)
	}
}

// testLoggedStays does all that takes activities away when sources go, and none of it touches a call.
func testLoggedStays(t *testing.T, w *world) {
	w.savePeople(w.person("p", "p@client.co.jp"))
	w.ok(w.s.LogActivity(w.ctx, sato, w.call("call", "p")))
	want := w.activity("call")
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{{Source: "a", ExternalID: "1"}}, "x", w.now))
	b := w.batch(w.a)
	b.Retired = []string{""}
	w.ok(w.s.Commit(w.ctx, b))
	seen := 0
	_, err := w.s.EachActivity(w.ctx, "", func(a crm.Activity) error {
		seen++
		if a.By == "" {
			t.Errorf("%s is there", a.Subject)
		}
		return nil
	})
	if w.ok(err); seen != 1 {
		t.Errorf("%d activities are walked over", seen)
	}
	now := want
	now.Custom = map[string]string{"a": "b"}
	if stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: want, Now: now}}); err != nil || len(stale) > 0 {
		t.Fatal(stale, err)
	}
	if stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: now, Now: want}}); err != nil || len(stale) > 0 {
		t.Fatal(stale, err)
	}
	if diff := cmp.Diff(want, w.activity("call")); diff != "" {
		t.Errorf("the call (-want +got):\n%s", diff)
	}
}

func testEraseLife(t *testing.T, w *world) {
	const address, name = "hanako@client.co.jp", "花子ジョンソン"
	gone, stays := w.lead("gone", name, address), w.lead("stays", "だれか", "other@client.co.jp")
	w.savePeople(gone, stays)
	shared := w.call("shared", "stays")
	shared.Call.Note, shared.Call.Next.Whom = "asked "+name, name
	shared.People = append(shared.People, crm.Participant{ID: "gone", Role: crm.RoleCc})
	w.ok(w.s.LogActivity(w.ctx, sato, w.call("alone", "gone")))
	w.ok(w.s.LogActivity(w.ctx, sato, shared))
	mail := w.logged(w.a, "1", "mail", "stays")
	mail.Activity.People = append(mail.Activity.People, crm.Participant{Kind: crm.Lead, ID: "gone", Name: name, Address: address, Role: crm.RoleCc})
	mail.Activity.Signals = []crm.Signal{{Kind: crm.SignalLeft, Evidence: name + "は退職", Address: address}, {Kind: crm.SignalPromised, Evidence: name + "に送る"},
		{Kind: crm.SignalSignature, Fields: map[string]string{"name": name}}}
	w.commit(w.a, mail)
	w.follow(func(f crm.Following) crm.Followed {
		out := asIs(f)
		out.Standing.Parts = []crm.Part{{Code: "left", Points: -1, Evidence: name + " says"}}
		out.Standing.Segments, out.Standing.Unreplied = []string{"s"}, w.now
		out.Changes = []crm.Change{{ID: "c" + f.ID, Field: crm.ChangeStatus, At: w.now, From: "a", To: "b", Evidence: "words of " + name, By: sato}}
		out.Facts = []crm.Fact{{Metric: crm.MetricLeads, At: w.now, Value: 1}}
		return out
	})
	_, _, err := w.s.Erase(w.ctx, "admin", address, w.now)
	w.ok(err)
	if text := backup(w); bytes.Contains(text, []byte(name)) || bytes.Contains(text, []byte(address)) || !bytes.Contains(text, []byte("words of ")) {
		t.Error("a back-up holds the name or the address, or not what stays")
	}
	if list := w.changes("gone"); len(list) != 0 {
		t.Errorf("changes are left: %+v", list)
	}
	if _, err := w.s.GetStanding(w.ctx, "gone"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a standing is left: %v", err)
	}
	if n, _ := w.s.CountSegment(w.ctx, "s"); n != 1 {
		t.Errorf("%d are in the segment", n)
	}
	w.wantNumbers("facts", byDay(crm.MetricLeads), crm.Number{Period: "2026-11-21", Count: 1, Sum: 1})
	if _, err := w.s.GetActivity(w.ctx, string(key("alone"))); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the call is left: %v", err)
	}
	got := w.activity("shared")
	if got.Call.Note != "asked [erased]" || got.Call.Number != "" {
		t.Errorf("the shared call: %+v", got.Call)
	}
	if list := w.activity("mail").Signals; len(list) != 2 {
		t.Errorf("signals: %+v", list)
	}
	w.wantDue("who was on the same activities", "stays")
}
