package crm_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// office is open from nine to six on working days of Japan.
func office() *crm.Hours {
	return &crm.Hours{From: 9 * time.Hour, To: 18 * time.Hour, Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}, Japanese: true}
}

func tokyo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// arrivals counts news at the times that when says yes to, hour by hour; the news of an hour is seen 12 minutes in.
func arrivals(from, to time.Time, when func(local time.Time) bool) (list []crm.SourceHour) {
	for hour := from; hour.Before(to); hour = hour.Add(time.Hour) {
		if when(hour) {
			list = append(list, crm.SourceHour{Hour: hour.UTC(), Seen: 1, Live: 1, Last: hour.Add(12 * time.Minute).UTC()})
		}
	}
	return list
}

func atWork(local time.Time) bool {
	return local.Weekday() != time.Saturday && local.Weekday() != time.Sunday && local.Hour() >= 9 && local.Hour() < 18 &&
		crm.JapaneseHoliday(local.Year(), local.Month(), local.Day()) == ""
}

func TestJudgeSilence(t *testing.T) {
	zone := tokyo(t)
	day := func(month time.Month, date, hour, minute int) time.Time {
		return time.Date(2026, month, date, hour, minute, 0, 0, zone)
	}
	since := func(last time.Time, when func(time.Time) bool) []crm.SourceHour {
		return arrivals(day(9, 28, 0, 0), last, when)
	}
	twice := func(local time.Time) bool { return atWork(local) && (local.Hour() == 10 || local.Hour() == 15) }
	for name, tt := range map[string]struct {
		hours          []crm.SourceHour
		until          time.Time
		judged, silent bool
	}{
		"a busy Tuesday falls silent at 9:12":           {since(day(11, 17, 10, 0), atWork), day(11, 17, 13, 40), true, true},
		"not after half an hour":                        {since(day(11, 17, 10, 0), atWork), day(11, 17, 9, 45), true, false},
		"the night after a busy day":                    {since(day(11, 17, 18, 0), atWork), day(11, 18, 8, 59), true, false},
		"the weekend":                                   {since(day(11, 20, 18, 0), atWork), day(11, 22, 23, 0), true, false},
		"a weekend and a holiday on Monday":             {since(day(11, 20, 18, 0), atWork), day(11, 23, 17, 0), true, false},
		"the Tuesday after them":                        {since(day(11, 20, 18, 0), atWork), day(11, 24, 13, 30), true, true},
		"between the years":                             {arrivals(day(11, 2, 0, 0), day(12, 28, 18, 0), atWork), time.Date(2027, 1, 3, 17, 0, 0, 0, zone), true, false},
		"two mails a day, silent for one":               {since(day(11, 17, 11, 0), twice), day(11, 17, 17, 0), true, false},
		"two mails a day, silent for four working days": {since(day(11, 11, 18, 0), twice), day(11, 17, 17, 0), true, true},
		"the first two weeks":                           {arrivals(day(11, 5, 0, 0), day(11, 17, 10, 0), atWork), day(11, 17, 17, 0), false, false},
		"just after two weeks":                          {arrivals(day(11, 2, 9, 0), day(11, 17, 10, 0), atWork), day(11, 17, 16, 0), true, true},
		"nothing was ever seen":                         {nil, day(11, 17, 17, 0), false, false},
		"history alone is no news":                      {[]crm.SourceHour{{Hour: day(10, 1, 0, 0).UTC(), Seen: 900}}, day(11, 17, 17, 0), false, false},
		"read last before the news":                     {since(day(11, 17, 10, 0), atWork), day(11, 17, 9, 0), true, false},
		"two mornings each week are silent as a rule": {since(day(11, 17, 10, 0), func(l time.Time) bool {
			return atWork(l) && (l.Hour() > 13 || l.Hour() == 9 || l.Weekday() > time.Tuesday)
		}), day(11, 17, 13, 30), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := crm.JudgeSilence(tt.hours, tt.until, office(), zone)
			if got.Judged != tt.judged || got.Unusual != tt.silent {
				t.Errorf("judged %v, unusual %v, chance %v since %v", got.Judged, got.Unusual, got.Chance, got.Since)
			}
		})
	}
}

// TestSilenceAlarmsAreRare lets mail come at random, as much as a mailbox may get, and looks every hour for three months: what is
// well raises next to no alarm, and what really stops raises one within two working days if something comes every hour.
func TestSilenceAlarmsAreRare(t *testing.T) {
	zone := tokyo(t)
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, zone)
	for _, chance := range []float64{0.1, 0.5, 0.95} {
		random := rand.New(rand.NewPCG(7, uint64(chance*100)))
		hours := arrivals(start, start.AddDate(0, 3, 0), func(l time.Time) bool { return atWork(l) && random.Float64() < chance })
		alarms, was := 0, false
		from := 0
		for now := start; now.Before(start.AddDate(0, 3, 0)); now = now.Add(time.Hour) {
			if !atWork(now) {
				continue
			}
			for hours[from].Hour.Before(now.Add(-crm.HoursKept)) {
				from++
			}
			to := from
			for to < len(hours) && !hours[to].Last.After(now) {
				to++
			}
			is := crm.JudgeSilence(hours[from:to], now, office(), zone).Unusual
			if is && !was {
				alarms++
			}
			was = is
		}
		if alarms > 1 {
			t.Errorf("%v an hour: %d false alarms in three months", chance, alarms)
		}
	}
}

// TestSilenceOnlyGrows holds that a silence that is unusual stays so for as long as nothing comes, that the order of
// the counts does not matter, and that more items in the same hours change nothing.
func TestSilenceOnlyGrows(t *testing.T) {
	zone := tokyo(t)
	start := time.Date(2026, 9, 28, 0, 0, 0, 0, zone)
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		chance := random.Float64()
		hours := arrivals(start, start.AddDate(0, 0, 20+random.IntN(30)), func(l time.Time) bool { return atWork(l) && random.Float64() < chance })
		if len(hours) == 0 {
			continue
		}
		last := hours[len(hours)-1].Last
		more := make([]crm.SourceHour, len(hours))
		for i, j := range random.Perm(len(hours)) {
			more[i] = hours[j]
			more[i].Live *= 1 + random.Int64N(500)
		}
		was := crm.Silence{Chance: 1}
		for now := last; now.Before(last.AddDate(0, 0, 9)); now = now.Add(20 * time.Minute) {
			is := crm.JudgeSilence(hours, now, office(), zone)
			if is != crm.JudgeSilence(more, now, office(), zone) {
				t.Fatalf("order or size of the counts plays a part at %v", now)
			}
			if was.Unusual && !is.Unusual || is.Chance > was.Chance+1e-12 || is.Chance < 0 {
				t.Fatalf("at %v: %+v after %+v", now, is, was)
			}
			was = is
		}
	}
}
