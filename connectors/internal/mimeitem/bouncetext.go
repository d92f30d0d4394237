package mimeitem

import (
	"strings"
)

// squash makes words comparable: lower-case, white space as one space, and none beside Japanese characters, since
// lines are broken anywhere there. Full-width letters become plain ones.
func squash(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space, wide := false, true
	for _, c := range s {
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0x3000 || c == 0xa0:
			space = true
			continue
		case c >= 0xff01 && c <= 0xff5e:
			c -= 0xfee0
		case c == 0x2019 || c == 0x2018:
			c = '\''
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		now := c >= 0x2e80
		if space && !now && !wide {
			b.WriteByte(' ')
		}
		space, wide = false, now
		b.WriteRune(c)
	}
	return b.String()
}

// spot is an address in a text.
type spot struct {
	address    string
	start, end int
	rank       int // how surely it is a failed recipient; 0: it is not
}

// addressSpots finds the addresses in a text, at most some hundreds.
func addressSpots(text string) []spot {
	var list []spot
	for from := 0; len(list) < 4*maxBounces; {
		at := strings.IndexByte(text[from:], '@')
		if at < 0 {
			break
		}
		at += from
		start, end := at, at+1
		for start > from && localByte(text[start-1]) && at-start < 80 {
			start--
		}
		for end < len(text) && domainByte(text[end]) && end-at < 255 {
			end++
		}
		from = end
		for start < at && (text[start] == '\'' || text[start] == '.' || text[start] == '=' || text[start] == '*' || text[start] == '/' || text[start] == '|') {
			start++
		}
		for end > at && (text[end-1] == '.' || text[end-1] == '-') {
			end--
		}
		address := text[start:end]
		if start == at || !strings.Contains(text[at+1:end], ".") || digit(text[end-1]) {
			continue
		}
		list = append(list, spot{address: address, start: start, end: end})
	}
	return list
}

func localByte(c byte) bool {
	return wordByte(c) || strings.IndexByte("!#$%&'*+-/=?^`{|}~.", c) >= 0
}

func domainByte(c byte) bool { return wordByte(c) && c != '_' || c == '-' || c == '.' }

// serverWords cuts off what a failure gives back of the mail itself, and gives that too.
func serverWords(text string) (words, returned string) {
	const most = 32 << 10
	pos := 0
	for line := range strings.Lines(cutString(text, most)) {
		if pos > 0 && beginsReturned(line) {
			return text[:pos], text[pos:]
		}
		pos += len(line)
	}
	return cutString(text, most), ""
}

// beginsReturned knows the lines above the mail that a failure gives back.
func beginsReturned(line string) bool {
	if len(line) > 200 {
		return false
	}
	line = strings.TrimSpace(line)
	lower := strings.ToLower(line)
	for _, prefix := range []string{"received: from", "received: by", "return-path:", "dkim-signature:", "x-original-to:", "original message headers", "元のメッセージ ヘッダー", "元のメッセージヘッダ", "元のメッセージのヘッダ", "メッセージ ヘッダー", "mime-version:", "x-mailer:", "content-type: "} {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	if strings.Trim(line, "-=_*#> \t.:") == line && !strings.HasSuffix(line, ":") {
		return false
	}
	return containsAny(lower, "below this line is a copy", "this is a copy of the", "original message", "copy of the message", "message header follows", "message headers follow", "enclosed is a copy", "unsent message below", "returned message", "header of the original", "headers of the original", "your original mail", "original mail header", "undelivered message",
		"original email", "message contents", "message content follows", "message follows", "text of your message", "元のメッセージ", "元のメール", "オリジナルメッセージ", "送信メッセージの内容", "以下、送信されたメール", "お送りいただいたメール", "送信されたメール", "message text follows", "returned mail follows", "start of returned") != ""
}

// rankSpots judges by what stands around each address whether it is the one that failed. Not: those in skip, servers,
// and whom to ask for help.
func rankSpots(words string, spots []spot, skip map[string]bool) []spot {
	kept := spots[:0]
	for _, s := range spots {
		s.rank = rankSpot(words, s, skip)
		if s.rank > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

func rankSpot(words string, s spot, skip map[string]bool) int {
	lower := strings.ToLower(s.address)
	local, _, _ := strings.Cut(lower, "@")
	if skip[lower] || local == "mailer-daemon" || local == "postmaster" || local == "abuse" || local == "hostmaster" {
		return 0
	}
	start := strings.LastIndexByte(words[:s.start], '\n') + 1
	end := len(words)
	if n := strings.IndexByte(words[s.end:], '\n'); n >= 0 {
		end = s.end + n
	}
	const near = 300 // bytes of a line that count
	start, end = max(start, s.start-near), min(end, s.end+near)
	before, after := squash(words[start:s.start]), squash(words[s.end:end])
	if !strings.Contains(after, ":") && containsAny(before, "message-id", "messageid", "from:", "from :", "from <", "mail from", "sender", "return-path", "reply-to", "reply to", "contact", "support", "help", "administrator", "問い合わせ", "管理者", "送信者", "差出人", "送信元", "references", "errors-to", "id ", "http", "by ") != "" &&
		containsAny(before, "rcpt", "recipient", "宛先", "to:") == "" {
		return 0
	}
	bare := strings.Trim(before, " <\"'([*・•->:;|「『#.")
	switch {
	case bare == "":
		return 3
	case containsAny(before, "rcpt", "recipient", "failed address", "宛先", "受信者", "送信先", "配信先", "following address", "unknown user", "user unknown", "deliver", "addressed to", "message to", "mail to", "to:", "to <", "user:", "address:", "アドレス", "invalid", "mailbox for", "sent to", "email to") != "":
		return 3
	case containsAny(after, "not exist", "n't exist", "found", "unknown", "存在", "見つか", "届", "配信", "宛", "rejected", "full", "quota", "failed", "不明", "への") != "":
		return 3
	case codesIn(words[start:end]).String() != "":
		return 2
	}
	return 1
}

// originOf gives the address from which a failed one came about, as Postfix ("expanded from <x>") and Exim
// ("generated from x") say right behind it; "" if nobody says.
func originOf(words string, s spot) string {
	rest := cutString(words[s.end:], 200)
	at := strings.Index(rest, "(expanded from")
	if at < 0 {
		at = strings.Index(rest, "(generated from")
	}
	if at < 0 || strings.Contains(rest[:at], "@") {
		return ""
	}
	if inner := addressSpots(rest[at:]); len(inner) > 0 {
		return inner[0].address
	}
	return ""
}
