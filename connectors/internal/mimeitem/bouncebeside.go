package mimeitem

import (
	"strings"
)

// beside is what the notice says about one recipient: from where it names them first with a rank to where it names
// the next one. All of it where it names nobody else.
func (n *notice) beside(address string) string {
	from, to := -1, len(n.words)
	for _, s := range n.spots {
		same := strings.EqualFold(s.address, address)
		switch {
		case from < 0 && same:
			from = strings.LastIndexByte(n.words[:s.start], '\n') + 1
		case from >= 0 && !same && s.rank >= 2 && to == len(n.words) && !n.isOrigin(s):
			to = max(from, strings.LastIndexByte(n.words[:s.start], '\n')+1)
		}
	}
	if from < 0 {
		return ""
	}
	const most = 2000
	return cutString(n.words[from:max(to, from)], most)
}

// tellingLine is the line that says why: the one with a code, else with known words, else what follows the address.
func tellingLine(beside, address string) string {
	byWords, first := "", ""
	for line := range strings.Lines(beside) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if codesIn(line).String() != "" {
			return line
		}
		if byWords == "" && wordsReason(squash(line)) != "" {
			byWords = line
		}
		if rest := strings.Trim(strings.ReplaceAll(line, address, ""), "<>:; "); first == "" && rest != "" {
			first = line
		}
	}
	return cmpOr(cmpOr(byWords, first), strings.TrimSpace(beside))
}

func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		return cutString(s, most)
	}
	return s
}
