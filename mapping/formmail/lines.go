package formmail

import (
	"strings"
	"unicode"
)

// maxText is the longest mail that is read, in bytes: beyond it nobody filled in a form.
const maxText = 256 << 10

// splitLines gives the lines of a text without their ends and the spaces before these.
func splitLines(text string) []string {
	lines := make([]string, 0, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimRight(line, spaces))
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

// sameLine reports whether a line is the one of a pattern, in which "*" stands for any run of characters. Of
// the rules of a box only the signs count, not how often each stands.
func sameLine(pattern, line string) bool {
	line = strings.Trim(line, spaces)
	if pattern == line {
		return line != ""
	}
	if isRule(pattern) {
		return strings.ContainsAny(pattern, corners) && squeeze(pattern) == squeeze(line)
	}
	if strings.IndexByte(pattern, '*') < 0 || line == "" {
		return false
	}
	return wild(pattern, line)
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

// anchorAt says how many lines from i on are those of an anchor, with empty lines between; 0 if they are not.
func anchorAt(anchor []string, lines []string, i int) int {
	at := i
	for n, pattern := range anchor {
		if n > 0 {
			at = nextFull(lines, at)
		}
		if at >= len(lines) || !sameLine(pattern, lines[at]) {
			return 0
		}
		at++
	}
	return at - i
}

// anchorLines gives the lines of an anchor as it is written in the mapping.
func anchorLines(s string) []string {
	var anchor []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.Trim(line, spaces); line != "" {
			anchor = append(anchor, line)
		}
	}
	return anchor
}
