package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testDeclare(t *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "1", "m1"))
	settle := crm.Settlement{Source: "a", Epoch: w.a.Source.Epoch, State: crm.SourceAuthExpired, Error: "sign-in failed", Hint: "sign in", At: w.now}
	w.ok(w.s.Settle(w.ctx, settle))
	w.ok(w.s.DeclareSources(w.ctx, w.sources(), w.now))
	if src, _ := w.s.GetSource(w.ctx, "a"); !src.Due.IsZero() || src.State != crm.SourceAuthExpired || src.Error != "sign-in failed" {
		t.Errorf("declared again without a change: %+v", src)
	}
	changed := w.sources()
	changed[0].Fingerprint = "2"
	w.ok(w.s.DeclareSources(w.ctx, changed[:1], w.now.Add(time.Second)))
	if src, _ := w.s.GetSource(w.ctx, "a"); !src.Due.Equal(w.now.Add(time.Second)) || src.Tally.Logged != 1 {
		t.Errorf("a changed setting does not wake: %+v", src)
	}
	if src, _ := w.s.GetSource(w.ctx, "b"); src.State != crm.SourceDisabled {
		t.Errorf("a missing source is %s", src.State)
	}
	if err := w.s.Commit(w.ctx, crm.Commit{Source: "b", Epoch: w.b.Source.Epoch, Writes: []crm.Write{w.logged(w.b, "1", "m1", "p")}, At: w.now}); !errors.Is(err, crm.ErrFenced) {
		t.Errorf("the pass of a source that is gone goes on: %v", err)
	}
	if _, ok, err := w.s.ClaimSource(w.ctx, "b", w.now.Add(2*time.Hour), time.Minute); ok || err != nil {
		t.Errorf("a disabled source was claimed: %v %v", ok, err)
	}
	w.ok(w.s.DeclareSources(w.ctx, append(changed, crm.Source{ID: "c"}), w.now))
	list, err := w.s.ListSources(w.ctx)
	w.ok(err)
	if len(list) != 3 || list[0].ID != "a" || list[2].ID != "c" || list[2].State != crm.SourceNeverRun {
		t.Errorf("sources: %+v", list)
	}
	if list[1].State == crm.SourceDisabled || list[1].Due.IsZero() {
		t.Errorf("a source that is back sleeps: %+v", list[1])
	}
}

func testClaims(t *testing.T, w *world) {
	due := func(s string, epoch uint64, at time.Time) {
		w.ok(w.s.Settle(w.ctx, crm.Settlement{Source: s, Epoch: epoch, State: crm.SourceOK, Due: at, Success: true, At: w.now}))
	}
	due("a", w.a.Source.Epoch, w.now.Add(2*time.Minute))
	due("b", w.b.Source.Epoch, w.now.Add(time.Minute))
	if _, ok, err := w.claimDue(w.now, time.Minute); ok || err != nil {
		t.Fatalf("claimed what is not due: %v %v", ok, err)
	}
	if next, _ := w.s.NextDue(w.ctx); !next.Equal(w.now.Add(time.Minute)) {
		t.Errorf("next due is %s", next)
	}
	later := w.now.Add(3 * time.Minute)
	first, ok, err := w.claimDue(later, time.Minute)
	w.ok(err)
	if !ok || first.Source.ID != "b" || first.Source.Epoch != w.b.Source.Epoch+1 || !first.Until.Equal(later.Add(time.Minute)) {
		t.Fatalf("claim: %+v", first)
	}
	second, _, err := w.claimDue(later, 2*time.Minute)
	w.ok(err)
	if second.Source.ID != "a" {
		t.Fatalf("claim: %+v", second)
	}
	if _, ok, _ := w.claimDue(later, time.Minute); ok {
		t.Error("claimed a leased source")
	}
	if next, _ := w.s.NextDue(w.ctx); !next.Equal(later.Add(time.Minute)) {
		t.Errorf("next due is %s, the first lease ends at %s", next, later.Add(time.Minute))
	}
	w.ok(w.s.Renew(w.ctx, "b", first.Source.Epoch, later.Add(time.Hour)))
	third, ok, err := w.claimDue(later.Add(2*time.Minute), time.Minute)
	w.ok(err)
	if !ok || third.Source.ID != "a" || third.Source.Epoch != second.Source.Epoch+1 {
		t.Errorf("the expired lease was not taken over: %+v %v", third, ok)
	}
	for name, err := range map[string]error{
		"renew":  w.s.Renew(w.ctx, "a", second.Source.Epoch, later),
		"settle": w.s.Settle(w.ctx, crm.Settlement{Source: "a", Epoch: second.Source.Epoch}),
		"commit": w.s.Commit(w.ctx, crm.Commit{Source: "a", Epoch: second.Source.Epoch}),
	} {
		if !errors.Is(err, crm.ErrFenced) {
			t.Errorf("%s with an old epoch: %v", name, err)
		}
	}
}

// claimDue claims the one source that has been due longest.
func (w *world) claimDue(now time.Time, lease time.Duration) (crm.Claim, bool, error) {
	claims, err := w.s.ClaimDue(w.ctx, now, lease, 1)
	if err != nil || len(claims) == 0 {
		return crm.Claim{}, false, err
	}
	return claims[0], true, nil
}

