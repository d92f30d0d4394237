package calitem

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// unescape decodes TEXT (RFC 5545 section 3.3.11).
func unescape(s string) string {
	if !strings.ContainsRune(s, '\\') {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'N':
			out.WriteByte('\n')
		case '\\', ',', ';', ':', '"':
			out.WriteByte(s[i])
		default:
			out.WriteByte('\\')
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// cleanLine makes a text one line without control characters.
func cleanLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) || c == '\uFEFF' }), " ")
}

// shownLine is an escaped text as a line that is shown to people: without marks that turn the direction of writing
// round, by which a text can look like another one.
func shownLine(s string) string {
	return cleanLine(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, unescape(s)))
}

// cleanText drops control characters, blanks at the ends of lines and more than one empty line in a row.
func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' || c == '\uFEFF' {
			return -1
		}
		return c
	}, s)
	var out strings.Builder
	empty := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			empty++
			continue
		}
		if out.Len() > 0 {
			out.WriteString(strings.Repeat("\n", min(empty, 1)+1))
		}
		empty = 0
		out.WriteString(line)
	}
	return out.String()
}

// cut cuts a text to at most n bytes, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// htmlTag is a tag that calendars write into descriptions.
var htmlTag = regexp.MustCompile(`(?i)</?(?:html|body|p|br|div|span|a|b|i|u|strong|em|font|ul|ol|li|table|tr|td|h[1-6])(?:\s[^<>]*)?/?>`)

// LooksHTML says whether a description is HTML: Google and others write it into the plain field.
func LooksHTML(s string) bool { return strings.ContainsRune(s, '<') && htmlTag.MatchString(s) }

// PlainText is what people read of HTML. The address of a link whose text is another one is put behind it.
func PlainText(source string) string {
	var out strings.Builder
	hidden, href, text := 0, "", 0
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return cleanText(strings.ReplaceAll(out.String(), "\u00a0", " "))
		}
		token := z.Token()
		switch token.Data {
		case "style", "script", "head", "title":
			switch kind {
			case html.StartTagToken:
				hidden++
			case html.EndTagToken:
				hidden = max(0, hidden-1)
			}
		case "br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote":
			if kind != html.TextToken && !strings.HasSuffix(out.String(), "\n") || token.Data == "br" {
				out.WriteByte('\n')
			}
		case "a":
			if kind == html.StartTagToken {
				href, text = attribute(token, "href"), out.Len()
			} else if kind == html.EndTagToken && strings.HasPrefix(href, "http") {
				if shown := out.String()[text:]; !strings.Contains(shown, href) && !strings.Contains(href, strings.TrimSpace(shown)) {
					out.WriteString(" (" + href + ")")
				} else if strings.TrimSpace(shown) == "" {
					out.WriteString(href)
				}
				href = ""
			}
		}
		if kind == html.TextToken && hidden == 0 {
			out.WriteString(token.Data)
		}
	}
}

func attribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
