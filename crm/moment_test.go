package crm_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestClampTime(t *testing.T) {
	west, east := time.FixedZone("", -12*3600), time.FixedZone("", 14*3600)
	for name, c := range map[string]struct {
		in   time.Time
		want string
	}{
		"an ordinary one in UTC":  {time.Date(2026, 11, 21, 9, 0, 0, 5, east), "2026-11-20T19:00:00.000000005Z"},
		"none":                    {time.Time{}, "0001-01-01T00:00:00Z"},
		"the end of 9999":         {time.Date(9999, 12, 31, 23, 59, 59, 9, time.UTC), "9999-12-31T23:59:59.000000009Z"},
		"the year 10000 in UTC":   {time.Date(9999, 12, 31, 23, 59, 59, 0, west), "9999-12-31T23:59:59Z"},
		"before the year 1 there": {time.Date(1, 1, 1, 0, 0, 0, 0, east), "0001-01-01T00:00:01Z"},
		"the year 0":              {time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0001-01-01T00:00:01Z"},
		"far ahead":               {time.Unix(1<<55, 0), "9999-12-31T23:59:59Z"},
		"far back":                {time.Unix(-1<<55, 0), "0001-01-01T00:00:01Z"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := json.Marshal(crm.ClampTime(c.in)); err != nil || string(got) != `"`+c.want+`"` {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestCanHaveBeen(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for at, want := range map[string]bool{
		"2026-11-22T09:00:30Z": true, "2026-11-22T09:02:00Z": false, "1970-01-01T00:00:00Z": true, "1970-01-01T00:00:00+09:00": false,
		"0000-01-01T00:00:00+14:00": false, "1601-01-01T00:00:00Z": false, "9999-12-31T23:59:59-12:00": false,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := crm.CanHaveBeen(moment, now); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
}

func TestExportOfTimesThatCannotBeWritten(t *testing.T) {
	beyond := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, v := range []any{crm.ExportActivity(crm.Activity{Time: beyond, End: beyond}), crm.ExportEntry(crm.Entry{SeenAt: beyond, ItemTime: beyond})} {
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
	}
}
