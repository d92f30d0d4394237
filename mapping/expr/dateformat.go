package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// formatTime writes a time by a pattern of YYYY, YY, MM, M, DD, D, hh, h, mm, ss, E (weekday in Japanese) and
// G (era with its year); everything else stands as it is.
func formatTime(t time.Time, pattern string) string {
	var b strings.Builder
	for len(pattern) > 0 {
		n, out := token(t, pattern)
		b.WriteString(out)
		pattern = pattern[n:]
	}
	return b.String()
}

func token(t time.Time, pattern string) (int, string) {
	for _, known := range []struct {
		name string
		text func() string
	}{
		{"YYYY", func() string { return fmt.Sprintf("%04d", t.Year()) }},
		{"YY", func() string { return fmt.Sprintf("%02d", t.Year()%100) }},
		{"MM", func() string { return fmt.Sprintf("%02d", t.Month()) }},
		{"M", func() string { return strconv.Itoa(int(t.Month())) }},
		{"DD", func() string { return fmt.Sprintf("%02d", t.Day()) }},
		{"D", func() string { return strconv.Itoa(t.Day()) }},
		{"hh", func() string { return fmt.Sprintf("%02d", t.Hour()) }},
		{"h", func() string { return strconv.Itoa(t.Hour()) }},
		{"mm", func() string { return fmt.Sprintf("%02d", t.Minute()) }},
		{"ss", func() string { return fmt.Sprintf("%02d", t.Second()) }},
		{"E", func() string { return string([]rune("日月火水木金土")[t.Weekday()]) }},
		{"G", func() string { return eraYear(t) }},
	} {
		if strings.HasPrefix(pattern, known.name) {
			return len(known.name), known.text()
		}
	}
	return 1, pattern[:1]
}

// eraYear is the year in Japanese: 令和8, 令和元.
func eraYear(t time.Time) string {
	for _, e := range eras() {
		if dayNumber(t) < dayNumber(e.first) {
			continue
		}
		if n := t.Year() - e.first.Year() + 1; n > 1 {
			return e.name + strconv.Itoa(n)
		}
		return e.name + "元"
	}
	return strconv.Itoa(t.Year())
}