func testClaimsTogether(t *testing.T, w *world) {
	for i, c := range []crm.Claim{w.a, w.b} {
		w.ok(w.s.Settle(w.ctx, crm.Settlement{Source: c.Source.ID, Epoch: c.Source.Epoch, State: crm.SourceOK,
			Due: w.now.Add(time.Duration(2-i) * time.Minute), Success: true, At: w.now}))
	}
	later := w.now.Add(3 * time.Minute)
	claims, err := w.s.ClaimDue(w.ctx, later, time.Minute, 10)
	w.ok(err)
	if len(claims) != 2 || claims[0].Source.ID != "b" || claims[1].Source.ID != "a" || claims[1].Source.Epoch != w.a.Source.Epoch+1 {
		t.Fatalf("claims: %+v", claims)
	}
	if again, err := w.s.ClaimDue(w.ctx, later, time.Minute, 10); len(again) > 0 || err != nil {
		t.Errorf("claimed twice: %+v, %v", again, err)
	}
}

func testFencing(t *testing.T, w *world) {
	old := w.batch(w.a, w.logged(w.a, "1", "m1"))
	old.MoveCursor, old.Cursor = true, "old"
	w.now = w.now.Add(2 * time.Hour)
	w.a = w.claim("a")
	if err := w.s.Commit(w.ctx, old); !errors.Is(err, crm.ErrFenced) {
		t.Fatalf("commit of a lost claim: %v", err)
	}
	if _, err := w.s.GetEntry(w.ctx, "a", "1"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("something was stored: %v", err)
	}
	if err := w.s.Commit(w.ctx, crm.Commit{Source: "nobody"}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("commit to an unknown source: %v", err)
	}
	good := w.batch(w.a, w.logged(w.a, "1", "m1"))
	good.MoveCursor, good.Cursor, good.Progress = true, "new", crm.Progress{Done: 1, Total: 9}
	w.ok(w.s.Commit(w.ctx, good))
	w.commit(w.a) // does not move the cursor
	src, err := w.s.GetSource(w.ctx, "a")
	w.ok(err)
	if src.Cursor != "new" || src.Progress != good.Progress || !src.LastItem.Equal(w.now) {
		t.Errorf("source: %+v", src)
	}
	w.ok(w.s.ResetCursor(w.ctx, "a"))
	if src, _ := w.s.GetSource(w.ctx, "a"); src.Cursor != "" {
		t.Errorf("cursor after reset: %q", src.Cursor)
	}
}

func testWake(t *testing.T, w *world) {
	w.ok(w.s.Wake(w.ctx, "a", w.now.Add(time.Minute)))
	w.ok(w.s.Settle(w.ctx, crm.Settlement{Source: "a", Epoch: w.a.Source.Epoch, State: crm.SourceOK, Due: w.now.Add(time.Hour), At: w.now}))
	if src, _ := w.s.GetSource(w.ctx, "a"); !src.Due.Equal(w.now.Add(time.Minute)) {
		t.Errorf("a wake during the pass was lost: due %s", src.Due)
	}
	fail := crm.Settlement{Source: "b", Epoch: w.b.Source.Epoch, State: crm.SourceNeedsIT, Error: "no such host", Hint: "check addr", At: w.now}
	w.ok(w.s.Settle(w.ctx, fail))
	src, _ := w.s.GetSource(w.ctx, "b")
	if !src.Due.IsZero() || src.Attempts != 1 || !src.FailingFrom.Equal(w.now) {
		t.Errorf("after a failure: %+v", src)
	}
	w.ok(w.s.Wake(w.ctx, "b", w.now))
	if c, ok, _ := w.claimDue(w.now, time.Minute); !ok || c.Source.ID != "b" {
		t.Errorf("a paused source does not wake: %+v", c)
	}
	if err := w.s.Wake(w.ctx, "x", w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("wake of nothing: %v", err)
	}
}

func testAllOrNothing(t *testing.T, w *world) {
	bad := w.batch(w.a, w.logged(w.a, "1", "m1"), crm.Write{Entry: crm.Entry{ExternalID: "2", Verdict: "odd"}})
	if err := w.s.Commit(w.ctx, bad); err == nil {
		t.Fatal("an unknown verdict was stored")
	}
	if tally := w.tally("a"); tally != (crm.Tally{}) {
		t.Errorf("tally: %+v", tally)
	}
}

func testRetry(t *testing.T, w *world) {
	for i := range 3 {
		e := w.entry(fmt.Sprint(i), fmt.Sprint(i), crm.Failed, crm.ReasonUnreadable+": bad base64")
		e.Attempts, e.NextTry = 1, w.now.Add(time.Duration(3-i)*time.Minute)
		w.commit(w.a, crm.Write{Entry: e})
	}
	ids := func(now time.Time) (out []string) {
		list, err := w.s.RetryDue(w.ctx, "a", now, 10)
		w.ok(err)
		for _, e := range list {
			out = append(out, e.ExternalID)
		}
		return out
	}
	if diff := cmp.Diff([]string{"2", "1"}, ids(w.now.Add(2*time.Minute))); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	w.commit(w.a, w.logged(w.a, "2", "2"))
	if diff := cmp.Diff([]string{"1", "0"}, ids(w.now.Add(time.Hour))); diff != "" {
		t.Errorf("due after one was read (-want +got):\n%s", diff)
	}
}

func testCancelled(t *testing.T, w *world) {
	ctx, cancel := contextOf(w)
	cancel()
	if err := w.s.Commit(ctx, crm.Commit{Source: "a", Epoch: w.a.Source.Epoch}); err == nil {
		t.Error("a cancelled commit went through")
	}
	if _, err := w.s.ListSources(ctx); err == nil {
		t.Error("a cancelled read went through")
	}
}
