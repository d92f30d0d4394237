package expr

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// function is one of ours. Each can be called as f(a, b) and as a.f(b).
type function struct {
	name   string
	params []*cel.Type
	result *cel.Type
	weight weight
	price  func(args []ref.Val) uint64 // units beside those of weight; may be nil
	call   func(args []ref.Val) ref.Val
	text   func(string) string // the same as call for those that make one text of another; else nil
}

// weight is what a function costs and what it takes.
type weight struct {
	base     uint64 // units of a call
	kilobyte uint64 // units for 1000 bytes of text
	limit    int    // bytes of the longest text
}

// The weights: of what copies or searches bytes, looks at each character, folds Unicode, or goes through tables
// of names and numbers.
var (
	light  = weight{0, 5, maxText}
	middle = weight{0, 20, maxText}
	folds  = weight{1, 300, maxFolded}
	heavy  = weight{20, 1500, maxName}
)

// id names the overload.
func (f *function) id() string {
	names := []string{"tsunagu", f.name}
	for _, p := range f.params {
		names = append(names, strings.NewReplacer("(", "_", ")", "", ", ", "_").Replace(p.String()))
	}
	return strings.Join(names, "_")
}

// signature is how it is called: before(text, text).
func (f *function) signature() string {
	var names []string
	for _, p := range f.params {
		switch p.Kind() {
		case types.StringKind:
			names = append(names, "text")
		case types.ListKind:
			names = append(names, "list")
		case types.TimestampKind:
			names = append(names, "time")
		case types.IntKind:
			names = append(names, "number")
		default:
			names = append(names, "value")
		}
	}
	return f.name + "(" + strings.Join(names, ", ") + ")"
}

// declare makes a name known to CEL with all its overloads.
func declare(name string, overloads []function) cel.EnvOption {
	var options []cel.FunctionOpt
	for _, f := range overloads {
		binding := bind(f)
		options = append(options, cel.Overload(f.id(), f.params, f.result, binding),
			cel.MemberOverload(f.id()+"_member", f.params, f.result, binding))
	}
	return cel.Function(name, options...)
}

func bind(f function) cel.OverloadOpt {
	call := f.bounded()
	switch len(f.params) {
	case 1:
		return cel.UnaryBinding(func(a ref.Val) ref.Val { return call([]ref.Val{a}) })
	case 2:
		return cel.BinaryBinding(func(a, b ref.Val) ref.Val { return call([]ref.Val{a, b}) })
	}
	return cel.FunctionBinding(func(args ...ref.Val) ref.Val { return call(args) })
}

// bounded refuses arguments beyond the limits before the function sees them.
func (f *function) bounded() func([]ref.Val) ref.Val {
	call, limit := f.call, f.weight.limit
	return func(args []ref.Val) ref.Val {
		for _, arg := range args {
			if _, list := arg.(traits.Lister); list {
				if length(arg) > maxList {
					return types.WrapErr(errSize)
				}
			} else if length(arg) > limit {
				return types.WrapErr(errSize)
			}
		}
		return call(args)
	}
}

// textToText declares a function that makes one text of another.
func textToText(name string, weight weight, do func(string) string) function {
	if weight == heavy || weight == folds {
		do = remember(do)
	}
	return function{
		name: name, params: []*cel.Type{cel.StringType}, result: cel.StringType, weight: weight, text: do,
		call: func(args []ref.Val) ref.Val { return textValue(do(text(args[0])), nil) },
	}
}

// textsToText declares a function of two texts.
func textsToText(name string, weight weight, do func(a, b string) string) function {
	return function{
		name: name, params: []*cel.Type{cel.StringType, cel.StringType}, result: cel.StringType, weight: weight,
		call: func(args []ref.Val) ref.Val { return types.String(do(text(args[0]), text(args[1]))) },
	}
}

// textsToBool declares a condition on two texts.
func textsToBool(name string, weight weight, do func(a, b string) bool) function {
	return function{
		name: name, params: []*cel.Type{cel.StringType, cel.StringType}, result: cel.BoolType, weight: weight,
		call: func(args []ref.Val) ref.Val { return types.Bool(do(text(args[0]), text(args[1]))) },
	}
}

// text is the text of an argument that is declared as one.
func text(v ref.Val) string {
	s, _ := v.(types.String)
	return string(s)
}

func textValue(s string, err error) ref.Val {
	switch {
	case err != nil:
		return types.WrapErr(err)
	case len(s) > maxText:
		return types.WrapErr(errSize)
	}
	return types.String(s)
}

// listValue makes a list of texts, within the limits.
func listValue(texts []string) ref.Val {
	if len(texts) > maxList {
		return types.WrapErr(errSize)
	}
	return types.NewStringList(types.DefaultTypeAdapter, texts)
}

// listTexts gives the elements of a list, which must be texts.
func listTexts(v ref.Val) ([]string, error) {
	list, ok := v.(traits.Lister)
	if !ok {
		return nil, errors.New("this is no list")
	}
	var texts []string
	total := 0
	for it := list.Iterator(); it.HasNext() == types.True; {
		s, ok := it.Next().(types.String)
		if !ok {
			return nil, errors.New("the list has an element that is no text")
		}
		if total += len(s); total > maxText {
			return nil, errSize
		}
		texts = append(texts, string(s))
	}
	return texts, nil
}
