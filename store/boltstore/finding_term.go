package boltstore

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// term is what the index for searching finds entries by: one character of a text, or the gram that begins there, which
// is two characters, of ASCII three. A gram at the beginning of a part, or of a word in it, is there again behind a
// mark, so that what begins with a query is found first. A term is at most eight bytes, the first on top, filled up with zeroes:
// numbers sort as the bytes do, and what begins alike lies together.
type term uint64

const (
	markPart = 1 // before a gram at the beginning of a part
	markWord = 2 // before one at the beginning of a word inside
)

func termOf(mark byte, s string) term {
	var b [8]byte
	n := 0
	if mark != 0 {
		b[0], n = mark, 1
	}
	copy(b[n:], s)
	return term(binary.BigEndian.Uint64(b[:]))
}

// termRange is the terms from..to, both included.
type termRange struct{ from, to term }

func exactly(mark byte, s string) termRange {
	t := termOf(mark, s)
	return termRange{t, t}
}

// beginning with s.
func beginningWith(mark byte, s string) termRange {
	t := termOf(mark, s)
	used := len(s)
	if mark != 0 {
		used++
	}
	if used >= 8 {
		return termRange{t, t}
	}
	return termRange{t, t | term(math.MaxUint64>>(8*used))}
}

// gramSize is how many bytes of the text, which is not empty, are the gram at its beginning, and of how many characters.
func gramSize(s string) (size, runes int) {
	_, size = utf8.DecodeRuneInString(s)
	allASCII := s[0] < utf8.RuneSelf
	for runes = 1; runes < 3 && size < len(s) && s[size] != ' ' && s[size] != '\n'; runes++ {
		ascii := s[size] < utf8.RuneSelf
		if runes == 2 && !(allASCII && ascii) {
			break
		}
		_, n := utf8.DecodeRuneInString(s[size:])
		size += n
		allASCII = allASCII && ascii
	}
	return size, runes
}

// eachTerm calls yield with the terms of a text; a term may come several times.
func eachTerm(text string, yield func(term)) {
	mark := byte(markPart)
	for i := 0; i < len(text); {
		switch text[i] {
		case '\n':
			i, mark = i+1, markPart
			continue
		case ' ':
			i, mark = i+1, markWord
			continue
		}
		_, one := utf8.DecodeRuneInString(text[i:])
		size, runes := gramSize(text[i:])
		yield(termOf(0, text[i:i+one]))
		if runes > 1 {
			yield(termOf(0, text[i:i+size]))
		}
		if mark != 0 {
			yield(termOf(mark, text[i:i+size]))
		}
		mark = 0
		if parts(text[i]) {
			mark = markWord
		}
		i += one
	}
}

// parts reports the signs behind which a word begins.
func parts(c byte) bool {
	switch c {
	case '@', '.', '-', '_', '(', ')', '/', ',', '&', '+':
		return true
	}
	return false
}

// rangesOf are the terms that every text has in which the word stands; the word is folded and without spaces.
func rangesOf(word string) []termRange {
	var out []termRange
	first, one := utf8.DecodeRuneInString(word)
	if first == utf8.RuneError || one == len(word) {
		return append(out, exactly(0, word[:one]))
	}
	for i := 0; i < len(word); {
		_, one := utf8.DecodeRuneInString(word[i:])
		rest := word[i:]
		if len(rest) > one && (!isOpen(rest) || i == 0 && len(rest) == 2) {
			out = append(out, rangeAt(rest, 0))
		}
		i += one
	}
	return out
}

// rangeAt is the term at the beginning of a text of which it is not known how it goes on.
func rangeAt(s string, mark byte) termRange {
	size, runes := gramSize(s)
	if runes == 1 && size == len(s) || isOpen(s) {
		return beginningWith(mark, s[:size])
	}
	return exactly(mark, s[:size])
}

// isOpen reports two characters of ASCII, whose gram has a third.
func isOpen(s string) bool { return len(s) == 2 && s[0] < utf8.RuneSelf && s[1] < utf8.RuneSelf }
