package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// bounced are the recipients whom a delivery failure names, as parties. They stand first, where crm.Merge has them.
// Whoever sent the failure, it is about them: they are looked for, credited, waited for and excluded like anybody on a
// mail.
func (b *batch) bounced(msg *connectors.Message) []party {
	if msg.Class != crm.ClassBounce || len(msg.Bounces) == 0 {
		return nil
	}
	list := make([]party, 0, len(msg.Bounces))
	for _, failed := range msg.Bounces {
		if a := b.read(failed.Recipient); a != nil {
			list = append(list, party{role: crm.RoleBounced, address: a})
		}
	}
	return sortParties(list)
}

// namesBounced reports that the parties are those of a failure that says who did not get a mail.
func namesBounced(parties []party) bool {
	return slices.ContainsFunc(parties, func(p party) bool { return p.role == crm.RoleBounced })
}

// onlyReports reports that a party is the server of a failure which names its recipients: the company that runs it has
// nothing to do with the mail. A person who is known by the server's address still counts.
func onlyReports(p *party, failure bool) bool {
	return failure && p.role == crm.RoleFrom
}
