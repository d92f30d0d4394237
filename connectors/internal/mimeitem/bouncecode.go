package mimeitem

import "strings"

// statusCode is what a server says by number.
type statusCode struct {
	enhanced string // RFC 3463: "5.1.1"; "" if there is none
	reply    string // SMTP: "550"; "" if there is none
}

func (c statusCode) String() string { return cmpOr(c.enhanced, c.reply) }

// class is '5' for a permanent failure, '4' for one that may pass, 0 if nobody says.
func (c statusCode) class() byte {
	if code := c.String(); code != "" {
		return code[0]
	}
	return 0
}

// vague says whether the enhanced code tells no more than its class.
func (c statusCode) vague() bool { return c.enhanced == "" || strings.HasSuffix(c.enhanced, ".0.0") }

// codesIn finds the codes in a server's words. An enhanced code right behind a reply code counts most, then one
// behind "#" or "status", then any; what looks like a version or an IP address does not.
func codesIn(s string) statusCode {
	var c statusCode
	best := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '4' && s[i] != '5' || i > 0 && (wordByte(s[i-1]) || s[i-1] == '.') {
			continue
		}
		if n := enhancedAt(s[i:]); n > 0 {
			if rank := enhancedRank(s, i, n); rank > best {
				best, c.enhanced = rank, s[i:i+n]
			}
			i += n - 1
		} else if c.reply == "" && replyAt(s, i) {
			c.reply = s[i : i+3]
		}
	}
	return c
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// enhancedAt gives the length of the code of RFC 3463 at the start of s; 0 if there is none. Its subject is one of 0
// to 7.
func enhancedAt(s string) int {
	if len(s) < 5 || s[1] != '.' || s[2] < '0' || s[2] > '7' || s[3] != '.' || !digit(s[4]) {
		return 0
	}
	n := 5
	for n < len(s) && n < 7 && digit(s[n]) {
		n++
	}
	if n < len(s) && (wordByte(s[n]) || s[n] == '.' && n+1 < len(s) && digit(s[n+1])) {
		return 0
	}
	return n
}

// enhancedRank says how likely the code at i is meant as one, and how much it tells.
func enhancedRank(s string, i, n int) int {
	before := strings.ToLower(strings.TrimRight(s[max(0, i-12):i], " (-:[="))
	rank := 2
	switch {
	case strings.HasSuffix(before, "version"), strings.HasSuffix(before, "/"), strings.HasSuffix(before, " v"):
		return 0
	case len(before) >= 3 && before[len(before)-3] == s[i] && replyCode(before[len(before)-3:]):
		rank = 8
	case strings.HasSuffix(before, "#"), strings.HasSuffix(before, "status"), strings.HasSuffix(before, "code"), strings.HasSuffix(before, "dsn"):
		rank = 6
	}
	if !strings.HasSuffix(s[i:i+n], ".0.0") {
		rank++
	}
	return rank
}

// replyAt says whether an SMTP reply code stands at i.
func replyAt(s string, i int) bool {
	if i+3 > len(s) || !replyCode(s[i:i+3]) {
		return false
	}
	if i > 1 && (s[i-1] == '-' || s[i-1] == ':' || s[i-1] == ',') && digit(s[i-2]) {
		return false // of a time, a telephone number or an amount
	}
	rest := s[i+3:]
	if rest == "" {
		return true
	}
	switch rest[0] {
	case ' ':
		word := strings.ToLower(cutString(rest[1:], 8))
		for _, unit := range []string{"byte", "kb", "mb", "sec", "min", "hour", "line", "octet", "rue", "street"} {
			if strings.HasPrefix(word, unit) {
				return false
			}
		}
		return true
	case '-', ':', ';', '\n', '\t', '\'', '"', ')', ']', '#', '>', '/':
		return true
	case '.', ',':
		return len(rest) == 1 || !digit(rest[1])
	}
	return rest[0] >= 0x80
}

func replyCode(s string) bool {
	switch s {
	case "421", "422", "431", "432", "441", "442", "446", "447", "450", "451", "452", "454", "455", "471",
		"500", "501", "502", "503", "504", "510", "511", "512", "513", "515", "521", "522", "523", "530", "534", "535", "541",
		"550", "551", "552", "553", "554", "555", "556", "557", "570", "571":
		return true
	}
	return false
}
