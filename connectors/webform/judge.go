package webform

import (
	"math"
	"strings"
)

// judge says whether a row is news, and what is known of it afterwards. A row that says something else than
// before is an edit, unless it is older than what is known, or no newer than what the same walk has seen already:
// then it is a stale copy, or an edit that the next walk sees first.
func judge(before entry, known bool, r *row, reshaped bool) (after entry, news bool) {
	now := entry{says: r.says & saysMask, version: 1, flags: flagSeen}
	if !r.at.IsZero() {
		now.at = uint32(min(max(r.at.Unix(), 0), math.MaxUint32))
	} else {
		now.flags |= flagUntimed
	}
	if r.item.Err != nil {
		now.version = before.version
	}
	if !known {
		return now, true
	}
	seen := before
	seen.flags |= flagSeen
	timed := before.flags&flagUntimed == 0 && now.flags&flagUntimed == 0
	switch {
	case before.says == now.says:
		return seen, false
	case timed && now.at < before.at:
		return seen, false
	case before.flags&flagSeen != 0 && (!timed || now.at == before.at):
		return seen, false
	}
	now.version = before.version
	if !reshaped && r.item.Err == nil && now.version < math.MaxUint8 {
		now.version++
	}
	return now, true
}

// idAfter says whether id a comes after b: numbers by their value, other ids by their bytes.
func idAfter(a, b string) bool {
	if digits(a) && digits(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(a) != len(b) {
			return len(a) > len(b)
		}
	}
	return a > b
}

func digits(text string) bool {
	return text != "" && strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' }) < 0
}

// knownRows are the rows that are known, by the hash of their external id.
type knownRows map[uint64]entry
