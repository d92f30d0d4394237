package crm

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxFilled is how many addresses or numbers a person can have, as for those who are entered by hand.
const maxFilled = 50

// ApplyUpdate fills what is empty in p and notes where it came from; of a consent the newest word counts. It says whether
// p changed. What has a value stays; an address or number that p has in another writing is not added again, so that
// applying an update twice is applying it once. Left alone, too, are fields that the kind of person does not have (the
// status of a contact, its company as text), names of no field, and values that could not be entered by hand
// (over 300 characters, or not on one line). Slices and maps of p are replaced, never written to.
func ApplyUpdate(p *Person, u PersonUpdate) bool {
	changed := false
	for _, f := range u.Fill {
		if f.Value == "" || !p.fill(f, u.At) {
			continue
		}
		changed = true
		p.Filled = append(slices.Clip(p.Filled), Provenance{Field: f.Field, Activity: u.Activity, At: u.At})
	}
	if changed && u.At.After(p.Updated) {
		p.Updated = u.At
	}
	return changed
}

func (p *Person) fill(f Fill, at time.Time) bool {
	if name, ok := strings.CutPrefix(f.Field, "custom."); ok {
		return p.fillCustom(name, f.Value)
	}
	if !plainLine(f.Value) || utf8.RuneCountInString(f.Value) > 300 {
		return false
	}
	switch f.Field {
	case "emails":
		return p.addAddress(f.Value)
	case "phones":
		return p.addPhone(f.Value)
	case "consent":
		return p.fillConsent(f.Value, at)
	case "status":
		if p.Kind != Lead || p.Status != "" {
			return false
		}
		p.Status = LeadStatus(f.Value)
		return true
	}
	field := p.textField(f.Field)
	if field == nil || *field != "" {
		return false
	}
	*field = f.Value
	return true
}

// textField is the field with this json name, nil if p can have none of that name filled.
func (p *Person) textField(name string) *string {
	switch name {
	case "name":
		return &p.Name
	case "family_name":
		return &p.FamilyName
	case "given_name":
		return &p.GivenName
	case "kana":
		return &p.Kana
	case "department":
		return &p.Department
	case "title":
		return &p.Title
	case "owner":
		return &p.Owner
	case "company":
		if p.Kind == Lead {
			return &p.Company
		}
	case "account_id":
		if p.Kind == Contact {
			return &p.AccountID
		}
	}
	return nil
}

func (p *Person) fillCustom(name, value string) bool {
	if p.Custom[name] != "" || !fieldName.MatchString(name) || len(value) > maxFieldText || !utf8.ValidString(value) {
		return false
	}
	custom := maps.Clone(p.Custom)
	if custom == nil {
		custom = map[string]string{}
	}
	custom[name] = value
	p.Custom = custom
	return true
}

func (p *Person) addAddress(address string) bool {
	normalized, ok := NormalizeAddress(address)
	if !ok || len(p.Emails) >= maxFilled {
		return false
	}
	for _, known := range p.Emails {
		if n, _ := NormalizeAddress(known); n == normalized {
			return false
		}
	}
	p.Emails = append(slices.Clip(p.Emails), address)
	return true
}

func (p *Person) addPhone(number string) bool {
	added := Phone{Number: number, E164: NormalizePhone(number, "")}
	if len(p.Phones) >= maxFilled || utf8.RuneCountInString(number) > 60 {
		return false
	}
	for _, known := range p.Phones {
		if known.Number == number || added.E164 != "" && known.E164 == added.E164 {
			return false
		}
	}
	p.Phones = append(slices.Clip(p.Phones), added)
	return true
}
