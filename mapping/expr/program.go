package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// Program is a compiled expression. It is safe for use by several goroutines.
type Program struct {
	env     *Env
	text    string
	ast     *cel.Ast
	cel     cel.Program
	short   shortcut       // nil if there is none
	shortIf shortCondition // nil if there is none

	mentions map[string]bool // groups, and fields as group.field
}

// Text evaluates to a text. A list is joined by "; ", null and a missing optional are "", a time is RFC 3339
// in UTC. A result of more than 64 KB is an error. Errors are *Error. A nil input has no fields.
func (p *Program) Text(in *Input) (string, error) {
	if p.short != nil && in != nil {
		if s, ok := p.short(in); ok && len(s) <= maxResult {
			return s, nil
		}
	}
	value, err := p.eval(in)
	if err != nil {
		return "", err
	}
	s, err := textOf(value, 0)
	if err == nil && len(s) > maxResult {
		err = errSize
	}
	if err != nil {
		return "", p.runError(err)
	}
	return s, nil
}

// True evaluates a condition. Errors are *Error. A nil input has no fields.
func (p *Program) True(in *Input) (bool, error) {
	if p.shortIf != nil && in != nil {
		if yes, ok := p.shortIf(in); ok {
			return yes, nil
		}
	}
	value, err := p.eval(in)
	if err != nil {
		return false, err
	}
	b, ok := value.(types.Bool)
	if !ok {
		return false, &Error{Line: 1, Column: 1, What: "the condition gave " + kindOf(value) + " instead of true or false"}
	}
	return bool(b), nil
}

func (p *Program) eval(in *Input) (ref.Val, error) {
	if in == nil {
		in = &Input{}
	}
	value, _, err := p.cel.Eval((*activation)(in))
	if err != nil {
		return nil, p.runError(err)
	}
	return value, nil
}

// activation shows an Input to CEL.
type activation Input

// ResolveName finds a group.
func (a *activation) ResolveName(name string) (any, bool) {
	group, ok := (*Input)(a).group(name)
	if !ok {
		return nil, false
	}
	return group, true
}

// Parent is nil: there is nothing else.
func (a *activation) Parent() interpreter.Activation { return nil }

// textOf is a result as text.
func textOf(v ref.Val, depth int) (string, error) {
	switch v := v.(type) {
	case types.String:
		return string(v), nil
	case types.Null:
		return "", nil
	case types.Bool:
		return strconv.FormatBool(bool(v)), nil
	case types.Int:
		return strconv.FormatInt(int64(v), 10), nil
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), nil
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), nil
	case types.Timestamp:
		return v.UTC().Format(time.RFC3339), nil
	case *types.Optional:
		if !v.HasValue() {
			return "", nil
		}
		return textOf(v.GetValue(), depth+1)
	case traits.Lister:
		if depth > 3 {
			return "", fmt.Errorf("the result is a list of lists of lists")
		}
		return listText(v, depth)
	}
	return "", fmt.Errorf("the result is %s, which cannot become a text", kindOf(v))
}

func listText(list traits.Lister, depth int) (string, error) {
	var b strings.Builder
	for it := list.Iterator(); it.HasNext() == types.True; {
		s, err := textOf(it.Next(), depth+1)
		if err != nil {
			return "", err
		}
		if s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if b.WriteString(s); b.Len() > maxResult {
			return "", errSize
		}
	}
	return b.String(), nil
}

// kindOf names the kind of a value.
func kindOf(v ref.Val) string {
	switch v.(type) {
	case types.String:
		return "a text"
	case types.Int, types.Uint, types.Double:
		return "a number"
	case types.Timestamp:
		return "a time"
	case traits.Lister:
		return "a list"
	case traits.Mapper:
		return "a group of fields"
	}
	return "a " + v.Type().TypeName()
}
