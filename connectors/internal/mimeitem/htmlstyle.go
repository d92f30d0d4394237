package mimeitem

import (
	"strings"
	"unicode/utf8"
)

// isQuote tells a quoted mail from a blockquote that only indents.
func isQuote(attributes string) bool {
	a := strings.ToLower(attributes[:min(len(attributes), 500)])
	return strings.Contains(a, "cite") || strings.Contains(a, "quote") || strings.Contains(a, "border-left")
}

// style reads from the attributes whether an element is hidden.
func (w *htmlWalker) style(e *element, attributes string) {
	const longest = 4096
	a := compact(attributes[:min(len(attributes), longest)])
	if !strings.Contains(a, "style=") {
		if strings.Contains(a, "|hidden") && hiddenAttribute(a) {
			e.hidden, w.hid = true, true
		}
		return
	}
	if strings.Contains(a, "display:none") || strings.Contains(a, "visibility:hidden") || strings.Contains(a, "mso-hide:all") ||
		zero(a, "max-height:") && !strings.Contains(a, "overflow:visible") || zero(a, "opacity:") || strings.Contains(a, "|hidden") && hiddenAttribute(a) {
		e.hidden, w.hid = true, true
	}
	if at := strings.LastIndex(a, "font-size:"); at >= 0 && (at == 0 || a[at-1] != '-') {
		e.tiny = zero(a[at:], "font-size:")
		w.hid = w.hid || e.tiny
	}
}

// compact lower-cases attributes and takes the spaces out; where a space parts two attributes it leaves "|".
func compact(a string) string {
	out := make([]byte, 0, len(a))
	for i := range len(a) {
		switch c := a[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if n := len(out); n == 0 || out[n-1] == '"' || out[n-1] == '\'' {
				out = append(out, '|')
			}
		case 'A' <= c && c <= 'Z':
			out = append(out, c+'a'-'A')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// hiddenAttribute tells the attribute "hidden" from one that starts so.
func hiddenAttribute(a string) bool {
	_, after, _ := strings.Cut(a, "|hidden")
	return after == "" || strings.IndexByte("|=/\"'", after[0]) >= 0
}

// zero says whether a property is there with the value 0, in whatever unit.
func zero(a, property string) bool {
	at := strings.Index(a, property)
	if at < 0 {
		return false
	}
	if at > 0 && a[at-1] == '-' {
		return false
	}
	value := a[at+len(property):]
	if value == "" || value[0] != '0' {
		return false
	}
	value = strings.TrimLeft(value, "0.")
	return value == "" || !digit(value[0])
}

// metaCharset finds the charset that an HTML document names in its head.
func metaCharset(data []byte) string {
	const head = 4096
	s := strings.ToLower(string(data[:min(len(data), head)]))
	for {
		at := strings.Index(s, "<meta")
		if at < 0 {
			return ""
		}
		s = s[at+5:]
		tag, _, _ := strings.Cut(s, ">")
		if _, value, ok := strings.Cut(tag, "charset="); ok {
			value = strings.TrimLeft(value, "\"' ")
			if end := strings.IndexAny(value, "\"'; />"); end >= 0 {
				value = value[:end]
			}
			if utf8.ValidString(value) {
				return charsetLabel(value)
			}
		}
	}
}
