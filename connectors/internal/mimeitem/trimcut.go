package mimeitem

import (
	"strings"
	"unicode/utf8"
)

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
