package fakegoogle

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
)

// cutRules ends a series before an occurrence and returns the rules of the rest: an UNTIL replaces COUNT and
// UNTIL in the first, what is left of a COUNT stands in the second.
func (cal *Calendar) cutRules(e *calendar.Event, at time.Time, allDay bool) (head, tail []string) {
	whole := *e // COUNT counts what EXDATE takes out, too
	whole.Recurrence = slices.DeleteFunc(slices.Clone(e.Recurrence), func(l string) bool { return !strings.HasPrefix(l, "RRULE:") })
	before := len(cal.expand(&whole, time.Time{}, at))
	until := at.UTC().Add(-time.Second).Format(stampUTC)
	if allDay {
		until = at.AddDate(0, 0, -1).Format(stampDate)
		before = len(slices.DeleteFunc(cal.expand(&whole, time.Time{}, cal.midnight(at)), func(t time.Time) bool { return !t.Before(at) }))
	}
	for _, line := range e.Recurrence {
		value, ok := strings.CutPrefix(line, "RRULE:")
		if !ok {
			head, tail = append(head, line), append(tail, line)
			continue
		}
		var kept, rest []string
		for p := range strings.SplitSeq(value, ";") {
			switch name, v, _ := strings.Cut(p, "="); name {
			case "COUNT":
				rest = append(rest, "COUNT="+lessBy(v, before))
			case "UNTIL":
				rest = append(rest, p)
			default:
				kept, rest = append(kept, p), append(rest, p)
			}
		}
		head = append(head, "RRULE:"+strings.Join(append(kept, "UNTIL="+until), ";"))
		tail = append(tail, "RRULE:"+strings.Join(rest, ";"))
	}
	return head, tail
}

func lessBy(count string, n int) string {
	total, err := strconv.Atoi(count)
	if err != nil {
		return count
	}
	return strconv.Itoa(max(total-n, 1))
}
