// Package phrase runs large regular expressions over short texts of which hardly any matches. It changes no answer of
// package regexp, only what an answer costs.
//
// An expression is a list of alternatives. Of each alternative it is worked out which words a text must have for it to
// match at all (need.go): 「連絡(?:は|を)(?:お断り|おやめ)」 needs one of 連絡はお断り, 連絡をお断り and so on. All expressions
// of a program share one vocabulary, so a text is searched for all words of all expressions in one pass (scan.go), and what
// was found there says which alternatives of which expression are worth running. For most texts that is none. An
// alternative alone is a small program, for which package regexp has a faster way than for the whole.
//
// Which of several alternatives counts is as in package regexp: the one that matches first in the text, and of those that
// match at the same place the one written first.
package phrase

import (
	"regexp"
	"strings"
	"sync"
)

// Vocabulary is the words of some expressions. Expressions are added to it before the first text is read, and nothing
// is compiled before that. The zero value is an empty one. After the first Read it is safe for concurrent use.
type Vocabulary struct {
	once        sync.Once
	expressions []*Expression
	scanner     scanner
}

// Expression is a regular expression of a vocabulary.
type Expression struct {
	vocabulary *Vocabulary
	source     string
	plain      bool                  // it is words alone
	whole      func() *regexp.Regexp // all alternatives, compiled when needed
	parts      []part
	words      set  // those any alternative asks for
	always     bool // an alternative asks for no word
}

// part is an alternative.
type part struct {
	compiled func() *regexp.Regexp
	need     *need // nil: it may match anything
}

// Text is a text with the words found in it. The zero value is an empty text in which no expression looks for anything.
type Text struct {
	String string
	found  mask
}

// Expression adds a regular expression in the syntax of package regexp; flags for the whole of it, as (?i) at its
// beginning, are not supported, and no submatches are given. One that does not parse panics when the first text is read.
func (v *Vocabulary) Expression(source string) *Expression {
	e := &Expression{vocabulary: v, source: source}
	v.expressions = append(v.expressions, e)
	return e
}

// All are the expressions of the vocabulary.
func (v *Vocabulary) All() []*Expression { return v.expressions }

// Words adds an expression that matches where one of the words stands.
func (v *Vocabulary) Words(words ...string) *Expression {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = regexp.QuoteMeta(word)
	}
	e := v.Expression(strings.Join(quoted, "|"))
	e.plain = true
	return e
}

// Read looks for the words of the vocabulary in a text.
func (v *Vocabulary) Read(s string) Text {
	v.build()
	t := Text{s, make(mask, v.scanner.size())}
	v.scanner.scan(s, t.found)
	return t
}

// ReadAll is Read of each of the texts that stand one behind the other and end at ends, at less cost. It gives each to take.
func (v *Vocabulary) ReadAll(all string, ends []int, take func(n int, t Text)) {
	v.build()
	size := v.scanner.size()
	found := make(mask, size*len(ends))
	start := 0
	for i, end := range ends {
		t := Text{all[start:end], found[i*size : (i+1)*size : (i+1)*size]}
		v.scanner.scan(t.String, t.found)
		take(i, t)
		start = end
	}
}

// build works out what the expressions ask for.
func (v *Vocabulary) build() {
	v.once.Do(func() {
		for _, e := range v.expressions {
			e.build()
		}
		v.scanner.close()
		for _, e := range v.expressions {
			for _, p := range e.parts {
				e.always = e.always || p.need == nil
				p.need.words(&e.words)
			}
		}
	})
}

func (e *Expression) build() {
	e.whole = lazily(e.source)
	sources := []string{e.source}
	if !e.plain {
		sources = Alternatives(e.source)
	}
	for _, source := range sources {
		e.parts = append(e.parts, part{lazily(source), needOf(source, &e.vocabulary.scanner)})
	}
}

func lazily(source string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })
}

// Source is the expression as written.
func (e *Expression) Source() string { return e.source }

// May says whether the text has the words of an alternative. Where it has none nothing matches, and one of Words matches
// where it has.
func (e *Expression) May(t Text) bool {
	if !e.any(t) {
		return false
	}
	for i := range e.parts {
		if e.parts[i].need.holds(t.found) {
			return true
		}
	}
	return false
}

// any says whether the text has any word of the expression.
func (e *Expression) any(t Text) bool { return e.always && t.found != nil || e.words.meets(t.found) }

// Match says whether the expression matches somewhere in the text.
func (e *Expression) Match(t Text) bool {
	if !e.any(t) {
		return false
	}
	for i := range e.parts {
		if p := &e.parts[i]; p.need.holds(t.found) && p.compiled().MatchString(t.String) {
			return true
		}
	}
	return false
}

// Find gives the place of the match regexp's FindStringIndex gives.
func (e *Expression) Find(t Text) (at []int) {
	if !e.any(t) {
		return nil
	}
	for i := range e.parts {
		p := &e.parts[i]
		if !p.need.holds(t.found) {
			continue
		}
		if found := p.compiled().FindStringIndex(t.String); found != nil && (at == nil || found[0] < at[0]) {
			at = found
		}
	}
	return at
}

// FindIn is Find in a piece of the text, as if nothing stood around it.
func (e *Expression) FindIn(t Text, piece string) []int {
	return e.Find(Text{piece, t.found})
}

// Replace replaces each match by the text with.
func (e *Expression) Replace(t Text, with string) Text {
	if !e.Match(t) {
		return t
	}
	return e.vocabulary.Read(e.whole().ReplaceAllLiteralString(t.String, with))
}
