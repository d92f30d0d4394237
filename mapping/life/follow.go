package life

import "github.com/tsunagu-crm/tsunagu/crm"

// Follow says what follows from what is known of a person or account. It never fails: a condition that fails does not hold.
func (r *Rules) Follow(f crm.Following, around *Around) crm.Followed {
	return crm.Followed{ID: f.ID, Mark: f.Mark, Standing: crm.Standing{ID: f.ID}}
}
