package mimeitem

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// decodeUTF16 reads bytes labelled as UTF-16. The byte order mark decides about the order, else whichever
// order reads more like text; the label counts where both read alike, and a label without an order means
// big-endian (RFC 2781, section 4.3). What holds no NUL and reads as UTF-8 is not UTF-16 at all but mislabelled,
// unless it is kana: their bytes happen to be ASCII.
func decodeUTF16(data []byte, label, hint string) decoded {
	if text, ok := markedUTF16(data); ok {
		return fresh(text)
	}
	big, little := likeText(data, true), likeText(data, false)
	if bytes.IndexByte(data, 0) < 0 && utf8.Valid(data) && max(big.kana, little.kana)*4 < len(data) {
		return decodeUnlabelled(data, labelNone, hint)
	}
	return fresh(readUTF16(data, big.score > little.score || big.score == little.score && label != labelUTF16LE))
}

// hiddenUTF16 finds UTF-16 in bytes without a useful label: by its byte order mark, or because they hold many
// NULs as no other text does and most of their units read as text.
func hiddenUTF16(data []byte) (text string, ok bool) {
	if text, ok := markedUTF16(data); ok {
		return text, true
	}
	if len(data) < 4 || len(data)%2 != 0 || bytes.Count(data, []byte{0})*32 < len(data) {
		return "", false
	}
	big, little := likeText(data, true), likeText(data, false)
	if most := max(big.score, little.score); 5*most < 6*min(len(data)/2, judgedUnits) {
		return "", false
	}
	return readUTF16(data, big.score > little.score), true
}

// markedUTF16 reads bytes that begin with a byte order mark.
func markedUTF16(data []byte) (text string, ok bool) {
	switch {
	case len(data) < 2:
		return "", false
	case data[0] == 0xfe && data[1] == 0xff:
		return readUTF16(data[2:], true), true
	case data[0] == 0xff && data[1] == 0xfe:
		return readUTF16(data[2:], false), true
	}
	return "", false
}

func readUTF16(data []byte, big bool) string {
	var b strings.Builder
	b.Grow(len(data))
	writeUTF16(&b, data, big)
	return b.String()
}

// writeUTF16 writes UTF-16 of either byte order; half a pair becomes U+FFFD, half a unit is dropped.
func writeUTF16(b *strings.Builder, data []byte, big bool) {
	for i := 0; i+1 < len(data); i += 2 {
		char := unit(data[i:], big)
		if char >= 0xd800 && char < 0xdc00 && i+3 < len(data) {
			if low := unit(data[i+2:], big); low >= 0xdc00 && low < 0xe000 {
				char = (char-0xd800)<<10 + (low - 0xdc00) + 0x10000
				i += 2
			}
		}
		b.WriteRune(char)
	}
}

func unit(data []byte, big bool) rune {
	if big {
		return rune(data[0])<<8 | rune(data[1])
	}
	return rune(data[1])<<8 | rune(data[0])
}

// reading is how much bytes look like text in one byte order.
type reading struct {
	score int // of 2 for each unit that is surely text, 1 for each that may be
	kana  int // units that are kana or marks of Japanese
}

// judgedUnits is how many units are judged.
const judgedUnits = 2000

// likeText judges the start of the data. Letters of Latin, Greek and Cyrillic, kana, Hangul and full-width
// forms are text. An ideograph may as well be two letters read the wrong way.
func likeText(data []byte, big bool) (r reading) {
	data = data[:min(len(data), 2*judgedUnits)]
	for i := 0; i+1 < len(data); i += 2 {
		switch c := unit(data[i:], big); {
		case c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c < 0x7f || c >= 0xa0 && c < 0x530:
			r.score += 2
		case c >= 0x3000 && c < 0x3100:
			r.score += 2
			r.kana++
		case c >= 0x2010 && c < 0x2040 || c >= 0xac00 && c < 0xd7a4 || c >= 0xff01 && c < 0xfff0:
			r.score += 2
		case c >= 0x4e00 && c < 0xa000:
			r.score++
		}
	}
	return r
}
