package mimeitem

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// decodeCharset makes UTF-8 of data. label is the charset it claims to have, in any spelling; hint is one
// that stands elsewhere in the same message. A label that the bytes contradict is not believed. The result
// may hold control characters and U+FFFD for bytes that mean nothing.
func decodeCharset(data []byte, label, hint string) string {
	return decodeBytes(data, label, hint).text()
}

// decodeBytes is decodeCharset before its result is a string. What it gives is data itself if it is not owned.
func decodeBytes(data []byte, label, hint string) decoded {
	if len(data) == 0 {
		return decoded{}
	}
	label = charsetLabel(label)
	switch label {
	case labelNone, labelUTF8:
		return decodeUnlabelled(data, label, hint)
	case labelUTF7:
		return fresh(decodeUTF7(data))
	case labelUTF16, labelUTF16LE, labelUTF16BE:
		return decodeUTF16(data, label, hint)
	case labelKR:
		return fresh(decodeISO2022KR(data))
	case labelHZ:
		if out, err := simplifiedchinese.HZGB2312.NewDecoder().Bytes(data); err == nil {
			return decoded{b: out, owned: true}
		}
		return decodeUnlabelled(data, labelNone, hint)
	case labelJIS, labelWinJIS, labelSJIS, labelWinSJIS, labelEUC, labelWinEUC:
		return decodeJapanese(data, label)
	}
	return decodeOther(data, label, hint)
}

// decodeUnlabelled reads bytes without a useful label, or those labelled UTF-8.
func decodeUnlabelled(data []byte, label, hint string) decoded {
	if text, ok := hiddenUTF16(data); ok {
		return fresh(text)
	}
	valid := utf8.Valid(data)
	escape := hasEscape(data)
	if valid && !escape {
		return decoded{b: data, valid: true}
	}
	if escape {
		if t := decodeISO2022JP(data); t.bad == 0 || !valid {
			return t.text(false)
		}
		return decoded{b: data, valid: true}
	}
	if label == labelUTF8 || mostlyUTF8(data) {
		if mostlyUTF8(data) {
			return decoded{b: bytes.ToValidUTF8(data, []byte("\ufffd")), owned: true}
		}
	}
	return guess(data, hint)
}

// mostlyUTF8 says whether data is UTF-8 with some damage: several whole characters for each broken one.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		char, n := utf8.DecodeRune(data[i:])
		switch {
		case char == utf8.RuneError && n == 1:
			if !utf8.FullRune(data[i:]) {
				return good > 0 || bad == 0
			}
			bad++
		case n >= 3:
			good += 2
		default:
			good++
		}
		i += n
	}
	return good > 4*bad
}

// decodeJapanese reads bytes labelled as one of the Japanese charsets; Japanese senders confuse them.
func decodeJapanese(data []byte, label string) decoded {
	windows := label == labelWinJIS || label == labelWinSJIS || label == labelWinEUC
	plain, escape := ascii(data), hasEscape(data)
	if plain && !escape && bytes.IndexByte(data, 0x0e) < 0 {
		return decoded{b: data, valid: true}
	}
	var t *jisText
	switch label {
	case labelJIS, labelWinJIS:
		if !plain && utf8.Valid(data) {
			return decoded{b: data, valid: true}
		}
		t = decodeISO2022JP(data)
		if t.bad == 0 && (t.half == 0 || plain || escape || t.half*2 > len(data)/2) {
			return t.text(windows)
		}
	case labelSJIS, labelWinSJIS:
		t = decodeShiftJIS(data)
	default:
		t = decodeEUCJP(data)
	}
	if escape && plain {
		return decodeISO2022JP(data).text(windows)
	}
	if t.bad == 0 && t.half <= t.kana+t.common {
		return t.text(windows)
	}
	if utf8.Valid(data) {
		return decoded{b: data, valid: true}
	}
	for _, other := range []*jisText{decodeShiftJIS(data), decodeEUCJP(data)} {
		if other.score() > t.score() {
			t = other
		}
	}
	if t.bad > 0 && mostlyUTF8(data) {
		return decoded{b: bytes.ToValidUTF8(data, []byte("\ufffd")), owned: true}
	}
	return t.text(windows)
}

// decodeOther reads bytes in a charset that x/text knows; an unknown name is as good as none.
func decodeOther(data []byte, label, hint string) decoded {
	if hasEscape(data) && ascii(data) {
		return decodeISO2022JP(data).text(false)
	}
	e := encodingByName(label)
	if e == nil {
		return decodeUnlabelled(data, labelNone, hint)
	}
	if !strings.HasPrefix(label, "utf-32") {
		if ascii(data) {
			return decoded{b: data, valid: true}
		}
		if utf8.Valid(data) && likelyUTF8(data, e) {
			return decoded{b: data, valid: true}
		}
	}
	out, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return decodeUnlabelled(data, labelNone, hint)
	}
	return decoded{b: out, owned: true}
}

// likelyUTF8 says whether valid UTF-8 with another label is UTF-8 after all. In a single-byte charset
// sequences that happen to be valid are next to impossible; in a double-byte one some short ones are not.
func likelyUTF8(data []byte, e encoding.Encoding) bool {
	if _, single := e.(*charmap.Charmap); single {
		return true
	}
	high := 0
	for _, c := range data {
		if c >= 0x80 {
			high++
		}
	}
	if high >= 12 {
		return true
	}
	out, err := e.NewDecoder().Bytes(data)
	return err != nil || bytes.ContainsRune(out, utf8.RuneError)
}

func encodingByName(label string) encoding.Encoding {
	switch label {
	case "gb18030":
		return simplifiedchinese.GB18030
	case "euc-kr":
		return korean.EUCKR
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		return charmap.Windows1252
	}
	if e, err := htmlindex.Get(label); err == nil && e != encoding.Replacement {
		return e
	}
	if rest, ok := strings.CutPrefix(label, "cp12"); ok {
		label = "windows-12" + rest
	}
	if e, err := htmlindex.Get(strings.TrimPrefix(label, "x-")); err == nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(label); err == nil && e != nil {
		return e
	}
	return nil
}
