package mapping

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// applyKind applies the rules for a kind to an activity that is not a form's: its fields, and what they say of the
// person whom it is with. It reads the activity alone, so that a stored one gives the same.
func (b *batch) applyKind(a *crm.Activity) (updates []crm.PersonUpdate) {
	a.Product, a.Custom = "", nil
	if a.Kind == crm.KindEmail {
		a.Status = ""
	}
	rules := b.fields[a.Kind]
	if rules == nil {
		return nil
	}
	person := counterpart(a)
	in := activityInput(a, person)
	if person != nil {
		if fill := b.personFill(rules.person, in, person.Kind); len(fill) > 0 {
			updates = []crm.PersonUpdate{{ID: person.ID, Activity: a.ID, At: a.Time, Fill: fill}}
		}
	}
	for _, r := range rules.activity {
		value := b.run(r.rule, in)
		if value == "" {
			continue
		}
		switch r.field {
		case "product":
			a.Product = oneLine(value)
		case "status":
			a.Status = oneLine(value)
		default:
			name := strings.TrimPrefix(r.field, "custom.")
			if value = b.canonical(crm.OnActivity, name, value); value != "" {
				if a.Custom == nil {
					a.Custom = map[string]string{}
				}
				a.Custom[name] = value
			}
		}
	}
	return updates
}

// counterpart is the known person whom an activity is with: the sender or organiser of what came in, the only one to
// whom something went or who is invited; nil if there is none.
func counterpart(a *crm.Activity) *crm.Participant {
	var only *crm.Participant
	for i := range a.People {
		p := &a.People[i]
		if p.ID == "" || p.Internal || p.Role == crm.RoleThread {
			continue
		}
		if p.Role == crm.RoleFrom || p.Role == crm.RoleOrganizer {
			return p
		}
		if a.Direction == crm.DirectionOut && only != nil && only.ID != p.ID {
			return nil
		}
		only = p
	}
	if a.Direction != crm.DirectionOut {
		return nil
	}
	return only
}

// personFill is what rules say of a person known already.
func (b *batch) personFill(rules []namedRule, in *expr.Input, kind crm.PersonKind) []crm.Fill {
	var list []crm.Fill
	for _, r := range rules {
		value := b.run(r.rule, in)
		if name, ok := strings.CutPrefix(r.field, "custom."); ok {
			value = b.canonical(targetOf(kind), name, value)
		} else {
			value = b.fillable(r.field, oneLine(value), in, kind)
		}
		if value != "" {
			list = append(list, crm.Fill{Field: r.field, Value: value})
		}
	}
	return list
}

// fillable is a value of a field as an update takes it; "" if the record cannot have it.
func (b *batch) fillable(field, value string, in *expr.Input, kind crm.PersonKind) string {
	switch {
	case field == "company" && kind != crm.Lead:
		return ""
	case field == "status" && value != "" && !b.life.StatusInUse(value):
		b.missed.Add(1)
		return ""
	case field == "consent":
		state := readConsent(value)
		if state == "" {
			return ""
		}
		subject, _ := in.Mail["subject"].(string)
		return crm.ConsentFill(crm.Consent{State: state, Evidence: cutEvidence(oneLine(subject))})
	}
	return value
}

func targetOf(kind crm.PersonKind) crm.FieldTarget {
	if kind == crm.Contact {
		return crm.OnContact
	}
	return crm.OnLead
}

// activityInput shows an activity to expressions.
func activityInput(a *crm.Activity, with *crm.Participant) *expr.Input {
	mail := map[string]any{"subject": a.Subject, "text": a.Text, "class": string(a.Class), "from": "", "from_name": ""}
	var to, cc []string
	for _, p := range a.People {
		switch p.Role {
		case crm.RoleFrom:
			if mail["from"] == "" {
				mail["from"], mail["from_name"] = p.Address, p.Name
			}
		case crm.RoleTo:
			to = append(to, p.Address)
		case crm.RoleCc:
			cc = append(cc, p.Address)
		}
	}
	mail["to"], mail["cc"] = listOf(to), listOf(cc)
	in := &expr.Input{Mail: mail, Meeting: meetingInput(a), Form: map[string]any{}, Touch: map[string]any{}, Person: map[string]any{}}
	var p crm.Person
	if with != nil {
		p = crm.Person{ID: with.ID, Kind: with.Kind, Name: with.Name, Emails: []string{with.Address}}
		p.FamilyName, p.GivenName = crm.SplitName(with.Name)
	}
	fillPersonInput(in.Person, &p)
	first := firstSource(a)
	in.Item = itemInput(a.Kind, first.Folder, a.Time, a.Direction)
	in.Source = map[string]any{"id": first.Source, "owner": first.Owner}
	return in
}

func listOf(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

// meetingInput shows what only meetings have; nothing of other activities.
func meetingInput(a *crm.Activity) map[string]any {
	in := map[string]any{}
	if a.Meeting == nil {
		return in
	}
	organizer := ""
	var attendees []string
	for _, p := range a.People {
		switch {
		case p.Role == crm.RoleOrganizer && organizer == "":
			organizer = p.Address
		case p.Role == crm.RoleAttendee && p.Type == crm.TypePerson && p.Address != "":
			attendees = append(attendees, p.Address)
		}
	}
	in["location"], in["conference"] = a.Meeting.Location, a.Meeting.Conference
	in["all_day"], in["recurring"] = a.Meeting.AllDay, a.Meeting.Occurrence != ""
	in["organizer"], in["attendees"] = organizer, listOf(attendees)
	in["minutes"], in["status"] = max(0, int(a.End.Sub(a.Time).Minutes())), a.Status
	return in
}
