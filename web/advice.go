package web

import "strings"

// advice is what a connector said about a source, in the reader's language if it is known there. Lang is "en" where
// English stays on a page of another language, so that screen readers pronounce it.
type advice struct{ Text, Lang string }

// adviceOn words a hint of a fault. Faults carry English, for the log and the command line: the English catalogue has each hint
// as it is written there (source_hint), which finds its translation. What is not in it, such as settings that are
// wrong, stays as it is.
func (sp *speaker) adviceOn(hint string) advice {
	if sp.lang == "en" || hint == "" {
		return advice{Text: hint}
	}
	best, args, literal := "", []any(nil), -1
	for key, m := range sp.hints {
		if values, n, ok := m.match(hint); ok && n > literal && sp.has(key) {
			best, args, literal = key, values, n
		}
	}
	if best == "" {
		return advice{Text: hint, Lang: "en"}
	}
	return advice{Text: sp.text(best, args...)}
}

// match says whether a text is the message with values for its placeholders: names and values as speaker.text takes
// them, and how many bytes are the message's own, by which the closest of several is told.
func (m message) match(text string) (args []any, literal int, ok bool) {
	if !strings.HasPrefix(text, m[0]) {
		return nil, 0, false
	}
	text, literal = text[len(m[0]):], len(m[0])
	for i := 1; i < len(m); i += 2 {
		next := m[i+1]
		at := strings.Index(text, next)
		if i+2 == len(m) {
			at = len(text) - len(next)
		}
		if at < 0 || !strings.HasPrefix(text[at:], next) {
			return nil, 0, false
		}
		args = append(args, m[i], text[:at])
		text, literal = text[at+len(next):], literal+len(next)
	}
	return args, literal, text == ""
}
