package mimeitem

import "bytes"

// header holds the known fields of a header block in their order.
type header struct {
	block  []byte
	fields []headerField
	named  int // how many lines looked like fields, known or not
}

// headerField is a known field; its value is block[start:end], still folded.
type headerField struct {
	id         field
	start, end int
}

// readHeader reads a header block up to its first empty line or its end. A line that is neither a field nor
// a folded continuation goes to the field before it: some mailers break long lines without folding them.
func readHeader(block []byte) header {
	if len(block) > maxHeader {
		block = block[:maxHeader]
	}
	h := header{block: block, fields: make([]headerField, 0, 32)}
	open := false // the last known field may be continued
	for start := 0; start < len(block); {
		line, next := nextLine(block, start)
		if len(line) == 0 {
			if h.named > 0 {
				break
			}
			start = next
			continue
		}
		id, value, isField := splitField(line)
		switch {
		case isField:
			h.named++
			open = id != fieldOther
			if open {
				h.fields = append(h.fields, headerField{id, start + len(line) - len(value), start + len(line)})
			}
		case isMboxLine(line):
			open = false
		case open:
			h.fields[len(h.fields)-1].end = start + len(line)
		}
		start = next
	}
	return h
}

func (h *header) value(i int) []byte { return h.block[h.fields[i].start:h.fields[i].end] }

// nextLine gives the line at start without its end (LF, CRLF or a stray CR before it), and where the next
// one starts.
func nextLine(b []byte, start int) (line []byte, next int) {
	end := bytes.IndexByte(b[start:], '\n')
	if end < 0 {
		return bytes.TrimRight(b[start:], "\r"), len(b)
	}
	end += start
	next = end + 1
	for end > start && b[end-1] == '\r' {
		end--
	}
	return b[start:end], next
}

// splitField splits "Name: value". A name is printable ASCII without a space, but for spaces before the colon.
func splitField(line []byte) (id field, value []byte, ok bool) {
	if line[0] == ' ' || line[0] == '\t' {
		return fieldOther, nil, false
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return fieldOther, nil, false
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return fieldOther, nil, false
		}
	}
	var lower [32]byte
	if len(name) > len(lower) {
		return fieldOther, nil, true
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return fieldOf(lower[:len(name)]), line[colon+1:], true
}

func isMboxLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// first gives the first value of a field that is not blank, unfolded and trimmed; nil if there is none.
func (h *header) first(id field) []byte {
	for i := range h.fields {
		if h.fields[i].id == id {
			if v := unfold(h.value(i)); len(v) > 0 {
				return v
			}
		}
	}
	return nil
}

// unfold takes line ends and NUL bytes out of a value and trims it. It copies only if it must.
func unfold(v []byte) []byte {
	v = bytes.Trim(v, " \t\r\n\x00")
	if bytes.IndexByte(v, '\n') < 0 && bytes.IndexByte(v, 0) < 0 && bytes.IndexByte(v, '\r') < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := range v {
		switch c := v[i]; c {
		case 0, '\r':
		case '\n':
			if i+1 < len(v) && v[i+1] != ' ' && v[i+1] != '\t' {
				out = append(out, ' ')
			}
		default:
			out = append(out, c)
		}
	}
	return out
}
