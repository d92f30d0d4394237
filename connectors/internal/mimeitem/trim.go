package mimeitem

import (
	"slices"
	"strings"
	"unicode/utf8"
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

// cutAt gives the line where a quoted mail begins that goes on to the end; len(lines) if there is none.
func cutAt(lines []string) int {
	for i, line := range lines {
		if len(line) < 4 || quoted(line) {
			continue
		}
		switch {
		case originalMarker(line):
			return i
		case headerBlock(lines[i:]):
			return above(lines, i)
		}
		if n, sure := attribution(lines[i:]); n > 0 && sure {
			next := i + n
			for next < len(lines) && blankLine(lines[next]) {
				next++
			}
			if next == len(lines) || !quoted(lines[next]) {
				return i
			}
		}
	}
	return len(lines)
}

// above moves a cut up over a line of underscores or dashes, and the blank lines between.
func above(lines []string, i int) int {
	j := i - 1
	for j >= 0 && blankLine(lines[j]) {
		j--
	}
	if j >= 0 && frame(lines[j]) != 0 {
		return j
	}
	return i
}

// quoted says whether a line is a quote: it starts with ">", perhaps full-width, perhaps after spaces.
func quoted(line string) bool {
	if line == "" || !mayQuote(line[0]) {
		return false
	}
	for i, c := range line {
		switch c {
		case ' ', '\t', 0x3000:
			if i > 8 {
				return false
			}
		case '>', '\uff1e':
			return true
		default:
			return false
		}
	}
	return false
}

// mayQuote says whether a quote or the spaces before it may start with this byte.
func mayQuote(c byte) bool { return c == '>' || c == ' ' || c == '\t' || c == 0xe3 || c == 0xef }

// originalMarker knows "-----Original Message-----" and its like.
func originalMarker(line string) bool {
	c := line[0]
	if c != '-' && c != '_' && c != '*' && c != '=' && c != ' ' && c < 0x80 {
		return false
	}
	const longest = 120
	if len(line) > longest || c >= 0x80 && !markerEdge(line) {
		return false
	}
	inner := strings.Trim(line, "-_*= \t\u3000\u2015\u2500\u30fc\u2014\uff0d")
	if len(inner) == 0 || len(line)-len(inner) < 4 {
		return false
	}
	switch strings.ToLower(inner) {
	case "original message", "original message follows", "original appointment", "original mail", "original",
		"forwarded message", "forwarded by", "begin forwarded message", "reply message", "message d'origine",
		"元のメッセージ", "元のメール", "元の予定", "オリジナルメッセージ", "転送メッセージ", "転送されたメッセージ", "転送メール",
		"返信元メッセージ", "引用元メッセージ", "元のメッセージここから", "以下元のメッセージ", "以下、元のメッセージ", "以下引用", "original message ここから":
		return true
	}
	return false
}

// markerEdge is a quick look whether anything at either end of a line may belong to a marker.
func markerEdge(line string) bool {
	first, _ := utf8.DecodeRuneInString(line)
	last, _ := utf8.DecodeLastRuneInString(line)
	return markerRune(first) || markerRune(last)
}

func markerRune(c rune) bool {
	switch c {
	case '-', '_', '*', '=', ' ', '\t', '\u3000', '\u2015', '\u2500', '\u30fc', '\u2014', '\uff0d':
		return true
	}
	return false
}

// headerBlock says whether lines start with the header of a quoted mail as Outlook and others write it: a
// sender line and at least two more fields of which one is a date or a subject, without other text between.
func headerBlock(lines []string) bool {
	if !mayBeFrom(lines[0][0]) || headerLabel(lines[0]) != labelFrom {
		return false
	}
	seen := 0
	fields := 0
	others := 0
	for i, line := range lines {
		if i > 12 || fields >= 3 {
			break
		}
		if blankLine(line) {
			if i > 0 && others > 1 {
				return false
			}
			others++
			continue
		}
		label := headerLabel(line)
		if label == 0 {
			if others++; others > 3 || fields < 1 {
				return false
			}
			continue
		}
		if seen&(1<<label) == 0 {
			seen |= 1 << label
			fields++
		}
	}
	return fields >= 3 && seen&(1<<labelWhen|1<<labelSubject) != 0
}

// mayBeFrom says whether a sender line, or what may stand before its label, starts with this byte.
func mayBeFrom(c byte) bool {
	switch c {
	case 'F', 'f', 'D', 'V', ' ', '\t', '*', '|', 0xe3, 0xe5, 0xe9, 0xeb:
		return true
	}
	return false
}

// The kinds of line in a quoted header.
const (
	labelFrom = iota + 1
	labelWhen
	labelTo
	labelCopy
	labelSubject
)

// headerLabel knows the line of a quoted header by its name before the colon, full-width or not.
func headerLabel(line string) int {
	line = strings.TrimLeft(line, " \t\u3000*|")
	const longest = 40
	head := line[:min(len(line), longest)]
	colon := strings.IndexByte(head, ':')
	if wide := strings.Index(head, "\uff1a"); wide >= 0 && (colon < 0 || wide < colon) {
		colon = wide
	}
	if colon <= 0 {
		return 0
	}
	switch strings.Trim(head[:colon], " \t\u3000*") {
	case "From", "from", "FROM", "差出人", "送信者", "送信元", "De", "Von", "发件人", "보낸 사람":
		return labelFrom
	case "Sent", "sent", "Date", "date", "DATE", "送信日時", "送信日", "日時", "日付", "受信日時", "Envoyé", "Gesendet", "发送时间", "보낸 날짜":
		return labelWhen
	case "To", "to", "TO", "宛先", "À", "An", "收件人", "받는 사람":
		return labelTo
	case "Cc", "CC", "cc", "抄送", "Reply-To", "返信先":
		return labelCopy
	case "Subject", "subject", "SUBJECT", "件名", "題名", "Objet", "Betreff", "主题", "제목":
		return labelSubject
	}
	return 0
}
