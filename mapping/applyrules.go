package mapping

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// applyForm applies the rules for forms, then those of this form, to what the usual names told. Each rule sees what
// those before it said.
func (b *batch) applyForm(e *enquiry) {
	kind, form := b.fields[crm.KindForm], b.form(e.sub.Form)
	if kind == nil && !form.hasRules() {
		return
	}
	in := b.enquiryInput(e)
	set := map[string]bool{}
	for _, rules := range [][]namedRule{kind.persons(), form.person} {
		for _, r := range rules {
			if value := b.run(r.rule, in); value != "" {
				e.setPerson(r.field, value)
				set[r.field] = true
			}
		}
	}
	e.agreeOnName(set)
	fillPersonInput(in.Person, &e.person)
	b.applyActivity(e, kind.activities(), in)
	e.override(&e.touch.Campaign, sentCampaign, b.run(form.campaign, in))
	e.override(&e.touch.Channel, sentChannel, b.run(form.channel, in))
	e.product = cmp.Or(oneLine(b.run(form.product, in)), e.product)
	e.setOwner(b.run(form.owner, in))
	b.applyActivity(e, form.activity, in)
}

func (b *batch) applyActivity(e *enquiry, rules []namedRule, in *expr.Input) {
	for _, r := range rules {
		if value := b.run(r.rule, in); value != "" {
			b.setActivity(e, r.field, value)
		}
	}
}

func (f *formRules) hasRules() bool {
	return len(f.person)+len(f.activity) > 0 || f.campaign != nil || f.channel != nil || f.product != nil || f.owner != nil
}

func (k *kindRules) persons() []namedRule {
	if k == nil {
		return nil
	}
	return k.person
}

func (k *kindRules) activities() []namedRule {
	if k == nil {
		return nil
	}
	return k.activity
}

func (e *enquiry) setPerson(field, value string) {
	p := &e.person
	if name, ok := strings.CutPrefix(field, "custom."); ok {
		if p.Custom == nil {
			p.Custom = map[string]string{}
		}
		p.Custom[name] = value
		return
	}
	value = oneLine(value)
	switch field {
	case "name":
		p.Name = value
	case "family_name":
		p.FamilyName = value
	case "given_name":
		p.GivenName = value
	case "kana":
		p.Kana = value
	case "company":
		p.Company = value
	case "department":
		p.Department = value
	case "title":
		p.Title = value
	case "emails":
		p.Emails = emails(value)
	case "phones":
		p.Phones = nil
		for number := range strings.SplitSeq(value, ";") {
			p.Phones = append(p.Phones, phone(strings.TrimSpace(number))...)
		}
	case "owner":
		if address := crm.CanonicalAddress(value); address != "" {
			p.Owner = address
		}
	case "status":
		p.Status = crm.LeadStatus(value)
	case "consent":
		e.setConsent(value)
	}
}

// agreeOnName makes the name and its parts agree where a rule said only one of them.
func (e *enquiry) agreeOnName(set map[string]bool) {
	p := &e.person
	switch parts := set["family_name"] || set["given_name"]; {
	case set["name"] && !parts:
		p.FamilyName, p.GivenName = crm.SplitName(p.Name)
	case parts && !set["name"]:
		p.Name = fullName(p.FamilyName, p.GivenName)
	}
}

// The names under which the fields of an activity keep what came where the mapping says something else, so
// that another mapping can go back to it.
const (
	sentCampaign = "sent.campaign"
	sentChannel  = "sent.channel"
)

// override sets a word of the touch and keeps the one that came.
func (e *enquiry) override(word *string, name, value string) {
	if value = oneLine(value); value == "" || value == *word {
		return
	}
	e.kept = append(e.kept, crm.FormField{Name: name, Values: []string{*word}})
	*word = value
}

func (e *enquiry) setOwner(value string) {
	if _, ok := crm.NormalizeAddress(value); ok {
		e.owner, e.ruled = crm.CanonicalAddress(value), true
	}
}

func (b *batch) setActivity(e *enquiry, field, value string) {
	switch field {
	case "subject":
		e.subject = oneLine(value)
	case "text":
		e.text = value
	case "product":
		e.product = oneLine(value)
	case "status":
		e.status = oneLine(value)
	default:
		name := strings.TrimPrefix(field, "custom.")
		if value = b.canonical(crm.OnActivity, name, value); value != "" {
			if e.custom == nil {
				e.custom = map[string]string{}
			}
			e.custom[name] = value
		}
	}
}

// enquiryInput shows an enquiry to expressions.
func (b *batch) enquiryInput(e *enquiry) *expr.Input {
	form := make(map[string]any, 2*len(e.sub.Fields))
	for _, byLabel := range []bool{true, false} { // a name counts more than another field's label
		for i := range e.sub.Fields {
			f := &e.sub.Fields[i]
			name := f.Name
			if byLabel {
				name = f.Label
			}
			if name != "" {
				form[name] = valueOf(f.Values)
			}
		}
	}
	t := &e.touch
	in := &expr.Input{
		Item: itemInput(crm.KindForm, e.item.Folder, e.at(), crm.DirectionIn), Form: form, Mail: map[string]any{}, Meeting: map[string]any{},
		Touch: map[string]any{
			"campaign": t.Campaign, "channel": t.Channel, "source": t.Source, "medium": t.Medium,
			"term": t.Term, "content": t.Content, "referrer": t.Referrer, "landing": t.Landing,
		},
		Person: map[string]any{}, Source: map[string]any{"id": e.source, "owner": e.sourceOwner},
	}
	fillPersonInput(in.Person, &e.person)
	return in
}

func valueOf(values []string) any {
	switch len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	}
	return slices.Clone(values)
}

func itemInput(kind crm.ActivityKind, folder string, received time.Time, direction crm.Direction) map[string]any {
	return map[string]any{"kind": string(kind), "folder": folder, "received": received, "direction": string(direction)}
}

// fillPersonInput shows what is known of a person. Every field is there, "" where nothing is known.
func fillPersonInput(in map[string]any, p *crm.Person) {
	in["name"], in["family_name"], in["given_name"], in["kana"] = p.Name, p.FamilyName, p.GivenName, p.Kana
	in["company"], in["department"], in["title"], in["owner"] = p.Company, p.Department, p.Title, p.Owner
	in["email"], in["phone"], in["kind"], in["id"], in["consent"] = "", "", string(p.Kind), p.ID, string(p.Consent.State)
	if len(p.Emails) > 0 {
		in["email"] = p.Emails[0]
	}
	if len(p.Phones) > 0 {
		in["phone"] = p.Phones[0].Number
	}
	for name, value := range p.Custom {
		in["custom."+name] = value
	}
}
