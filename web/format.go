package web

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// when is a moment as people of the language write it, in the organisation's zone: 2026年11月21日(土) 10:00
// or 21 Nov 2026 10:00. "" for the zero time.
func (sp *speaker) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(sp.zone)
	return sp.date(t) + " " + t.Format("15:04")
}

// date is the day of when.
func (sp *speaker) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(sp.zone)
	if sp.lang == "ja" {
		weekdays := [...]string{"日", "月", "火", "水", "木", "金", "土"}
		return t.Format("2006年1月2日") + "(" + weekdays[t.Weekday()] + ")"
	}
	return t.Format("2 Jan 2006")
}

// ago is how long something has lasted, in the largest unit that fits.
func (sp *speaker) ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return sp.text("ago.now")
	case d < time.Hour:
		return sp.text("ago.minutes", "n", int(d/time.Minute))
	case d < 48*time.Hour:
		return sp.text("ago.hours", "n", int(d/time.Hour))
	default:
		return sp.text("ago.days", "n", int(d/(24*time.Hour)))
	}
}

// since is how long ago something was.
func (sp *speaker) since(d time.Duration) string {
	if d < time.Minute {
		return sp.text("heard.now")
	}
	return sp.text("heard.ago", "d", sp.ago(d))
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1<<20:
		return strconv.FormatInt((n+1<<9)>>10, 10) + " KB"
	default:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	}
}

// money is an amount of the organisation's currency, which is counted in yen: 1,200,000円 or ¥1,200,000.
func (sp *speaker) money(n int64) string {
	switch {
	case sp.lang == "ja":
		return group(n) + "円"
	case n < 0:
		return "-¥" + group(-n)
	}
	return "¥" + group(n)
}

// excerpt is the start of a text on one line, cut at a character's edge.
func excerpt(text string, limit int) string {
	if len(text) > 8*limit {
		text = strings.ToValidUTF8(text[:8*limit], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit]) + "…"
}

// initial is what stands in the round badge of a name.
func initial(name string) string {
	for _, r := range name {
		if r > ' ' && r != '"' && r != '\'' && r != '<' && r != '(' {
			return strings.ToUpper(string(r))
		}
	}
	return "?"
}
