package crm_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func officeHours() *crm.Hours {
	return &crm.Hours{From: 9 * time.Hour, To: 18 * time.Hour, Days: [7]bool{false, true, true, true, true, true, false},
		Japanese: true, Closed: map[string]bool{"2026-12-29": true}}
}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestBusinessHours(t *testing.T) {
	tokyo := zoneOf(t, "Asia/Tokyo")
	tests := []struct {
		name, from, to string
		want           time.Duration
	}{
		{"within a day", "2026-11-24 10:00", "2026-11-24 12:30", 150 * time.Minute},
		{"before opening and after closing", "2026-11-24 06:00", "2026-11-24 22:00", 9 * time.Hour},
		{"over a night", "2026-11-24 17:00", "2026-11-25 10:00", 2 * time.Hour},
		{"over a weekend and a holiday on Monday", "2026-11-20 17:00", "2026-11-24 10:00", 2 * time.Hour},
		{"golden week", "2026-04-28 18:00", "2026-05-07 09:00", 18 * time.Hour}, // 30 April and 1 May
		{"a day of the company's own", "2026-12-28 17:30", "2026-12-30 09:30", time.Hour},
		{"nothing", "2026-11-24 12:00", "2026-11-24 12:00", 0},
		{"backwards", "2026-11-25 12:00", "2026-11-24 12:00", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := func(s string) time.Time {
				got, err := time.ParseInLocation("2006-01-02 15:04", s, tokyo)
				if err != nil {
					t.Fatal(err)
				}
				return got.UTC()
			}
			if got := officeHours().Between(at(tt.from), at(tt.to), tokyo); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBusinessHoursWhenTheClockIsPutForward(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	always := &crm.Hours{To: 24 * time.Hour, Days: [7]bool{true, true, true, true, true, true, true}}
	from, to := time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), time.Date(2026, 3, 30, 0, 0, 0, 0, berlin)
	if got := always.Between(from, to, berlin); got != 23*time.Hour {
		t.Errorf("the day has %v", got)
	}
}

func TestAfterBusinessHours(t *testing.T) {
	tokyo := zoneOf(t, "Asia/Tokyo")
	from := time.Date(2026, 11, 20, 17, 0, 0, 0, tokyo) // Friday before a long weekend
	want := time.Date(2026, 11, 24, 16, 0, 0, 0, tokyo)
	if got := officeHours().After(from, 8*time.Hour, tokyo); !got.Equal(want) {
		t.Errorf("got %v, want %v", got.In(tokyo), want)
	}
	never := &crm.Hours{From: 9 * time.Hour, To: 18 * time.Hour}
	if got := never.After(from, time.Hour, tokyo); !got.IsZero() {
		t.Errorf("closed for ever, and yet %v", got)
	}
	if got := officeHours().NextOpen(time.Date(2026, 11, 21, 12, 0, 0, 0, tokyo), tokyo); got.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("next open day is %v", got)
	}
}

// After is the first time at which Between has grown to what was asked for.
func TestAfterAndBetweenAgree(t *testing.T) {
	tokyo := zoneOf(t, "Asia/Tokyo")
	rapid.Check(t, func(t *rapid.T) {
		h := officeHours()
		from := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "from"), 0)
		d := time.Duration(rapid.Int64Range(1, 200*3600).Draw(t, "d")) * time.Second
		after := h.After(from, d, tokyo)
		if got := h.Between(from, after, tokyo); got != d {
			t.Fatalf("after %v there are %v", d, got)
		}
		if got := h.Between(from, after.Add(-time.Second), tokyo); got != d-time.Second {
			t.Fatalf("a second earlier there are %v", got)
		}
	})
}
