package expr

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"sync/atomic"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// pattern is a compiled regular expression (RE2) with its size in instructions.
type pattern struct {
	*regexp.Regexp
	size int
}

// patterns holds the regular expressions of an environment's programs, compiled. Patterns must be constants, so
// there are no more than the expressions name.
type patterns struct {
	known sync.Map // string -> *pattern
	count atomic.Int32
}

// compile refuses patterns that are wrong or too large. Repetitions are counted out before anything is built.
func (p *patterns) compile(text string) (*pattern, error) {
	if known, ok := p.known.Load(text); ok {
		if found, ok := known.(*pattern); ok {
			return found, nil
		}
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("read the regular expression: %w", err)
	}
	size := instructions(tree)
	if size > maxRegexp {
		return nil, errRegexp
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("read the regular expression: %w", err)
	}
	found := &pattern{compiled, size}
	if p.count.Add(1) <= maxPatterns { // whoever tries one expression after the other does not fill the memory
		p.known.Store(text, found)
	}
	return found, nil
}

// instructions is about how many instructions a regular expression becomes.
func instructions(tree *syntax.Regexp) int {
	size := 1
	if tree.Op == syntax.OpLiteral {
		size = len(tree.Rune)
	}
	for _, part := range tree.Sub {
		size = min(size+instructions(part), 1<<20)
	}
	if tree.Op == syntax.OpRepeat {
		size = min(size*max(tree.Min, tree.Max, 1), 1<<20)
	}
	return size
}

// on compiles a pattern for a text, unless the two together cost too much.
func (p *patterns) on(text, source string) (*pattern, error) {
	found, err := p.compile(source)
	if err != nil {
		return nil, err
	}
	if found.size*len(text) > maxRegexpWork {
		return nil, errRegexp
	}
	return found, nil
}

// regexFunctions are those whose second argument is a regular expression.
func regexFunctions(p *patterns) []function {
	two := []*cel.Type{cel.StringType, cel.StringType}
	three := []*cel.Type{cel.StringType, cel.StringType, cel.IntType}
	extract := func(args []ref.Val, group int64) ref.Val {
		return onPattern(p, args, func(re *pattern, s string) ref.Val {
			m := re.FindStringSubmatch(s)
			if m == nil {
				return types.String("")
			}
			if group < 0 {
				group = min(int64(len(m))-1, 1)
			}
			if group >= int64(len(m)) {
				return types.NewErr("extract asks for group %d, but the regular expression has %d", group, len(m)-1)
			}
			return types.String(m[group])
		})
	}
	return []function{
		{
			name: "matches", params: two, result: cel.BoolType, weight: light, price: regexPrice(p),
			call: func(args []ref.Val) ref.Val {
				return onPattern(p, args, func(re *pattern, s string) ref.Val { return types.Bool(re.MatchString(s)) })
			},
		},
		{
			name: "extract", params: two, result: cel.StringType, weight: light, price: regexPrice(p),
			call: func(args []ref.Val) ref.Val { return extract(args, -1) },
		},
		{
			name: "extract", params: three, result: cel.StringType, weight: light, price: regexPrice(p),
			call: func(args []ref.Val) ref.Val {
				group, _ := args[2].(types.Int)
				return extract(args, max(int64(group), 0))
			},
		},
		{
			name: "regex_replace", params: []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, result: cel.StringType, weight: light, price: regexPrice(p),
			call: func(args []ref.Val) ref.Val {
				return onPattern(p, args, func(re *pattern, s string) ref.Val { return textValue(replaceAll(re, s, text(args[2]))) })
			},
		},
	}
}

// regexPrice is by the size of the regular expression: each byte may meet each of its instructions.
func regexPrice(p *patterns) func([]ref.Val) uint64 {
	return func(args []ref.Val) uint64 {
		re, err := p.on(text(args[0]), text(args[1]))
		if err != nil {
			return 0
		}
		return uint64(re.size+8) * uint64(len(text(args[0]))) / 100
	}
}

func onPattern(p *patterns, args []ref.Val, do func(*pattern, string) ref.Val) ref.Val {
	re, err := p.on(text(args[0]), text(args[1]))
	if err != nil {
		return types.WrapErr(err)
	}
	return do(re, text(args[0]))
}

// replaceAll writes $1 and ${name} of the template as the groups; it stops where the text gets too long.
func replaceAll(re *pattern, s, template string) (string, error) {
	var out []byte
	at := 0
	found := re.FindAllStringSubmatchIndex(s, maxMatches+1)
	if len(found) > maxMatches {
		return "", errSize
	}
	for _, m := range found {
		out = append(out, s[at:m[0]]...)
		out = re.ExpandString(out, template, s, m)
		at = m[1]
		if len(out) > maxText {
			return "", errSize
		}
	}
	return string(append(out, s[at:]...)), nil
}
