package storetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testRemap(t *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "1", "m", "p"), w.logged(w.a, "2", "n", "p"))
	was := w.activity("m")
	now := was
	now.Subject, now.Status, now.Accounts = "another", "done", []string{"acc"}
	gone := crm.Remap{Was: crm.Activity{ID: "none"}, Now: crm.Activity{ID: "none"}}
	old := w.activity("n")
	changed := old
	changed.Subject = "old"
	old.Subject = "read before somebody changed it"
	stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: was, Now: now, Pending: []string{"y@c.jp"}}, gone, {Was: old, Now: changed}})
	w.ok(err)
	if !slices.Equal(stale, []string{"none", changed.ID}) {
		t.Errorf("stale: %q", stale)
	}
	if diff := cmp.Diff(now, w.activity("m")); diff != "" {
		t.Errorf("remapped (-want +got):\n%s", diff)
	}
	if w.activity("n").Subject == "old" || len(timeline(t, w.s, crm.ActivityFilter{Account: "acc"})) != 1 {
		t.Error("what was not as it was read must stay, and the indexes must follow")
	}
	if stale, err = w.s.Remap(w.ctx, []crm.Remap{{Was: now, Now: was}}); err != nil || len(stale) > 0 {
		t.Fatal(stale, err)
	}
	if diff := cmp.Diff(was, w.activity("m")); diff != "" || len(timeline(t, w.s, crm.ActivityFilter{Account: "acc"})) != 0 {
		t.Errorf("back again (-want +got):\n%s", diff)
	}
}
