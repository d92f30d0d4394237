package calitem

import (
	"strings"
)

// maxDates is how many dates RDATE and EXDATE may list each.
const maxDates = 20_000

// excluded are the ids of the occurrences, or the days, that EXDATE names.
func (r *reader) excluded(s *series) map[string]bool {
	out := make(map[string]bool)
	for _, p := range s.master.all("EXDATE") {
		for text := range strings.SplitSeq(p.value, ",") {
			if len(out) >= maxDates || strings.TrimSpace(text) == "" {
				continue
			}
			m, err := r.momentOf(p, text)
			if err != nil {
				r.notef("an excluded date %q cannot be read", cut(text, 40))
				continue
			}
			if m.allDay && !s.start.allDay {
				out[m.wall.Format("20060102")] = true
				continue
			}
			if m, err = r.original(s, p, text); err == nil {
				out[m.occurrence()] = true
			}
		}
	}
	return out
}

// extra adds the occurrences of RDATE: times, days and periods (RFC 5545 section 3.8.5.2).
func (r *reader) extra(s *series, add func(moment, span) bool) {
	listed := 0
	for _, p := range s.master.all("RDATE") {
		for text := range strings.SplitSeq(p.value, ",") {
			if listed++; listed > maxDates || strings.TrimSpace(text) == "" {
				continue
			}
			begin, end, period := strings.Cut(text, "/")
			m, err := r.original(s, p, begin)
			if err != nil {
				r.notef("an additional date %q cannot be read", cut(text, 40))
				continue
			}
			length := s.length
			if period {
				length = r.periodLength(p, m, end, s.length)
			}
			if m.after(length).Before(r.w.From) || m.instant().After(r.w.To) {
				continue
			}
			if !add(m, length) {
				return
			}
		}
	}
}

func (r *reader) periodLength(p property, start moment, end string, otherwise span) span {
	if length, err := parseDuration(end); err == nil && length.length() >= 0 {
		return length
	}
	if m, err := r.momentOf(p, end); err == nil {
		if d := m.instant().Sub(start.instant()); d >= 0 && d <= maxSpan {
			return span{exact: d}
		}
	}
	return otherwise
}
