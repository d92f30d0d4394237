package web

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// decode turns the bytes of all pairs into UTF-8. What the Content-Type, or the browser in _charset_, says is
// believed if the bytes agree. The encoding field of a Web-to-Lead form is fixed text and often wrong, since
// pages are saved in another encoding than they were made for, so that bytes which can hardly be anything but
// UTF-8 count for more. Without a word, or with a false one, it is UTF-8 if that is what the bytes are, else
// Shift_JIS or EUC-JP. What is in no encoding at all is kept as well as it can be and quarantined.
func (a *arrival) decode(contentType, query string) {
	isUTF8, isASCII, wide := a.shape()
	browser := a.value("_charset_")
	fixed := a.value("encoding")
	if fixed == "" && strings.Contains(query, "encoding=") { // the action of a Web-to-Lead form: …?encoding=UTF-8
		if q, err := url.ParseQuery(query); err == nil {
			fixed = q.Get("encoding")
		}
	}
	for i, said := range [...]string{contentType, browser, fixed} {
		enc := encodingOf(said)
		if enc == nil || enc == unicode.UTF8 || i == 2 && isUTF8 && wide {
			continue // UTF-8 is looked for anyway
		}
		if isASCII && enc != japanese.ISO2022JP {
			break
		}
		if decoded, ok := decodeAll(a.pairs, enc); ok {
			a.pairs = decoded
			return
		}
	}
	if isUTF8 {
		if isASCII && a.escapes() {
			if decoded, ok := decodeAll(a.pairs, japanese.ISO2022JP); ok {
				a.pairs = decoded
			}
		}
		return
	}
	best, ok := guessJapanese(a.pairs)
	a.pairs = best
	if !ok {
		a.suspect = suspectCharset
	}
}

// shape says whether all names and values are UTF-8, whether they are all ASCII, and whether they hold
// characters of three bytes or more, as Japanese is written with, which by chance are next to never valid.
func (a *arrival) shape() (isUTF8, isASCII, wide bool) {
	isUTF8, isASCII = true, true
	for _, p := range a.pairs {
		for _, s := range [...]string{p.name, p.value} {
			for i := 0; i < len(s); {
				if s[i] < utf8.RuneSelf {
					i++
					continue
				}
				isASCII = false
				c, n := utf8.DecodeRuneInString(s[i:])
				if c == utf8.RuneError && n == 1 {
					return false, false, false
				}
				wide = wide || n >= 3
				i += n
			}
		}
	}
	return isUTF8, isASCII, wide
}

// escapes says whether a text switches to the Japanese characters of ISO-2022-JP (RFC 1468).
func (a *arrival) escapes() bool {
	for i := range a.pairs {
		if strings.Contains(a.pairs[i].value, "\x1b$") {
			return true
		}
	}
	return false
}

// encodingOf is the encoding of a name as browsers know it; nil if it is none.
func encodingOf(name string) encoding.Encoding {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || len(name) > 40 || strings.HasPrefix(name, "utf-16") { // in which no browser posts
		return nil
	}
	switch name {
	case "cp932", "ms932", "windows-932", "sjis-win", "x-sjis":
		return japanese.ShiftJIS
	case "eucjp", "eucjp-win", "cp51932":
		return japanese.EUCJP
	}
	enc, err := htmlindex.Get(name)
	if err != nil || enc == encoding.Replacement {
		return nil
	}
	return enc
}

// decodeAll decodes names and values; false if some bytes are not of the encoding, which U+FFFD stands for then.
func decodeAll(pairs []pair, enc encoding.Encoding) ([]pair, bool) {
	decoded := make([]pair, len(pairs))
	d := enc.NewDecoder()
	ok := true
	for i, p := range pairs {
		name, err1 := d.String(p.name)
		value, err2 := d.String(p.value)
		ok = ok && err1 == nil && err2 == nil && !strings.ContainsRune(name, utf8.RuneError) && !strings.ContainsRune(value, utf8.RuneError)
		decoded[i] = pair{strings.ToValidUTF8(characterReferences(name), "\ufffd"), strings.ToValidUTF8(characterReferences(value), "\ufffd")}
	}
	return decoded, ok
}

// guessJapanese decodes as Shift_JIS or EUC-JP, whichever the bytes are. Where both are possible, EUC-JP read
// as Shift_JIS is mostly half-width katakana, which people write little, and Shift_JIS read as EUC-JP has no
// kana. It is false if the bytes are neither.
func guessJapanese(pairs []pair) ([]pair, bool) {
	sjis, sjisOK := decodeAll(pairs, japanese.ShiftJIS)
	euc, eucOK := decodeAll(pairs, japanese.EUCJP)
	switch {
	case sjisOK && eucOK:
		if countRunes(euc, isKana)*2 >= countRunes(sjis, isHalfKana) && countRunes(euc, isKana) > 0 {
			return euc, true
		}
		return sjis, true
	case eucOK:
		return euc, true
	default:
		return sjis, sjisOK
	}
}

func countRunes(pairs []pair, is func(rune) bool) (n int) {
	for _, p := range pairs {
		for _, c := range p.name + p.value {
			if is(c) {
				n++
			}
		}
	}
	return n
}

func isKana(c rune) bool     { return c >= 0x3041 && c <= 0x30fe }
func isHalfKana(c rune) bool { return c >= 0xff61 && c <= 0xff9f }

// characterReferences turns &#134071; into 𠮷: by that browsers send what the page's encoding has no code for.
func characterReferences(s string) string {
	if !strings.Contains(s, "&#") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "&#")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		digits, after, closed := strings.Cut(rest, ";")
		n, err := strconv.ParseUint(digits, 10, 21)
		if !closed || err != nil || n < 0x80 || !utf8.ValidRune(rune(n)) {
			b.WriteString("&#")
			s = rest
			continue
		}
		b.WriteRune(rune(n))
		s = after
	}
}

// value is the first value of a name, in bytes.
func (a *arrival) value(name string) string {
	for i := range a.pairs {
		if a.pairs[i].name == name {
			return a.pairs[i].value
		}
	}
	return ""
}
