package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Check holds a store in any state to what must be true at every moment: seen is the sum of the verdicts,
// ledger and activities agree both ways, each activity stands on every timeline it belongs to, and
// roll-ups are what a recount gives.
func Check(t testing.TB, s Store) {
	t.Helper()
	ctx := context.Background()
	lines, err := s.CheckRollups(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
	entries := checkLedger(t, s)
	activities := map[string]crm.Activity{}
	if _, err := s.EachActivity(ctx, "", func(a crm.Activity) error {
		activities[a.ID] = a
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Verdict != crm.Logged {
			if e.Activity != "" {
				t.Errorf("row %s/%s is %s and names activity %s", e.Source, e.ExternalID, e.Verdict, e.Activity)
			}
			continue
		}
		a, ok := activities[e.Activity]
		if !ok && !e.Retired {
			t.Errorf("row %s/%s names activity %q, which is not there", e.Source, e.ExternalID, e.Activity)
		}
		if !e.Retired && !slices.ContainsFunc(a.Observed, func(o crm.Observation) bool { return o.Source == e.Source && o.ExternalID == e.ExternalID }) {
			t.Errorf("activity %s was not observed as %s/%s", a.ID, e.Source, e.ExternalID)
		}
	}
	for _, a := range activities {
		checkActivity(t, s, a)
	}
	if n := len(timeline(t, s, crm.ActivityFilter{Limit: 7})); n != len(activities) {
		t.Errorf("the timeline has %d activities, the store %d", n, len(activities))
	}
}

func checkLedger(t testing.TB, s Store) []crm.Entry {
	t.Helper()
	sources, err := s.ListSources(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var all []crm.Entry
	for _, src := range sources {
		var tally crm.Tally
		var last time.Time
		for after := ""; ; {
			page, next, err := s.ListEntries(context.Background(), crm.LedgerFilter{Source: src.ID, Retired: true, After: after, Limit: 7})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				if !last.IsZero() && e.SeenAt.After(last) {
					t.Errorf("row %s/%s is listed after an older one", e.Source, e.ExternalID)
				}
				last = e.SeenAt
				if !e.Retired {
					tally.Add(e.Verdict, 1)
				}
			}
			all = append(all, page...)
			if after = next; next == "" {
				break
			}
		}
		if tally != src.Tally {
			t.Errorf("tally of %s is %+v, its rows are %+v", src.ID, src.Tally, tally)
		}
		if sum := tally.Logged + tally.Excluded + tally.Unmatched + tally.Waiting + tally.Failed; sum != src.Tally.Seen {
			t.Errorf("seen of %s is %d, the sum %d", src.ID, src.Tally.Seen, sum)
		}
	}
	return all
}

func checkActivity(t testing.TB, s Store, a crm.Activity) {
	t.Helper()
	ctx := context.Background()
	if len(a.Observed) == 0 && a.By == "" {
		t.Errorf("nobody observes activity %s", a.ID)
	}
	for _, o := range a.Observed {
		e, err := s.GetEntry(ctx, o.Source, o.ExternalID)
		if err != nil || e.Verdict != crm.Logged || e.Activity != a.ID {
			t.Errorf("activity %s was observed as %s/%s, whose row is %+v, %v", a.ID, o.Source, o.ExternalID, e, err)
		}
	}
	filters := []crm.ActivityFilter{}
	for _, p := range a.People {
		if p.ID != "" {
			filters = append(filters, crm.ActivityFilter{Person: p.ID})
		}
	}
	for _, id := range a.Accounts {
		filters = append(filters, crm.ActivityFilter{Account: id})
	}
	for _, owner := range a.Owners {
		filters = append(filters, crm.ActivityFilter{Owner: owner})
	}
	for _, f := range filters {
		f.Since, f.Until = a.Time, a.Time.Add(1)
		n := 0
		for _, found := range timeline(t, s, f) {
			if found.ID == a.ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("activity %s stands %d times on the timeline %+v", a.ID, n, f)
		}
	}
}

// timeline reads all pages of a list of activities and checks their order.
func timeline(t testing.TB, s Store, f crm.ActivityFilter) []crm.Activity {
	t.Helper()
	var out []crm.Activity
	for {
		page, next, err := s.ListActivities(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
		if f.After = next; next == "" {
			break
		}
	}
	if !slices.IsSortedFunc(out, func(a, b crm.Activity) int { return b.Time.Compare(a.Time) }) {
		t.Errorf("timeline %+v is not ordered", f)
	}
	return out
}
