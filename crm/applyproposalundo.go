package crm

import (
	"reflect"
	"slices"
	"time"
)

// RevertProposal takes back what accepting p changed in its subject, as far as nobody changed it since: a field that says
// something else by now stays. What accepting made (Proposal.Made, a task, a merge) is the store's to take back.
func RevertProposal(p *Proposal, on Subject, at time.Time) Applied {
	var out Applied
	if len(p.Did) == 0 || on.Person == nil && on.Account == nil {
		return out
	}
	e := newEditor(on, at)
	for _, edit := range slices.Backward(p.Did) {
		e.revert(edit, p.Activity)
	}
	e.fill(&out)
	out.Did = nil
	return out
}

func (e *editor) revert(edit Edit, activity string) {
	if !e.takeBack(edit) {
		return
	}
	e.note(edit.Field, edit.After, edit.Before)
	if e.person == nil || activity == "" {
		return
	}
	for i, f := range slices.Backward(e.person.Filled) {
		if f.Field == edit.Field && f.Activity == activity {
			e.person.Filled = slices.Delete(slices.Clone(e.person.Filled), i, i+1)
			return
		}
	}
}

// takeBack says whether the edit still stood.
func (e *editor) takeBack(edit Edit) bool {
	if isListField(edit.Field) || edit.Field == "bad_emails" {
		return e.remove(edit.Field, edit.After)
	}
	if e.person != nil {
		switch edit.Field {
		case "left":
			if e.person.Left.Format(time.RFC3339Nano) != edit.After {
				return false
			}
			e.person.Left = time.Time{}
			return true
		case "successor":
			return swap(&e.person.Successor, edit)
		case "do_not_contact":
			return swap(&e.person.DoNotContact, edit)
		}
	}
	if is, ok := e.get(edit.Field); !ok || is != edit.After {
		return false
	}
	e.set(edit.Field, edit.Before)
	return true
}

func swap(field *string, edit Edit) bool {
	if *field != edit.After {
		return false
	}
	*field = edit.Before
	return true
}

// remove takes a value that was added off a list.
func (e *editor) remove(field, value string) bool {
	isNumber := func(p Phone) bool { return p.Number == value }
	switch {
	case field == "emails" && e.person != nil:
		return removeFrom(&e.person.Emails, func(s string) bool { return s == value })
	case field == "bad_emails" && e.person != nil:
		return removeFrom(&e.person.BadEmails, func(s string) bool { return s == value })
	case field == "phones" && e.person != nil:
		return removeFrom(&e.person.Phones, isNumber)
	case field == "phones":
		return removeFrom(&e.account.Phones, isNumber)
	case field == "domains" && e.account != nil:
		return removeFrom(&e.account.Domains, func(s string) bool { return s == value })
	}
	return false
}

func removeFrom[T any](list *[]T, is func(T) bool) bool {
	i := slices.IndexFunc(*list, is)
	if i < 0 {
		return false
	}
	*list = orNil(slices.Delete(slices.Clone(*list), i, i+1))
	return true
}

// StillAsMade reports whether nobody changed the contact that accepting a proposal made: what rules give (owner, status)
// and when it was stored do not count.
func StillAsMade(made, is *Person) bool {
	a, b := *made, *is
	for _, p := range []*Person{&a, &b} {
		p.Updated, p.StatusAt, p.Created = time.Time{}, time.Time{}, time.Time{}
		p.Owner, p.Status, p.Reason, p.Request, p.Stage = "", "", "", "", ""
		p.Emails, p.Filled, p.BadEmails, p.Merged = orNil(p.Emails), orNil(p.Filled), orNil(p.BadEmails), orNil(p.Merged)
	}
	return reflect.DeepEqual(a, b)
}
