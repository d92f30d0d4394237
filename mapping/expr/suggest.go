package expr

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// didYouMean names what is spelled most alike; without anything alike it gives the other hint.
func (e *Env) didYouMean(name string, known []string, otherwise string) string {
	best, least := "", utf8.RuneCountInString(name)/3+2
	for _, candidate := range known {
		if d := Slips(strings.ToLower(name), candidate); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("did you mean %q?", best)
}

func (e *Env) groupNames() []string {
	var names []string
	for _, g := range e.groups {
		names = append(names, g.name)
	}
	return names
}

// Slips counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment). Long words are no slips.
func Slips(a, b string) int {
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

// Suggest is the hint for a word that is not among the known ones: the nearest of them, or all; "" if none are known.
func Suggest(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known: " + strings.Join(slices.Compact(sorted), ", ")
}

// Nearest is the known word that is at most two slips away; "" if there is none. A word that is the singular of a
// known one, or the other way round, is one slip away.
func Nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := Slips(strings.ToLower(word), k); d < distance && d*2 <= max(len(word), len(k)) {
			best, distance = k, d
		}
	}
	return best
}
