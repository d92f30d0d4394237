package web

import "strings"

// advice is what a connector said about a source, in the reader's language if it is known there. Lang is "en" where
// English stays on a page of another language, so that screen readers pronounce it.
type advice struct{ Text, Lang string }

// The keys of what connectors say: what they advise, and what they tell of a reading.
const (
	hintKeys = "source_hint."
	noteKeys = "source_note."
)

// adviceOn words a hint of a fault. Faults carry English, for the log and the command line: the English catalogue has each hint
// as it is written there (source_hint), which finds its translation. What is not in it, such as settings that are
// wrong, stays as it is.
func (sp *speaker) adviceOn(hint string) advice {
	if sp.lang == "en" || hint == "" {
		return advice{Text: hint}
	}
	key, args := sp.keyOf(hintKeys, hint)
	if key == "" {
		return advice{Text: hint, Lang: "en"}
	}
	return advice{Text: sp.text(key, args...)}
}

// noteOn words a note of a reading in the same way (source_note). A value called note is a note itself.
func (sp *speaker) noteOn(note string) advice {
	if sp.lang == "en" {
		return advice{Text: note}
	}
	key, args := sp.keyOf(noteKeys, note)
	if key == "" {
		return advice{Text: note, Lang: "en"}
	}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "note" {
			args[i+1] = sp.noteOn(argument("note", args)).Text
		}
	}
	return advice{Text: sp.text(key, args...)}
}

// keyOf finds the sentence of the catalogue that a connector said, and the values in it; "" if it is none.
func (sp *speaker) keyOf(keys, said string) (best string, args []any) {
	literal := -1
	for key, m := range sp.hints {
		if !strings.HasPrefix(key, keys) || !sp.has(key) {
			continue
		}
		if values, n, ok := m.match(said); ok && (n > literal || n == literal && key < best) {
			best, args, literal = key, values, n
		}
	}
	return best, args
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
