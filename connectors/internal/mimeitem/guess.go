package mimeitem

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
)

// guess reads 8-bit bytes that are not UTF-8 and have no label: by the hint if it fits, then as Shift_JIS or
// EUC-JP, whichever looks more like Japanese, and lone high bytes between letters as Windows-1252.
func guess(data []byte, hint string) decoded {
	switch hint = charsetLabel(hint); hint {
	case labelNone, labelUTF8, labelJIS, labelWinJIS, labelUTF7, labelKR, labelHZ, labelUTF16, labelUTF16LE, labelUTF16BE:
	case labelSJIS, labelWinSJIS, labelEUC, labelWinEUC:
		return decodeJapanese(data, hint)
	default:
		if e := encodingByName(hint); e != nil {
			if out, err := e.NewDecoder().Bytes(data); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
				return decoded{b: out, owned: true}
			}
		}
	}
	if european(data) {
		out, _ := charmap.Windows1252.NewDecoder().Bytes(data)
		return decoded{b: out, owned: true}
	}
	shift, euc := decodeShiftJIS(data), decodeEUCJP(data)
	best := shift
	if euc.score() > shift.score() {
		best = euc
	}
	if best.bad > 0 && best.score() < 0 {
		out, _ := charmap.Windows1252.NewDecoder().Bytes(data)
		return decoded{b: out, owned: true}
	}
	return best.text(false)
}

// european says whether the high bytes stand alone among ASCII and are letters or signs of Western Europe.
func european(data []byte) bool {
	lone := 0
	for i, c := range data {
		if c < 0x80 {
			continue
		}
		if i > 0 && data[i-1] >= 0x80 || i+1 < len(data) && data[i+1] >= 0x80 {
			return false
		}
		if c >= 0xc0 || bytes.IndexByte([]byte{0x80, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xa0, 0xa7, 0xa9, 0xab, 0xae, 0xb0, 0xb4, 0xb7, 0xbb}, c) >= 0 {
			lone++
			continue
		}
		return false
	}
	return lone > 0
}

// decodeISO2022KR reads ISO-2022-KR (RFC 1557): Korean between SO and SI.
func decodeISO2022KR(data []byte) string {
	data = bytes.ReplaceAll(data, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(data))
	shifted := false
	for _, c := range data {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f || c == '\n':
			shifted = false
			if c == '\n' {
				out = append(out, c)
			}
		case shifted && c > ' ' && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	text, err := korean.EUCKR.NewDecoder().Bytes(out)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(text)
}
