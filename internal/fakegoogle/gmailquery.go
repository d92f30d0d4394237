package fakegoogle

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is a compiled search of the q parameter.
type query struct {
	match func(*message) bool
	// namesHidden says that the search itself asks for spam or trash.
	namesHidden bool
}

// compile reads the search language: words and operators side by side must all hold, { } and OR choose one,
// ( ) group, a leading minus denies. The lock is held while compiling and while matching, for label names.
func (b *Mailbox) compile(text string) query {
	p := &queryParser{box: b, tokens: queryTokens(text)}
	match := p.all("")
	return query{match: match, namesHidden: p.hidden}
}

type queryParser struct {
	box    *Mailbox
	tokens []string
	hidden bool
}

// queryTokens splits at spaces and brackets; quotes keep their words together, also after an operator.
func queryTokens(text string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
			b.WriteRune(r)
		case r == ' ' || r == '\t' || r == '\n' || r == '　':
			flush()
		case r == '-' && b.Len() == 0, strings.ContainsRune("{}()", r):
			flush()
			out = append(out, string(r))
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return out
}

type matcher = func(*message) bool

// all reads terms until the closing bracket; OR joins its two neighbours.
func (p *queryParser) all(end string) matcher {
	var terms []matcher
	or := false
	for len(p.tokens) > 0 {
		if p.tokens[0] == end {
			p.tokens = p.tokens[1:]
			break
		}
		if p.tokens[0] == "OR" && len(terms) > 0 {
			p.tokens, or = p.tokens[1:], true
			continue
		}
		t := p.term()
		if t == nil {
			continue
		}
		if or {
			left := terms[len(terms)-1]
			right := t
			terms[len(terms)-1], or = func(m *message) bool { return left(m) || right(m) }, false
			continue
		}
		terms = append(terms, t)
	}
	if end == "}" {
		return func(m *message) bool { return slices.ContainsFunc(terms, func(t matcher) bool { return t(m) }) }
	}
	return func(m *message) bool { return !slices.ContainsFunc(terms, func(t matcher) bool { return !t(m) }) }
}

func (p *queryParser) term() matcher {
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch token {
	case "-":
		if len(p.tokens) == 0 {
			return nil
		}
		hidden := p.hidden
		inner := p.term()
		p.hidden = hidden // "-in:trash" asks for no trash
		if inner == nil {
			return nil
		}
		return func(m *message) bool { return !inner(m) }
	case "{":
		return p.all("}")
	case "(":
		return p.all(")")
	case "}", ")", "AND":
		return nil
	}
	name, value, ok := strings.Cut(token, ":")
	if !ok || value == "" && (len(p.tokens) == 0 || p.tokens[0] != "(" && p.tokens[0] != "{") {
		return anywhere(token)
	}
	name = strings.ToLower(name)
	if value == "" {
		return p.distribute(name)
	}
	return p.operator(name, value)
}

// distribute reads from:(a OR b) and from:{a b}.
func (p *queryParser) distribute(name string) matcher {
	closing := map[string]string{"(": ")", "{": "}"}[p.tokens[0]]
	either := p.tokens[0] == "{"
	var values []matcher
	for p.tokens = p.tokens[1:]; len(p.tokens) > 0 && p.tokens[0] != closing; p.tokens = p.tokens[1:] {
		if p.tokens[0] == "OR" {
			either = true
			continue
		}
		values = append(values, p.operator(name, p.tokens[0]))
	}
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	if either {
		return func(m *message) bool { return slices.ContainsFunc(values, func(t matcher) bool { return t(m) }) }
	}
	return func(m *message) bool { return !slices.ContainsFunc(values, func(t matcher) bool { return !t(m) }) }
}

