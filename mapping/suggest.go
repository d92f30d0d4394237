package mapping

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// Suggest is the hint for a word that is not among the known ones: the nearest of them, or all; "" if none are known.
func Suggest(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known: " + strings.Join(slices.Compact(sorted), ", ")
}

// nearest is the known word that is at most two slips away; "" if there is none. A word that is the singular of a
// known one, or the other way round, is one slip away.
func nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := expr.Slips(strings.ToLower(word), k); d < distance && d*2 <= max(len(word), len(k)) {
			best, distance = k, d
		}
	}
	return best
}
