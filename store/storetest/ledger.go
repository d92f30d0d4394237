package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func contextOf(w *world) (context.Context, context.CancelFunc) { return context.WithCancel(w.ctx) }

func testRows(t *testing.T, w *world) {
	w.commit(w.a, w.other("1", "m1", crm.Unmatched, crm.ReasonNobody, "x@client.co.jp"), w.other("2", "m2", crm.Excluded, crm.ReasonInternal, "y@client.co.jp"))
	w.now = w.now.Add(time.Hour)
	w.commit(w.a, w.logged(w.a, "1", "m1", "p"))
	if got, want := w.tally("a"), (crm.Tally{Seen: 2, Logged: 1, Excluded: 1}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	got, err := w.s.GetEntry(w.ctx, "a", "1")
	w.ok(err)
	want := crm.Entry{Source: "a", ExternalID: "1", Key: key("m1"), SeenAt: start(), ItemTime: w.now, Verdict: crm.Logged,
		Reason: crm.ReasonMatched, Activity: string(key("m1"))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("replaced row (-want +got):\n%s", diff)
	}
	if n, _ := w.s.CountPending(w.ctx, "x@client.co.jp"); n != 0 {
		t.Errorf("%d rows wait for an address that is known", n)
	}
	if n, _ := w.s.CountPending(w.ctx, "y@client.co.jp"); n != 0 {
		t.Errorf("%d excluded rows wait", n)
	}
	missing, err := w.s.MissingFrom(w.ctx, "a", []string{"3", "1", "4", "2"})
	w.ok(err)
	if diff := cmp.Diff([]string{"3", "4"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func testMerge(t *testing.T, w *world) {
	// The Sent copy and the INBOX copy, in one batch, and a colleague's copy.
	out := w.logged(w.a, "sent/1", "m", "p")
	out.Activity.Direction = crm.DirectionOut
	out.Activity.People = append(out.Activity.People, crm.Participant{Address: "hidden@client.co.jp", Role: crm.RoleBcc})
	w.commit(w.a, w.logged(w.a, "1", "m", "p"), out)
	w.commit(w.b, w.logged(w.b, "7", "m", "p"))
	w.commit(w.b, w.logged(w.b, "7", "m", "p")) // once more after a crash
	a := w.activity("m")
	if len(a.Observed) != 3 || !slices.Equal(a.Owners, []string{sato, suzuki}) || a.Direction != crm.DirectionOut || len(a.People) != 2 {
		t.Errorf("merged: %+v", a)
	}
	if got := w.tally("a"); got.Logged != 2 {
		t.Errorf("tally %+v", got)
	}
}

func testLeavesLogged(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	w.commit(w.b, w.logged(w.b, "1", "m", "p"))
	w.commit(w.a, w.other("1", "m", crm.Excluded, crm.ReasonSubject))
	if a := w.activity("m"); len(a.Observed) != 1 || !slices.Equal(a.Owners, []string{suzuki}) {
		t.Errorf("after one left: %+v", a)
	}
	w.commit(w.b, w.other("1", "m", crm.Excluded, crm.ReasonSubject))
	if _, err := w.s.GetActivity(w.ctx, string(key("m"))); err == nil {
		t.Error("an activity that nobody observes is there")
	}
	rows, err := w.s.ListOutbox(w.ctx, 0, 10)
	w.ok(err)
	if len(rows) != 4 || rows[3].Op != "delete" || rows[0].Op != "put" {
		t.Errorf("outbox: %+v", rows)
	}
	if list, _ := w.s.Rollups(w.ctx, "0000-01-01", "9999-12-31"); len(list) != 0 {
		t.Errorf("roll-ups of nothing: %+v", list)
	}
}

func testRetired(t *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "INBOX;1;1", "m", "p"), w.other("INBOX;1;2", "n", crm.Unmatched, crm.ReasonNobody, "x@y.jp"), w.logged(w.a, "Sent;1;1", "o", "p"))
	batch := w.batch(w.a, w.logged(w.a, "INBOX;2;8", "m", "p"))
	batch.Retired = []string{"INBOX;1;", "Nowhere"}
	w.ok(w.s.Commit(w.ctx, batch))
	if got, want := w.tally("a"), (crm.Tally{Seen: 2, Logged: 2}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	if a := w.activity("m"); len(a.Observed) != 1 || a.Observed[0].ExternalID != "INBOX;2;8" {
		t.Errorf("observed: %+v", a.Observed)
	}
	e, err := w.s.GetEntry(w.ctx, "a", "INBOX;1;2")
	w.ok(err)
	if !e.Retired {
		t.Errorf("row: %+v", e)
	}
	if missing, _ := w.s.MissingFrom(w.ctx, "a", []string{"INBOX;1;2"}); len(missing) != 1 {
		t.Error("a retired row is taken for one that is there")
	}
	if n, _ := w.s.CountPending(w.ctx, "x@y.jp"); n != 0 {
		t.Errorf("%d retired rows wait", n)
	}
	w.commit(w.a, w.other("INBOX;1;2", "n", crm.Unmatched, crm.ReasonNobody, "x@y.jp"))
	if got := w.tally("a"); got.Unmatched != 1 {
		t.Errorf("a row written again stays retired: %+v", got)
	}
}

func testFindEntries(t *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "1", "m", "p"), w.other("2", "n", crm.Excluded, crm.ReasonInternal))
	w.commit(w.b, w.logged(w.b, "9", "m", "p"), w.other("1", "o", crm.Unmatched, crm.ReasonNobody))
	for _, test := range []struct {
		name, ask string
		want      []string
	}{
		{"external id in two sources", "1", []string{"a/1", "b/1"}},
		{"key of a logged mail", string(key("m")), []string{"a/1", "b/9"}},
		{"key of an excluded mail", string(key("n")), []string{"a/2"}},
		{"nothing", "nothing", nil},
	} {
		list, err := w.s.FindEntries(w.ctx, test.ask)
		w.ok(err)
		var got []string
		for _, e := range list {
			got = append(got, e.Source+"/"+e.ExternalID)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func testLedgerFilters(_ *testing.T, w *world) {
	for i, v := range []crm.Verdict{crm.Excluded, crm.Unmatched, crm.Excluded, crm.Waiting, crm.Excluded} {
		w.now = w.now.Add(time.Second)
		reason := []crm.Reason{"internal", "nobody", "folder: Private", "ambiguous", "folder: 私用"}[i]
		w.commit(w.a, w.other(string(rune('a'+i)), string(rune('a'+i)), v, reason))
		w.commit(w.b, w.other(string(rune('A'+i)), string(rune('a'+i)), v, reason))
	}
	for _, test := range []struct {
		name string
		f    crm.LedgerFilter
		want string
	}{
		{"all", crm.LedgerFilter{}, "EeDdCcBbAa"},
		{"source", crm.LedgerFilter{Source: "a"}, "edcba"},
		{"verdict", crm.LedgerFilter{Verdict: crm.Excluded}, "EeCcAa"},
		{"source and verdict", crm.LedgerFilter{Source: "b", Verdict: crm.Excluded}, "ECA"},
		{"reason", crm.LedgerFilter{Reason: "folder"}, "EeCc"},
		{"reason in source", crm.LedgerFilter{Source: "a", Reason: "folder"}, "ec"},
		{"no such", crm.LedgerFilter{Verdict: crm.Failed}, ""},
	} {
		w.ledgerIs(test.name, test.f, test.want)
	}
	testLedgerFinds(w)
}
