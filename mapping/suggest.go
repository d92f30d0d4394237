package mapping

import (
	"slices"
	"strings"
)

// suggest is the hint for a word that is not among the known ones: the nearest of them, or all.
func suggest(word string, known []string) string {
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
		if d := slips(strings.ToLower(word), k); d < distance && d*2 <= max(len(word), len(k)) {
			best, distance = k, d
		}
	}
	return best
}

// slips counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment). Long words are no slips.
func slips(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 100 || len(t) > 100 {
		return 100
	}
	older, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row := make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last = last, row
	}
	return last[len(t)]
}
