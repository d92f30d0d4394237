//go:build unix

package boltstore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// BenchmarkNumbers asks for the numbers of a year in which each of 100 owners had something on each day, by four channels and
// forty campaigns. What it takes does not depend on how much was counted.
func BenchmarkNumbers(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "store.db"))
	ctx := context.Background()
	var people []crm.Person
	for i := range 100 {
		people = append(people, crm.Person{ID: personID(i), Kind: crm.Lead, Name: fmt.Sprint(i)})
	}
	if err := s.SavePeople(ctx, "bench", people); err != nil {
		b.Fatal(err)
	}
	var made []crm.Followed
	for i := range people {
		f, err := s.GetFollowing(ctx, people[i].ID)
		if err != nil {
			b.Fatal(err)
		}
		one := crm.Followed{ID: f.ID, Mark: f.Mark}
		for day := range 365 {
			for n, detail := range []string{"email/in", "email/out"} {
				one.Facts = append(one.Facts, crm.Fact{Metric: crm.MetricActivities, At: benchStart.Add(time.Duration(day) * 24 * time.Hour), Detail: detail,
					Owners: []string{fmt.Sprintf("rep%d@example.co.jp", i)}, Channel: fmt.Sprint("channel", (i+n)%4), Campaign: fmt.Sprint("campaign", (i+day)%40), Value: 1})
			}
		}
		made = append(made, one)
	}
	for i := range made {
		if err := s.Follow(ctx, made[i:i+1]); err != nil {
			b.Fatal(err)
		}
	}
	owner, channel := "rep7@example.co.jp", "channel1"
	for _, test := range []struct {
		name string
		q    crm.NumberQuery
		want int
	}{
		{"days by owner", crm.NumberQuery{Grain: crm.GrainDay, By: crm.ByOwner}, 2 * 365 * 100},
		{"months by campaign", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByCampaign}, 0},
		{"days of an owner", crm.NumberQuery{Grain: crm.GrainDay, Owner: &owner}, 2 * 365},
		{"months by campaign of an owner", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByCampaign, Owner: &owner}, 0},
		{"months by campaign of a channel", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByCampaign, Channel: &channel}, 0},
		{"months by owner of a channel", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByOwner, Channel: &channel}, 0},
	} {
		test.q.Metric, test.q.From, test.q.To = crm.MetricActivities, "2026-01-01", "2027-01-31"
		b.Run(test.name, func(b *testing.B) {
			before := processor(b)
			for b.Loop() {
				list, err := s.Numbers(ctx, test.q)
				if err != nil || len(list) == 0 || test.want > 0 && len(list) != test.want {
					b.Fatal(len(list), err)
				}
			}
			b.ReportMetric(float64((processor(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}
