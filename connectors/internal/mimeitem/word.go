package mimeitem

import (
	"bytes"
	"strings"
)

// decodeHeader makes UTF-8 of an unfolded header value: raw bytes of any charset, and RFC 2047 words as they
// really occur: glued to text, with spaces inside, unterminated, and cut within a character or an escape
// sequence. Adjacent words of one charset are joined as bytes before they are decoded.
func decodeHeader(v []byte, hint string) string {
	if v == nil {
		return ""
	}
	var s string
	if ascii(v) && bytes.IndexByte(v, 0x1b) < 0 {
		s = string(v)
	} else {
		s = decodeCharset(v, "", hint)
	}
	if !strings.Contains(s, "=?") {
		return s
	}
	return decodeWords(s, hint)
}

// wordRun is a run of adjacent encoded words of one charset.
type wordRun struct {
	charset string
	data    []byte
	pending string // base64 text of a word that did not end on a whole group
}

func (r *wordRun) add(w encodedWord) {
	if w.base64 {
		const longest = 4096
		text := r.pending + w.text
		r.pending = ""
		if count := base64Count(text); count%4 != 0 && len(text) < longest && !strings.Contains(text, "=") {
			r.pending = text
			return
		}
		r.data = append(r.data, decodeBase64([]byte(text))...)
		return
	}
	r.settle()
	r.data = append(r.data, decodeQ(w.text)...)
}

func (r *wordRun) settle() {
	if r.pending != "" {
		r.data = append(r.data, decodeBase64([]byte(r.pending))...)
		r.pending = ""
	}
}

func (r *wordRun) flush(b *strings.Builder, hint string) {
	r.settle()
	if len(r.data) > 0 {
		b.WriteString(decodeCharset(r.data, r.charset, hint))
	}
	r.data = r.data[:0]
}

func base64Count(text string) int {
	n := 0
	for i := range len(text) {
		if base64Values[text[i]] != 0 {
			n++
		}
	}
	return n
}

func decodeWords(s, hint string) string {
	var b strings.Builder
	b.Grow(len(s))
	var run wordRun
	inRun := false
	for len(s) > 0 {
		at := strings.Index(s, "=?")
		if at < 0 {
			break
		}
		w, end, ok := readWord(s[at:])
		if !ok {
			run.flush(&b, hint)
			inRun = false
			b.WriteString(s[:at+2])
			s = s[at+2:]
			continue
		}
		gap := s[:at]
		if !inRun || strings.TrimSpace(gap) != "" {
			run.flush(&b, hint)
			b.WriteString(gap)
		} else if !strings.EqualFold(run.charset, w.charset) {
			run.flush(&b, hint)
		}
		run.charset, inRun = w.charset, true
		run.add(w)
		s = s[at+end:]
	}
	run.flush(&b, hint)
	b.WriteString(s)
	return b.String()
}

// encodedWord is one RFC 2047 word.
type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// readWord reads the word that s starts with and says where it ends.
func readWord(s string) (w encodedWord, end int, ok bool) {
	const longestName = 60
	mark := strings.IndexByte(s[2:min(len(s), longestName)], '?')
	if mark < 0 || 2+mark+3 > len(s) {
		return w, 0, false
	}
	w.charset = strings.TrimSpace(s[2 : 2+mark])
	if at := strings.IndexByte(w.charset, '*'); at >= 0 {
		w.charset = w.charset[:at]
	}
	kind := s[2+mark+1]
	if s[2+mark+2] != '?' || strings.ContainsAny(w.charset, " <>\"") {
		return w, 0, false
	}
	start := 2 + mark + 3
	switch kind {
	case 'B', 'b':
		w.base64 = true
		end = endOfBase64(s, start)
	case 'Q', 'q':
		end = endOfQ(s, start)
	default:
		return w, 0, false
	}
	w.text = s[start:end]
	if strings.HasPrefix(s[end:], "?=") {
		end += 2
	} else if strings.HasPrefix(s[end:], "?") {
		end++
	}
	return w, end, true
}

// endOfBase64 finds the end of base64 text: a question mark, or where an unterminated word breaks off.
func endOfBase64(s string, start int) int {
	at := strings.IndexByte(s[start:], '?')
	if at < 0 {
		return unterminated(s, start, len(s))
	}
	end := start + at
	if end > start && s[end-1] == '=' && end+1 < len(s) && s[end+1] != '=' && s[end+1] != ' ' {
		return end - 1
	}
	return end
}

// unterminated ends a word that lacks its "?=" before the next space or word, at the latest at limit.
func unterminated(s string, start, limit int) int {
	for i := start; i < limit; i++ {
		if s[i] == ' ' || s[i] == '\t' || s[i] == '<' || s[i] == '=' && i+1 < len(s) && s[i+1] == '?' {
			return i
		}
	}
	return limit
}

// endOfQ finds the "?=" that ends Q text. A raw question mark may stand before an encoded byte ("?=E3"); it
// does not end the word if another "?=" follows before the next word begins.
func endOfQ(s string, start int) int {
	const furthest = 500
	from := start
	for {
		at := strings.Index(s[from:], "?=")
		if at < 0 {
			if from > start {
				return from - 2
			}
			return len(s)
		}
		end := from + at
		after := s[end+2 : min(len(s), end+2+furthest)]
		if len(after) < 2 || unhex(after[0]) < 0 || unhex(after[1]) < 0 {
			return end
		}
		next := strings.Index(after, "?=")
		if next < 0 || strings.Contains(after[:next], "=?") || strings.ContainsAny(after[:next], " \t") {
			return end
		}
		from = end + 2
	}
}

func decodeQ(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0:
			out = append(out, byte(unhex(text[i+1])<<4|unhex(text[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}
