package mimeitem

import (
	"slices"
	"strings"
)

// trim cuts quoted replies and the signature off a text. What is left is never empty: a mail that is all
// quote, such as a bare forward, keeps everything.
//
// First the place is sought where the mail answered begins, in one of three customs: a line such as
// "-----元のメッセージ-----", a block of header lines as Outlook writes it, or a line that says who wrote when.
// After the first two all is quoted. After the third, and everywhere else, quoted lines start with ">": those
// at the end go, and those before an answer written below go too; quotes with answers between them stay,
// since the answers could not be understood alone. Then signatures go from the end upwards.
func trim(full string) string {
	var room [linesAtOnce]string
	lines := appendLines(room[:0], full)
	end := cutAt(lines)
	kept := lines[:end]
	kept = dropQuotes(kept)
	if blank(kept) {
		return full
	}
	if signed := dropSignature(kept); !blank(signed) {
		kept = signed
	}
	for len(kept) > 0 && blankLine(kept[len(kept)-1]) {
		kept = kept[:len(kept)-1]
	}
	for len(kept) > 0 && blankLine(kept[0]) {
		kept = kept[1:]
	}
	if len(kept) == len(lines) {
		return full
	}
	return joinKept(full, kept)
}

// linesAtOnce is how many lines trim has room for without asking for memory.
const linesAtOnce = 256

// appendLines appends the lines of s without their line ends.
func appendLines(lines []string, s string) []string {
	for {
		line, rest, found := strings.Cut(s, "\n")
		lines = append(lines, line)
		if !found {
			return lines
		}
		if len(lines) == cap(lines) {
			lines = slices.Grow(lines, strings.Count(rest, "\n")+1)
		}
		s = rest
	}
}

func splitLines(s string) []string { return appendLines(nil, s) }

// joinKept joins lines of full. If they stand there one after the other, from the first line that is not blank,
// the result is a piece of full; that is so unless a quote between them was dropped.
func joinKept(full string, kept []string) string {
	start := 0
	for line := range strings.Lines(full) {
		if !blankLine(strings.TrimSuffix(line, "\n")) {
			break
		}
		start += len(line)
	}
	end := start
	for i, line := range kept {
		if i > 0 {
			if end == len(full) || full[end] != '\n' {
				return strings.Join(kept, "\n")
			}
			end++
		}
		if !strings.HasPrefix(full[end:], line) {
			return strings.Join(kept, "\n")
		}
		end += len(line)
	}
	return full[start:end]
}

func blank(lines []string) bool {
	for _, line := range lines {
		if !blankLine(line) {
			return false
		}
	}
	return true
}

// blankLine knows the spaces of Japanese mail as well.
func blankLine(line string) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != 0x3000 && c != 0xa0 && c != '\r' {
			return false
		}
	}
	return true
}
