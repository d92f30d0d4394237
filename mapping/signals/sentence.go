package signals

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a piece of what a mail says.
type sentence struct {
	raw    string // as written, with line ends in it
	folded string // see fold

	named   answer[[]dated] // days
	meets   answer[bool]    // it has words of meeting
	settled answer[bool]    // what it says of a day is settled or past
}

// answer is what a large regular expression said, which is asked once: the readings look at the same sentences, and
// each at those around.
type answer[T any] struct {
	value T
	known bool
}

func (a *answer[T]) of(ask func() T) T {
	if !a.known {
		a.value, a.known = ask(), true
	}
	return a.value
}

// telling is a mail cut into sentences.
type telling struct {
	*Mail
	sentences []sentence
	flat      string // the text in plain width, line ends kept, quoted lines gone
}

// maxSentences is how many sentences are read.
const maxSentences = 400

func newTelling(m *Mail) *telling {
	t := &telling{Mail: m}
	lines := ownLines(m.Text)
	if subject := ownSubject(m); subject != "" {
		t.sentences = append(t.sentences, sentence{raw: subject, folded: fold(subject)})
	}
	t.flat = narrow(strings.Join(lines, "\n"))
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			t.cut(b.String())
			b.Reset()
		}
	}
	for _, line := range lines {
		bare := strings.TrimFunc(line, unicode.IsSpace)
		if bare == "" || beginsItem(bare) {
			flush()
		}
		if bare != "" {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(bare)
		}
	}
	flush()
	return t
}

// ownSubject is the subject if the sender wrote it: an answer repeats the subject of the mail it answers.
func ownSubject(m *Mail) string {
	s := strings.TrimSpace(narrow(cut(m.Subject, 500)))
	lower := strings.ToLower(s)
	for _, prefix := range []string{"re:", "re ", "fw", "自動応答", "自動返信", "automatic reply", "auto:", "auto-reply", "autoreply", "aw:", "out of office:", "不在:", "不在通知:", "返信"} {
		if strings.HasPrefix(lower, prefix) {
			return ""
		}
	}
	return s
}

// ownLines are the lines that are no quote. What stands behind the line above a mail answered is one too.
func ownLines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		bare := strings.TrimLeft(line, " \t\u3000")
		if strings.HasPrefix(bare, ">") || strings.HasPrefix(bare, "＞") || strings.HasPrefix(bare, "| ") {
			continue
		}
		if strings.HasPrefix(bare, "-----") && (strings.Contains(strings.ToLower(bare), "original") || strings.Contains(bare, "元の") || strings.Contains(bare, "Forwarded")) {
			break
		}
		list = append(list, line)
	}
	return list
}

// beginsItem says whether a line begins something of its own.
func beginsItem(line string) bool {
	c, _ := utf8.DecodeRuneInString(line)
	switch c {
	case '・', '■', '●', '○', '◆', '◇', '□', '※', '★', '☆', '▼', '▽', '-', '*', '•', '【', '①', '②', '③', '④', '⑤', '＜', '<', '─', '━', '=', '_', '◎':
		return true
	}
	return false
}

// cut splits a paragraph into sentences.
func (t *telling) cut(paragraph string) {
	start := 0
	for i, c := range paragraph {
		end := i + utf8.RuneLen(c)
		if c == utf8.RuneError {
			end = i + 1
		}
		switch c {
		case '。', '！', '？', '!', '?':
		case '.':
			if !endsSentence(paragraph, i) {
				continue
			}
		default:
			continue
		}
		t.add(paragraph[start:end])
		start = end
	}
	t.add(paragraph[start:])
}

// endsSentence says whether the dot at i ends one: a capital or nothing follows a space, and no abbreviation is before.
func endsSentence(s string, i int) bool {
	if i+1 >= len(s) {
		return true
	}
	if s[i+1] != ' ' && s[i+1] != '\n' {
		return false
	}
	word := s[strings.LastIndexAny(s[:i], " \n(")+1 : i]
	switch strings.ToLower(word) {
	case "mr", "ms", "mrs", "dr", "inc", "co", "ltd", "st", "no", "a.m", "p.m", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "e.g", "i.e", "dept", "corp":
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[i+1:], " \n"))
		return len(word) == 3 && strings.Contains(word, ".") && unicode.IsUpper(next)
	}
	return true
}

func (t *telling) add(raw string) {
	raw = strings.TrimSpace(raw)
	if raw != "" && len(t.sentences) < maxSentences {
		t.sentences = append(t.sentences, sentence{raw: raw, folded: fold(raw)})
	}
}

// narrow makes full-width letters, digits and signs plain ones.
func narrow(s string) string {
	if !strings.ContainsFunc(s, wide) {
		return s
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 0xff01 && c <= 0xff5e:
			return c - 0xfee0
		case c == 0x3000 || c == 0xa0:
			return ' '
		case c == 0x2019 || c == 0x2018:
			return '\''
		case c == 0x301c || c == 0x2013 || c == 0x2014 || c == 0x223c:
			return '~'
		}
		return c
	}, s)
}

func wide(c rune) bool {
	return c >= 0xff01 && c <= 0xff5e || c == 0x3000 || c == 0xa0 || c == 0x2019 || c == 0x2018 || c == 0x301c || c == 0x2013 || c == 0x2014 || c == 0x223c
}

// fold is the form in which sentences are compared: plain width, lower-case, single spaces, and no space beside a
// Japanese character, where lines are broken anywhere.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space, japanese := false, true
	for _, c := range narrow(s) {
		if unicode.IsSpace(c) {
			space = true
			continue
		}
		now := c >= 0x2e80
		if space && !now && !japanese {
			b.WriteByte(' ')
		}
		space, japanese = false, now
		if c < 0x80 {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}

// evidence is a sentence as one line of limited length.
func evidence(raw string) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(raw, "\uFFFD")), " ")
	n := 0
	for i := range s {
		if n++; n > maxEvidence {
			return s[:i]
		}
	}
	return s
}

// cut cuts s to at most limit bytes at a character's edge.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// has says whether s contains one of the words.
func has(s string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}
