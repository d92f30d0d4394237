package config

import (
	"slices"
	"strings"
)

// suggest is the hint for a word that is not among the known ones: the nearest of them, or all.
func suggest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := levenshtein(strings.ToLower(word), k); d < distance && d*2 <= max(len(word), len(k)) {
			best, distance = k, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known: " + strings.Join(sorted, ", ")
}

// levenshtein counts the insertions, deletions, replacements and swaps of neighbours that turn a into b
// (optimal string alignment).
func levenshtein(a, b string) int {
	s, t := []rune(a), []rune(b)
	older := make([]int, len(t)+1)
	last := make([]int, len(t)+1)
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
