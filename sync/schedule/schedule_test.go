package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/sync/schedule"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             "",
		"blanks":              "  ",
		"zone alone":          "TZ=Asia/Tokyo",
		"cron zone alone":     "CRON_TZ=Asia/Tokyo",
		"unknown zone":        "TZ=Asia/Edo 0 9 * * *",
		"30 February":         "0 0 30 2 *",
		"31 April":            "0 0 31 4 *",
		"too few fields":      "* * *",
		"unknown descriptor":  "@sometimes",
		"no duration":         "@every soon",
		"negative":            "@every -5m",
		"less than a second":  "@every 10ms",
		"more than a year":    "@every 100000h",
		"out of range":        "99 * * * *",
		"longer than allowed": "0 0 * * " + strings.Repeat("1,", 200) + "1",
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := schedule.Parse(text, time.UTC); err == nil {
				t.Errorf("Parse(%q) = %v, want an error", text, s)
			}
		})
	}
}

// TestNext asks for the time without the phase of a source, which it takes from a schedule at a known time.
func TestNext(t *testing.T) {
	tokyo, newYork := zone(t, "Asia/Tokyo"), zone(t, "America/New_York")
	tests := map[string]struct {
		spec  string
		loc   *time.Location
		after time.Time
		want  []string
	}{
		"daily in Tokyo": {"0 9 * * *", tokyo, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
			[]string{"2026-11-22T09:00:00+09:00", "2026-11-23T09:00:00+09:00"}},
		"its own zone wins": {"TZ=America/New_York 0 9 * * *", tokyo, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
			[]string{"2026-11-21T09:00:00-05:00", "2026-11-22T09:00:00-05:00"}},
		"with seconds": {"30 0 9 * * *", time.UTC, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
			[]string{"2026-11-22T09:00:30Z"}},
		"leap day": {"0 0 29 2 *", time.UTC, time.Date(2096, 3, 1, 12, 0, 0, 0, time.UTC),
			[]string{"2104-02-29T00:00:00Z"}},
		"the leapt hour fires when clocks have jumped": {"30 2 * * *", newYork, time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC),
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		"the doubled hour fires once": {"30 1 * * *", newYork, time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC),
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		"hourly through the doubled hour": {"0 * * * *", newYork, time.Date(2026, 11, 1, 4, 40, 0, 0, time.UTC),
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec, err := schedule.Parse(test.spec, test.loc)
			if err != nil {
				t.Fatal(err)
			}
			const id = "sato-mail"
			after := test.after
			for _, text := range test.want {
				want, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				got := spec.Next(after, id)
				if late := got.Sub(want); late < 0 || late >= 5*time.Minute {
					t.Fatalf("Next(%v) = %v, want %v or up to five minutes later", after, got, want)
				}
				if got.Location() != time.UTC {
					t.Errorf("Next is in %v, want UTC", got.Location())
				}
				after = got
			}
		})
	}
}

func TestEveryKeepsItsBeat(t *testing.T) {
	spec, err := schedule.Parse("@every 1m", nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	first := spec.Next(start, "a")
	if d := first.Sub(start); d <= 0 || d > time.Minute {
		t.Errorf("first beat after %v, want at most a minute", d)
	}
	if next := spec.Next(first.Add(20*time.Second), "a"); next.Sub(first) != time.Minute {
		t.Errorf("beats are %v apart, want a minute", next.Sub(first))
	}
	again, _ := schedule.Parse("@every 1m", nil)
	if !again.Next(start, "a").Equal(first) {
		t.Error("the phase changes between two processes")
	}
}

func TestSourcesSpread(t *testing.T) {
	for spec, buckets := range map[string]int{"@every 1m": 60, "* * * * *": 60, "0 * * * *": 300} {
		s, err := schedule.Parse(spec, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		const sources = 10_000
		start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		count := make(map[int]int)
		for i := range sources {
			next := s.Next(start.Add(-time.Nanosecond), fmt.Sprintf("mail-%d", i))
			count[int(next.Sub(start).Seconds())%buckets]++
		}
		fair := sources / buckets
		for second := range buckets {
			if count[second] > 2*fair+10 {
				t.Errorf("%s: %d of %d sources are due in second %d, a fair share is %d", spec, count[second], sources, second, fair)
			}
		}
	}
}

func TestZeroIsNeverDue(t *testing.T) {
	var s schedule.Spec
	if !s.IsZero() || !s.Next(time.Now(), "a").IsZero() {
		t.Error("the zero schedule is due")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"@every 1m", "TZ=Asia/Tokyo", "0 0 30 2 *", "*/5 9-17 * * MON-FRI", "30 0 9 * * *", "@daily", "CRON_TZ=UTC @hourly", "0 2 29 2 *"} {
		f.Add(text, int64(1_700_000_000))
	}
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		spec, err := schedule.Parse(text, loc)
		if err != nil {
			return
		}
		at := time.Unix(unix%4_000_000_000, 0)
		for range 3 {
			next := spec.Next(at, "id")
			if !next.After(at) {
				t.Fatalf("%q: Next(%v) = %v, which is not later", text, at, next)
			}
			at = next
		}
	})
}
