package mimeitem

import (
	"strings"
	"unicode/utf8"
)

// htmlWriter lays text out in lines. White space is collapsed as a browser does; breaks between blocks are
// kept pending, so that several at one place count once.
type htmlWriter struct {
	b       strings.Builder
	quotes  int  // depth of "> "
	depth   int  // of the line written last
	pending int  // line ends to write before the next text: 1 ends a line, 2 leaves a line empty
	space   bool // a space is due before the next text
	newline bool // that space was a line end in the source
	tab     bool // a cell began after text
	inLine  bool // the line has text
	last    rune
}

// block asks for n line ends before what follows, unless nothing was written yet.
func (w *htmlWriter) block(n int) {
	if n == 0 || w.b.Len() == 0 {
		return
	}
	if !w.inLine && n == 1 && w.pending > 0 {
		return
	}
	w.pending = max(w.pending, n)
	w.space, w.tab = false, false
	w.inLine = false
}

// lineBreak is <br>: each one counts, but at most one line stays empty.
func (w *htmlWriter) lineBreak() {
	if w.b.Len() == 0 {
		return
	}
	w.pending = min(w.pending+1, 2)
	w.space, w.tab = false, false
	w.inLine = false
}

// cell starts a table cell: a tab parts it from one before in the same row.
func (w *htmlWriter) cell() {
	if w.inLine {
		w.tab = true
	}
}

// begin writes the breaks and spaces that are due before a character.
func (w *htmlWriter) begin(next rune) {
	switch {
	case w.pending > 0:
		for i := range w.pending {
			if i > 0 {
				w.b.WriteString(strings.TrimRight(mark(min(w.depth, w.quotes)), " "))
			}
			w.b.WriteByte('\n')
		}
		w.b.WriteString(mark(w.quotes))
	case w.b.Len() == 0:
		w.b.WriteString(mark(w.quotes))
	case w.tab && w.inLine:
		w.b.WriteByte('\t')
	case w.space && w.inLine && (!w.newline || !wide(w.last) || !wide(next)):
		w.b.WriteByte(' ')
	}
	w.pending, w.space, w.newline, w.tab = 0, false, false, false
	w.inLine = true
	w.depth = w.quotes
}

// mark is what stands before a line of this quote depth.
func mark(depth int) string {
	const deepest = 20
	return strings.Repeat("> ", min(max(depth, 0), deepest))
}

// wide says whether a character belongs to a script that is written without spaces.
func wide(c rune) bool { return c >= 0x3000 && c < 0xa000 || c >= 0xff00 && c < 0xfff0 }

// write takes text with its white space collapsed and fillers dropped.
func (w *htmlWriter) write(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n':
			w.space = true
			w.newline = w.newline || c == '\n'
			i++
		case c < utf8.RuneSelf:
			end := i + 1
			for end < len(s) && s[end] > ' ' && s[end] < utf8.RuneSelf {
				end++
			}
			w.begin(rune(c))
			w.b.WriteString(s[i:end])
			w.last = rune(s[end-1])
			i = end
		default:
			char, n := utf8.DecodeRuneInString(s[i:])
			if wide(char) {
				i = w.wideRun(s, i, char, n)
				continue
			}
			w.char(char, s[i:i+n])
			i += n
		}
	}
}

// wideRun writes the wide characters from i on, of which the first is char with n bytes, and says where they
// end. Nothing can be due between them.
func (w *htmlWriter) wideRun(s string, i int, char rune, n int) int {
	w.begin(char)
	end := i
	for wide(char) {
		w.last = char
		end += n
		char, n = utf8.DecodeRuneInString(s[end:])
	}
	w.b.WriteString(s[i:end])
	return end
}

// char writes a character beyond ASCII. Mass mailers pad preheaders with invisible ones.
func (w *htmlWriter) char(c rune, s string) {
	switch c {
	case 0xa0, 0x2007, 0x202f:
		w.space, w.newline = true, false
		return
	case 0x200b, 0xfeff, 0x034f, 0xad:
		return
	case 0x200c, 0x200d, 0x200e, 0x200f:
		if w.space || !w.inLine || w.last < 0x600 {
			return
		}
	}
	w.begin(c)
	w.b.WriteString(s)
	w.last = c
}

// bullet writes what stands before a list item.
func (w *htmlWriter) bullet(s string) {
	w.begin(0)
	w.b.WriteString(s)
	w.last = 0
}

// preformatted takes text as it stands.
func (w *htmlWriter) preformatted(s string) {
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			w.lineBreak()
		}
		if line != "" {
			w.begin(0)
			w.b.WriteString(line)
			w.last = 0
		}
	}
}

// text is what was written.
func (w *htmlWriter) text() string { return strings.TrimSpace(w.b.String()) }
