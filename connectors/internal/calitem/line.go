package calitem

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// property is a content line (RFC 5545 section 3.1).
type property struct {
	name   string            // upper-case
	params map[string]string // names upper-case, values without quotes; several values joined with commas
	value  string            // as written
	cut    bool              // value is only the beginning of what was written
}

// maxLineBytes is the longest unfolded line that is kept whole; the rest of a longer one is dropped, and cutMark is put
// in its place.
const (
	maxLineBytes = 4 << 20
	cutMark      = "\x00(cut)"
)

// decode makes UTF-8 of a calendar: without a byte-order mark, and from Shift_JIS if it cannot be UTF-8 but is that.
// Text folded in the middle of a character is not UTF-8 before it is unfolded, so this is asked of unfolded text.
func decode(data []byte) []byte {
	data = unfold(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if utf8.Valid(data) {
		return data
	}
	if out, err := japanese.ShiftJIS.NewDecoder().Bytes(data); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
		return out
	}
	return bytes.ToValidUTF8(data, []byte("\uFFFD"))
}

// unfold joins folded lines and ends each with a bare LF, whatever it ended with.
func unfold(data []byte) []byte {
	out := make([]byte, 0, len(data))
	length := 0
	for len(data) > 0 {
		end := bytes.IndexAny(data, "\r\n")
		line, rest := data, []byte(nil)
		if end >= 0 {
			line, rest = data[:end], data[end+1:]
			if data[end] == '\r' {
				rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("\r")), []byte("\n"))
			}
		}
		switch room := maxLineBytes - length; {
		case room < 0: // it was cut before
		case len(line) <= room:
			out = append(out, line...)
			length += len(line)
		default:
			out = append(wholeRunes(append(out, line[:room]...)), cutMark...)
			length = maxLineBytes + 1
		}
		if len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
			rest = rest[1:]
		} else {
			out = append(out, '\n')
			length = 0
		}
		data = rest
	}
	return out
}

// wholeRunes takes the first bytes of a character off the end of a text that was cut within it.
func wholeRunes(text []byte) []byte {
	for range utf8.UTFMax - 1 {
		if r, size := utf8.DecodeLastRune(text); r != utf8.RuneError || size != 1 {
			break
		}
		text = text[:len(text)-1]
	}
	return text
}

// parseLine reads one content line; false if it is none.
func parseLine(line string) (property, bool) {
	line = strings.TrimLeft(line, " \t\x00")
	end := strings.IndexAny(line, ":;")
	if end <= 0 {
		return property{}, false
	}
	p := property{name: strings.ToUpper(strings.TrimSpace(line[:end]))}
	if dot := strings.LastIndexByte(p.name, '.'); dot >= 0 {
		p.name = p.name[dot+1:] // a group, as vCard has it
	}
	rest := line[end:]
	for strings.HasPrefix(rest, ";") {
		rest = p.takeParam(rest[1:])
	}
	p.value, p.cut = strings.CutSuffix(strings.TrimPrefix(rest, ":"), cutMark)
	return p, p.name != ""
}

// takeParam reads one parameter off rest and gives what follows: ";" or ":" comes first there, or nothing.
func (p *property) takeParam(rest string) string {
	end := strings.IndexAny(rest, "=;:")
	if end < 0 {
		return ""
	}
	if rest[end] != '=' {
		return rest[end:]
	}
	name := strings.ToUpper(strings.TrimSpace(rest[:end]))
	rest = rest[end+1:]
	var values []string
	for {
		var value string
		value, rest = paramValue(name, rest)
		values = append(values, value)
		if !strings.HasPrefix(rest, ",") {
			break
		}
		rest = rest[1:]
	}
	if p.params == nil {
		p.params = make(map[string]string)
	}
	if _, ok := p.params[name]; !ok {
		p.params[name] = strings.Join(values, ",")
	}
	return rest
}

// paramValue reads a value, in quotes or without. Colons of an address or a zone's offset that should have stood
// in quotes ("SENT-BY=mailto:a@b.jp", "TZID=(UTC+09:00) Tokyo") belong to the value.
func paramValue(name, rest string) (value, after string) {
	if strings.HasPrefix(rest, `"`) {
		if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
			value, after = rest[1:1+end], rest[2+end:]
			if skip := strings.IndexAny(after, ",;:"); skip > 0 {
				after = after[skip:]
			}
			return caret(value), after
		}
		rest = rest[1:]
	}
	at := 0
	for {
		end := strings.IndexAny(rest[at:], ",;:")
		if end < 0 {
			return caret(rest), ""
		}
		end += at
		if rest[end] == ':' && unquotedColon(name, rest, end) || rest[end] == ',' && name == "TZID" {
			at = end + 1
			continue
		}
		return caret(strings.Trim(rest[:end], `"`)), rest[end:]
	}
}

// unquotedColon says whether the colon at end of rest is part of a value that should have been quoted.
func unquotedColon(name, rest string, end int) bool {
	after := rest[end+1:]
	if !strings.ContainsRune(after, ':') {
		return false // the line's own
	}
	switch name {
	case "TZID":
		return end > 1 && len(after) > 1 && strings.ContainsAny(rest[:end], "+-") && isDigit(rest[end-1]) && isDigit(after[0]) && isDigit(after[1])
	case "SENT-BY", "DIR", "MEMBER", "DELEGATED-TO", "DELEGATED-FROM", "ALTREP":
		scheme := strings.ToLower(rest[:end])
		return scheme == "mailto" || strings.HasPrefix(after, "//")
	default:
		return strings.HasPrefix(after, "//")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// caret decodes RFC 6868.
func caret(s string) string {
	if !strings.ContainsRune(s, '^') {
		return s
	}
	return strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(s)
}
