package crm

import (
	"cmp"
	"slices"
	"strings"
)

// CarryWas gives participants what they were called before merges of people, from other views of the same exchange in
// which the same person stands under the same address: who reads a mail again, or matches it again, knows the winner only. Lists
// of participants are replaced, never written to.
func CarryWas(to *Activity, from ...*Activity) {
	owned := false
	for _, view := range from {
		for i := range view.People {
			if known := &view.People[i]; known.Was != "" && known.ID != "" {
				owned = carryOne(to, known, owned)
			}
		}
	}
}

// carryOne writes to the participants if they are owned, else to a copy; it says whether they are by then.
func carryOne(to *Activity, known *Participant, owned bool) bool {
	for i := range to.People {
		p := &to.People[i]
		if p.ID != known.ID || compareFolded(p.Address, known.Address) != 0 || compareWas(p.Was, known.Was) >= 0 {
			continue
		}
		if !owned {
			to.People, owned = slices.Clone(to.People), true
		}
		to.People[i].Was = known.Was
	}
	return owned
}

// compareWas puts more merges after fewer; the rest only makes the order total.
func compareWas(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// Repoint makes a participant another person's, who takes the place of the one it named. It stays known whom it named.
func (p *Participant) Repoint(id string, kind PersonKind) {
	p.Was = strings.TrimSpace(p.Was + " " + p.ID)
	p.ID, p.Kind = id, kind
}

// Restore takes the last Repoint back, if it named this person then; it says whether it did.
func (p *Participant) Restore(id string, kind PersonKind) bool {
	before, last := "", p.Was
	if i := strings.LastIndexByte(p.Was, ' '); i >= 0 {
		before, last = p.Was[:i], p.Was[i+1:]
	}
	if last == "" || last != id {
		return false
	}
	p.ID, p.Kind, p.Was = id, kind, before
	return true
}
