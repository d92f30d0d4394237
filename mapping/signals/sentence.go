package signals

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/mapping/signals/internal/phrase"
)

// vocabulary is that of all large expressions of the package.
var vocabulary phrase.Vocabulary

// sentence is a piece of what a mail says.
type sentence struct {
	raw    string      // as written, with line ends in it
	folded string      // see fold
	told   phrase.Text // folded, with the words of the vocabulary in it

	named   answer[[]dated] // days
	meets   answer[bool]    // it has words of meeting
	settled answer[bool]    // what it says of a day is settled or past
	bare    *phrase.Text    // without what it quotes, once that was asked for
}

// unquoted is the sentence without what it quotes.
func (s *sentence) unquoted() phrase.Text {
	if s.bare == nil {
		s.bare = &s.told
		if bare := withoutQuotes(s.folded); bare != s.folded {
			told := vocabulary.Read(bare)
			s.bare = &told
		}
	}
	return *s.bare
}

// The least and the most characters that stand between quotation marks.
const leastQuoted, mostQuoted = 2, 200

// withoutQuotes drops what stands between quotation marks, and them.
func withoutQuotes(s string) string {
	var kept strings.Builder
	from := 0
	for i := range len(s) {
		if i < from || s[i] != 0xe2 && s[i] != 0xe3 { // with which all marks begin
			continue
		}
		for _, marks := range []struct{ begin, end string }{{"「", "」"}, {"『", "』"}, {"“", "”"}} {
			inside, begins := strings.CutPrefix(s[i:], marks.begin)
			if !begins {
				continue
			}
			inside, _, ends := strings.Cut(inside, marks.end)
			if n := utf8.RuneCountInString(inside); ends && n >= leastQuoted && n <= mostQuoted {
				kept.WriteString(s[from:i])
				from = i + len(marks.begin) + len(inside) + len(marks.end)
			}
			break
		}
	}
	if from == 0 {
		return s
	}
	kept.WriteString(s[from:])
	return kept.String()
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
	lines     []string // of the text, without quotes
}

// maxSentences is how many sentences are read.
const maxSentences = 400

func newTelling(m *Mail) *telling {
	t := &telling{Mail: m, lines: ownLines(m.Text), sentences: make([]sentence, 0, 16+len(m.Text)/80)}
	if subject := ownSubject(m); subject != "" {
		t.sentences = append(t.sentences, sentence{raw: subject})
	}
	joined := make([]byte, 0, len(m.Text)+1)
	var ends []int // of paragraphs
	for _, line := range t.lines {
		bare := strings.TrimSpace(line)
		if bare == "" || beginsItem(bare) {
			ends = append(ends, len(joined))
		}
		if bare != "" {
			joined = append(append(joined, '\n'), bare...)
		}
	}
	all, start := string(joined), 0
	for _, end := range append(ends, len(all)) {
		if start < end {
			t.cut(all[start+1 : end])
			start = end
		}
	}
	t.read()
	return t
}

// read folds the sentences and looks for the words of the vocabulary in them.
func (t *telling) read() {
	folded := make([]byte, 0, len(t.Text)+2*len(t.Subject)+16)
	ends := make([]int, len(t.sentences))
	for i := range t.sentences {
		folded = appendFolded(folded, t.sentences[i].raw)
		ends[i] = len(folded)
	}
	vocabulary.ReadAll(string(folded), ends, func(n int, told phrase.Text) {
		t.sentences[n].folded, t.sentences[n].told = told.String, told
	})
}

// flat is the text in plain width, line ends kept, quoted lines gone.
func (t *telling) flat() string { return narrow(strings.Join(t.lines, "\n")) }

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
	list := make([]string, 0, strings.Count(text, "\n")+1)
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimRight(line, "\r")
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
	for i := range len(paragraph) {
		end := i + 1
		switch paragraph[i] {
		case '!', '?':
		case '.':
			if !endsSentence(paragraph, i) {
				continue
			}
		case 0xe3, 0xef: // with which these begin
			rest := paragraph[i:]
			if !strings.HasPrefix(rest, "。") && !strings.HasPrefix(rest, "！") && !strings.HasPrefix(rest, "？") {
				continue
			}
			end = i + len("。")
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
		t.sentences = append(t.sentences, sentence{raw: raw})
	}
}

// narrow makes full-width letters, digits and signs plain ones.
func narrow(s string) string {
	if !strings.ContainsFunc(s, wide) {
		return s
	}
	return strings.Map(plain, s)
}

// plain is the plain form of a full-width letter, digit or sign.
func plain(c rune) rune {
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
}

func wide(c rune) bool {
	return c >= 0xff01 && c <= 0xff5e || c == 0x3000 || c == 0xa0 || c == 0x2019 || c == 0x2018 || c == 0x301c || c == 0x2013 || c == 0x2014 || c == 0x223c
}

// fold is the form in which sentences are compared: plain width, lower-case, single spaces, and no space beside a
// Japanese character, where lines are broken anywhere.
func fold(s string) string { return string(appendFolded(make([]byte, 0, len(s)), s)) }

func appendFolded(b []byte, s string) []byte {
	space, japanese := false, true
	for i := 0; i < len(s); {
		if kanaOrHan(s, i) {
			b = append(b, s[i], s[i+1], s[i+2])
			space, japanese = false, true
			i += 3
			continue
		}
		if c := s[i]; c < utf8.RuneSelf {
			i++
			if c == ' ' || c >= '\t' && c <= '\r' {
				space = true
				continue
			}
			if space && !japanese {
				b = append(b, ' ')
			}
			space, japanese = false, false
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if c = plain(c); unicode.IsSpace(c) {
			space = true
			continue
		}
		now := c >= 0x2e80
		if space && !now && !japanese {
			b = append(b, ' ')
		}
		space, japanese = false, now
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = utf8.AppendRune(b, c)
	}
	return b
}

// kanaOrHan says whether one of most Japanese characters stands at i, none of which has another width: those from U+3000 to
// U+9FFF but for a space and a wave.
func kanaOrHan(s string, i int) bool {
	return s[i] >= 0xe3 && s[i] <= 0xe9 && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 &&
		(s[i] != 0xe3 || s[i+1] != 0x80 || s[i+2] != 0x80 && s[i+2] != 0x9c)
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
