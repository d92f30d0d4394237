package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// keepThread keeps the people whom a stored meeting has from its thread, but for those who are on it by their
// address now. Other views of the meeting may have no more than them, so an address does not drive them away as it
// does on a mail.
func (b *batch) keepThread(a *crm.Activity, s storedParties, o *outcome) {
	kept := slices.DeleteFunc(slices.Clone(s.thread), func(p crm.Participant) bool {
		return slices.ContainsFunc(o.people, func(m matched) bool { return m.person != nil && m.person.ID == p.ID })
	})
	byThread := a.Match.Rule == crm.RuleThread
	if len(kept) == 0 && (o.found() || !byThread) {
		return
	}
	o.thread = kept
	o.accounts = append(o.accounts, a.Accounts...)
	if byThread && (!o.found() || o.match.Rule == crm.RuleDomain) {
		runnersUp := append(o.match.RunnersUp, a.Match.RunnersUp...)
		o.match = a.Match
		o.match.RunnersUp = runnersUp
	}
}
