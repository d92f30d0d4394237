package formmail

import (
	"strings"
	"unicode/utf8"
)

// kind is a way to part a label from its value on one line.
type kind int

// The kinds, in the order in which Learn prefers them.
const (
	kindTab kind = iota + 1
	kindColon
	kindEquals
	kindBracket
	kindBar
	kindLeader
	kindArrow
	kindSpaces
	kindBelow // no label has its value on its line
)

// kindOf tells the kind of a layout and a separator as written in the mapping.
func kindOf(layout Layout, separator string) kind {
	switch layout {
	case LayoutBelow:
		return kindBelow
	case LayoutColumns:
		switch {
		case strings.Contains(separator, "\t"):
			return kindTab
		case strings.ContainsAny(separator, bars):
			return kindBar
		}
		return kindSpaces
	}
	switch {
	case strings.ContainsAny(separator, colons), separator == "":
		return kindColon
	case strings.ContainsAny(separator, "=＝"):
		return kindEquals
	case strings.ContainsAny(separator, "→⇒"):
		return kindArrow
	case strings.ContainsAny(separator, closing):
		return kindBracket
	}
	return kindLeader
}

// layout is the layout that a kind belongs to.
func (k kind) layout() Layout {
	switch k {
	case kindBelow:
		return LayoutBelow
	case kindTab, kindBar, kindSpaces:
		return LayoutColumns
	}
	return LayoutInline
}

// lone says that with an empty value nothing need stand behind the label.
func (k kind) lone() bool { return k == kindTab || k == kindBar || k == kindSpaces }

// cut is one way to read a line as label and value.
type cut struct {
	head string // with all that stands before the separator
	sep  string // with the spaces around it
	rest string // without spaces around it
}

const (
	maxCuts = 4   // places of a line that are tried
	maxHead = 240 // bytes of a line in which the separator must stand
)

// cuts gives the ways to read a line as label and value, the shortest label first.
func (k kind) cuts(line string, room []cut) []cut {
	if k == kindBelow {
		return room
	}
	if k == kindBar {
		line = unboxed(line)
	}
	if k == kindBracket && !opens(line) {
		return room
	}
	for at := 0; at < len(line) && at < maxHead && len(room) < maxCuts; {
		if n := letters(line[at:]); n > 0 {
			at += n
			continue
		}
		c, size := utf8.DecodeRuneInString(line[at:])
		n := k.separates(line[at:], c, size)
		if n == 0 {
			at += size
			continue
		}
		head := strings.TrimRight(line[:at], spaces)
		rest := strings.TrimLeft(line[at+n:], spaces)
		sep := line[len(head) : len(line)-len(rest)]
		if k == kindSpaces {
			sep = line[at : len(line)-len(rest)]
		}
		room = append(room, cut{head: head, sep: sep, rest: strings.TrimRight(rest, spaces)})
		at += n
	}
	return room
}

// letters is a quick look, by bytes, for an ASCII letter or digit, kana or kanji with which s begins: how many
// bytes to pass over.
func letters(s string) int {
	switch b := s[0]; {
	case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9':
		return 1
	case b >= 0xe4 && b <= 0xe9, b == 0xe3 && len(s) > 1 && (s[1] == 0x81 || s[1] == 0x82):
		return 3
	}
	return 0
}

// unboxed takes the bars away with which a line of a box begins and ends.
func unboxed(line string) string {
	line = strings.Trim(line, spaces)
	c, _ := utf8.DecodeRuneInString(line)
	if !strings.ContainsRune(bars, c) {
		return line
	}
	return strings.Trim(line, string(c)+spaces)
}

// opens reports a line that begins with a bracket, perhaps after a bullet.
func opens(line string) bool {
	c, _ := utf8.DecodeRuneInString(strings.TrimLeft(line, spaces+bullets))
	return strings.ContainsRune(opening, c)
}

// separates says how many bytes of s, which begins with c, part a label from its value; 0 if they do not.
func (k kind) separates(s string, c rune, size int) int {
	found := false
	switch k {
	case kindTab:
		found = c == '\t'
	case kindColon:
		found = c == ':' || c == '：' || c == '﹕' || c == '∶' || c == 'ː'
	case kindEquals:
		found = c == '=' || c == '＝'
	case kindArrow:
		found = c == '→' || c == '⇒'
	case kindBracket:
		return len(s) - len(strings.TrimLeft(s, closing)) // "）】" closes once
	case kindBar:
		found = strings.ContainsRune(bars, c)
	case kindLeader:
		return leader(s, c)
	case kindSpaces:
		if run := len(s) - len(strings.TrimLeft(s, spaces)); run > 1 || c == '\t' {
			return run
		}
	}
	if found {
		return size
	}
	return 0
}

// leader gives the length of a row of dots with which s begins; 0 if it is shorter than three dots.
func leader(s string, c rune) int {
	const marks = dots + "-‐―─ー－"
	if !strings.ContainsRune(marks, c) {
		return 0
	}
	n, count := 0, 0
	for n < len(s) {
		next, size := utf8.DecodeRuneInString(s[n:])
		if !strings.ContainsRune(marks, next) {
			break
		}
		n += size
		if count++; next == '…' {
			count += 2
		}
	}
	if count < 3 {
		return 0
	}
	return n
}
