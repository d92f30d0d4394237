package boltstore

import "github.com/tsunagu-crm/tsunagu/crm"

const activityVersion = 1

// activity is an activity as it is stored: with the accounts under which it is indexed, which are its own
// and those its contacts belonged to when it was indexed.
type activity struct {
	crm.Activity
	indexed []string // account ids

	channel, campaign string // where the people on it came from, by which it is counted; see counted
}

// activity puts the texts, and what came to be stored later, last, so that a reader who does not want them can stop before.
func (e *encoder) activity(a *activity) {
	e.uint(activityVersion)
	e.id(a.ID)
	e.id(string(a.Key))
	e.str(string(a.Kind))
	e.str(string(a.Direction))
	e.str(string(a.Class))
	e.time(a.Time)
	e.time(a.End)
	e.str(a.Status)
	e.uint(uint64(len(a.People)))
	for i := range a.People {
		e.participant(&a.People[i])
	}
	e.ids(a.Accounts)
	e.ids(a.indexed)
	e.strs(a.Owners)
	e.uint(uint64(len(a.Observed)))
	for i := range a.Observed {
		o := &a.Observed[i]
		e.str(o.Source)
		e.str(o.ExternalID)
		e.str(o.Owner)
		e.str(o.Folder)
	}
	e.id(a.Thread)
	e.uint(uint64(len(a.Attachments)))
	for _, f := range a.Attachments {
		e.str(f.Name)
		e.str(f.Type)
		e.int(f.Size)
	}
	e.str(string(a.Match.Rule))
	e.str(a.Match.Evidence)
	e.candidates(a.Match.RunnersUp)
	e.int(int64(a.Version))
	e.bool(a.Truncated)
	e.str(a.Subject)
	e.str(a.Text)
	e.str(a.FullText)
	switch {
	case hasLife(a):
		e.form(&a.Activity)
		e.meeting(&a.Activity)
		e.origin(&a.Activity, true)
		e.life(a)
	case hasMeeting(&a.Activity):
		e.form(&a.Activity)
		e.meeting(&a.Activity)
		e.origin(&a.Activity, false)
	case hasForm(&a.Activity):
		e.form(&a.Activity)
	}
}

// kindOf is the kind of a stored activity, read without the rest of it; "" if it cannot be read.
func kindOf(b []byte) crm.ActivityKind {
	const most = 256 // bytes before and with the kind
	d := decoder{s: string(b[:min(len(b), most)])}
	if d.uint() != activityVersion {
		return ""
	}
	for range 2 {
		n := d.uint()
		d.take(n >> 1)
	}
	return crm.ActivityKind(d.str())
}

func (e *encoder) participant(p *crm.Participant) {
	e.str(string(p.Kind))
	e.id(p.ID)
	e.str(p.Name)
	e.str(p.Address)
	e.str(string(p.Role))
	e.str(p.Response)
	e.bool(p.Internal)
}

func (e *encoder) candidates(list []crm.Candidate) {
	e.uint(uint64(len(list)))
	for _, c := range list {
		e.str(c.Kind)
		e.id(c.ID)
		e.str(c.Name)
		e.str(string(c.Rule))
		e.str(c.Evidence)
	}
}

// decodeActivity reads an activity; without its texts, and what it has of a submission, if head.
func decodeActivity(b []byte, head bool) (activity, error) {
	d := decoder{s: string(b)}
	var a activity
	if d.uint() != activityVersion {
		return a, corrupt("an activity")
	}
	a.ID, a.Key = d.id(), crm.Key(d.id())
	a.Kind, a.Direction, a.Class = crm.ActivityKind(d.str()), crm.Direction(d.str()), crm.Class(d.str())
	a.Time, a.End, a.Status = d.time(), d.time(), d.str()
	a.People = listOf(&d, 7, (*decoder).participant)
	a.Accounts, a.indexed, a.Owners = d.ids(), d.ids(), d.strs()
	a.Observed = listOf(&d, 4, func(d *decoder) crm.Observation {
		return crm.Observation{Source: d.str(), ExternalID: d.str(), Owner: d.str(), Folder: d.str()}
	})
	a.Thread = d.id()
	a.Attachments = listOf(&d, 3, func(d *decoder) crm.Attachment {
		return crm.Attachment{Name: d.str(), Type: d.str(), Size: d.int()}
	})
	a.Match = crm.Match{Rule: crm.Rule(d.str()), Evidence: d.str(), RunnersUp: d.candidates()}
	a.Version, a.Truncated = int(d.int()), d.bool()
	a.Subject, a.Text, a.FullText = d.str(), d.str(), d.str()
	d.form(&a.Activity)
	d.meeting(&a.Activity)
	d.origin(&a.Activity)
	d.life(&a)
	if head {
		a.Subject, a.Text, a.FullText = "", "", ""
		a.Form, a.Product, a.Touch, a.Fields, a.Custom, a.Revisions, a.Letters = "", "", crm.Touch{}, nil, nil, nil, nil
	}
	if d.bad {
		return activity{}, corrupt("an activity")
	}
	return a, nil
}

func (d *decoder) participant() crm.Participant {
	return crm.Participant{
		Kind: crm.PersonKind(d.str()), ID: d.id(), Name: d.str(), Address: d.str(),
		Role: crm.Role(d.str()), Response: d.str(), Internal: d.bool(),
	}
}

func (d *decoder) candidates() []crm.Candidate {
	return listOf(d, 5, func(d *decoder) crm.Candidate {
		return crm.Candidate{Kind: d.str(), ID: d.id(), Name: d.str(), Rule: crm.Rule(d.str()), Evidence: d.str()}
	})
}
