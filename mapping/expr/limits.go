package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The limits of an expression and its evaluation. A unit of cost is at most about a microsecond, so the whole of
// maxCost stays well below 50 ms.
const (
	maxExpression = 4 << 10  // bytes of an expression
	maxDepth      = 40       // levels of nesting
	maxNodes      = 1500     // parts, with those that macros make
	maxLoops      = 8        // macros that give a name to a value: all, exists, filter, map, optMap …
	maxCost       = 12_000   // units of one evaluation
	maxText       = 1 << 20  // bytes of a text between two steps
	maxFolded     = 32 << 10 // bytes of a text that is folded
	maxName       = 4 << 10  // bytes of a text that is read as a name, a number, an address or a date
	maxResult     = 64 << 10 // bytes of the result
	maxList       = 1000     // elements of a list
	maxMemory     = 100_000  // elements of a value, nested ones counted as often as they occur
	maxRegexp     = 1000     // instructions of a compiled regular expression
	maxRegexpWork = 1 << 20  // instructions times bytes of text
	maxPatterns   = 4000     // regular expressions that are kept compiled
	maxMatches    = 1000     // replacements by one regex_replace
	maxPattern    = 200      // bytes of the pattern of a date
)

// pricing says what calls cost: a unit, and for their texts what their length demands. CEL's own prices take
// conversions and sizes of texts for free.
type pricing struct {
	functions map[string]*function // ours, by overload
}

// CallCost is called after each call.
func (p pricing) CallCost(function, overload string, args []ref.Val, _ ref.Val) *uint64 {
	switch function {
	case operators.Equals, operators.NotEquals, operators.In, operators.OldIn, overloads.DeprecatedIn:
		return nil // as CEL prices them, by the sizes of both sides
	}
	f, weight := p.functions[overload], light
	var units uint64 = 1
	if f != nil {
		weight = f.weight
		units += weight.base
		if f.price != nil {
			units += f.price(args)
		}
	}
	for _, arg := range args {
		units += price(arg, weight)
	}
	return &units
}

func price(v ref.Val, w weight) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(len(v)) * w.kilobyte / 1000
	case types.Bytes:
		return uint64(len(v)) * w.kilobyte / 1000
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		return uint64(max(n, 0)) / 4
	}
	return 0
}

// boundedAdd is the operator + with limits of size. CEL's own joins lists without copying them, so that an
// expression can double one forty times at hardly any cost, and whoever reads it never ends.
func boundedAdd() cel.EnvOption {
	overload := func(id string, left, right, result *cel.Type) cel.FunctionOpt {
		return cel.Overload(id, []*cel.Type{left, right}, result)
	}
	list := cel.ListType(cel.TypeParamType("A"))
	return cel.Function(operators.Add,
		overload(overloads.AddBytes, cel.BytesType, cel.BytesType, cel.BytesType),
		overload(overloads.AddDouble, cel.DoubleType, cel.DoubleType, cel.DoubleType),
		overload(overloads.AddDurationDuration, cel.DurationType, cel.DurationType, cel.DurationType),
		overload(overloads.AddDurationTimestamp, cel.DurationType, cel.TimestampType, cel.TimestampType),
		overload(overloads.AddTimestampDuration, cel.TimestampType, cel.DurationType, cel.TimestampType),
		overload(overloads.AddInt64, cel.IntType, cel.IntType, cel.IntType),
		overload(overloads.AddList, list, list, list),
		overload(overloads.AddString, cel.StringType, cel.StringType, cel.StringType),
		overload(overloads.AddUint64, cel.UintType, cel.UintType, cel.UintType),
		cel.SingletonBinaryBinding(add, traits.AdderType))
}

func add(left, right ref.Val) ref.Val {
	if length(left)+length(right) > limitOf(left) {
		return types.WrapErr(errSize)
	}
	adder, ok := left.(traits.Adder)
	if !ok {
		return types.MaybeNoSuchOverloadErr(left)
	}
	return adder.Add(right)
}

func length(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		return int(n)
	}
	return 0
}

func limitOf(v ref.Val) int {
	if _, ok := v.(traits.Lister); ok {
		return maxList
	}
	return maxText
}
