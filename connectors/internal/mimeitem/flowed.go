package mimeitem

import "strings"

// unflow joins the lines of format=flowed text (RFC 3676). A line that ends with a space goes on in the next
// one of the same quote depth; with delSp the space itself is not part of the text. The signature line "-- "
// stays alone.
func unflow(s string, delSp bool) string {
	if !strings.Contains(s, " \n") {
		return unstuff(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	flowing, depth := false, 0
	for rest := s; ; {
		line, after, more := strings.Cut(rest, "\n")
		quotes, text := quoteDepth(line)
		if flowing && quotes == depth && text != "-- " {
			b.WriteString("")
		} else {
			if b.Len() > 0 || rest != s && len(rest) < len(s) {
				b.WriteByte('\n')
			}
			for range quotes {
				b.WriteByte('>')
			}
			if quotes > 0 && text != "" {
				b.WriteByte(' ')
			}
		}
		flowing = strings.HasSuffix(text, " ") && text != "-- " && more
		if flowing && delSp {
			text = text[:len(text)-1]
		}
		b.WriteString(text)
		depth = quotes
		if !more {
			return b.String()
		}
		rest = after
	}
}

// quoteDepth counts the leading quote marks and takes them and one stuffed space off.
func quoteDepth(line string) (int, string) {
	n := 0
	for n < len(line) && line[n] == '>' {
		n++
	}
	return n, strings.TrimPrefix(line[n:], " ")
}

// unstuff takes the space off lines that were space-stuffed to protect what follows.
func unstuff(s string) string {
	if !strings.HasPrefix(s, " ") && !strings.Contains(s, "\n ") {
		return s
	}
	return strings.ReplaceAll(strings.TrimPrefix(s, " "), "\n ", "\n")
}
