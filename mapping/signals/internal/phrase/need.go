package phrase

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// need is what a text must have for an expression to match: one of some words, or what all or one of other needs ask
// for. A nil need asks for nothing.
type need struct {
	any set  // one of these words, if there are no others
	all bool // all of the others, not one
	of  []*need
}

// Of what an expression matches so many texts at most are kept as a list, and a class with more characters says nothing.
const (
	maxExact = 32
	maxClass = 10
)

// known is what is known of the texts that an expression matches: all of them, or what each has in it.
type known struct {
	exact []string // nil: too many to list
	need  *formula
}

// formula is a need before its words have numbers.
type formula struct {
	words []string // one of them, if there are no others
	all   bool
	of    []*formula
}

// needOf works out the need of an expression. It panics if that does not parse, as regexp.MustCompile does.
func needOf(source string, words *scanner) *need {
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		panic("phrase: " + err.Error())
	}
	return number(knownOf(parsed).formula(), words)
}

func number(f *formula, words *scanner) *need {
	if f == nil {
		return nil
	}
	n := &need{all: f.all}
	if len(f.of) == 0 {
		for _, word := range f.words {
			n.any.add(words.add(word))
		}
		return n
	}
	for _, sub := range f.of {
		n.of = append(n.of, number(sub, words))
	}
	return n
}

func knownOf(re *syntax.Regexp) known {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return known{exact: []string{""}}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 && !slices.Contains(re.Rune, utf8.RuneError) { // which matches broken bytes too
			return known{exact: []string{string(re.Rune)}}
		}
	case syntax.OpCharClass:
		return known{exact: classWords(re.Rune)}
	case syntax.OpCapture:
		return knownOf(re.Sub[0])
	case syntax.OpQuest:
		if sub := knownOf(re.Sub[0]); sub.exact != nil {
			return known{exact: append(slices.Clone(sub.exact), "")}
		}
	case syntax.OpPlus:
		return known{need: knownOf(re.Sub[0]).formula()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return known{need: knownOf(re.Sub[0]).formula()}
		}
	case syntax.OpConcat:
		return knownOfRow([]string{""}, re.Sub)
	case syntax.OpAlternate:
		return knownOfChoice([]string{""}, re.Sub)
	}
	return known{}
}

// classWords are the characters of a small class.
func classWords(ranges []rune) (list []string) {
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			if len(list) == maxClass || c == utf8.RuneError {
				return nil
			}
			list = append(list, string(c))
		}
	}
	return list
}

// knownOfRow puts the texts of its parts together as long as they are few, and asks for what the pieces ask for. The texts
// in exact stand before it.
func knownOfRow(exact []string, subs []*syntax.Regexp) known {
	listed := true
	var all []*formula
	for _, sub := range subs {
		if sub.Op == syntax.OpAlternate { // which parsing may have cut behind a common letter: a(?:n employee|t [a-z])
			if next := knownOfChoice(exact, sub.Sub); next.exact != nil {
				exact = next.exact
			} else {
				exact, listed, all = []string{""}, false, append(all, next.need)
			}
			continue
		}
		next := knownOf(sub)
		if next.exact != nil && len(exact)*len(next.exact) <= maxExact {
			exact = joined(exact, next.exact)
			continue
		}
		listed = false
		all = append(all, oneOf(exact))
		if exact = next.exact; exact == nil {
			all = append(all, next.need)
			exact = []string{""}
		}
	}
	if listed {
		return known{exact: exact}
	}
	return known{need: allOf(append(all, oneOf(exact)))}
}

func joined(a, b []string) []string {
	list := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			list = append(list, x+y)
		}
	}
	return list
}

// knownOfChoice asks for what one of its parts asks for, before which the texts in before stand.
func knownOfChoice(before []string, subs []*syntax.Regexp) known {
	var exact, words []string
	listed := true
	either := &formula{}
	for _, sub := range subs {
		row := []*syntax.Regexp{sub}
		if sub.Op == syntax.OpConcat {
			row = sub.Sub
		}
		k := knownOfRow(before, row)
		listed = listed && k.exact != nil && len(exact)+len(k.exact) <= maxExact
		if listed {
			exact = append(exact, k.exact...)
		}
		f := k.formula()
		switch {
		case f == nil:
			either = nil
		case either == nil:
		case len(f.of) == 0:
			words = append(words, f.words...)
		default:
			either.of = append(either.of, f)
		}
	}
	switch {
	case listed:
		return known{exact: exact}
	case either == nil:
		return known{}
	case len(either.of) == 0:
		return known{need: oneOf(words)}
	case len(words) > 0:
		either.of = append(either.of, oneOf(words))
	}
	return known{need: either}
}

// formula is what a text must have.
func (k known) formula() *formula {
	if k.exact != nil {
		return oneOf(k.exact)
	}
	return k.need
}

// oneOf asks for one of the words; a word that has another of them in it need not be asked for.
func oneOf(words []string) *formula {
	list := make([]string, 0, len(words))
	for i, word := range words {
		if word == "" {
			return nil
		}
		spare := slices.Contains(words[:i], word)
		for _, other := range words {
			spare = spare || other != word && strings.Contains(word, other)
		}
		if !spare {
			list = append(list, word)
		}
	}
	return &formula{words: list}
}

// allOf asks for all, but not for what stands in nearly every text if something else is asked for.
func allOf(list []*formula) *formula {
	f := &formula{all: true}
	for _, weak := range []bool{false, true} {
		for _, sub := range list {
			if sub != nil && sub.weak() == weak {
				f.of = append(f.of, sub)
			}
		}
		if len(f.of) > 0 {
			break
		}
	}
	switch len(f.of) {
	case 0:
		return nil
	case 1:
		return f.of[0]
	}
	return f
}

// weak says whether one of the words is a character of kana or a sign, or at most two letters.
func (f *formula) weak() bool {
	for _, word := range f.words {
		if c, size := utf8.DecodeRuneInString(word); len(word) <= 2 || size == len(word) && !unicode.Is(unicode.Han, c) {
			return true
		}
	}
	return false
}

// holds says whether the words found are enough.
func (n *need) holds(found mask) bool {
	if n == nil {
		return true
	}
	if len(n.of) == 0 {
		return n.any.meets(found)
	}
	for _, sub := range n.of {
		if sub.holds(found) != n.all {
			return !n.all
		}
	}
	return n.all
}

// words adds all words to a set.
func (n *need) words(all *set) {
	if n == nil {
		return
	}
	for _, some := range n.any {
		all.join(some)
	}
	for _, sub := range n.of {
		sub.words(all)
	}
}
