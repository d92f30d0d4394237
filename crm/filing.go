package crm

import (
	"slices"
	"time"
)

// Filed is one decision of a person about who stands on an activity: somebody was taken off it, or put on it. It stands for
// good: whatever is read, matched or merged later, the activity follows it.
type Filed struct {
	ID      string    `json:"id"`
	Detach  string    `json:"detach,omitempty"`  // id of the person who is not meant; "" for nobody
	Attach  string    `json:"attach,omitempty"`  // id of the person who is; "" for nobody
	Address string    `json:"address,omitempty"` // of the participant concerned, as the activity has it; "" where Attach comes on top
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Was     []Stood   `json:"was,omitempty"` // who stood where, so that it can be taken back
	Left    []string  `json:"left,omitempty"`
	Came    []string  `json:"came,omitempty"` // ids of the accounts that left and came with it
}

// Stood is a participant whom a decision took off.
type Stood struct {
	Role    Role       `json:"role"`
	Address string     `json:"address,omitempty"`
	ID      string     `json:"id"`
	Kind    PersonKind `json:"kind"`
}

// Filing are the decisions about one activity, oldest first.
type Filing struct {
	Activity string  `json:"activity"`
	Moves    []Filed `json:"moves"`
}

// Apply makes the participants of an activity follow the decision. The list that was is left as it is. kind and name are those
// of whom it puts on.
func (f *Filed) Apply(people []Participant, kind PersonKind, name string) []Participant {
	out := slices.Clone(people)
	placed := false
	for i := range out {
		p := &out[i]
		if f.Detach != "" && p.ID == f.Detach {
			p.ID, p.Kind, p.Was = "", "", ""
		}
		if f.Attach != "" && f.Address != "" && p.ID != f.Attach && !p.Internal && compareFolded(p.Address, f.Address) == 0 {
			p.ID, p.Kind, p.Was = f.Attach, kind, ""
		}
		placed = placed || f.Attach != "" && p.ID == f.Attach
	}
	if f.Attach != "" && !placed {
		out = append(out, Participant{Kind: kind, ID: f.Attach, Name: name, Role: RoleFiled})
	}
	// A participant who came by an earlier decision, or from the conversation, is nobody without a person.
	return slices.DeleteFunc(out, func(p Participant) bool { return p.ID == "" && (p.Role == RoleFiled || p.Role == RoleThread) })
}

// Back takes the decision back.
func (f *Filed) Back(people []Participant) []Participant {
	out := slices.Clone(people)
	if f.Attach != "" {
		for i := range out {
			if p := &out[i]; p.ID == f.Attach && (p.Role == RoleFiled || f.Address != "" && compareFolded(p.Address, f.Address) == 0) {
				p.ID, p.Kind, p.Was = "", "", ""
			}
		}
		out = slices.DeleteFunc(out, func(p Participant) bool { return p.ID == "" && p.Role == RoleFiled })
	}
	for _, s := range f.Was {
		found := false
		for i := range out {
			if p := &out[i]; p.Role == s.Role && compareFolded(p.Address, s.Address) == 0 {
				if p.ID == "" {
					p.ID, p.Kind = s.ID, s.Kind
				}
				found = true
			}
		}
		if !found && (s.Role == RoleThread || s.Role == RoleFiled) {
			out = append(out, Participant{Kind: s.Kind, ID: s.ID, Address: s.Address, Role: s.Role})
		}
	}
	return out
}
