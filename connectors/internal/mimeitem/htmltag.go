package mimeitem

import "strings"

// skipTag gives the place behind the next ">".
func (w *htmlWalker) skipTag(i int) int {
	if end := w.find(i, ">"); end >= 0 {
		return end + 1
	}
	return len(w.s)
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func tagName(s string) string {
	for i := range min(len(s), 40) {
		if c := s[i]; !letter(c) && !digit(c) && c != '-' && c != ':' {
			return s[:i]
		}
	}
	return s[:min(len(s), 40)]
}

// tagEnd finds the end of a tag, past ">" in quoted attributes.
func (w *htmlWalker) tagEnd(i int) int {
	afterEquals := false
	for ; i < len(w.s); i++ {
		switch c := w.s[i]; c {
		case '>':
			return i + 1
		case '"', '\'':
			if !afterEquals {
				continue
			}
			if end := w.find(i+1, w.s[i:i+1]); end >= 0 {
				i = end
			}
			afterEquals = false
		case '=':
			afterEquals = true
		case ' ', '\t', '\r', '\n':
		default:
			afterEquals = false
		}
	}
	return len(w.s)
}

// rawText says whether the content of an element is no text for people and not even HTML.
func rawText(name string) bool {
	switch len(name) {
	case 5, 6, 8:
		switch strings.ToLower(name) {
		case "style", "script", "title", "noframes", "template":
			return true
		}
	}
	return false
}

// skipRaw passes over the content of a raw element up to its end tag.
func (w *htmlWalker) skipRaw(i int, name string) int {
	for {
		at := w.find(i, "</")
		if at < 0 {
			return len(w.s)
		}
		i = at + 2
		if len(w.s) >= i+len(name) && strings.EqualFold(w.s[i:i+len(name)], name) {
			return w.skipTag(i)
		}
	}
}
