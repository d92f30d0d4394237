package mimeitem

import (
	"unicode/utf8"
	"unsafe"
)

// decoded is text on its way from a part's bytes to a string. A mail's text is most of its bytes: it is
// decoded, scrubbed and handed out in one buffer wherever that is possible.
type decoded struct {
	b     []byte
	owned bool // nobody else holds b, so it may be changed and become the string itself
	valid bool // b is known to be UTF-8
}

// fresh is the result of a decoder that gives a string.
func fresh(s string) decoded { return decoded{b: []byte(s), owned: true} }

// charset takes the charset off, see decodeCharset.
func (d decoded) charset(label, hint string) decoded {
	out := decodeBytes(d.b, label, hint)
	out.owned = out.owned || d.owned // what decodeBytes does not own is d.b
	return out
}

// text is the text as it stands. If it is owned, d must not be used any more.
func (d decoded) text() string {
	if d.owned {
		return ownedString(d.b)
	}
	return string(d.b)
}

// clean is the text as cleanText makes it. If it is owned, d must not be used any more.
func (d decoded) clean() string { return trimBlankLines(d.scrubbed()) }

// ownedString makes a string of a buffer without copying it, as strings.Builder does. Its caller gives the
// buffer up: nobody may write to it afterwards.
func ownedString(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // the callers own b, and none keeps it
}

// ascii looks at eight bytes at once.
func ascii(data []byte) bool {
	for len(data) >= 8 {
		if (data[0] | data[1] | data[2] | data[3] | data[4] | data[5] | data[6] | data[7]) >= utf8.RuneSelf {
			return false
		}
		data = data[8:]
	}
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
