package crm

import (
	"cmp"
	"slices"
	"strings"
)

// mergeLetters unites by message and keeps the newest. Of two of one message the fuller one stays. Nil of none.
func mergeLetters(a, b []Letter) []Letter {
	if len(a)+len(b) == 0 {
		return nil
	}
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Letter) int {
		return cmp.Or(strings.Compare(string(x.Message), string(y.Message)), compareLetters(x, y))
	})
	all = slices.CompactFunc(all, func(x, y Letter) bool { return x.Message == y.Message })
	slices.SortFunc(all, func(x, y Letter) int {
		return cmp.Or(x.At.Compare(y.At), strings.Compare(string(x.Message), string(y.Message)))
	})
	return slices.Clip(all[max(0, len(all)-MaxLetters):])
}

// compareLetters orders what several views make of one mail: the fullest first.
func compareLetters(x, y Letter) int {
	return cmp.Or(cmp.Compare(len(y.Text), len(x.Text)), x.At.Compare(y.At), strings.Compare(x.Text, y.Text),
		strings.Compare(x.Subject, y.Subject), strings.Compare(x.From, y.From))
}

// WithoutLetters is the letters but for those of mails that are in gone and in none of the places that are left. An
// observation that was withdrawn is no place. Nil of none.
func WithoutLetters(letters []Letter, gone, left []Observation) []Letter {
	out := slices.DeleteFunc(slices.Clone(letters), func(l Letter) bool {
		return slices.ContainsFunc(gone, func(o Observation) bool { return o.Message == l.Message }) &&
			!slices.ContainsFunc(left, func(o Observation) bool { return o.Message == l.Message && !o.Withdrawn })
	})
	if len(out) == 0 {
		return nil
	}
	return out
}
