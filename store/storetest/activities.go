package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fill logs n mails, a minute apart, oldest last.
func fill(w *world, n int) {
	for i := range n {
		write := w.logged(w.a, fmt.Sprint(i), fmt.Sprint("f", i), "p")
		write.Activity.Time = start().Add(-time.Duration(i) * time.Minute)
		write.Activity.Accounts = []string{"acc"}
		w.commit(w.a, write)
	}
}

func subjects(list []crm.Activity) (out []string) {
	for _, a := range list {
		out = append(out, a.Subject)
	}
	return out
}

func testTimelines(t *testing.T, w *world) {
	fill(w, 5)
	for _, test := range []struct {
		name string
		f    crm.ActivityFilter
		want []int
	}{
		{"everything", crm.ActivityFilter{}, []int{0, 1, 2, 3, 4}},
		{"person", crm.ActivityFilter{Person: "p"}, []int{0, 1, 2, 3, 4}},
		{"account", crm.ActivityFilter{Account: "acc"}, []int{0, 1, 2, 3, 4}},
		{"owner", crm.ActivityFilter{Owner: sato}, []int{0, 1, 2, 3, 4}},
		{"another owner", crm.ActivityFilter{Owner: suzuki}, nil},
		{"since is inclusive", crm.ActivityFilter{Since: start().Add(-time.Minute)}, []int{0, 1}},
		{"until is exclusive", crm.ActivityFilter{Until: start().Add(-3 * time.Minute)}, []int{4}},
		{"between", crm.ActivityFilter{Person: "p", Since: start().Add(-3 * time.Minute), Until: start()}, []int{1, 2, 3}},
	} {
		for _, limit := range []int{1, 2, 5, 50} {
			test.f.Limit = limit
			var want []string
			for _, i := range test.want {
				want = append(want, fmt.Sprint("件名 f", i))
			}
			if diff := cmp.Diff(want, subjects(timeline(t, w.s, test.f))); diff != "" {
				t.Errorf("%s by %d (-want +got):\n%s", test.name, limit, diff)
			}
		}
	}
	full := w.logged(w.a, "full", "full", "p").Activity
	full.End, full.Status, full.FullText, full.Truncated = w.now.Add(time.Hour), "confirmed", "more", true
	full.Attachments = []crm.Attachment{{Name: "見積.pdf", Type: "application/pdf", Size: 1 << 33}}
	full.Match.RunnersUp = []crm.Candidate{{Kind: "lead", ID: crm.NewID(), Name: "x", Rule: crm.RuleDomain, Evidence: "d"}}
	full.Thread, full.Accounts = string(key("root")), []string{"acc"}
	full.People[0].Response, full.People[0].Internal = "accepted", true
	w.commit(w.a, crm.Write{Entry: w.entry("full", "full", crm.Logged, crm.ReasonMatched), Activity: full})
	if diff := cmp.Diff(*full, w.activity("full")); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func testPaging(t *testing.T, w *world) {
	fill(w, 6)
	first, next, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Limit: 2})
	w.ok(err)
	w.commit(w.a, w.other("2", "f2", crm.Excluded, crm.ReasonSubject), w.other("1", "f1", crm.Excluded, crm.ReasonSubject), w.logged(w.a, "new", "new"))
	rest, _, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Limit: 10, After: next})
	w.ok(err)
	want := []string{"件名 f0", "件名 f1", "件名 f3", "件名 f4", "件名 f5"}
	if diff := cmp.Diff(want, subjects(append(first, rest...))); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func testLastHeard(t *testing.T, w *world) {
	at := func(ext string, d crm.Direction, hours int, people ...string) crm.Write {
		write := w.logged(w.a, ext, ext, people...)
		write.Activity.Direction, write.Activity.Time = d, start().Add(time.Duration(hours)*time.Hour)
		write.Activity.Accounts = []string{"acc"}
		return write
	}
	w.commit(w.a, at("1", crm.DirectionIn, -5, "p", "copied"), at("2", crm.DirectionIn, -3, "p"), at("3", crm.DirectionOut, -4, "p"),
		at("ahead", crm.DirectionOut, 50*365*24, "p"))
	check := func(id string, wantIn, wantOut int) {
		t.Helper()
		in, out, err := w.s.LastHeard(w.ctx, id)
		w.ok(err)
		for _, c := range []struct {
			got  time.Time
			want int
		}{{in, wantIn}, {out, wantOut}} {
			if c.want == 0 && !c.got.IsZero() || c.want != 0 && !c.got.Equal(start().Add(time.Duration(c.want)*time.Hour)) {
				t.Errorf("%s: %s, want %d hours", id, c.got, c.want)
			}
		}
	}
	check("p", -3, -4)
	check("acc", -3, -4)
	check("copied", 0, 0)
	check("nobody", 0, 0)
	w.commit(w.a, w.other("2", "2", crm.Excluded, crm.ReasonSubject), w.other("3", "3", crm.Excluded, crm.ReasonSubject))
	check("p", -5, 0)
}

func testRollups(t *testing.T, w *world) {
	late := w.logged(w.a, "1", "late", "p") // 23:30 in UTC is the next day in Tokyo
	late.Activity.Time = time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	early := w.logged(w.a, "2", "early", "p")
	early.Activity.Time = time.Date(2026, 11, 20, 14, 59, 0, 0, time.UTC)
	w.commit(w.a, late, early)
	same := w.logged(w.b, "1", "late", "p")
	same.Activity.Time = late.Activity.Time
	w.commit(w.b, same)
	got, err := w.s.Rollups(w.ctx, "2026-11-20", "2026-11-21")
	w.ok(err)
	want := []crm.Rollup{
		{Day: "2026-11-20", Owner: sato, Kind: crm.KindEmail, Direction: crm.DirectionIn, Count: 1},
		{Day: "2026-11-21", Owner: sato, Kind: crm.KindEmail, Direction: crm.DirectionIn, Count: 1},
		{Day: "2026-11-21", Owner: suzuki, Kind: crm.KindEmail, Direction: crm.DirectionIn, Count: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roll-ups (-want +got):\n%s", diff)
	}
	if got, _ := w.s.Rollups(w.ctx, "2026-11-21", "2026-11-21"); len(got) != 2 {
		t.Errorf("one day: %+v", got)
	}
}

func testEachActivity(t *testing.T, w *world) {
	fill(w, 5)
	seen := map[string]int{}
	after := ""
	for range 10 {
		n := 0
		next, err := w.s.EachActivity(w.ctx, after, func(a crm.Activity) error {
			seen[a.ID]++
			if _, err := w.s.GetActivity(w.ctx, a.ID); err != nil {
				return err
			}
			w.commit(w.b) // fn may write, too
			if n++; n == 2 {
				return crm.ErrStop
			}
			return nil
		})
		w.ok(err)
		if after = next; next == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("walked over %d activities", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}
