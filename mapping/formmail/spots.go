package formmail

import (
	"strings"
	"unicode/utf8"
)

// beside finds the places where a value follows its label on the same line.
func (s *search) beside(k kind, m *mark) []spot {
	var spots []spot
	word := strings.Fields(m.lines[0])[0]
	for i, line := range s.lines {
		if !strings.Contains(line, word) {
			continue
		}
		var room [maxCuts]cut
		for _, c := range k.cuts(line, room[:0]) {
			label := strip(c.head)
			suffix, same := equalLine(c.rest, m.lines[0], len(m.lines) == 1)
			if !same || !canBeLabel(label) || s.marked(label) {
				continue
			}
			if end, ok := s.follow(i+1, m.lines[1:]); ok {
				spots = append(spots, spot{line: i, end: end, label: label, sep: c.sep, suffix: suffix, many: len(m.lines) > 1})
				break
			}
		}
	}
	return spots
}

// under finds the places where a value stands in the lines below its label.
func (s *search) under(k kind, m *mark) []spot {
	var spots []spot
	word := strings.Fields(m.lines[0])[0]
	for i := range s.lines {
		if !strings.Contains(s.lines[i], word) {
			continue
		}
		if _, same := equalLine(s.lines[i], m.lines[0], false); !same {
			continue
		}
		end, ok := s.follow(i+1, m.lines[1:])
		j := i - 1
		for j >= 0 && s.lines[j] == "" {
			j--
		}
		if !ok || j < 0 || i-j > 3 || !s.alone(k, s.lines[j]) {
			continue
		}
		spots = append(spots, spot{line: j, end: end, label: strip(s.lines[j]), below: true, many: len(m.lines) > 1})
	}
	return spots
}

// empty finds the labels of this name with nothing behind them.
func (s *search) empty(k kind, m *mark) []spot {
	var spots []spot
	key := labelKey(m.name)
	for i, line := range s.lines {
		at := spot{line: i, end: i + 1, label: strip(line), below: k == kindBelow}
		for _, c := range k.cuts(line, nil) {
			if c.rest == "" {
				at.label, at.sep = strip(c.head), c.sep
				break
			}
		}
		if (at.sep != "" || k.lone() || k == kindBelow) && key != "" && labelKey(at.label) == key {
			spots = append(spots, at)
		}
	}
	return spots
}

// alone reports a line that can be a label with its value below.
func (s *search) alone(k kind, line string) bool {
	label := strip(line)
	if !canBeLabel(label) || utf8.RuneCountInString(label) > 40 || strings.ContainsAny(label, "。、") || s.marked(label) {
		return false
	}
	if k == kindBelow {
		return true
	}
	for _, c := range k.cuts(line, nil) {
		if c.rest != "" && canBeLabel(strip(c.head)) {
			return false
		}
	}
	last, _ := utf8.DecodeLastRuneInString(line)
	return k.lone() || decoration(line, label) != "" || strings.ContainsRune(colons+closing, last) || wantsRoom(label)
}

// marked reports a text that has a marked value in it, so that it is no label: two fields stand on its line.
func (s *search) marked(label string) bool {
	for _, m := range s.marks {
		if len(m.lines) == 1 && utf8.RuneCountInString(m.lines[0]) > 1 && strings.HasSuffix(label, m.lines[0]) && label != m.name {
			return true
		}
	}
	return false
}

// follow reports whether the lines from i on are those of a value, and says which comes behind them.
func (s *search) follow(i int, value []string) (end int, ok bool) {
	for _, want := range value {
		i = nextFull(s.lines, i)
		if i == len(s.lines) {
			return 0, false
		}
		if _, same := equalLine(s.lines[i], want, false); !same {
			return 0, false
		}
		i++
	}
	return i, true
}

// equalLine compares a line, or the rest of one, with a value's. An honorific may follow the value if suffixed
// is set, and is given back.
func equalLine(line, value string, suffixed bool) (suffix string, same bool) {
	line = strings.Trim(line, bars+spaces)
	if line == value {
		return "", true
	}
	if line = strings.Join(strings.Fields(line), " "); line == strings.Trim(value, bars+spaces) {
		return "", true
	}
	if !suffixed {
		return "", false
	}
	for _, honorific := range []string{"様", "さま", "さん", "殿", "御中"} {
		if rest, ok := strings.CutSuffix(line, honorific); ok && strings.TrimRight(rest, spaces) == value {
			return honorific, true
		}
	}
	return "", false
}
