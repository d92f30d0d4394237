package formmail

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxAnchorLines = 4
	maxWord        = 40 // runes of a value that is sought in the lines around the fields
)

var (
	varying  = regexp.MustCompile(`[0-9A-Za-z０-９_+-]*[0-9０-９][0-9A-Za-z０-９_+-]*`)
	weekdays = regexp.MustCompile(`[(（][月火水木金土日][)）]|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|\b[AP]M\b`)
	stars    = regexp.MustCompile(`\*[*\s]*\*`)
)

// pattern is a line of the example with "*" for what will differ from mail to mail: marked values, words of
// names, numbers, and the days and months beside them.
func (s *search) pattern(line string) string {
	if isRule(line) {
		return line
	}
	for _, word := range s.words() {
		line = strings.ReplaceAll(line, word, "*")
	}
	if varying.MatchString(line) {
		line = weekdays.ReplaceAllString(varying.ReplaceAllString(line, "*"), "*")
	}
	return stars.ReplaceAllString(line, "*")
}

// words are the values, and the words of the short ones, which may stand in a greeting; the longest first.
func (s *search) words() []string {
	var words []string
	for _, m := range s.marks {
		if len(m.lines) != 1 || utf8.RuneCountInString(m.lines[0]) > maxWord {
			continue
		}
		words = append(words, strings.TrimSpace(m.text))
		if parts := strings.Fields(m.lines[0]); len(parts) <= 3 {
			words = append(words, parts...)
			words = append(words, strings.Join(parts, ""), strings.Join(parts, " "))
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < 2 })
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(words)
}

// anchor takes the lines next to the fields, upwards or downwards from line i, until one has words in it that
// stay.
func (f *frame) anchor(i, step int) string {
	var lines []string
	for ; i >= 0 && i < len(f.lines) && len(lines) < maxAnchorLines; i += step {
		if f.lines[i] == "" {
			continue
		}
		line := f.pattern(strings.Trim(f.lines[i], spaces))
		lines = append(lines, line)
		if stays(line) {
			break
		}
	}
	if step < 0 {
		slices.Reverse(lines)
	}
	return strings.Join(lines, "\n")
}

// stays reports a line with enough letters beside what differs.
func stays(pattern string) bool {
	letters := 0
	for _, c := range pattern {
		if unicode.IsLetter(c) {
			letters++
		}
	}
	return letters >= 3
}
