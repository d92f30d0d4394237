package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// model is what a store should hold, in maps, without any index.
type model struct {
	rows       map[crm.ItemRef]crm.Entry
	activities map[string]crm.Activity
}

func (m *model) commit(source string, writes []crm.Write) {
	for _, write := range writes {
		ref := crm.ItemRef{Source: source, ExternalID: write.Entry.ExternalID}
		before, existed := m.rows[ref]
		e := write.Entry
		e.Source = source
		if existed {
			e.SeenAt = before.SeenAt
		}
		if write.Activity != nil {
			a := *write.Activity
			if old, ok := m.activities[a.ID]; ok && !observes(old, ref) && (!crm.SameMail(old, a) || !crm.SameMeeting(&old, &a)) {
				a.Key = crm.ApartKey(a)
				a.ID = string(a.Key)
			}
			e.Activity = a.ID
			if old, ok := m.activities[a.ID]; ok {
				a = crm.Merge(old, a)
			}
			m.activities[a.ID] = crm.Merge(a, a)
		}
		m.rows[ref] = e
		if before.Activity != "" && before.Activity != e.Activity {
			m.unobserve(ref, before.Activity)
		}
	}
}

func observes(a crm.Activity, ref crm.ItemRef) bool {
	return slices.ContainsFunc(a.Observed, func(o crm.Observation) bool {
		return o.Source == ref.Source && o.ExternalID == ref.ExternalID
	})
}

func (m *model) unobserve(ref crm.ItemRef, id string) {
	a := m.activities[id]
	a.Observed = slices.DeleteFunc(slices.Clone(a.Observed), func(o crm.Observation) bool {
		return o.Source == ref.Source && o.ExternalID == ref.ExternalID
	})
	if len(a.Observed) == 0 {
		delete(m.activities, id)
		return
	}
	a.Owners = nil
	for _, o := range a.Observed {
		a.Owners = append(a.Owners, o.Owner)
	}
	m.activities[id] = crm.Merge(a, a)
}

func (m *model) exclude(ref crm.ItemRef, reason crm.Reason) {
	e, ok := m.rows[ref]
	if !ok {
		return
	}
	id := e.Activity
	e.Verdict, e.Reason, e.Activity = crm.Excluded, reason, ""
	m.rows[ref] = e
	if id != "" {
		m.unobserve(ref, id)
	}
}

// testModel does random things to the store and to the model and compares them now and then.
func testModel(t *testing.T, w *world) {
	m := &model{rows: map[crm.ItemRef]crm.Entry{}, activities: map[string]crm.Activity{}}
	rapid.Check(t, func(rt *rapid.T) {
		claims := map[string]crm.Claim{"a": w.a, "b": w.b}
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) {
				source := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "source")
				writes := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) crm.Write { return w.draw(rt, claims[source]) }), 1, 4).Draw(rt, "writes")
				w.commit(claims[source], writes...)
				m.commit(source, writes)
			},
			"exclude": func(rt *rapid.T) {
				ref := crm.ItemRef{Source: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "source"), ExternalID: drawID(rt)}
				w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{ref}, "subject: x", w.now))
				m.exclude(ref, "subject: x")
			},
		})
		m.compare(rt, w)
	})
}

func drawID(rt *rapid.T) string { return fmt.Sprint(rapid.IntRange(1, 6).Draw(rt, "external id")) }

func (w *world) draw(rt *rapid.T, c crm.Claim) crm.Write {
	ext, mail := drawID(rt), fmt.Sprint("m", rapid.IntRange(1, 5).Draw(rt, "mail"))
	v := rapid.SampledFrom(append(crm.Verdicts(), crm.Logged, crm.Logged)).Draw(rt, "verdict")
	if v != crm.Logged {
		return w.other(ext, mail, v, "some: reason")
	}
	people := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"p", "q", "r"}), 0, 3, rapid.ID[string]).Draw(rt, "people")
	write := w.logged(c, ext, mail, people...)
	write.Activity.Direction = rapid.SampledFrom([]crm.Direction{crm.DirectionIn, crm.DirectionOut}).Draw(rt, "direction")
	write.Activity.Text = rapid.SampledFrom([]string{"short", "longer text"}).Draw(rt, "text")
	return write
}

func (m *model) compare(rt *rapid.T, w *world) {
	var entries []crm.Entry
	for _, source := range []string{"a", "b"} {
		list, _, err := w.s.ListEntries(w.ctx, crm.LedgerFilter{Source: source, Limit: 1000})
		w.ok(err)
		entries = append(entries, list...)
	}
	byRef := func(a, b crm.Entry) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ExternalID, b.ExternalID))
	}
	slices.SortFunc(entries, byRef)
	if diff := gocmp.Diff(slices.SortedFunc(maps.Values(m.rows), byRef), entries); diff != "" {
		rt.Fatalf("rows (-want +got):\n%s", diff)
	}
	list, _, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Limit: 1000})
	w.ok(err)
	byID := func(a, b crm.Activity) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(list, byID)
	if diff := gocmp.Diff(slices.SortedFunc(maps.Values(m.activities), byID), list); diff != "" {
		rt.Fatalf("activities (-want +got):\n%s", diff)
	}
	Check(w.t, w.s)
}
