package mimeitem

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// transferEncoding is a Content-Transfer-Encoding.
type transferEncoding int

const (
	encodingIdentity transferEncoding = iota
	encodingBase64
	encodingQuoted
	encodingUU
)

// encodingOf knows the encodings by what mailers write: "8 bit", "quoted/printable", "x-uuencode".
func encodingOf(name string) transferEncoding {
	switch name {
	case "", "7bit", "8bit", "binary":
		return encodingIdentity
	case "base64":
		return encodingBase64
	case "quoted-printable":
		return encodingQuoted
	}
	name = strings.ToLower(strings.Trim(name, "\"'<>;, \t"))
	switch {
	case strings.Contains(name, "base64") || strings.Contains(name, "base-64"):
		return encodingBase64
	case strings.Contains(name, "quoted") || strings.Contains(name, "printable"):
		return encodingQuoted
	case strings.Contains(name, "uu"):
		return encodingUU
	}
	return encodingIdentity
}

func identity(name string) bool { return encodingOf(name) == encodingIdentity }

// decodeTransfer takes the transfer encoding off. Broken input gives what can be read of it. What is not owned
// in the result may be data's memory.
func decodeTransfer(data []byte, name string) decoded {
	switch encodingOf(name) {
	case encodingBase64:
		if looksBase64(data) {
			return decoded{b: decodeBase64(data), owned: true}
		}
	case encodingQuoted:
		if bytes.IndexByte(data, '=') >= 0 {
			return decoded{b: decodeQuoted(data), owned: true}
		}
	case encodingUU:
		return decoded{b: decodeUU(data)}
	}
	return decoded{b: data}
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// base64Values gives each character's six bits plus one, 0 for what is not in the alphabet. The URL-safe
// characters are taken as well.
var base64Values = func() (t [256]byte) {
	for i := range len(base64Alphabet) {
		t[base64Alphabet[i]] = byte(i) + 1
	}
	t['-'], t['_'] = t['+'], t['/']
	return t
}()

// looksBase64 tells base64 from text that is only labelled so: text has spaces within its lines or bytes
// that base64 never has.
func looksBase64(data []byte) bool {
	sample := data[:min(len(data), 400)]
	junk := 0
	for i, c := range sample {
		switch {
		case base64Values[c] != 0, c == '\r', c == '\n', c == '=':
		case c == ' ' && (i == 0 || i+1 == len(sample) || sample[i+1] == '\r' || sample[i+1] == '\n' || sample[i-1] == '\n'):
		default:
			junk++
		}
	}
	return junk*10 <= len(sample)
}

// decodeBase64 skips what is not in the alphabet and starts anew after padding: some mailers join pieces. What
// is whole and clean, as nearly all is, the standard library reads several times as fast.
func decodeBase64(data []byte) []byte {
	out := make([]byte, 0, len(data)/4*3+3)
	if n, err := base64.StdEncoding.Decode(out[:cap(out)], data); err == nil {
		return out[:n]
	}
	var acc uint32
	n := 0
	for _, c := range data {
		v := base64Values[c]
		if v == 0 {
			if c == '=' {
				out, acc, n = flushBase64(out, acc, n), 0, 0
			}
			continue
		}
		acc = acc<<6 | uint32(v-1)
		if n++; n == 4 {
			out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
			acc, n = 0, 0
		}
	}
	return flushBase64(out, acc, n)
}

func flushBase64(out []byte, acc uint32, n int) []byte {
	switch n {
	case 2:
		return append(out, byte(acc>>4))
	case 3:
		return append(out, byte(acc>>10), byte(acc>>2))
	}
	return out
}

// decodeQuoted decodes quoted-printable. A "=" that starts neither two hexadecimal digits nor a line end
// stands for itself. The result never shares data's memory.
func decodeQuoted(data []byte) []byte {
	out := make([]byte, 0, max(len(data)-2*bytes.Count(data, []byte{'='}), len(data)/3))
	for len(data) > 0 {
		at := bytes.IndexByte(data, '=')
		if at < 0 {
			return append(out, data...)
		}
		out = append(out, data[:at]...)
		data = data[at:]
		for len(data) >= 3 && data[0] == '=' { // characters beyond ASCII are runs of these
			hi, lo := hexValues[data[1]], hexValues[data[2]]
			if (hi|lo)&notHex != 0 {
				break
			}
			out = append(out, byte(hi<<4|lo))
			data = data[3:]
		}
		if len(data) == 0 || data[0] != '=' {
			continue
		}
		skip := softBreak(data[1:])
		if skip < 0 {
			out = append(out, '=')
			skip = 0
		}
		data = data[1+skip:]
	}
	return out
}

// notHex is a bit that no value of a hexadecimal digit has.
const notHex = 0x100

// hexValues gives the value of each hexadecimal digit, notHex for what is none.
var hexValues = func() (t [256]uint16) {
	for c := range t {
		t[c] = notHex
		if v := unhex(byte(c)); v >= 0 {
			t[c] = uint16(v)
		}
	}
	return t
}()

// softBreak says how many bytes a soft line break takes after its "="; -1 if there is none. Spaces before
// the line end are allowed, and so is the end of the data.
func softBreak(data []byte) int {
	i := 0
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	if i == len(data) {
		return i
	}
	if data[i] == '\n' {
		return i + 1
	}
	return -1
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// decodeUU decodes uuencoded text between its begin and end lines; without a begin line it gives data as it is.
func decodeUU(data []byte) []byte {
	begin := bytes.Index(data, []byte("begin "))
	if begin < 0 || (begin > 0 && data[begin-1] != '\n') {
		return data
	}
	_, pos := nextLine(data, begin)
	var out []byte
	for pos < len(data) {
		line, next := nextLine(data, pos)
		pos = next
		if bytes.Equal(line, []byte("end")) {
			break
		}
		out = appendUULine(out, line)
	}
	return out
}

func appendUULine(out, line []byte) []byte {
	if len(line) == 0 {
		return out
	}
	count := int(line[0]-' ') & 63
	line = line[1:]
	for i := 0; count > 0; i += 4 {
		var acc uint32
		for k := range 4 {
			acc <<= 6
			if i+k < len(line) {
				acc |= uint32(line[i+k]-' ') & 63
			}
		}
		take := min(count, 3)
		out = append(out, []byte{byte(acc >> 16), byte(acc >> 8), byte(acc)}[:take]...)
		count -= take
	}
	return out
}
