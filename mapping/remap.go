package mapping

import (
	"context"
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Remap is Rematch, and what the rules for fields make of stored activities today. It is a function of what was
// sent: the fields of a submission, the words of a mail. So going to another mapping and back gives the same
// activities again. The Version stays, since nothing changed at the source. People's records are not filled:
// that happens when an item is logged.
func (m *Mapper) Remap(ctx context.Context, dir Directory, activities []crm.Activity) ([]Rematched, uint64, error) {
	return m.again(ctx, dir, activities, true)
}

// storedEnquiry reads a stored submission anew.
func (b *batch) storedEnquiry(a *crm.Activity) *enquiry {
	sub := &crm.Submission{ID: a.ID, Form: a.Form, At: a.Time, Touch: a.Touch, State: crm.SubmissionAccepted, Version: a.Version}
	for _, f := range a.Fields {
		switch {
		case f.Name == sentCampaign && len(f.Values) == 1:
			sub.Touch.Campaign = f.Values[0]
		case f.Name == sentChannel && len(f.Values) == 1:
			sub.Touch.Channel = f.Values[0]
		default:
			sub.Fields = append(sub.Fields, f)
		}
	}
	seen := firstSource(a)
	return b.newEnquiryFrom(&connectors.Item{Key: a.Key, Kind: crm.KindForm, Folder: seen.Folder, Received: a.Time}, sub, seen)
}

// firstSource is where an activity was seen, the first by id if in several places.
func firstSource(a *crm.Activity) crm.Observation {
	if len(a.Observed) == 0 {
		return crm.Observation{}
	}
	return a.Observed[0]
}

// rematchForm recognises the sender of a stored submission again. As long as it is the same person, or nobody
// else, the match stays as it was: the form may have made the lead.
func (b *batch) rematchForm(a crm.Activity, e *enquiry) Rematched {
	next := a
	next.People = slices.Clone(a.People)
	at := slices.IndexFunc(next.People, func(p crm.Participant) bool { return p.Role == crm.RoleSubmitter })
	if at < 0 {
		return Rematched{Activity: a}
	}
	o := b.recognise(e)
	found, sender := &o.people[0], &next.People[at]
	var pending []string
	switch {
	case found.person == nil || found.rule == crm.RuleForm:
		if sender.ID == "" {
			pending = e.pending()
		}
	case found.person.ID == sender.ID:
		sender.Kind = found.person.Kind
		next.Accounts = accountsOf(o)
	default:
		sender.ID, sender.Kind = found.person.ID, found.person.Kind
		o.tidy()
		next.Accounts, next.Match = o.accounts, o.match
	}
	return Rematched{Activity: next, Pending: pending, Changed: !sameMatch(&a, &next)}
}

func accountsOf(o *outcome) []string {
	list := slices.Clone(o.accounts)
	if list == nil {
		list = []string{}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// refield sets the fields of a submission as the rules say today.
func (b *batch) refield(a *crm.Activity, e *enquiry) {
	a.Product, a.Status, a.Custom = e.product, e.status, e.custom
	if len(e.sub.Fields) == 0 { // nothing is left to make them of
		return
	}
	a.Subject, a.Text, a.Touch = e.subject, e.text, e.touch
	a.Fields = append(slices.Clip(e.sub.Fields), e.kept...)
	a.Owners = ownersOf(a, e)
	for i := range a.People {
		if p := &a.People[i]; p.Role == crm.RoleSubmitter {
			p.Name, p.Address = e.person.Name, ""
			if main := e.main(); main != nil {
				p.Address = main.canonical
			}
		}
	}
}

// ownersOf are the rep whom the form's rule names, or those in whose sources it was seen.
func ownersOf(a *crm.Activity, e *enquiry) []string {
	owners := []string{}
	if e.owner != e.sourceOwner {
		return append(owners, e.owner)
	}
	for _, o := range a.Observed {
		if o.Owner != "" {
			owners = append(owners, o.Owner)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}
