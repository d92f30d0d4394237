package mapping

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// exchange is what a mail and a meeting have in common on their way: who is on it, and what a question about them
// tells of it.
type exchange struct {
	class     crm.Class // of a mail
	direction crm.Direction
	parties   []party
	outside   int       // parties that are people outside the organisation
	refs      []crm.Key // messages it answers or belongs to, nearest first
	subject   string    // shown in reviews
	at        time.Time // when it came about
}

func (x *exchange) countOutside() {
	x.outside = 0
	for i := range x.parties {
		if x.parties[i].outside() {
			x.outside++
		}
	}
}
