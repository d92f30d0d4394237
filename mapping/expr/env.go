package expr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// Env compiles the expressions of one mapping. It is safe for use by several goroutines.
type Env struct {
	cel           *cel.Env
	groups        []group
	functions     []function
	functionNames []string // ours and CEL's that have names
	prices        pricing
	tables        tables
	patterns      *patterns
}

// Option sets what expressions know beside their input.
type Option func(*settings)

type settings struct {
	zone     *time.Location
	region   string
	freeMail func(domain string) bool
	groups   []group
}

// WithZone sets the organisation's time zone, in which times become days. Without it that is Japan's.
func WithZone(zone *time.Location) Option { return func(s *settings) { s.zone = zone } }

// WithRegion sets the country of telephone numbers without a country code, ISO 3166 alpha-2. Without it that is
// JP.
func WithRegion(region string) Option { return func(s *settings) { s.region = region } }

// WithFreeMail sets what is_free_mail answers for a domain in lower-case ASCII. Without it that is false. free
// must be safe for use by several goroutines and give the same answer always.
func WithFreeMail(free func(domain string) bool) Option {
	return func(s *settings) { s.freeMail = free }
}

// WithRecords lets expressions see records instead of an item: person, account, standing and activity.
func WithRecords() Option { return func(s *settings) { s.groups = recordGroups() } }

// New makes the environment of a mapping with these lookup tables, by name. The tables are kept and must not
// be written afterwards.
func New(lookups map[string]map[string]string, options ...Option) (*Env, error) {
	s := settings{zone: time.FixedZone("JST", 9*60*60), region: "JP", freeMail: func(string) bool { return false }, groups: itemGroups()}
	for _, option := range options {
		option(&s)
	}
	e := &Env{groups: s.groups, tables: newTables(lookups), patterns: &patterns{}, prices: pricing{map[string]*function{}}}
	e.functions = slices.Concat(textFunctions(), japaneseFunctions(), peopleFunctions(s), dateFunctions(s),
		regexFunctions(e.patterns), lookupFunctions(e.tables))
	declarations := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{ExcludeFunctions: excluded()})),
		cel.OptionalTypes(), boundedAdd(), cel.CrossTypeNumericComparisons(true),
		cel.ParserRecursionLimit(maxDepth), cel.ExpressionNodeLimit(maxNodes), cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserErrorRecoveryLimit(4), cel.EnableHiddenAccumulatorName(true),
	}
	for _, g := range e.groups {
		declarations = append(declarations, cel.Variable(g.name, cel.MapType(cel.StringType, cel.DynType)))
	}
	byName := map[string][]function{}
	for i, f := range e.functions {
		byName[f.name] = append(byName[f.name], f)
		for _, id := range []string{f.id(), f.id() + "_member"} {
			e.prices.functions[id] = &e.functions[i]
		}
	}
	for name, list := range byName {
		e.functionNames = append(e.functionNames, name)
		declarations = append(declarations, declare(name, list))
	}
	for _, f := range globalForms() {
		declarations = append(declarations, cel.Function(f.name, cel.Overload(f.id(), f.params, f.result, bind(f))))
	}
	e.functionNames = append(e.functionNames, "contains", "startsWith", "endsWith", "size", "has", "all", "exists",
		"exists_one", "filter", "map", "int", "double", "string", "bool", "timestamp", "duration", "orValue", "hasValue")
	slices.Sort(e.functionNames)
	var err error
	if e.cel, err = cel.NewCustomEnv(declarations...); err != nil {
		return nil, fmt.Errorf("declare functions of expressions: %w", err)
	}
	return e, nil
}

// excluded are functions of CEL's that are ours here, or that read time zones from disk, or that hide from the
// checker what kind a value is.
func excluded() []*env.Function {
	var list []*env.Function
	for name := range strings.FieldsSeq(strings.Join([]string{
		operators.Add, overloads.Matches, "dyn", "type",
		overloads.TimeGetFullYear, overloads.TimeGetMonth, overloads.TimeGetDayOfYear, overloads.TimeGetDayOfMonth,
		overloads.TimeGetDate, overloads.TimeGetDayOfWeek, overloads.TimeGetHours, overloads.TimeGetMinutes,
		overloads.TimeGetSeconds, overloads.TimeGetMilliseconds,
	}, " ")) {
		list = append(list, env.NewFunction(name))
	}
	return list
}
