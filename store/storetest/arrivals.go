package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Arrivals counts what comes from each source, hour by hour.
type Arrivals interface {
	// SourceHours gives the hours of a source from the one that since lies in, in their order, without those in which
	// nothing came. A row counts once, in the hour in which it was first seen, in the same transaction; it is news (Live)
	// if its item was then no older than crm.LiveWithin, or has no time. What is older than crm.HoursKept before the newest
	// hour may be gone. crm.ErrNotFound if there is no such source.
	SourceHours(ctx context.Context, id string, since time.Time) ([]crm.SourceHour, error)
}

// runArrivals holds a store to what Arrivals says.
func runArrivals(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"items by the hour", testArrivals},
		{"hours of long ago go", testArrivalsKept},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newWorld(t, open(t))) })
	}
}

func testArrivals(t *testing.T, w *world) {
	late := w.other("old", "m3", crm.Unmatched, crm.ReasonNobody)
	late.Entry.ItemTime = w.now.Add(-crm.LiveWithin - time.Second)
	timeless := w.other("broken", "m4", crm.Failed, crm.ReasonUnreadable)
	timeless.Entry.ItemTime = time.Time{}
	first := w.now
	w.commit(w.a, w.logged(w.a, "1", "m1", "p"), w.other("2", "m2", crm.Excluded, crm.ReasonInternal), late, timeless)
	w.now = w.now.Add(time.Minute)
	w.commit(w.a, w.other("1", "m1", crm.Unmatched, crm.ReasonNobody), w.logged(w.a, "5", "m5", "p")) // 1 is no news any more
	w.commit(w.b, w.logged(w.b, "1", "m1", "p"))
	again := w.now
	w.now = w.now.Add(3 * time.Hour)
	w.commit(w.a, w.logged(w.a, "6", "m6", "p"))
	if err := w.s.Commit(w.ctx, crm.Commit{Source: "a", Epoch: w.a.Source.Epoch + 9, Writes: []crm.Write{w.logged(w.a, "7", "m7", "p")}, At: w.now}); !errors.Is(err, crm.ErrFenced) {
		t.Errorf("a fenced commit: %v", err)
	}
	want := []crm.SourceHour{
		{Hour: first.Truncate(time.Hour), Seen: 5, Live: 4, Last: again},
		{Hour: w.now.Truncate(time.Hour), Seen: 1, Live: 1, Last: w.now},
	}
	w.wantArrivals("a", time.Time{}, want...)
	w.wantArrivals("a", again, want...)
	w.wantArrivals("a", again.Add(time.Hour), want[1])
	w.wantArrivals("b", time.Time{}, crm.SourceHour{Hour: again.Truncate(time.Hour), Seen: 1, Live: 1, Last: again})
	if _, err := w.s.SourceHours(w.ctx, "c", time.Time{}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("no such source: %v", err)
	}
}

func testArrivalsKept(_ *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "1", "m1", "p"))
	w.commit(w.b, w.logged(w.b, "1", "m1", "p"))
	begin := w.now
	w.now = w.now.Add(crm.HoursKept + time.Hour)
	w.a, w.b = w.claim("a"), w.claim("b")
	w.commit(w.a, w.logged(w.a, "2", "m2", "p"))
	w.wantArrivals("a", time.Time{}, crm.SourceHour{Hour: w.now.Truncate(time.Hour), Seen: 1, Live: 1, Last: w.now})
	w.wantArrivals("b", time.Time{}, crm.SourceHour{Hour: begin.Truncate(time.Hour), Seen: 1, Live: 1, Last: begin})
}

func (w *world) wantArrivals(source string, since time.Time, want ...crm.SourceHour) {
	w.t.Helper()
	got, err := w.s.SourceHours(w.ctx, source, since)
	w.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("hours of %s since %v (-want +got):\n%s", source, since, diff)
	}
}
