package mimeitem

import "strings"

// decodeUTF7 reads UTF-7 (RFC 2152): "+" begins a run of base64 that holds UTF-16, and what is not base64
// ends it, a "-" vanishing with it. "+-" is a plus sign, and so is a "+" that begins nothing.
func decodeUTF7(data []byte) string {
	var b strings.Builder
	b.Grow(len(data))
	for i := 0; i < len(data); {
		if data[i] != '+' {
			b.WriteByte(data[i])
			i++
			continue
		}
		i++
		end := i
		for end < len(data) && data[end] != '-' && data[end] != '_' && base64Values[data[end]] != 0 {
			end++
		}
		closed := end < len(data) && data[end] == '-'
		switch units := decodeBase64(data[i:end]); {
		case len(units) >= 2:
			writeUTF16(&b, units, true)
		default:
			b.Write(data[i-1 : end])
		}
		if i = end; closed {
			i++
		}
	}
	return b.String()
}
