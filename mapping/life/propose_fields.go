package life

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// proposeFields compares the record with what their newest signatures say.
func (s *subject) proposeFields() {
	var seen [6]bool
	for i := range slices.Backward(s.deeds) {
		d := &s.deeds[i]
		if !d.in || d.a.Kind != crm.KindEmail {
			continue
		}
		for j := range d.a.Signals {
			sig := &d.a.Signals[j]
			if sig.Kind != crm.SignalSignature || !s.concerns(d, sig) {
				continue
			}
			for n, field := range [...]string{"company", "department", "title", "phone", "name", "kana"} {
				if value := strings.TrimSpace(sig.Fields[field]); value != "" && !seen[n] {
					seen[n] = true
					s.proposeField(d, sig, field, value)
				}
			}
		}
	}
}

func (s *subject) proposeField(d *deed, sig *crm.Signal, field, value string) {
	p := &s.person
	p0 := crm.Proposal{Kind: crm.ProposeField, Field: field, Value: value, Evidence: evidence(sig.Evidence), Activity: d.a.ID, Raised: d.a.Time}
	same := false
	switch field {
	case "company":
		p0.Before = p.Company
		same = p.Kind == crm.Contact || !otherCompany(p.Company, value) // of a contact see elsewhere
	case "department":
		p0.Before = p.Department
		same = sameWords(p.Department, value)
	case "title":
		p0.Before = p.Title
		same = sameWords(p.Title, value)
	case "kana":
		p0.Before = p.Kana
		same = tight(p.Kana) == tight(value)
	case "phone":
		p0.Field = "phones"
		same = s.hasPhone(value)
	case "name":
		p0.Before = p.Name
		same = !otherName(p.Name, value)
	}
	if !same {
		s.raise(p0)
	}
}

// sameWords reports whether what a signature says is no news: who writes in another language signs in it.
func sameWords(known, said string) bool {
	return tight(known) == tight(said) || known != "" && japanese(known) != japanese(said)
}

// otherCompany reports whether two texts in one script name two companies. A part of a name is no other name.
func otherCompany(a, b string) bool {
	x, y := tight(a), tight(b)
	if x == "" {
		return true
	}
	return japanese(x) == japanese(y) && !crm.SameCompany(a, b) && !strings.Contains(x, y) && !strings.Contains(y, x)
}

// elsewhere is the newest mail of a contact, and the company that its signature names; nil if that is their account, or nothing
// names one.
func (s *subject) elsewhere() (*deed, string) {
	if s.person.Kind != crm.Contact || s.f.Employer == nil {
		return nil, ""
	}
	for i := range slices.Backward(s.deeds) {
		d := &s.deeds[i]
		for j := range d.a.Signals {
			sig := &d.a.Signals[j]
			if company := sig.Fields["company"]; sig.Kind == crm.SignalSignature && d.in && company != "" && s.concerns(d, sig) {
				if otherCompany(s.f.Employer.Name, company) {
					return d, company
				}
				return nil, ""
			}
		}
	}
	return nil, ""
}

// tight is a text folded for comparison, without spaces.
func tight(text string) string { return strings.ReplaceAll(crm.Fold(text), " ", "") }

func (s *subject) hasPhone(number string) bool {
	return slices.ContainsFunc(s.person.Phones, func(p crm.Phone) bool {
		return crm.SamePhone(p.Number, number) || p.E164 != "" && p.E164 == crm.NormalizePhone(number, "JP")
	})
}

// otherName reports whether two names in one script are not those of one person. Half of a name is no other name.
func otherName(a, b string) bool {
	x, y := tight(a), tight(b)
	if x == "" {
		return true
	}
	return japanese(x) == japanese(y) && !crm.SameName(a, b) && !strings.Contains(x, y) && !strings.Contains(y, x)
}

func japanese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Katakana, unicode.Hiragana) })
}

// contradicting are the things known of them that cannot all be so.
func (s *subject) contradicting() (out []crm.Proposal) {
	add := func(value string, d *deed, words string) {
		p := crm.Proposal{Kind: crm.ProposeContradicts, Value: value, Evidence: evidence(words), Raised: s.person.Created}
		if d != nil {
			p.Activity, p.Raised = d.a.ID, d.a.Time
		}
		out = append(out, p)
	}
	for _, address := range s.person.BadEmails {
		if d := s.lastFrom(address); d != nil && slices.Contains(s.mine, address) {
			add("bad_email: "+address, d, s.word(address+" は届かないはずですが、メールが来ました: ", address+" is said to be bad, and wrote: ")+s.day(d.at))
		}
	}
	if left := s.person.Left; !left.IsZero() {
		if d := s.lastWritten(); d != nil && s.day(d.at) > s.day(left) {
			add("left", d, s.word("退職したはずですが、連絡が来ました: ", "said to have left, and wrote: ")+s.day(d.at))
		}
	}
	if d, company := s.elsewhere(); d != nil {
		add("company: "+company, d, s.word("署名の会社が取引先と違います: ", "the signature names another company than the account: ")+company)
	}
	if s.person.DoNotContact != "" && s.person.Consent.State == crm.ConsentGiven {
		add("consent", nil, s.word("連絡不要ですが、配信に同意しています: ", "must not be contacted, and consented to mailings: ")+s.person.DoNotContact)
	}
	return out
}

// lastFrom is the last mail from an address since it was found to be bad; nil if there is none. Where nothing tells when that
// was, it was before the record was last changed.
func (s *subject) lastFrom(address string) *deed {
	since := orTime(s.decidedAt(crm.ProposeBadAddress, address), s.person.Updated)
	for i := range slices.Backward(s.deeds) {
		d := &s.deeds[i]
		for j := range d.a.Signals {
			if sig := &d.a.Signals[j]; sig.AddressGone() && s.concerns(d, sig) && s.bounced(d, sig) == address {
				return nil
			}
		}
		if d.writes && d.a.Kind == crm.KindEmail && s.sender(d) == address && d.at.After(since) {
			return d
		}
	}
	return nil
}

func (s *subject) lastWritten() *deed {
	for i := range slices.Backward(s.deeds) {
		if s.deeds[i].writes {
			return &s.deeds[i]
		}
	}
	return nil
}
