package mapping

import (
	"cmp"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// ScreensSubmission reports whether a submission may not be stored, and why: what Map would exclude, but for
// people who asked to be forgotten, whom only the directory knows.
func (m *Mapper) ScreensSubmission(s crm.Submission) (crm.Reason, bool) {
	b := m.newBatch(Source{}, 0)
	reason := b.excludesEnquiry(b.newEnquiry(&connectors.Item{Key: crm.SubmissionKey(s)}, &s))
	return reason, reason != ""
}

// screenSubmission fills in the ledger entry and gives the enquiry to decide about, or nil if the verdict stands.
func (b *batch) screenSubmission(item *connectors.Item, w *crm.Write) *enquiry {
	sub := item.Submission
	switch sub.State {
	case crm.SubmissionExcluded:
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, cmp.Or(crm.Reason(sub.Reason), crm.ReasonAddress)
		return nil
	case crm.SubmissionRejected:
		w.Entry.Verdict, w.Entry.Reason = crm.Unmatched, crm.ReasonDismissed
		return nil
	}
	e := b.newEnquiry(item, sub)
	reason := b.excludesEnquiry(e)
	if reason == "" {
		reason = b.excludesFolder(item.Folder, b.src.ID, b.src.ExcludeFolders)
	}
	if reason != "" {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
		return nil
	}
	b.askEnquiry(e)
	return e
}

// excludesEnquiry is the reason why nobody may store this, but for the folder; "" if there is none. What our own
// people send, mostly to try the form, is internal.
func (b *batch) excludesEnquiry(e *enquiry) crm.Reason {
	if len(e.ours) > 0 && len(e.addresses) == 0 {
		return crm.ReasonInternal
	}
	for _, list := range [][]*address{e.ours, e.addresses} {
		for _, a := range list {
			if a.excluded != "" {
				return a.excluded
			}
		}
	}
	return b.excludesSubject(e.subject)
}

// askEnquiry puts what must be known to recognise the sender into the question. Its own key is asked for too: an
// edited response belongs to whom its first state belonged to.
func (b *batch) askEnquiry(e *enquiry) {
	for _, a := range e.addresses {
		b.askAddress(a)
	}
	if len(e.addresses) == 0 { // a review may have decided about the number or the name
		b.askOnce(&b.question.Addresses, e.identity())
	}
	for _, number := range e.phones {
		b.askOnce(&b.question.Phones, number)
	}
	if e.nameKey != "" && !b.asked["name "+e.nameKey] {
		b.asked["name "+e.nameKey] = true
		b.question.Names = append(b.question.Names, e.nameKey)
	}
	b.question.Messages = append(b.question.Messages, e.item.Key)
}

func (b *batch) askOnce(list *[]string, word string) {
	if !b.asked[word] {
		b.asked[word] = true
		*list = append(*list, word)
	}
}

// decideEnquiry recognises the sender and fills in the rest of the write: the activity with whom it makes or
// updates, or the question, or why there is nothing.
func (b *batch) decideEnquiry(e *enquiry, w *crm.Write) {
	o := b.recognise(e)
	known := o.people[0].person
	switch {
	case o.erased:
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, crm.ReasonErased
		return
	case known == nil && o.dismissed && len(o.ask) == 0: // a review found the address unwanted
		w.Entry.Verdict, w.Entry.Reason = crm.Unmatched, crm.ReasonDismissed
		w.Pending = e.pending()
		return
	case known == nil && len(o.ask) > 0 && !o.dismissed:
		w.Entry.Verdict, w.Entry.Reason = crm.Waiting, crm.ReasonAmbiguous
		w.Reviews, w.Pending = []crm.Review{b.whoSent(e, o)}, e.pending()
		return
	case known == nil && b.form(e.sub.Form).newPeople == PolicyNever:
		w.Entry.Verdict, w.Entry.Reason = crm.Unmatched, crm.ReasonNobody
		w.Pending = e.pending()
		return
	case known == nil:
		w.People = []crm.Person{b.lead(e, o.dismissed)}
		b.fresh.meet(w.People, e)
		p := &w.People[0]
		o.people[0].person = &crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name}
		o.match.Rule, o.match.Evidence = crm.RuleForm, e.evidence()
	default:
		if fill := b.fill(e, &o.people[0]); len(fill) > 0 {
			w.Updates = []crm.PersonUpdate{{ID: known.ID, Activity: string(e.item.Key), At: e.at(), Fill: fill}}
			b.fresh.fill(w.Updates[0], *known)
		}
	}
	o.tidy()
	w.Entry.Verdict, w.Entry.Reason = crm.Logged, crm.ReasonMatched
	w.Activity = b.enquiryActivity(e, o)
	w.Entry.Activity = w.Activity.ID
	b.fresh.messages[e.item.Key] = crm.MessageAnswer{Activity: w.Activity.ID, People: w.Activity.People, Accounts: w.Activity.Accounts}
}

