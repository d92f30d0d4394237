package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// tables are the lookup tables of a mapping, with a second way in by the folded key (crm.Fold), so that ＷＥＢ
// finds what is listed as Web.
type tables struct {
	exact  map[string]map[string]string
	folded map[string]map[string]string
}

func newTables(lookups map[string]map[string]string) tables {
	t := tables{exact: lookups, folded: map[string]map[string]string{}}
	for name, table := range lookups {
		folded := make(map[string]string, len(table))
		clash := map[string]bool{}
		for key, value := range table {
			k := crm.Fold(key)
			if old, ok := folded[k]; ok && old != value {
				clash[k] = true
			}
			folded[k] = value
		}
		for k := range clash {
			delete(folded, k) // two keys that differ in width or case alone: only the exact one counts
		}
		t.folded[name] = folded
	}
	return t
}

// find gives the value of a key.
func (t tables) find(table, key string) (string, bool) {
	if value, ok := t.exact[table][key]; ok {
		return value, true
	}
	value, ok := t.folded[table][crm.Fold(key)]
	return value, ok
}

func lookupFunctions(t tables) []function {
	look := func(args []ref.Val, otherwise string) ref.Val {
		if _, ok := t.exact[text(args[0])]; !ok {
			return types.NewErr("there is no lookup table %q", text(args[0]))
		}
		if value, ok := t.find(text(args[0]), text(args[1])); ok {
			return types.String(value)
		}
		return types.String(otherwise)
	}
	return []function{
		{
			name: "lookup", params: []*cel.Type{cel.StringType, cel.StringType}, result: cel.StringType, weight: folds,
			call: func(args []ref.Val) ref.Val { return look(args, "") },
		},
		{
			name: "lookup", params: []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, result: cel.StringType, weight: folds,
			call: func(args []ref.Val) ref.Val { return look(args, text(args[2])) },
		},
	}
}