func (p *queryParser) operator(name, value string) matcher {
	lower := strings.ToLower(value)
	switch name {
	case "after", "newer", "before", "older":
		at, ok := searchTime(value)
		if !ok {
			return func(*message) bool { return false }
		}
		if name == "after" || name == "newer" {
			return func(m *message) bool { return !m.at.Before(at) }
		}
		return func(m *message) bool { return m.at.Before(at) }
	case "newer_than", "older_than":
		return p.age(name, lower)
	case "from":
		return func(m *message) bool { return holds(m.head.from, lower) }
	case "to":
		return func(m *message) bool {
			return holds(m.head.to, lower) || holds(m.head.cc, lower) || holds(m.head.bcc, lower)
		}
	case "cc":
		return func(m *message) bool { return holds(m.head.cc, lower) }
	case "bcc":
		return func(m *message) bool { return holds(m.head.bcc, lower) }
	case "deliveredto":
		return func(m *message) bool { return holds(m.head.deliveredTo, lower) }
	case "list":
		return func(m *message) bool { return strings.Contains(m.head.listID, lower) }
	case "subject":
		return func(m *message) bool { return strings.Contains(m.head.subject, lower) }
	case "rfc822msgid":
		id := "<" + strings.Trim(value, "<>") + ">"
		return func(m *message) bool { return m.head.messageID == id }
	case "has":
		if lower == "attachment" {
			return func(m *message) bool { return m.head.attachment }
		}
		return func(*message) bool { return false }
	case "in", "label", "is", "category":
		return p.labelled(name, lower)
	default:
		return anywhere(name + ":" + value)
	}
}

func (p *queryParser) labelled(name, value string) matcher {
	switch {
	case value == "anywhere":
		p.hidden = true
		return func(*message) bool { return true }
	case value == "read":
		return func(m *message) bool { return !slices.Contains(m.labels, "UNREAD") }
	case value == "drafts" || value == "chats":
		value = strings.TrimSuffix(value, "s")
	case name == "category":
		value = "category_" + strings.Replace(value, "primary", "personal", 1)
	}
	if value == "spam" || value == "trash" {
		p.hidden = true
	}
	id := p.box.findLabel(strings.ToUpper(value))
	if id == "" {
		id = p.box.searchLabel(value)
	}
	return func(m *message) bool { return id != "" && slices.Contains(m.labels, id) }
}

// searchLabel finds a label as the search box spells it: spaces and slashes become dashes.
func (b *Mailbox) searchLabel(value string) string {
	dashed := strings.NewReplacer(" ", "-", "/", "-")
	for _, l := range b.labels {
		if strings.EqualFold(dashed.Replace(l.name), dashed.Replace(value)) {
			return l.id
		}
	}
	return ""
}

func (p *queryParser) age(name, value string) matcher {
	n, err := strconv.Atoi(strings.TrimRight(value, "dmyh"))
	if err != nil {
		return func(*message) bool { return false }
	}
	at := p.box.now()
	switch value[len(value)-1] {
	case 'd':
		at = at.AddDate(0, 0, -n)
	case 'm':
		at = at.AddDate(0, -n, 0)
	case 'y':
		at = at.AddDate(-n, 0, 0)
	default:
		at = at.Add(-time.Duration(n) * time.Hour)
	}
	if name == "newer_than" {
		return func(m *message) bool { return m.at.After(at) }
	}
	return func(m *message) bool { return m.at.Before(at) }
}

// searchTime reads seconds since 1970, or a date: midnight in Pacific standard time, as the vendor says.
func searchTime(value string) (time.Time, bool) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && len(value) > 8 {
		return time.Unix(n, 0), true
	}
	pacific := time.FixedZone("PST", -8*60*60)
	for _, layout := range []string{"2006/1/2", "2006-1-2", "1/2/2006"} {
		if t, err := time.ParseInLocation(layout, value, pacific); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// holds finds an address, a domain or a part of a name; it matches whole words, as the vendor does, so that
// "ample.com" does not find "example.com".
func holds(text, word string) bool {
	word = strings.TrimPrefix(word, "@")
	for i := 0; word != ""; {
		j := strings.Index(text[i:], word)
		if j < 0 {
			return false
		}
		start, end := i+j, i+j+len(word)
		if (start == 0 || !wordByte(text[start-1])) && (end == len(text) || !wordByte(text[end])) {
			return true
		}
		i = start + 1
	}
	return false
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func anywhere(word string) matcher {
	word = strings.ToLower(word)
	return func(m *message) bool {
		h := &m.head
		for _, text := range []string{h.subject, h.from, h.to, h.cc} {
			if strings.Contains(text, word) {
				return true
			}
		}
		return strings.Contains(strings.ToLower(parseMail(m.raw).text()), word)
	}
}