// pending are the addresses given, or what else the sender is known by: a decision about it takes the row up again.
func (e *enquiry) pending() []string {
	if len(e.addresses) == 0 {
		return []string{e.identity()}
	}
	var list []string
	for _, a := range e.addresses {
		list = append(list, a.normal)
	}
	slices.Sort(list)
	return list
}

// whoSent asks which of several people sent the enquiry. A review is about an address; where none is given its
// place is taken by "phone:" and the number or "name:" and crm.NameKey.
func (b *batch) whoSent(e *enquiry, o *outcome) crm.Review {
	r := crm.Review{
		ID: crm.ReviewID(crm.ReviewAmbiguous, e.identity()), Kind: crm.ReviewAmbiguous, Address: e.identity(), Name: e.person.Name,
		Subject: e.subject, Candidates: o.ask, Source: b.src.ID, Owner: e.owner, Raised: e.at(), State: crm.ReviewOpen,
	}
	if len(o.accounts) == 1 {
		r.AccountID = o.accounts[0]
	}
	return r
}

// lead is the record of a sender whom nobody knew. The same identity always makes the same lead, unless a review said
// that the sender is none of those who have it: an enquiry is never lost for that.
func (b *batch) lead(e *enquiry, noneOfThem bool) crm.Person {
	p, identity := e.person, e.identity()
	if noneOfThem {
		identity = "form:" + string(e.item.Key)
	}
	p.ID, p.Kind, p.Status, p.Origin = crm.DerivedID("person", identity), crm.Lead, cmp.Or(p.Status, crm.StatusNew), "form"
	p.Owner, p.Created, p.Updated = cmp.Or(p.Owner, b.leadOwner(e)), b.madeAt(e), b.now
	p.Status = b.leadStatus(p.Status)
	p.Custom = b.canonicals(crm.OnLead, p.Custom)
	if p.Name == "" {
		p.Name = e.evidence()
		if a := e.main(); a != nil {
			p.Name = crm.AddressLocal(a.canonical)
		}
	}
	return p
}

// madeAt is when the lead came to us: with the enquiry, whenever that is read. What lies ahead is a wrong clock's.
func (b *batch) madeAt(e *enquiry) time.Time {
	if at := e.at(); !at.IsZero() && at.Before(b.now) {
		return at
	}
	return b.now
}

// leadOwner is who gets a new lead: whom a rule of the form says, else the source's owner, unless the lifecycle section
// assigns leads.
func (b *batch) leadOwner(e *enquiry) string {
	if !e.ruled && b.life.Assigns() {
		return ""
	}
	return e.owner
}

// leadStatus is the status that a rule gave, if the lifecycle section has it. What it does not have is counted.
func (m *Mapper) leadStatus(code crm.LeadStatus) crm.LeadStatus {
	if !m.life.StatusInUse(string(code)) {
		m.missed.Add(1)
		return crm.StatusNew
	}
	return code
}

