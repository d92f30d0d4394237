//go:build unix

package boltstore_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// Days begin elsewhere in another time zone: what was counted by days is counted anew once.
func TestAnotherTimeZoneCountsDaysAnew(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "store.db"), context.Background()
	at := time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC) // November in Tokyo
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	in := func(loc *time.Location) *boltstore.Store {
		t.Helper()
		said.Reset()
		o := options(t)
		o.Location, o.Log = loc, slog.New(slog.NewTextHandler(&said, nil))
		s, err := boltstore.Open(ctx, path, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	days := func(s *boltstore.Store) string {
		t.Helper()
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		boltstore.CheckIndexes(t, s)
		if lines, err := s.CheckRollups(ctx, false); err != nil || len(lines) > 0 {
			t.Errorf("%v, %v", lines, err)
		}
		rollups, err := s.Rollups(ctx, "2026-10-01", "2026-11-30")
		if err != nil || len(rollups) != 1 {
			t.Fatalf("%v, %+v", err, rollups)
		}
		out := []string{rollups[0].Day}
		for _, metric := range []crm.Metric{crm.MetricActivities, crm.MetricLeads} {
			for _, grain := range []crm.Grain{crm.GrainDay, crm.GrainMonth} {
				numbers, err := s.Numbers(ctx, crm.NumberQuery{Metric: metric, Grain: grain, From: "2026-10-01", To: "2026-11-30"})
				if err != nil || len(numbers) != 1 || numbers[0].Count != 1 {
					t.Fatalf("%v, %+v", err, numbers)
				}
				out = append(out, numbers[0].Period)
			}
		}
		return strings.Join(out, " ")
	}
	s := in(tokyo)
	person := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: "田中 太郎", Emails: []string{"tanaka@sample.example"}, Created: at}
	if err := s.SavePeople(ctx, "test", []crm.Person{person}); err != nil {
		t.Fatal(err)
	}
	call := crm.Activity{ID: crm.NewID(), Kind: crm.KindCall, Direction: crm.DirectionOut, Time: at, By: "sato@example.co.jp", Owners: []string{"sato@example.co.jp"},
		Call: &crm.Call{Result: crm.CallNoAnswer}, People: []crm.Participant{{Kind: crm.Lead, ID: person.ID, Name: person.Name, Role: crm.RoleTo}}}
	call.Key = crm.Key(call.ID)
	if err := s.LogActivity(ctx, "sato@example.co.jp", call); err != nil {
		t.Fatal(err)
	}
	f, err := s.GetFollowing(ctx, person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Follow(ctx, []crm.Followed{{ID: f.ID, Mark: f.Mark, Standing: crm.Standing{ID: f.ID}, Facts: []crm.Fact{{Metric: crm.MetricLeads, At: at, Value: 1}}}}); err != nil {
		t.Fatal(err)
	}
	const japan, world = "2026-11-01 2026-11-01 2026-11 2026-11-01 2026-11", "2026-10-31 2026-10-31 2026-10 2026-10-31 2026-10"
	if got := days(s); got != japan {
		t.Errorf("in Tokyo: %s", got)
	}
	for _, step := range []struct {
		loc  *time.Location
		want string
		anew bool
	}{
		{tokyo, japan, false}, {time.UTC, world, true}, {time.UTC, world, false}, {time.FixedZone("UTC", 9*3600), japan, true}, {tokyo, japan, true}, {nil, world, true},
	} {
		s := in(step.loc)
		if anew := strings.Count(said.String(), "counted anew"); anew > 1 || anew == 1 != step.anew {
			t.Errorf("%s: said %s", step.loc, &said)
		}
		if got := days(s); got != step.want {
			t.Errorf("%s: %s", step.loc, got)
		}
	}
}
