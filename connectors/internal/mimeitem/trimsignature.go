package mimeitem

import (
	"strings"
	"unicode/utf8"
)

// The largest signature that is cut off, in lines.
const longestSignature = 25

// dropSignature cuts signatures off the end: what follows the delimiter "-- ", lines that telephones add,
// and blocks framed by rules that hold a telephone number or an address.
func dropSignature(lines []string) []string {
	for range 3 {
		before := len(lines)
		lines = trimBlankEnd(lines)
		lines = dropMobile(lines)
		lines = dropDelimited(lines)
		lines = dropFramed(lines)
		if len(lines) == before {
			break
		}
	}
	return lines
}

func trimBlankEnd(lines []string) []string {
	for len(lines) > 0 && blankLine(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func dropMobile(lines []string) []string {
	if n := len(lines); n > 1 && mobileSignature(lines[n-1]) {
		return lines[:n-1]
	}
	return lines
}

// mobileSignature knows the lines that telephones and apps put under a mail.
func mobileSignature(line string) bool {
	const longest = 120
	s := strings.TrimSpace(line)
	if s == "" || len(s) > longest {
		return false
	}
	if c := s[0]; c < 0x80 && c != 'S' && c != 'i' && c != 'G' && c != 'A' && c != 'Y' && c != 'O' && c != '<' && c != 'X' && c != 'P' && c != 'D' {
		return false
	}
	for _, prefix := range []string{"Sent from my ", "Sent from Yahoo", "Sent from Mail for ", "Sent from Outlook", "Sent from the ", "Sent via ", "Get Outlook for ", "Sent with ", "Von meinem iPhone", "Envoyé de mon "} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	bare := strings.TrimRight(s, "。>")
	for _, suffix := range []string{"から送信", "から送信されました", "から送信しました", "より送信", "より送信されました", "を入手", "を入手する", "をダウンロード", "からのメール送信", "アプリから送信"} {
		if strings.HasSuffix(bare, suffix) && sentBy(s) {
			return true
		}
	}
	return false
}

// sentBy makes sure that a sending device or app is named, since people write such words too.
func sentBy(s string) bool {
	lower := strings.ToLower(s)
	for _, name := range []string{"iphone", "ipad", "ios", "android", "outlook", "galaxy", "xperia", "pixel", "gmail", "yahoo", "スマートフォン", "スマホ", "携帯", "windows", "アプリ", "aquos", "arrows"} {
		if strings.Contains(lower, name) {
			return true
		}
	}
	return false
}

// dropDelimited cuts at the delimiter line "-- " (RFC 3676, section 4.3), which some mailers strip to "--".
func dropDelimited(lines []string) []string {
	for i := max(1, len(lines)-longestSignature); i < len(lines); i++ {
		if lines[i] == "-- " || lines[i] == "--" {
			return lines[:i]
		}
	}
	return lines
}

// dropFramed cuts a block that starts with a rule and holds contact details. It goes to the last line, which
// often is a rule of the same kind.
func dropFramed(lines []string) []string {
	n := len(lines)
	if n < 2 {
		return lines
	}
	bottom := max(1, n-longestSignature)
	closing := frame(lines[n-1])
	start := -1
	for i := n - 2; i >= bottom; i-- {
		c := frame(lines[i])
		if c == 0 || !contact(lines[i+1:]) {
			continue
		}
		if start < 0 {
			start = i
		}
		if closing == 0 || c == closing {
			start = i
			break
		}
	}
	if start < 0 {
		return lines
	}
	return lines[:start]
}

// frame gives the character that a rule is made of; 0 if the line is no rule. A rule is at least five
// characters of at most three kinds that are neither letters nor digits.
func frame(line string) rune {
	if c, _ := utf8.DecodeRuneInString(line); c != ' ' && c != '\t' && c != 0x3000 && !ruleChar(c) {
		return 0 // most lines
	}
	line = strings.Trim(line, " \t\u3000")
	if len(line) < 5 {
		return 0
	}
	var kinds [3]rune
	used, count := 0, 0
next:
	for _, c := range line {
		if c == ' ' || c == 0x3000 {
			continue
		}
		if !ruleChar(c) {
			return 0
		}
		count++
		for _, k := range kinds[:used] {
			if k == c {
				continue next
			}
		}
		if used == len(kinds) {
			return 0
		}
		kinds[used] = c
		used++
	}
	if count < 5 {
		return 0
	}
	return kinds[0]
}

func ruleChar(c rune) bool {
	switch {
	case c < utf8.RuneSelf:
		return strings.IndexByte("-=_*~+#/.:^|\\'`<>", byte(c)) >= 0
	case c >= 0x2500 && c <= 0x27bf, c >= 0x2010 && c <= 0x2027:
		return true
	}
	switch c {
	case 0x30fc, 0x3007, 0xff0d, 0xff1d, 0xff0a, 0xff3f, 0xffe3, 0x203b, 0xff65, 0x30fb, 0x301c, 0xff5e, 0xff0b, 0xff03, 0x2312, 0x3002, 0x309c, 0xff61, 0x2212:
		return true
	}
	return false
}

// contact says whether lines hold what a signature holds: a telephone number, an address, a web page.
func contact(lines []string) bool {
	for _, line := range lines {
		if strings.IndexByte(line, '@') > 0 || strings.Contains(line, "〒") || strings.Contains(line, "://") || strings.Contains(line, "www.") || strings.Contains(line, "電話") || strings.Contains(line, "携帯") || strings.Contains(line, "株式会社") || strings.Contains(line, "有限会社") || strings.Contains(line, "合同会社") {
			return true
		}
		lower := strings.ToLower(line)
		for _, word := range []string{"tel", "fax", "mobile", "phone", "e-mail", "mail:", "ltd", "inc.", "\uff34\uff25\uff2c", "℡"} {
			if strings.Contains(lower, word) {
				return true
			}
		}
	}
	return false
}
