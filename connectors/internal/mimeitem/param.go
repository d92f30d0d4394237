package mimeitem

import (
	"strconv"
	"strings"
)

// param gives a parameter's value, decoded by RFC 2231 (continuations, charset) and, because Outlook and
// others write that, by RFC 2047. "" if it is not there.
func param(params map[string]string, name string) string {
	if len(params) == 0 {
		return ""
	}
	if v, ok := params[name+"*"]; ok {
		return decodeExtended(v)
	}
	if v, ok := params[name]; ok {
		if plainASCII(v) {
			return v
		}
		return decodeHeader([]byte(v), "")
	}
	return continued(params, name)
}

// plainASCII says whether v can hold neither encoded words nor another charset.
func plainASCII(v string) bool {
	for i := range len(v) {
		if v[i] >= 0x80 || v[i] == 0x1b || v[i] == 0 {
			return false
		}
	}
	return !strings.Contains(v, "=?")
}

// continued joins name*0, name*1* and so on. A piece may be percent-encoded or not; the charset stands in the
// first. Pieces are joined as bytes before they are decoded, so that one may end within a character.
func continued(params map[string]string, name string) string {
	var joined []byte
	charset, encoded := "", false
	for i := range maxParts {
		key := name + "*" + strconv.Itoa(i)
		if v, ok := params[key+"*"]; ok {
			if i == 0 {
				charset, v = cutCharset(v)
			}
			joined = append(joined, unpercent(v)...)
			encoded = true
		} else if v, ok := params[key]; ok {
			joined = append(joined, v...)
		} else if i > 0 {
			break
		}
	}
	if len(joined) == 0 {
		return ""
	}
	if !encoded {
		return decodeHeader(joined, "")
	}
	return decodeCharset(joined, charset, "")
}

func decodeExtended(v string) string {
	charset, rest := cutCharset(v)
	if charset == "" && strings.Contains(rest, "=?") {
		return decodeHeader([]byte(rest), "")
	}
	return decodeCharset(unpercent(rest), charset, "")
}

// cutCharset splits charset'language'value. A value without the quotes has no charset.
func cutCharset(v string) (charset, value string) {
	charset, rest, ok := strings.Cut(v, "'")
	if !ok {
		return "", v
	}
	_, value, ok = strings.Cut(rest, "'")
	if !ok {
		return "", v
	}
	return charset, value
}

func unpercent(v string) []byte {
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			if hi, lo := unhex(v[i+1]), unhex(v[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return out
}
