package mapping

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Rematched is a stored activity as it is matched today.
type Rematched struct {
	Activity crm.Activity
	Pending  []string // normalised outside addresses that belong to nobody known
	Changed  bool     // Activity differs from what was given
}

// Rematch matches stored activities again, in the same order, when somebody became known or is gone; it needs
// nothing from their sources, and asks dir once. It raises no reviews and creates nobody. Of a conversation an
// activity only knows the start, too little to decide by: what the thread told before stays as long as the
// addresses are silent. An activity that concerns nobody known any more keeps the reason it was logged for,
// without people and accounts.
func (m *Mapper) Rematch(ctx context.Context, dir Directory, activities []crm.Activity) ([]Rematched, uint64, error) {
	return m.again(ctx, dir, activities, false)
}

// again matches stored activities, and applies the rules for fields if asked to.
func (m *Mapper) again(ctx context.Context, dir Directory, activities []crm.Activity, fields bool) ([]Rematched, uint64, error) {
	b := m.newBatch(Source{}, len(activities))
	stored := make([]storedParties, len(activities))
	enquiries := make([]*enquiry, len(activities))
	for i := range activities {
		if activities[i].Kind == crm.KindForm {
			enquiries[i] = b.storedEnquiry(&activities[i])
			b.askEnquiry(enquiries[i])
			continue
		}
		stored[i] = b.stored(&activities[i])
		b.ask(&exchange{parties: stored[i].parties}, nil)
	}
	var err error
	if b.answer, err = dir.Lookup(ctx, b.question); err != nil {
		return nil, 0, fmt.Errorf("look up people: %w", err)
	}
	out := make([]Rematched, len(activities))
	for i := range activities {
		a := activities[i]
		switch {
		case !fromSource(a.Kind):
			out[i] = Rematched{Activity: a} // people chose whom a note or a call concerns
			continue
		case enquiries[i] != nil:
			out[i] = b.rematchForm(a, enquiries[i])
		default:
			out[i] = b.rematch(a, stored[i])
		}
		if !fields {
			continue
		}
		if enquiries[i] != nil {
			b.refield(&out[i].Activity, enquiries[i])
		} else {
			b.applyKind(&out[i].Activity)
			b.resignal(&out[i].Activity)
		}
		out[i].Changed = !crm.SameActivity(&a, &out[i].Activity)
	}
	return out, b.answer.Generation, nil
}

// storedParties are the participants of an activity, as parties.
type storedParties struct {
	parties []party
	people  []crm.Participant // what they are stored as
	thread  []crm.Participant // who is there because of the thread
	start   string            // Key of the message that started the conversation
	match   crm.Match         // what the activity rested on
}

// stay keeps the person that party i was matched with, as long as that is one of those who could be meant: a
// namesake who is entered later does not take history away. It was the thread that told, unless the match
// rested on the party's own address.
func (s *storedParties) stay(f *finding, i int) matched {
	for j := range f.candidates {
		c := &f.candidates[j]
		switch {
		case c.ID != s.people[i].ID:
		case s.match.Evidence == f.evidence:
			return matched{person: c, rule: f.rule, evidence: f.evidence}
		case s.match.Rule == crm.RuleThread:
			return matched{person: c, rule: crm.RuleThread, evidence: s.match.Evidence}
		default:
			return matched{person: c, rule: crm.RuleThread, evidence: s.start}
		}
	}
	return matched{}
}

func (b *batch) stored(a *crm.Activity) storedParties {
	s := storedParties{start: a.Thread, match: a.Match}
	for _, p := range a.People {
		if p.Role == crm.RoleThread {
			s.thread = append(s.thread, p)
			continue
		}
		s.people = append(s.people, p)
		s.parties = append(s.parties, party{
			role: p.Role, name: p.Name, response: p.Response, optional: p.Optional, kind: p.Type, address: b.readStored(a, p.Address),
		})
	}
	return s
}

// readStored reads an address on an activity. The reps in whose sources it was seen are ours, also those
// whom the configuration no longer names.
func (b *batch) readStored(a *crm.Activity, written string) *address {
	known := b.read(written)
	if known == nil || known.own || !slices.Contains(a.Owners, known.canonical) {
		return known
	}
	ours := *known
	ours.own = true
	return &ours
}

func (b *batch) rematch(a crm.Activity, s storedParties) Rematched {
	o := b.match(s.parties, nil, &s)
	if !o.found() && a.Match.Rule == crm.RuleThread { // no address contradicts what the thread told
		o.thread, o.accounts, o.match = s.thread, slices.Clone(a.Accounts), a.Match
		o.match.RunnersUp = slices.Clone(a.Match.RunnersUp)
	}
	b.conclude(o, nil)
	if !o.found() {
		o.match = a.Match
	}
	next := a
	next.People, next.Accounts, next.Match = participants(s.parties, o), o.accounts, o.match
	for i := range s.parties {
		if s.parties[i].address == nil {
			next.People[i] = s.people[i]
		}
	}
	return Rematched{Activity: next, Pending: pending(s.parties, o), Changed: !sameMatch(&a, &next)}
}

func sameMatch(a, b *crm.Activity) bool {
	return slices.Equal(a.People, b.People) && slices.Equal(a.Accounts, b.Accounts) &&
		a.Match.Rule == b.Match.Rule && a.Match.Evidence == b.Match.Evidence && slices.Equal(a.Match.RunnersUp, b.Match.RunnersUp)
}

// Screens reports what today's exclusions cover of a stored activity: rows are the ledger rows that must be
// excluded, all of them or, where only a folder is excluded, those seen there. An activity does not hold who
// stood in Sender and Reply-To only; these are screened when the item is read. What a person wrote into the
// CRM (notes, calls) is never covered.
func (m *Mapper) Screens(a crm.Activity) (rows []crm.ItemRef, reason crm.Reason, excluded bool) {
	if !fromSource(a.Kind) {
		return nil, "", false
	}
	b := m.newBatch(Source{}, len(a.People))
	s := b.stored(&a)
	switch a.Kind {
	case crm.KindForm:
		reason = b.excludesStoredForm(&a, s.parties)
	case crm.KindMeeting:
		reason = b.excludesStoredMeeting(&a, s.parties)
	default:
		reason = b.excludes(s.parties, nil, a.Class, a.Subject, a.Thread != "" && a.Thread != string(a.Key))
	}
	if reason != "" {
		for _, o := range a.Observed {
			rows = append(rows, crm.ItemRef{Source: o.Source, ExternalID: o.ExternalID})
		}
		return rows, reason, len(rows) > 0
	}
	for _, o := range a.Observed {
		why := b.excludesFolder(o.Folder, o.Source, nil)
		if why == "" && o.Mail && b.noClasses[crm.ClassInvitation] {
			why = crm.ReasonClass + ": " + crm.Reason(crm.ClassInvitation)
		}
		if why != "" {
			rows, reason = append(rows, crm.ItemRef{Source: o.Source, ExternalID: o.ExternalID}), why
		}
	}
	return rows, reason, len(rows) > 0
}

// excludesStoredForm looks at what was sent, and at the sender as stored: an erasure may have emptied the fields.
func (b *batch) excludesStoredForm(a *crm.Activity, parties []party) crm.Reason {
	e := b.storedEnquiry(a)
	for i := range parties {
		if p := &parties[i]; p.role == crm.RoleSubmitter {
			e.addAddress(p.address)
		}
	}
	return b.excludesEnquiry(e)
}

func fromSource(kind crm.ActivityKind) bool {
	return kind != crm.KindNote && kind != crm.KindCall
}
