package mimeitem

import (
	"strings"
	"time"
)

// dateParser collects the pieces of a date in whatever order they come.
type dateParser struct {
	year, month, day     int
	hour, minute, second int
	offset               int // seconds east of UTC
	hasTime, hasZone     bool
	pm, am               bool
}

// ParseDate reads the date of a header field (RFC 5322, section 3.3, with its obsolete forms) and what
// mailers write instead: no seconds, two-digit years, asctime, ISO 8601, slashes, Japanese, zones by name or
// in comments. A date without a zone is taken as UTC. ok is false if there is no such day or time,
// or none in which there is mail.
func ParseDate(s string) (t time.Time, ok bool) {
	const longest = 200
	d := dateParser{year: -1}
	s = s[:min(len(s), longest)]
	for i := 0; i < len(s); {
		switch s[i] {
		case '(':
			i = skipComment(s, i)
			continue
		case ' ', '\t', ',', ';':
			i++
			continue
		}
		end := i + 1
		for end < len(s) && strings.IndexByte(" \t,;(", s[end]) < 0 {
			end++
		}
		d.word(s[i:end])
		i = end
	}
	return d.time()
}

func skipComment(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func (d *dateParser) word(w string) {
	c := w[0]
	switch {
	case (c == '+' || c == '-') && len(w) > 1 && digit(w[1]):
		d.zone(w)
	case digit(c):
		d.numeric(w)
	default:
		d.name(w)
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// number reads leading digits.
func number(s string) (n, length int) {
	for length < len(s) && length < 9 && digit(s[length]) {
		n = n*10 + int(s[length]-'0')
		length++
	}
	return n, length
}

// numeric reads a word that starts with a digit: a day, a year, a time, or a whole date.
func (d *dateParser) numeric(w string) {
	n, length := number(w)
	rest := w[length:]
	switch {
	case rest == "" || rest == "th" || rest == "st" || rest == "nd" || rest == "rd":
		d.dayOrYear(n, length)
	case rest[0] == ':' || rest[0] == '.' && length <= 2 && strings.Count(rest, ".") >= 1 && d.day > 0 && d.year >= 0:
		d.clock(w)
	case rest[0] == '-' || rest[0] == '/' || rest[0] == '.' || strings.HasPrefix(rest, "年"):
		d.joined(n, length, rest)
	case rest[0] == 'T' || rest[0] == 't':
		d.dayOrYear(n, length)
		d.clock(rest[1:])
	default:
		d.dayOrYear(n, length)
		d.word(rest)
	}
}

func (d *dateParser) dayOrYear(n, digits int) {
	switch {
	case digits >= 3 || d.day > 0:
		if d.year < 0 {
			d.year = fullYear(n, digits)
		}
	default:
		d.day = n
		if n == 0 {
			d.day = -1
		}
	}
}

// fullYear completes two-digit years by RFC 5322, section 4.3, and three-digit ones, which count from 1900.
func fullYear(n, digits int) int {
	switch {
	case digits <= 2 && n < 50:
		return n + 2000
	case digits <= 3:
		return n + 1900
	}
	return n
}

// joined reads "2026-11-21T10:00:00+09:00", "2026/11/21", "2026年11月21日", "21-Nov-2026", "11/21/2026".
func (d *dateParser) joined(first, digits int, rest string) {
	sep := 1
	if rest[0] >= 0x80 {
		sep = len("年")
	}
	rest = rest[sep:]
	if rest == "" {
		d.dayOrYear(first, max(digits, 3))
		return
	}
	if !digit(rest[0]) {
		d.dayOrYear(first, digits)
		month, after, _ := strings.Cut(strings.ReplaceAll(rest, "/", "-"), "-")
		d.name(month)
		if after != "" {
			d.numeric(after)
		}
		return
	}
	second, n := number(rest)
	rest = strings.TrimPrefix(rest[n:], "月")
	rest = strings.TrimLeft(rest, "-/.")
	third, m := number(rest)
	rest = strings.TrimPrefix(rest[m:], "日")
	switch {
	case digits >= 3:
		d.year, d.month, d.day = first, second, third
	case second > 12:
		d.month, d.day, d.year = first, second, fullYear(third, m)
	default:
		d.day, d.month, d.year = first, second, fullYear(third, m)
		if rest0 := first; rest0 <= 12 && second <= 12 {
			d.month, d.day = first, second // 11/05/2026 is how Americans write, and they wrote such mailers
		}
	}
	if rest = strings.TrimLeft(rest, "Tt"); rest != "" && digit(rest[0]) {
		d.clock(rest)
	}
}

// clock reads "10:00", "10:00:00.123", "10.00.00", "10:00:00Z" and "10:00:00+09:00".
func (d *dateParser) clock(w string) {
	if d.hasTime {
		return
	}
	d.hasTime = true
	values := [3]int{}
	for i := range values {
		n, length := number(w)
		if length == 0 {
			if i == 0 {
				d.hour = -1
			}
			break
		}
		values[i] = n
		w = w[length:]
		if w == "" || (w[0] != ':' && w[0] != '.') {
			break
		}
		if i == 2 {
			_, length = number(w[1:])
			w = w[1+length:]
			break
		}
		w = w[1:]
	}
	if d.hour == 0 {
		d.hour = values[0]
	}
	d.minute, d.second = values[1], values[2]
	if w != "" {
		d.word(w)
	}
}

// zone reads "+0900", "+09:00", "-8" and "+900". What cannot be an offset counts as UTC.
func (d *dateParser) zone(w string) {
	if d.hasZone {
		return
	}
	n, length := number(w[1:])
	var minutes int
	switch rest := w[1+length:]; {
	case length <= 2 && strings.HasPrefix(rest, ":"):
		minutes, _ = number(rest[1:])
		minutes += n * 60
	case length <= 2:
		minutes = n * 60
	default:
		minutes = n/100*60 + n%100
	}
	if minutes > 15*60 {
		return
	}
	d.hasZone = true
	d.offset = minutes * 60
	if w[0] == '-' {
		d.offset = -d.offset
	}
}

// name reads a month, a zone, AM or PM; weekdays and anything else are skipped.
func (d *dateParser) name(w string) {
	for _, sign := range "+-" {
		if at := strings.IndexRune(w, sign); at > 0 && at+1 < len(w) && digit(w[at+1]) {
			d.zone(w[at:]) // GMT+0900
			return
		}
	}
	word := strings.ToLower(strings.Trim(w, ".'\""))
	if len(word) >= 3 && d.month == 0 {
		if m := monthOf(word); m > 0 {
			d.month = m
			return
		}
	}
	switch word {
	case "pm", "午後":
		d.pm = true
	case "am", "午前":
		d.am = true
	default:
		if offset, ok := zoneOffset(word); ok && !d.hasZone && d.hasTime {
			d.hasZone, d.offset = true, offset
		}
	}
}

// time puts the pieces together, if they make a day and a time that exist.
func (d *dateParser) time() (time.Time, bool) {
	if d.pm && d.hour < 12 {
		d.hour += 12
	}
	if d.am && d.hour == 12 {
		d.hour = 0
	}
	if d.year < 1970 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 ||
		d.hour < 0 || d.hour > 23 || d.minute > 59 || d.second > 60 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, min(d.second, 59), 0, time.UTC)
	if t.Day() != d.day {
		return time.Time{}, false
	}
	t = t.Add(-time.Duration(d.offset) * time.Second)
	return t, CanBe(t)
}

// CanBe reports whether a mail can be of that time: of the years 1970 to 2199, in UTC.
func CanBe(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1970 && year < 2200
}
