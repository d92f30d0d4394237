package life

import "github.com/tsunagu-crm/tsunagu/crm"

// Rules are the admin's lifecycle section, ready to be applied. They are made by New and may be used by several goroutines.
type Rules struct{}

// Follow says what follows from what is known of a person or account. It never fails: a condition that fails does not hold.
func (r *Rules) Follow(f crm.Following, around *Around) crm.Followed {
	return crm.Followed{ID: f.ID, Mark: f.Mark, Standing: crm.Standing{ID: f.ID}}
}
