package calitem

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// TestRulesLikeRRuleGo compares our expansion with that of rrule-go, for random rules and starts that the rules fit.
// (Some of its own it cannot: FREQ=YEARLY;BYMONTH=12;BYDAY=10MO makes it panic.)
func TestRulesLikeRRuleGo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	compared := 0
	for range 2000 {
		freq := pick("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
		text := "FREQ=" + freq + pick("", ";INTERVAL=2", ";INTERVAL=3") + pick("", "", ";COUNT=7", ";UNTIL=20280301T000000Z") +
			pick("", "", ";BYMONTH=3", ";BYMONTH=1,6,12") + pick("", ";WKST=SU", ";WKST=WE") + pick("", "", ";BYHOUR=8,20", ";BYHOUR=9;BYMINUTE=0,30")
		switch freq {
		case "WEEKLY":
			text += pick("", ";BYDAY=MO", ";BYDAY=TU,TH,SU")
		case "MONTHLY":
			text += pick("", ";BYMONTHDAY=31", ";BYMONTHDAY=-1,15", ";BYDAY=2TU", ";BYDAY=-1FR", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ";BYDAY=SA,SU;BYSETPOS=1,-1")
		case "YEARLY":
			text += pick("", ";BYDAY=2MO", ";BYDAY=-1SU", ";BYYEARDAY=1,-1,200", ";BYMONTHDAY=29", ";BYDAY=TH;BYMONTHDAY=11,12,13,14")
		}
		start := time.Date(2024+random.IntN(2), time.Month(1+random.IntN(12)), 1+random.IntN(31), 8, 30, 0, 0, time.UTC)
		option, err := rrule.StrToROption(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		option.Dtstart = start
		theirs, err := rrule.NewRRule(*option)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		if !firesTwice(t, text, start, end) {
			continue // rrule-go would look for more until the year 9999
		}
		want := theirs.Between(start, end, true)
		if len(want) == 0 || !want[0].Equal(start) {
			continue // the start is not of the rule: we count it, as RFC 5545 says, they do not
		}
		compared++
		for _, from := range []time.Time{start, start.AddDate(1, 2, 3)} {
			ours, err := parseRule(text, moment{wall: start})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			b, got := expansionBudget, []time.Time(nil)
			if err := ours.expand(start, from, end, &b, func(at time.Time) bool { got = append(got, at); return true }); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			before := func(at time.Time) bool { return at.Before(from) }
			if g, w := slices.DeleteFunc(got, before), slices.DeleteFunc(slices.Clone(want), before); !slices.EqualFunc(g, w, time.Time.Equal) {
				t.Fatalf("%s from %s:\ngot  %v\nwant %v", text, start, g, w)
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d rules were compared", compared)
	}
}

// firesTwice says whether a rule fires after its start.
func firesTwice(t *testing.T, text string, start, end time.Time) bool {
	t.Helper()
	r, err := parseRule(text, moment{wall: start})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	b, fired := expansionBudget, 0
	if err := r.expand(start, start, end, &b, func(time.Time) bool { fired++; return fired < 2 }); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fired == 2
}

// TestWeeksLikeISO holds BYWEEKNO against the standard library's ISO weeks.
func TestWeeksLikeISO(t *testing.T) {
	for n := 1; n <= 53; n++ {
		r, err := parseRule(fmt.Sprintf("FREQ=YEARLY;BYWEEKNO=%d", n), moment{wall: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		for day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
			if _, week := day.ISOWeek(); r.onDay(day) != (week == n) {
				t.Fatalf("%s is in week %d", day, week)
			}
		}
	}
}

// TestLinesLikeGoICal compares what clean text says to us and to go-ical.
func TestLinesLikeGoICal(t *testing.T) {
	data := ics(event("DTSTART;TZID=Asia/Tokyo:20261124T100000", `SUMMARY;LANGUAGE=ja:折り返し`+strings.Repeat("あ", 20)+"\r\n  続き", `ATTENDEE;CN="a; b, c";ROLE=CHAIR:mailto:a@b.jp`, `X-LIST;A=1,"2:3":x`))
	theirs, err := ical.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	top, _ := parseComponents(data)
	for name, props := range theirs.Children[0].Props {
		got := top[0].children[0].all(name)
		if len(got) != len(props) {
			t.Fatalf("%s: %d properties, want %d", name, len(got), len(props))
		}
		for i, p := range props {
			if got[i].value != p.Value {
				t.Errorf("%s: %q, want %q", name, got[i].value, p.Value)
			}
			for param, values := range p.Params {
				if got[i].params[param] != strings.Join(values, ",") {
					t.Errorf("%s;%s: %q, want %q", name, param, got[i].params[param], values)
				}
			}
		}
	}
}
