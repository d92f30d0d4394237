//go:build unix

package boltstore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// reportDetails are what the numbers of BenchmarkReports tell apart.
func reportDetails() map[crm.Metric][]string {
	return map[crm.Metric][]string{
		crm.MetricActivities: {"email/in", "email/out", "call/out", "call/none", "meeting/none", "form/in"},
		crm.MetricCalls:      {"connected", "no_answer", "refused", "call_back", "wrong_number", "meeting_won"},
		crm.MetricManual:     {crm.ManualAutomatic, crm.ManualTyped},
		crm.MetricLeads:      {"", "demo", "price"},
		crm.MetricReached:    {"working", "scheduling", "meeting_won", "converted"},
		crm.MetricStatus:     {"working", "scheduling", "meeting_won", "nurturing", "converted"},
		crm.MetricResponse:   crm.ResponseBands(),
		crm.MetricCost:       {""},
	}
}

// BenchmarkReports makes every report over a year by day, week and month and by all dimensions, of an organisation where each of
// 20 owners, 8 channels and 60 campaigns had something of every kind on each day of two years.
func BenchmarkReports(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "store.db")).Store
	today := benchStart.AddDate(2, 0, 0)
	fillNumbers(b, s, today)
	for _, info := range crm.Reports() {
		if info.List {
			continue
		}
		for _, by := range append([]crm.Dimension{crm.ByNone}, info.Dimensions...) {
			for _, grain := range []crm.Grain{crm.GrainDay, crm.GrainWeek, crm.GrainMonth} {
				q := crm.ReportQuery{ID: info.ID, Grain: grain, By: &by, From: today.AddDate(-1, 0, 0).Format(time.DateOnly), To: today.Format(time.DateOnly)}
				b.Run(fmt.Sprintf("%s/by=%s/%s", info.ID, by, grain), func(b *testing.B) {
					before := processor(b)
					for b.Loop() {
						if _, err := crm.RunReport(b.Context(), s, q); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64((processor(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
				})
			}
		}
	}
}

// fillNumbers has a person for each metric whose facts are what was counted in the two years before a day.
func fillNumbers(b *testing.B, s *boltstore.Store, today time.Time) {
	b.Helper()
	ctx, n := context.Background(), 0
	for metric, details := range reportDetails() {
		n++
		if err := s.SavePeople(ctx, "bench", []crm.Person{{ID: personID(n), Kind: crm.Contact, Name: fmt.Sprint(n)}}); err != nil {
			b.Fatal(err)
		}
		f, err := s.GetFollowing(ctx, personID(n))
		if err != nil {
			b.Fatal(err)
		}
		one := crm.Followed{ID: f.ID, Mark: f.Mark}
		for at := today.AddDate(-2, 0, -7); !at.After(today); at = at.AddDate(0, 0, 1) {
			for i := range 60 {
				for _, detail := range details {
					one.Facts = append(one.Facts, crm.Fact{Metric: metric, At: at, Owners: []string{fmt.Sprintf("rep%d@example.co.jp", i%20)},
						Channel: fmt.Sprintf("channel %d", i%8), Campaign: fmt.Sprintf("campaign %d", i), Detail: detail, Value: 1})
				}
			}
		}
		if err := s.Follow(ctx, []crm.Followed{one}); err != nil {
			b.Fatal(err)
		}
	}
}
