package boltstore_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

func TestFollowingHasTheTimelineOfWhoHasFewAndOfWhoHasMany(t *testing.T) {
	s, err := boltstore.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.DeclareSources(t.Context(), []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		t.Fatal(err)
	}
	var people []crm.Person
	for _, n := range []int{0, 1, 2, 3} {
		people = append(people, crm.Person{ID: personID(n), Kind: crm.Contact, Name: "田中 太郎", Emails: []string{personID(n) + "@client.co.jp"}, Created: benchStart, Updated: benchStart})
	}
	if err := s.SavePeople(t.Context(), "test", people); err != nil {
		t.Fatal(err)
	}
	writes := newTraffic(0).batch(1000)
	for i := range writes {
		a := writes[i].Activity
		if a == nil {
			continue
		}
		switch { // many of one, two hundred or so of another, few of the third; some of each are bulk mail
		case i < 500:
			a.People[0].ID = personID(0)
		case i < 722:
			a.People[0].ID = personID(1)
		default:
			a.People[0].ID = personID(2 + i%3) // the last of them is nobody who is stored
		}
		if i%5 == 0 {
			a.Class = crm.ClassBulk
		}
	}
	if err := s.Commit(t.Context(), crm.Commit{Source: "a", Writes: writes, At: benchStart}); err != nil {
		t.Fatal(err)
	}
	for n, least := range map[int]int{0: 400, 1: 180, 2: 30, 3: 30} {
		f, err := s.GetFollowing(t.Context(), personID(n))
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, a := range f.Activities {
			got = append(got, a.ID)
		}
		for after := ""; ; {
			list, next, err := s.ListActivities(t.Context(), crm.ActivityFilter{Person: personID(n), After: after, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				want = append(want, a.ID)
			}
			if after = next; after == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) < least && !f.More {
			t.Errorf("person %d has %d on the timeline, more %v (-timeline +following):\n%s", n, len(want), f.More, diff)
		}
	}
}
