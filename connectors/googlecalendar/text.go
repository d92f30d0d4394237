package googlecalendar

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
)

// maxSource is how much of a description is read at all, per byte of text that is wanted: tags take room.
const maxSource = 4

// describe makes plain text of a description, which Google's own editor writes in HTML and programs often do not.
func describe(source string, limit int64) (text string, truncated bool) {
	if whole := cut(source, maxSource*limit); len(whole) < len(source) {
		source, truncated = whole, true
	}
	if calitem.LooksHTML(source) {
		text = calitem.PlainText(source)
	} else {
		text = tidy(html.UnescapeString(source))
	}
	short := cut(text, limit)
	return short, truncated || len(short) < len(text)
}

// tidy drops what no line has: control characters, and blanks at its end.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// maxWord bounds what is one line: names, places, addresses; bytes.
const maxWord = 10_000

// cleanLine makes a text one line of printable characters.
func cleanLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsFunc(s, turns) {
		s = strings.Map(func(c rune) rune {
			if turns(c) {
				return -1
			}
			return c
		}, s)
	}
	if strings.ContainsFunc(s, func(c rune) bool { return c != ' ' && (unicode.IsSpace(c) || unicode.IsControl(c)) }) || strings.Contains(s, "  ") {
		s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }), " ")
	}
	return cut(strings.TrimSpace(s), maxWord)
}

// turns says that a character changes the direction of what follows, also beyond the text it stands in: embeddings,
// overrides and isolates (Unicode Standard Annex 9).
func turns(c rune) bool { return c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 }

// cut cuts a text to at most n bytes, between characters.
func cut(s string, n int64) string {
	if int64(len(s)) <= n {
		return s
	}
	end := int(n)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
