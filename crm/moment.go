package crm

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ClampTime is a time in UTC that can be written down as RFC 3339 has it, which knows the years 1 to 9999 only: one outside of
// them is the nearest inside, to the second. The zero time stays what it is.
func ClampTime(t time.Time) time.Time {
	const first, last = -62_135_596_800, 253_402_300_799 // seconds at which the year 1 begins and 9999 ends
	switch seconds := t.Unix(); {
	case seconds < first:
		return time.Unix(first+1, 0).UTC()
	case seconds > last:
		return time.Unix(last, 0).UTC()
	}
	return t.UTC()
}

// maxFast is how far the clock may be fast of who says when something happened.
const maxFast = time.Minute

// CanHaveBeen reports whether something that a person says has happened, such as a call or a consent, can have happened then:
// not before 1970, nor after now.
func CanHaveBeen(at, now time.Time) bool {
	return at.UTC().Year() >= 1970 && !at.After(now.Add(maxFast))
}

// IsDay reports whether a text is a day such as 2026-11-21, of the years 1900 to 2199.
func IsDay(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && t.Year() >= firstYear && t.Year() <= lastYear
}

// IsHidden reports a character that does not show and that no entry may hold: it controls a terminal, ends a line, or turns
// round the direction in which what follows is shown (Unicode's bidirectional embeddings, overrides and isolates).
func IsHidden(c rune) bool {
	return unicode.IsControl(c) || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x2028 || c == 0x2029
}

// hiddenIn says of a text that somebody entered what in it does not show; "" for nothing. Of several lines, line ends and tabs
// are fine.
func hiddenIn(text string, lines bool) string {
	if !utf8.ValidString(text) {
		return "bytes that are no text"
	}
	at := strings.IndexFunc(text, func(c rune) bool { return IsHidden(c) && (!lines || c != '\n' && c != '\t') })
	if at < 0 {
		return ""
	}
	c, _ := utf8.DecodeRuneInString(text[at:])
	return fmt.Sprintf("the character U+%04X, which does not show", c)
}
