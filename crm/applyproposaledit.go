package crm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// change sets a field, or puts a value in front of a list.
func (e *editor) change(p *Proposal) error {
	value := strings.TrimSpace(p.Value)
	if value == "" || !shortLine(value, 300) {
		return fmt.Errorf("%w: the value is not a line of at most 300 characters", ErrRefused)
	}
	if isListField(p.Field) {
		added, err := e.add(p.Field, value)
		if err != nil || !added {
			return err
		}
	} else {
		was, ok := e.get(p.Field)
		switch {
		case !ok:
			return fmt.Errorf("%w: the field %q cannot be set", ErrRefused, p.Field)
		case was == value:
			return nil
		case was != p.Before:
			return ErrConflict
		}
		e.set(p.Field, value)
		e.note(p.Field, was, value)
	}
	if e.person != nil && p.Activity != "" {
		e.person.Filled = append(slices.Clip(e.person.Filled), Provenance{Field: p.Field, Activity: p.Activity, At: p.Raised})
	}
	return nil
}

func isListField(field string) bool {
	return field == "emails" || field == "phones" || field == "domains"
}

// add puts a value in front of a list, since it is the newest; what was there stays behind it.
func (e *editor) add(field, value string) (added bool, err error) {
	switch {
	case field == "emails" && e.person != nil:
		if _, ok := NormalizeAddress(value); !ok {
			return false, fmt.Errorf("%w: %q is not an address", ErrRefused, excerptOf(value))
		}
		if added = e.person.addAddress(value); added {
			e.person.Emails = lastToFront(e.person.Emails)
		}
	case field == "phones" && e.person != nil:
		if added = e.person.addPhone(value); added {
			e.person.Phones = lastToFront(e.person.Phones)
		}
	case field == "phones":
		phone := Phone{Number: value, E164: NormalizePhone(value, "")}
		added = !slices.ContainsFunc(e.account.Phones, func(p Phone) bool { return p.Number == value || phone.E164 != "" && p.E164 == phone.E164 })
		if added {
			e.account.Phones = append([]Phone{phone}, e.account.Phones...)
		}
	case field == "domains" && e.account != nil:
		domain, ok := NormalizeDomain(value)
		if !ok {
			return false, fmt.Errorf("%w: %q is not a domain", ErrRefused, excerptOf(value))
		}
		value = domain
		if added = !slices.Contains(e.account.Domains, domain); added {
			e.account.Domains = append(slices.Clip(e.account.Domains), domain)
		}
	default:
		return false, fmt.Errorf("%w: the field %q cannot be set", ErrRefused, field)
	}
	if added {
		e.note(field, "", value)
	}
	return added, nil
}

func lastToFront[T any](list []T) []T {
	last := len(list) - 1
	return append([]T{list[last]}, list[:last]...)
}

// get is the value of a field that has one value; false if there is no such field, or it is not to be set so.
func (e *editor) get(field string) (string, bool) {
	if name, ok := strings.CutPrefix(field, "custom."); ok {
		if !fieldName.MatchString(name) {
			return "", false
		}
		return (*e.custom())[name], true
	}
	if at := e.text(field); at != nil {
		return *at, true
	}
	return "", false
}

func (e *editor) set(field, value string) {
	name, ok := strings.CutPrefix(field, "custom.")
	if !ok {
		*e.text(field) = value
		return
	}
	custom := e.custom()
	is := maps.Clone(*custom)
	if is == nil {
		is = map[string]string{}
	}
	if is[name] = value; value == "" {
		delete(is, name)
	}
	if len(is) == 0 {
		is = nil
	}
	*custom = is
}

func (e *editor) custom() *map[string]string {
	if e.person != nil {
		return &e.person.Custom
	}
	return &e.account.Custom
}

// text is a field of the subject that is a text.
func (e *editor) text(field string) *string {
	if e.person != nil {
		return e.person.textField(field)
	}
	switch field {
	case "name":
		return &e.account.Name
	case "kana":
		return &e.account.Kana
	case "owner":
		return &e.account.Owner
	}
	return nil
}