// evidence says in a few words by what the sender is known.
func (e *enquiry) evidence() string {
	switch {
	case len(e.addresses) > 0:
		return e.addresses[0].canonical
	case len(e.phones) > 0:
		return e.phones[0]
	case e.nameKey != "":
		return e.person.Name + ", " + e.person.Company
	}
	return cmp.Or(e.person.Name, e.sub.Form)
}

// fill is what the enquiry says of a person that may be missing in the record. Names go in only if they fit the
// one that the record has: a colleague may have used the address.
func (b *batch) fill(e *enquiry, who *matched) []crm.Fill {
	var list []crm.Fill
	say := func(field, value string) {
		if value != "" {
			list = append(list, crm.Fill{Field: field, Value: value})
		}
	}
	p := &e.person
	likeness := compareNames(p.Name, who.person.Name)
	if likeness == namesEqual {
		say("family_name", p.FamilyName)
		say("given_name", p.GivenName)
		say("kana", p.Kana)
	}
	if who.person.Kind == crm.Lead && likeness != namesDiffer {
		say("company", p.Company)
	}
	say("department", p.Department)
	say("title", p.Title)
	for _, a := range e.addresses {
		if f := b.findNow(a); len(f.candidates) == 0 && (f.person == nil || f.person.ID != who.person.ID) {
			say("emails", a.canonical)
		}
	}
	for _, phone := range p.Phones {
		known := together(b.answer.Phones[phone.E164], b.fresh.phones[phone.E164])
		if phone.E164 != "" && len(phone.Number) <= maxNumber && !slices.ContainsFunc(known, func(ref crm.PersonRef) bool { return ref.ID == who.person.ID }) {
			say("phones", phone.Number)
		}
	}
	if p.Owner == "" && e.owner != e.sourceOwner {
		p.Owner = e.owner
	}
	say("owner", p.Owner)
	if c := p.Consent; c.State != "" {
		say("consent", crm.ConsentFill(c))
	}
	return append(list, customFills(b.canonicals(targetOf(who.person.Kind), p.Custom))...)
}

// canonicals are the values of declared fields of a record; those that it does not have are left out.
func (m *Mapper) canonicals(target crm.FieldTarget, raw map[string]string) map[string]string {
	var out map[string]string
	for name, text := range raw {
		if value := m.canonical(target, name, text); value != "" {
			if out == nil {
				out = map[string]string{}
			}
			out[name] = value
		}
	}
	return out
}

// maxNumber is the longest number that is added to a person, in bytes.
const maxNumber = 60

func customFills(custom map[string]string) []crm.Fill {
	var list []crm.Fill
	for name, value := range custom {
		list = append(list, crm.Fill{Field: "custom." + name, Value: value})
	}
	slices.SortFunc(list, func(x, y crm.Fill) int { return cmp.Compare(x.Field, y.Field) })
	return list
}

func (b *batch) enquiryActivity(e *enquiry, o *outcome) *crm.Activity {
	parties := []party{{role: crm.RoleSubmitter, name: e.person.Name, address: e.main()}}
	a := &crm.Activity{
		ID: string(e.item.Key), Key: e.item.Key, Kind: crm.KindForm, Direction: crm.DirectionIn, Time: e.at(),
		Subject: e.subject, Text: e.text, Status: e.status, People: participants(parties, o), Accounts: o.accounts, Owners: []string{},
		Observed: []crm.Observation{{Source: b.src.ID, ExternalID: e.item.ExternalID, Owner: b.owner, Folder: e.item.Folder}},
		Thread:   string(e.item.Key), Match: o.match, Version: max(1, e.sub.Version),
		Form: e.sub.Form, Fields: append(slices.Clip(e.sub.Fields), e.kept...), Touch: e.touch, Product: e.product, Custom: e.custom,
	}
	if e.owner != "" {
		a.Owners = []string{e.owner}
	}
	return a
}
