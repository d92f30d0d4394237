package crm

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// joiner makes one record of two, field by field, and notes what it did.
type joiner struct {
	differences []Difference
	gained      []string
}

// text fills an empty text.
func (j *joiner) text(field string, winner *string, loser string) {
	j.note(field, *winner, loser, *winner == "")
	if *winner == "" && loser != "" {
		*winner = loser
		j.gained = append(j.gained, field)
	}
}

// instant fills a zero time.
func (j *joiner) instant(field string, winner *time.Time, loser time.Time) {
	j.note(field, instantText(*winner), instantText(loser), winner.IsZero())
	if winner.IsZero() && !loser.IsZero() {
		*winner = loser
		j.gained = append(j.gained, field)
	}
}

// note keeps a difference.
func (j *joiner) note(field, winner, loser string, filled bool) {
	if loser == "" || winner == loser {
		return
	}
	kept := "winner"
	if filled {
		kept = "loser"
	}
	j.differences = append(j.differences, Difference{Field: field, Winner: winner, Loser: loser, Kept: kept})
}

// list notes that two lists were united.
func (j *joiner) list(field string, winner, loser []string, added bool) {
	if !added {
		return
	}
	j.gained = append(j.gained, field)
	j.differences = append(j.differences, Difference{Field: field, Winner: strings.Join(winner, ", "), Loser: strings.Join(loser, ", "), Kept: "both"})
}

// custom fills declared fields.
func (j *joiner) custom(winner, loser map[string]string) map[string]string {
	out := maps.Clone(winner)
	for _, name := range slices.Sorted(maps.Keys(loser)) {
		field := "custom." + name
		j.note(field, winner[name], loser[name], winner[name] == "")
		if winner[name] != "" || loser[name] == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = loser[name]
		j.gained = append(j.gained, field)
	}
	return out
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// unfill puts a field that was filled back to what it was, unless somebody changed it since.
func unfill[T comparable](current *T, filled, before T) {
	if *current == filled {
		*current = before
	}
}

// uncustom takes declared fields that were filled and are unchanged out again.
func uncustom(current, filled map[string]string, gained []string) map[string]string {
	var out map[string]string
	for _, field := range gained {
		name, ok := strings.CutPrefix(field, "custom.")
		if !ok || current[name] != filled[name] {
			continue
		}
		if out == nil {
			out = maps.Clone(current)
		}
		delete(out, name)
	}
	switch {
	case out == nil:
		return current
	case len(out) == 0:
		return nil
	}
	return out
}

// unite adds what is not there by its key; added says whether anything was. An empty key is always there.
func uniteBy[T any](list, more []T, key func(T) string) (out []T, added bool) {
	out = slices.Clip(list)
	for _, v := range more {
		if k := key(v); k != "" && !slices.ContainsFunc(out, func(w T) bool { return key(w) == k }) {
			out, added = append(out, v), true
		}
	}
	return out, added
}

// withoutBy takes those of gone out of a list, but for those of kept; nil of none.
func withoutBy[T any](list, gone, kept []T, key func(T) string) []T {
	has := func(in []T, k string) bool { return slices.ContainsFunc(in, func(v T) bool { return key(v) == k }) }
	out := slices.DeleteFunc(slices.Clone(list), func(v T) bool { return has(gone, key(v)) && !has(kept, key(v)) })
	if len(out) == 0 {
		return nil
	}
	return out
}

func addressKey(address string) string {
	if normal, ok := NormalizeAddress(address); ok {
		return normal
	}
	return strings.ToLower(strings.TrimSpace(address))
}

func phoneKey(p Phone) string {
	if p.E164 != "" {
		return p.E164
	}
	return p.Number
}

func domainKey(domain string) string {
	if normal, ok := NormalizeDomain(domain); ok {
		return normal
	}
	return strings.ToLower(domain)
}

func sameID(id string) string { return id }

func phoneNumbers(list []Phone) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Number
	}
	return out
}
