package crm

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// mergeLife keeps what views of one exchange tell together: signals are united, and what people did stays.
func mergeLife(out, old, next *Activity) {
	out.Signals = mergeSignals(old.Signals, next.Signals)
	out.Call = cmp.Or(old.Call, next.Call)
	out.By = cmp.Or(old.By, next.By)
	out.Moved = mergeMoved(old.Moved, next.Moved)
}

func mergeSignals(a, b []Signal) []Signal {
	if len(a)+len(b) == 0 {
		return nil
	}
	all := slices.Concat(a, b)
	slices.SortFunc(all, compareSignals)
	return slices.CompactFunc(all, func(x, y Signal) bool { return compareSignals(x, y) == 0 })
}

func compareSignals(a, b Signal) int {
	return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Address, b.Address), strings.Compare(a.Evidence, b.Evidence),
		strings.Compare(a.Code, b.Code), strings.Compare(a.Reason, b.Reason), a.Until.Compare(b.Until), strings.Compare(a.Successor, b.Successor),
		strings.Compare(a.NewEmail, b.NewEmail), compareMaps(a.Fields, b.Fields))
}

func compareMaps(a, b map[string]string) int {
	keys := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
	if c := slices.Compare(keys(a), keys(b)); c != 0 {
		return c
	}
	for _, key := range keys(a) {
		if c := strings.Compare(a[key], b[key]); c != 0 {
			return c
		}
	}
	return 0
}

func mergeMoved(a, b []Moved) []Moved {
	out := slices.Clone(a)
	for _, m := range b {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func sameSignal(a, b Signal) bool { return compareSignals(a, b) == 0 }

func sameCall(a, b *Call) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
