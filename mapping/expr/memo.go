package expr

import (
	"hash/maphash"
	"sync/atomic"
)

const (
	memoSlots = 512
	memoText  = 128 // bytes of the longest text that is remembered
)

// memo remembers what a function of one text gave for the texts it saw last. The companies, names and numbers
// of a history repeat, and folding one costs a thousand times what finding it again does. Each text has one
// slot, and the last one to need the slot gets it; so it never grows, and needs no lock.
type memo struct {
	seed  maphash.Seed
	slots [memoSlots]atomic.Pointer[remembered]
}

type remembered struct{ text, result string }

// remember wraps a function that always gives the same for the same text, and cannot fail.
func remember(do func(string) string) func(string) string {
	m := &memo{seed: maphash.MakeSeed()}
	return func(s string) string {
		if len(s) > memoText {
			return do(s)
		}
		slot := &m.slots[maphash.String(m.seed, s)%memoSlots]
		if known := slot.Load(); known != nil && known.text == s {
			return known.result
		}
		result := do(s)
		if len(result) <= 2*memoText {
			slot.Store(&remembered{s, result})
		}
		return result
	}
}
