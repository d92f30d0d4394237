package formmail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the longest mail that is read, in bytes: beyond it nobody filled in a form.
const maxText = 256 << 10

// splitLines gives the lines of a text without their ends and the spaces before these.
func splitLines(text string) []string {
	lines := make([]string, 0, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		if n := len(line); n > 0 && (line[n-1] <= ' ' || line[n-1] >= utf8.RuneSelf) {
			line = strings.TrimRight(line, spaces)
		}
		lines = append(lines, line)
	}
	return lines
}

// corners are signs that only stand in the rules of boxes.
const corners = "┣┫├┤╋┼┏┓┌┐┗┛└┘╔╗╚╝╠╣┳┻"

// isRule reports a line of signs only, at least two: "-----", "━━━━", "┣━━╋━━┫".
func isRule(line string) bool {
	signs := 0
	for _, c := range line {
		switch {
		case strings.ContainsRune(spaces, c):
		case unicode.IsLetter(c) && c != 'ー' || unicode.IsDigit(c):
			return false
		default:
			signs++
		}
	}
	return signs > 1
}

// nextFull gives the first line from i on that is not empty; len(lines) if there is none.
func nextFull(lines []string, i int) int {
	for i < len(lines) && lines[i] == "" {
		i++
	}
	return i
}

// linePattern is a line in which "*" stands for any run of characters. Of the rules of a box only the signs
// count, not how often each stands.
type linePattern struct {
	text      string
	wild, box bool
}

func newLinePattern(line string) linePattern {
	p := linePattern{text: strings.Trim(line, spaces)}
	rule := isRule(p.text)
	p.wild = !rule && strings.Contains(p.text, "*")
	p.box = rule && strings.ContainsAny(p.text, corners)
	return p
}

func (p *linePattern) fits(line string) bool {
	line = strings.Trim(line, spaces)
	switch {
	case line == "":
		return false
	case p.wild:
		return wild(p.text, line)
	case p.box:
		return squeeze(p.text) == squeeze(line)
	}
	return p.text == line
}

// sameLine reports whether a line is the one of a pattern as it is written in the mapping.
func sameLine(pattern, line string) bool {
	p := newLinePattern(pattern)
	return p.fits(line)
}

func wild(pattern, s string) bool {
	first, pattern, found := strings.Cut(pattern, "*")
	s, ok := strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	if !found {
		return s == ""
	}
	for {
		piece, more, found := strings.Cut(pattern, "*")
		if !found {
			return strings.HasSuffix(s, piece)
		}
		at := strings.Index(s, piece)
		if at < 0 {
			return false
		}
		s, pattern = s[at+len(piece):], more
	}
}

// squeeze makes one of each run of the same character.
func squeeze(s string) string {
	last := rune(-1)
	return strings.Map(func(c rune) rune {
		if c == last {
			return -1
		}
		last = c
		return c
	}, s)
}

// anchor is some lines before or behind the fields, of which none is empty.
type anchor []linePattern

// newAnchor reads an anchor as it is written in the mapping.
func newAnchor(s string) anchor {
	var a anchor
	for line := range strings.SplitSeq(s, "\n") {
		if p := newLinePattern(line); p.text != "" {
			a = append(a, p)
		}
	}
	return a
}

// at says how many lines from i on are those of the anchor, with empty lines between; 0 if they are not.
func (a anchor) at(lines []string, i int) int {
	at := i
	for n := range a {
		if n > 0 {
			at = nextFull(lines, at)
		}
		if at >= len(lines) || !a[n].fits(lines[at]) {
			return 0
		}
		at++
	}
	return at - i
}

// String is the anchor for a message.
func (a anchor) String() string {
	texts := make([]string, len(a))
	for i := range a {
		texts[i] = a[i].text
	}
	return strings.Join(texts, " / ")
}
