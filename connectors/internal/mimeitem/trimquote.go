package mimeitem

import (
	"slices"
	"strings"
)

// attribution says how many lines at the start of lines name the author of a quote: "On … wrote:",
// 「2026年11月21日(土) 10:00 田中 <a@b>:」. Mailers wrap it over two or three lines. 0 if it is none.
// sure says that it names an address or says "wrote": a date and a time alone may introduce anything.
func attribution(lines []string) (n int, sure bool) {
	const longest, most = 300, 3
	if !slices.ContainsFunc(lines[:min(len(lines), most)], colonEnd) { // the quickest look, for most lines
		return 0, false
	}
	first := strings.TrimLeft(lines[0], " \t\u3000")
	if !mayAttribute(first) {
		return 0, false
	}
	joined := ""
	for i := range min(len(lines), most) {
		line := strings.TrimSpace(lines[i])
		if line == "" || i > 0 && quoted(line) || len(joined)+len(line) > longest {
			return 0, false
		}
		joined += line
		if i > 0 && strings.HasSuffix(line, ":") || colonEnd(line) {
			if found, sure := attributes(joined); found {
				return i + 1, sure
			}
			return 0, false
		}
		joined += " "
	}
	return 0, false
}

// mayAttribute is a quick look at how a line starts.
func mayAttribute(line string) bool {
	if line == "" {
		return false
	}
	switch c := line[0]; {
	case digit(c), c == '(', c == '<', c == '"':
		return true
	case c == 'O':
		return strings.HasPrefix(line, "On ")
	case c == 'L':
		return strings.HasPrefix(line, "Le ")
	case c == 'A':
		return strings.HasPrefix(line, "Am ")
	case c == 'E':
		return strings.HasPrefix(line, "El ")
	case c >= 0x80:
		return strings.IndexByte(line, '@') > 0 || strings.Contains(line, "年") || digitWide(line) || strings.Contains(line, "wrote") || strings.Contains(line, "書きました")
	}
	const longest = 120
	return len(line) < longest && (strings.Contains(line, " wrote:") || strings.Contains(line, " writes:"))
}

func digitWide(line string) bool { return strings.HasPrefix(line, "\uff12\uff10") }

func colonEnd(line string) bool {
	if line == "" {
		return false
	}
	switch line[len(line)-1] {
	case ':', 0x9a, ' ', '\t', '\r', 0x80: // the last bytes of what is sought, and of the spaces below
	default:
		return false
	}
	line = strings.TrimRight(line, " \t\u3000\r")
	return strings.HasSuffix(line, ":") || strings.HasSuffix(line, "\uff1a")
}

// attributes decides on a whole line that ends with a colon.
func attributes(s string) (found, sure bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, ":"), "\uff1a"))
	for _, verb := range []string{"wrote", "writes", "書きました", "のメール", "のメッセージ", "schrieb", "a écrit", "escribió", "さんは書きました"} {
		if strings.HasSuffix(s, verb) {
			return true, true
		}
	}
	if strings.Contains(s, " schrieb ") && strings.HasPrefix(s, "Am ") {
		return true, true
	}
	address := strings.Contains(s, "@")
	return dated(s) && (address || clocked(s)), address
}

// dated says whether a date with its year stands in s: 2026年11月21日, 2026/11/21, 2026-11-21.
func dated(s string) bool {
	for i := 0; i+4 < len(s); i++ {
		if (s[i] != '2' || s[i+1] != '0') || i > 0 && digit(s[i-1]) {
			continue
		}
		n, length := number(s[i:])
		rest := strings.TrimLeft(s[i+length:], " ")
		if length == 4 && n >= 2000 && rest != "" && (rest[0] == '/' || rest[0] == '-' || rest[0] == '.' || strings.HasPrefix(rest, "年")) {
			return true
		}
	}
	return strings.Contains(s, "\uff12\uff10") && strings.Contains(s, "年")
}

// clocked says whether a time of day stands in s: 10:00, 10:00, 10時.
func clocked(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if s[i] == ':' && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) {
			return true
		}
	}
	return strings.Contains(s, "時") && strings.Contains(s, "日")
}

// dropQuotes takes out quoted lines with the line that introduces them. A block at the end always goes. If
// there is one block only, above the answer, it goes as well; blocks with answers between them stay.
func dropQuotes(lines []string) []string {
	blocks := quoteBlocks(lines)
	if len(blocks) == 0 {
		return lines
	}
	if last := blocks[len(blocks)-1]; blank(lines[last.end:]) || onlySignature(lines[last.end:]) {
		tail := lines[last.end:]
		lines = lines[:last.start:last.start]
		if !blank(tail) {
			lines = append(lines, tail...)
		}
		blocks = blocks[:len(blocks)-1]
	}
	if len(blocks) == 1 && blank(lines[:blocks[0].start]) {
		lines = append(lines[:blocks[0].start:blocks[0].start], lines[blocks[0].end:]...)
	}
	return lines
}

// onlySignature says whether nothing but a signature follows the last quote.
func onlySignature(lines []string) bool {
	for i, line := range lines {
		if blankLine(line) {
			continue
		}
		return mobileSignature(line) && blank(lines[i+1:]) || line == "-- " || line == "--"
	}
	return true
}

// block is a run of quoted lines, start to end, with the attribution before it.
type block struct{ start, end int }

func quoteBlocks(lines []string) []block {
	var out []block
	for i := 0; i < len(lines); i++ {
		if !quoted(lines[i]) {
			continue
		}
		b := block{introduced(lines, i), i}
		for i < len(lines) && (quoted(lines[i]) || blankLine(lines[i]) && i+1 < len(lines) && quoted(lines[i+1])) {
			i++
		}
		b.end = i
		if len(out) > 0 && b.start < out[len(out)-1].end {
			b.start = out[len(out)-1].end
		}
		out = append(out, b)
	}
	return out
}

// introduced gives the first line of the attribution that stands above quoted line i; i if there is none.
func introduced(lines []string, i int) int {
	last := i - 1
	for last >= 0 && blankLine(lines[last]) {
		last--
	}
	if last < 0 || i-last > 3 {
		return i
	}
	for start := max(0, last-2); start <= last; start++ {
		if n, _ := attribution(lines[start:]); n > 0 && start+n == last+1 {
			return start
		}
	}
	return i
}
