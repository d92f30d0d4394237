package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// decide matches the letter and fills in the rest of the write: the activity, or why there is none.
func (b *batch) decide(l *letter, w *crm.Write) {
	o := b.match(l.parties, l.refs, nil)
	if o.erased || b.anyErased(l.unlisted) {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, crm.ReasonErased
		return
	}
	b.admit(&l.exchange, o, w)
	b.conclude(o, l.refs)
	b.finish(&l.exchange, o, w, func() *crm.Activity { return b.activity(l, o) })
}

func (b *batch) anyErased(unlisted []*address) bool {
	return slices.ContainsFunc(unlisted, func(a *address) bool { return b.answer.Addresses[a.normal].Erased })
}

// finish gives the verdict, with the activity if somebody was found.
func (b *batch) finish(x *exchange, o *outcome, w *crm.Write, activity func() *crm.Activity) {
	w.Pending = pending(x.parties, o)
	switch {
	case o.found():
		w.Entry.Verdict, w.Entry.Reason = crm.Logged, crm.ReasonMatched
		w.Activity = activity()
		w.Updates = b.applyKind(w.Activity)
		w.Entry.Activity = w.Activity.ID
		return
	case len(w.Reviews) > 0:
		w.Entry.Verdict, w.Entry.Reason = crm.Waiting, waitingReason(w.Reviews)
	default:
		w.Entry.Verdict, w.Entry.Reason = crm.Unmatched, b.unmatchedReason(x, o)
	}
	for _, ref := range x.refs {
		if answer := b.answer.Messages[ref]; len(answer.People)+len(answer.Accounts) == 0 { // not logged, or on nobody by now
			w.Awaits = append(w.Awaits, ref)
		}
	}
}

// waitingReason names the question that blocks more: who somebody is comes before whether we want them.
func waitingReason(reviews []crm.Review) crm.Reason {
	for _, r := range reviews {
		if r.Kind == crm.ReviewAmbiguous {
			return crm.ReasonAmbiguous
		}
	}
	return crm.ReasonNewContact
}

func (b *batch) unmatchedReason(x *exchange, o *outcome) crm.Reason {
	switch {
	case x.outside == 0:
		return crm.ReasonNoAddress
	case o.dismissed:
		return crm.ReasonDismissed
	case len(o.open) > 0:
		return crm.ReasonNobody + ": several people share the address"
	case o.shared:
		return crm.ReasonNobody + ": several accounts share the domain"
	}
	return crm.ReasonNobody
}

// pending are the outside addresses that belong to nobody known, or to nobody knows whom.
func pending(parties []party, o *outcome) []string {
	var list []string
	for i := range parties {
		if parties[i].outside() && o.people[i].person == nil {
			list = append(list, parties[i].address.normal)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (b *batch) activity(l *letter, o *outcome) *crm.Activity {
	item, msg := l.item, l.item.Message
	a := &crm.Activity{
		ID: string(item.Key), Key: item.Key, Kind: crm.KindEmail, Direction: l.direction, Class: l.class,
		Time: msg.Date.UTC(), Subject: msg.Subject, Text: msg.Text, Truncated: msg.Truncated,
		People: participants(l.parties, o), Accounts: o.accounts, Owners: []string{},
		Observed: []crm.Observation{{Source: b.src.ID, ExternalID: item.ExternalID, Owner: b.owner, Folder: item.Folder}},
		Thread:   b.thread(item), Attachments: msg.Attachments, Match: o.match, Version: 1,
	}
	if msg.Date.IsZero() {
		a.Time = item.Received.UTC()
	}
	if msg.FullText != msg.Text {
		a.FullText = msg.FullText
	}
	if b.owner != "" {
		a.Owners = []string{b.owner}
	}
	a.Signals = b.signals(a, firstMailbox(msg), msg.Bounces)
	return a
}

// participants are the parties in the words of an activity, and those whom only the thread tells.
func participants(parties []party, o *outcome) []crm.Participant {
	list := make([]crm.Participant, len(parties), len(parties)+len(o.thread))
	for i := range parties {
		list[i] = participant(&parties[i], &o.people[i])
	}
	return append(list, o.thread...)
}

func participant(p *party, who *matched) crm.Participant {
	out := crm.Participant{Name: p.name, Role: p.role, Response: p.response, Optional: p.optional, Type: p.kind}
	if p.address != nil {
		out.Address, out.Internal = p.address.canonical, p.address.own
	}
	if who.person != nil {
		out.Kind, out.ID = who.person.Kind, who.person.ID
	}
	return out
}
