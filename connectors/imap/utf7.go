package imap

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// readableList says whether go-imap can take a LIST response: its mailbox name must be printable UTF-8 whose
// modified UTF-7 (RFC 3501 section 5.1.3) is well-formed. One folder with a broken name must not
// cost the connection; such a folder cannot be chosen.
func readableList(fr frame) bool {
	s := &scanner{fr: fr, mem: new(scratch), pos: len("* LIST ")}
	if attrs, err := s.value(0); err != nil || attrs.kind != kindList {
		return false
	}
	delim, err := s.value(0)
	if err != nil || !delim.isText() || delim.kind == kindString && utf8.RuneCount(delim.text) != 1 {
		return false
	}
	name, err := s.value(0)
	if err != nil || name.kind == kindList {
		return false
	}
	return wellFormedUTF7(string(name.text))
}

// wellFormedUTF7 checks a mailbox name as it stands on the wire.
func wellFormedUTF7(name string) bool {
	if !utf8.ValidString(name) {
		return false
	}
	encoding := base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)
	afterShift := false
	for i := 0; i < len(name); i++ {
		if name[i] < ' ' || name[i] == 0x7f {
			return false
		}
		if name[i] != '&' {
			afterShift = false
			continue
		}
		length := strings.IndexByte(name[i+1:], '-')
		if length < 0 {
			return false
		}
		if length > 0 {
			decoded, err := encoding.DecodeString(name[i+1 : i+1+length])
			if err != nil || len(decoded) == 0 || len(decoded)%2 != 0 || afterShift || !wellFormedUTF16(decoded) {
				return false
			}
		}
		afterShift = length > 0
		i += length + 1
	}
	return true
}

// wellFormedUTF16 checks big-endian UTF-16: surrogates come in pairs, and nothing is printable ASCII, which may
// not be encoded.
func wellFormedUTF16(b []byte) bool {
	for i := 0; i+1 < len(b); i += 2 {
		unit := uint16(b[i])<<8 | uint16(b[i+1])
		switch {
		case unit >= 0x20 && unit <= 0x7e, unit >= 0xdc00 && unit < 0xe000:
			return false
		case unit >= 0xd800 && unit < 0xdc00:
			if i+3 >= len(b) || b[i+2] < 0xdc || b[i+2] >= 0xe0 {
				return false
			}
			i += 2
		}
	}
	return true
}
