package mimeitem

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// appendMailboxes reads an address list (RFC 5322, section 3.4) and what mailers make of it: names with bare
// commas, angle brackets never closed, whole mailboxes hidden in an encoded word, groups, comments, Outlook's
// semicolons. A mailbox whose address cannot be read is kept by its name. Specials are looked for before
// encoded words are decoded, since those may hold anything.
func appendMailboxes(out []crm.Mailbox, v []byte, hint string) []crm.Mailbox {
	s := string(v)
	if !ascii(v) || hasEscape(v) {
		s = decodeCharset(v, "", hint)
	}
	p := addressParser{s: s, hint: hint, out: out}
	p.parse()
	return p.out
}

// addressParser walks over an address list once.
type addressParser struct {
	s     string
	hint  string
	out   []crm.Mailbox
	inner bool // s came out of an encoded word

	words   addressWords // of the mailbox under way, outside of angle brackets
	comment string
	angle   string
	angled  bool
	held    string // a piece before a bare comma that may be the start of a name
}

func (p *addressParser) parse() {
	s := p.s
	for i := 0; i < len(s) && len(p.out) < maxRecipients; {
		switch c := s[i]; c {
		case '"':
			i = p.quoted(i)
		case '(':
			i = p.inParentheses(i)
		case '<':
			i = p.inAngles(i)
		case ',':
			p.finish(true)
			i++
		case ';':
			p.finish(false)
			i++
		case ':':
			if !p.angled && strings.IndexByte(p.words.text(s), '@') < 0 {
				p.words = addressWords{} // a group's name, or "mailto"
				p.held = ""
			} else {
				p.words.take(s, i, i+1)
			}
			i++
		case '\\':
			if i+1 < len(s) && s[i+1] == '"' {
				i++ // escaped where nothing is quoted: it opens nothing
			}
			p.words.take(s, i, i+1)
			i++
		case '=':
			n := 1
			if strings.HasPrefix(s[i:], "=?") {
				if _, end, ok := readWord(s[i:]); ok {
					n = end
				}
			}
			p.words.take(s, i, i+n)
			i += n
		default:
			end := i + 1
			for end < len(s) && !addressSpecial(s[end]) {
				end++
			}
			p.words.take(s, i, end)
			i = end
		}
	}
	p.finish(false)
	if p.held != "" && len(p.out) < maxRecipients {
		p.named(p.held)
	}
}

// addressSpecial says whether parse does something about this byte.
func addressSpecial(c byte) bool {
	switch c {
	case '"', '(', '<', ',', ';', ':', '\\', '=':
		return true
	}
	return false
}

// quoted takes a quoted string into the words. The quotes stay if it is a local part. A quote that is never
// closed, or that only closes beyond an address, is skipped.
func (p *addressParser) quoted(i int) int {
	const longest = 4096
	s := p.s[:min(len(p.s), i+longest)]
	var text strings.Builder // once something was escaped, the text without its backslashes
	from := i + 1            // of what is not in text yet
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			if j+1 < len(s) {
				text.WriteString(s[from:j])
				j++
				from = j
			}
		case '"':
			inside := s[from:j]
			if text.Len() > 0 || from > i+1 {
				text.WriteString(inside)
				inside = text.String()
			}
			if open := strings.IndexByte(inside, '<'); open >= 0 && strings.ContainsAny(inside[open:], ",;") && strings.Contains(inside[open:], "@") {
				return i + 1
			}
			if j+1 < len(s) && s[j+1] == '@' && !dotAtom(inside) {
				p.words.take(p.s, i, j+1)
			} else {
				p.words.add(p.s, inside)
			}
			return j + 1
		}
	}
	return i + 1
}

// dotAtom says whether a local part needs no quotes but for its dots: Japanese carriers allow "a..b.".
func dotAtom(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>[]:;@\,"`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func (p *addressParser) inParentheses(i int) int {
	sc := scanner{b: []byte(p.s[i:min(len(p.s), i+4096)])}
	sc.comment()
	if text := strings.Trim(p.s[i:i+sc.pos], "()"); p.comment == "" {
		p.comment = strings.TrimSpace(text)
	}
	return i + max(sc.pos, 1)
}

// inAngles takes what stands between angle brackets. Without a closing one it ends before the next comma,
// semicolon or space after the "@".
func (p *addressParser) inAngles(i int) int {
	s := p.s
	for i+1 < len(s) && s[i+1] == '<' {
		i++
	}
	end, next := len(s), len(s)
	at := false
scan:
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '>':
			end, next = j, j+1
			break scan
		case ',', ';', '<':
			if at || s[j] != ',' {
				end, next = j, j
				break scan
			}
		case '@':
			at = j > i+1 // "<@relay,@relay:user@host>" is a route
		}
	}
	for next < len(s) && s[next] == '>' {
		next++
	}
	text := s[i+1 : end]
	if p.angled && !strings.Contains(text, "@") || strings.TrimSpace(text) == "" {
		p.angled = true
		return next
	}
	if p.angled && strings.Contains(p.angle, "@") {
		p.finish(false) // two addresses without a comma between them
	}
	p.angle, p.angled = text, true
	return next
}

// finish ends the mailbox under way.
func (p *addressParser) finish(comma bool) {
	text := strings.TrimSpace(p.words.text(p.s))
	angle, angled, comment := p.angle, p.angled, p.comment
	p.words = addressWords{}
	p.angle, p.angled, p.comment = "", false, ""
	if address := bareAddress(angle); angled && address != "" {
		if p.held != "" && text != "" {
			text = p.held + ", " + text
		}
		p.held = ""
		p.add(cmpOr(text, comment), address)
		return
	}
	if name, address := splitBare(text); address != "" {
		p.flushHeld()
		p.add(cmpOr(name, comment), address)
		return
	}
	if whole := text + " " + angle; !p.inner && strings.Contains(whole, "=?") {
		if decoded := decodeHeader([]byte(whole), p.hint); strings.Contains(decoded, "@") {
			p.held = ""
			inner := addressParser{s: decoded, hint: p.hint, out: p.out, inner: true}
			inner.parse()
			p.out = inner.out
			return
		}
	}
	if angle != "" {
		p.named(cmpOr(text, strings.TrimSpace(angle)))
		return
	}
	p.hold(text, comma)
}

// hold keeps a piece without an address until it is clear whether a name goes on behind the comma.
func (p *addressParser) hold(text string, comma bool) {
	switch {
	case text == "":
	case p.held == "":
		p.held = text
	case len(p.held) < maxName:
		p.held += ", " + text
	}
	if !comma && p.held != "" {
		p.named(p.held)
		p.held = ""
	}
}

func (p *addressParser) flushHeld() {
	if p.held != "" {
		p.named(p.held)
		p.held = ""
	}
}

func (p *addressParser) named(name string) { p.add(name, "") }

func (p *addressParser) add(name, address string) {
	name = strings.TrimSpace(name)
	if strings.Contains(name, "=?") {
		name = decodeHeader([]byte(name), p.hint)
	}
	name = cutString(cleanLine(name), maxName)
	if n := len(name); n >= 2 && (name[0] == '\'' && name[n-1] == '\'' || name[0] == '"' && name[n-1] == '"') {
		name = strings.TrimSpace(name[1 : n-1])
	}
	if name == "" && address == "" || len(p.out) >= maxRecipients {
		return
	}
	p.out = append(p.out, crm.Mailbox{Name: name, Address: address})
}
