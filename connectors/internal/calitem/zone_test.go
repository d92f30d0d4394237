package calitem

import (
	"strings"
	"testing"
	"time"
)

func TestWindowsZones(t *testing.T) {
	table := windowsZones()
	if len(table) < 140 {
		t.Errorf("the table has %d zones", len(table))
	}
	for name, iana := range table {
		if load(iana) == nil {
			t.Errorf("%s: %s is not known", name, iana)
		}
	}
}

// custom is a VTIMEZONE as Outlook writes it.
const custom = `BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0400
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0300
TZOFFSETTO:+0400
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`

func TestZones(t *testing.T) {
	berlin := strings.NewReplacer("Customized Time Zone", "Irgendwo", "+0300", "+0100", "+0400", "+0200").Replace(custom)
	nameless := "BEGIN:VTIMEZONE\nTZID:会社\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\n"
	five := "BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nTZOFFSETFROM:+0545\nTZOFFSETTO:+0545\nEND:STANDARD\nEND:VTIMEZONE\n"
	for _, c := range []struct{ name, vtimezone, start, want, zone string }{
		{"iana", "", ";TZID=Asia/Tokyo:20260701T100000", "01:00", "Asia/Tokyo"},
		{"windows", "", ";TZID=Tokyo Standard Time:20260701T100000", "01:00", "Asia/Tokyo"},
		{"windows, quoted, other case", "", `;TZID="tokyo standard time":20260701T100000`, "01:00", "Asia/Tokyo"},
		{"Japanese Windows", "", `;TZID="(UTC+09:00) 大阪、札幌、東京":20260701T100000`, "01:00", "Asia/Tokyo"},
		{"without quotes", "", `;TZID=(UTC+09:00) 大阪、札幌、東京:20260701T100000`, "01:00", "Asia/Tokyo"},
		{"libical", "", ";TZID=/freeassociation.sourceforge.net/Asia/Tokyo:20260701T100000", "01:00", "Asia/Tokyo"},
		{"libical, older", "", ";TZID=/freeassociation.sourceforge.net/Tzfile/America/New_York:20260701T100000", "14:00", "America/New_York"},
		{"citadel", "", ";TZID=/citadel.org/20210210_1/America/Argentina/Ushuaia:20260701T100000", "13:00", "America/Argentina/Ushuaia"},
		{"offset only", "", ";TZID=GMT-0500:20260701T100000", "15:00", "Etc/GMT+5"},
		{"Z wins over TZID", "", ";TZID=Asia/Tokyo:20260701T100000Z", "10:00", ""},
		{"unknown", "", ";TZID=どこか:20260701T100000", "01:00", "Asia/Tokyo"},
		{"made from rules, summer", custom, ";TZID=Customized Time Zone:20260701T100000", "06:00", ""},
		{"made from rules, winter", custom, ";TZID=Customized Time Zone:20261201T100000", "07:00", ""},
		{"rules of a known zone", berlin, ";TZID=Irgendwo:20260701T100000", "08:00", "Europe/Berlin"},
		{"one offset", nameless, ";TZID=会社:20260701T100000", "01:00", "Asia/Tokyo"},
		{"odd offset", five, ";TZID=x:20260701T100000", "04:15", ""},
		{"name other than that of the definition", nameless, ";TZID=別名:20260701T100000", "01:00", "Asia/Tokyo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := read(t, ics(c.vtimezone+event("DTSTART"+c.start)), "2026-01-01", "2027-01-01")
			if len(got) != 1 || got[0].Start.Format("15:04") != c.want || got[0].Zone != c.zone {
				t.Errorf("got %v, want %s in %q", got, c.want, c.zone)
			}
		})
	}
}

func TestInstant(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"} {
		z := zone(t, name)
		for wall := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); wall.Year() == 2026; wall = wall.Add(15 * time.Minute) {
			at := moment{wall: wall, zone: z}.instant()
			shown := wallOf(at, z)
			if !shown.Equal(wall) && shown.Sub(wall) != time.Hour && shown.Sub(wall) != 30*time.Minute {
				t.Errorf("%s: %s became %s", name, wall, shown)
			}
			if earlier := at.Add(-time.Hour); wallOf(earlier, z).Equal(wall) {
				t.Errorf("%s: of two times that show %s the second was taken", name, wall)
			}
		}
	}
}

func TestNoZoneOfTheMachine(t *testing.T) {
	for _, name := range []string{"Local", "local", "../../etc/passwd", "/etc/localtime", ""} {
		if z := knownZone(name); z != nil {
			t.Errorf("%q is %s", name, z)
		}
	}
}
