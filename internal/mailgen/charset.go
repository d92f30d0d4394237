package mailgen

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A charset writes text as bytes. It panics on a character that the charset does not have: that would be a
// mistake in this package's texts, not in anything from outside.
type charset struct {
	name      string
	encode    func(string) []byte
	microsoft bool // a reader gets microsoftForm back
}

func utf8Charset() charset {
	return charset{"utf-8", func(s string) []byte { return []byte(s) }, false}
}

// shiftJIS is Windows code page 932. Windows writes IBM's kanji in rows 115 to 119; x/text in NEC's rows.
func shiftJIS() charset {
	return charset{"shift_jis", func(s string) []byte {
		b := encodeWith(japanese.ShiftJIS, microsoftForm(strings.NewReplacer("髙", "\x01", "﨑", "\x02").Replace(s)))
		return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte{1}, []byte{0xfb, 0xfc}), []byte{2}, []byte{0xfa, 0xb1})
	}, true}
}

func eucJP() charset {
	return charset{"euc-jp", func(s string) []byte {
		var out []byte
		for _, r := range microsoftForm(s) {
			if jis, ok := necExtension(r); ok {
				out = append(out, byte(jis>>8)|0x80, byte(jis)|0x80)
				continue
			}
			out = append(out, encodeWith(japanese.EUCJP, string(r))...)
		}
		return out
	}, true}
}

func gb18030() charset {
	return charset{"gb18030", func(s string) []byte { return encodeWith(simplifiedchinese.GB18030, s) }, false}
}

// iso2022JP is ISO-2022-JP as Japanese mail programs write it (code page 50221): JIS X 0208 with NEC's
// row 13 and NEC's selection of IBM's kanji, and half-width kana behind ESC ( I. Every line starts and
// ends in ASCII.
func iso2022JP() charset {
	return charset{"iso-2022-jp", func(s string) []byte {
		var out bytes.Buffer
		state := "\x1b(B"
		shift := func(to string) {
			if state != to {
				out.WriteString(to)
				state = to
			}
		}
		euc := eucJP()
		for _, r := range s {
			if r < 0x80 {
				shift("\x1b(B")
				out.WriteRune(r)
				continue
			}
			b := euc.encode(string(r))
			switch {
			case len(b) == 2 && b[0] == 0x8e: // EUC's single shift to half-width kana
				shift("\x1b(I")
				out.WriteByte(b[1] & 0x7f)
			case len(b) == 2:
				shift("\x1b$B")
				out.Write([]byte{b[0] & 0x7f, b[1] & 0x7f})
			default:
				panic(fmt.Sprintf("ISO-2022-JP cannot write %q", r))
			}
		}
		shift("\x1b(B")
		return out.Bytes()
	}, true}
}

// necExtension gives the JIS code of kanji from NEC's selection of IBM's extensions (rows 89 to 92), which
// x/text does not write.
func necExtension(r rune) (uint16, bool) {
	switch r {
	case '髙':
		return 0x7c62, true
	case '﨑':
		return 0x7975, true
	}
	return 0, false
}

// microsoftForm replaces the characters that JIS and Microsoft map to different Unicode ones by those that
// Microsoft's tables, and so x/text's, have.
func microsoftForm(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '〜':
			return '～'
		case '−':
			return '－'
		case '‖':
			return '∥'
		case '—':
			return '―'
		default:
			return r
		}
	}, s)
}

func encodeWith(e encoding.Encoding, s string) []byte {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(fmt.Sprintf("charset cannot write %q: %v", firstRefused(e, s), err))
	}
	return b
}

// firstRefused finds the character that the charset does not have.
func firstRefused(e encoding.Encoding, s string) string {
	for _, r := range s {
		if _, err := e.NewEncoder().String(string(r)); err != nil {
			return string(r)
		}
	}
	return ""
}
