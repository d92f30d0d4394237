package web

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what may be entered.
const (
	maxField = 300 // characters
	maxList  = 50  // addresses, phones or domains of one record
)

// problem is what is wrong with an entry: a sentence of the catalogue with the value it is about.
type problem struct{ key, value string }

func (p *problem) Error() string { return p.key + ": " + p.value }

// checkPerson trims what was entered and says what is wrong with it, or nil. Pages and API share it. A
// colleague is no customer: whoever has an address of our own is refused, as an import does.
func (s *Server) checkPerson(p *crm.Person) *problem {
	if bad := checkPerson(p); bad != nil {
		return bad
	}
	for _, e := range p.Emails {
		if s.cfg.Own(e) {
			return &problem{"form.own_address", excerpt(e, 60)}
		}
	}
	return nil
}

// checkAccount does the same for an account and its domains.
func (s *Server) checkAccount(a *crm.Account) *problem {
	if bad := checkAccount(a); bad != nil {
		return bad
	}
	for _, domain := range a.Domains {
		if s.cfg.Own("postmaster@" + domain) {
			return &problem{"form.own_domain", domain}
		}
	}
	return nil
}

func checkPerson(p *crm.Person) *problem {
	for _, field := range []*string{&p.Name, &p.FamilyName, &p.GivenName, &p.Kana, &p.Company, &p.Department, &p.Title, &p.Owner} {
		if bad := tidy(field); bad != nil {
			return bad
		}
		if utf8.RuneCountInString(*field) > maxField {
			return &problem{"form.too_long", excerpt(*field, 20)}
		}
	}
	status := string(p.Status)
	if bad := tidy(&status); bad != nil {
		return bad
	}
	p.Status = crm.LeadStatus(status)
	p.Owner = strings.ToLower(p.Owner)
	if p.Name == "" {
		return &problem{"form.no_name", ""}
	}
	switch p.Kind {
	case crm.Lead:
		p.AccountID = ""
	case crm.Contact:
		if p.Converted.IsZero() { // what was a lead keeps where it stood
			p.Status, p.Reason = "", ""
		}
	default:
		return &problem{"form.bad_kind", string(p.Kind)}
	}
	if len(p.Emails) > maxList || len(p.Phones) > maxList {
		return &problem{"form.too_many", ""}
	}
	for i, e := range p.Emails {
		if bad := tidy(&e); bad != nil {
			return bad
		}
		if p.Emails[i] = bareAddress(e); p.Emails[i] == "" {
			return &problem{"form.bad_address", excerpt(e, 60)}
		}
	}
	return checkPhones(p.Phones)
}

// bareAddress is what was entered without a name and brackets around it, "" if it is no address. What
// Japanese carriers gave out ("a..b.@docomo.ne.jp") is none by RFC 5322 and one all the same.
func bareAddress(entry string) string {
	if len(entry) > maxField {
		return ""
	}
	if parsed, err := mail.ParseAddress(strings.TrimSpace(entry)); err == nil {
		entry = parsed.Address
	} else {
		entry = crm.CanonicalAddress(entry)
	}
	if _, ok := crm.NormalizeAddress(entry); !ok {
		return ""
	}
	return entry
}

// checkPhones trims numbers and reads them.
func checkPhones(phones []crm.Phone) *problem {
	for i := range phones {
		number := phones[i].Number
		if bad := tidy(&number); bad != nil {
			return bad
		}
		if utf8.RuneCountInString(number) > 60 {
			return &problem{"form.too_long", excerpt(number, 20)}
		}
		phones[i] = crm.Phone{Number: number, E164: crm.NormalizePhone(number, "")}
	}
	return nil
}

func checkAccount(a *crm.Account) *problem {
	for _, field := range []*string{&a.Name, &a.Kana, &a.Owner} {
		if bad := tidy(field); bad != nil {
			return bad
		}
		if utf8.RuneCountInString(*field) > maxField {
			return &problem{"form.too_long", excerpt(*field, 20)}
		}
	}
	a.Owner = strings.ToLower(a.Owner)
	if a.Name == "" {
		return &problem{"form.no_name", ""}
	}
	if len(a.Domains) > maxList || len(a.Phones) > maxList {
		return &problem{"form.too_many", ""}
	}
	for i, d := range a.Domains {
		domain, ok := crm.NormalizeDomain(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if !ok || !strings.Contains(domain, ".") {
			return &problem{"form.bad_domain", excerpt(strings.ToValidUTF8(d, "\ufffd"), 60)}
		}
		a.Domains[i] = domain
	}
	return checkPhones(a.Phones)
}

// entered splits what was typed into a box of several lines; commas part as well.
func entered(text string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == '、' || r == ';' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// phonesOf are numbers as entered, yet to be checked.
func phonesOf(numbers []string) []crm.Phone {
	var list []crm.Phone
	for _, number := range numbers {
		list = append(list, crm.Phone{Number: number})
	}
	return list
}

// accountNamed finds the account with exactly this name, without regard to width and case. The second
// result says how many there are; the account is only given if there is one.
func (s *Server) accountNamed(ctx context.Context, name string) (crm.Account, int, error) {
	folded := crm.Fold(name)
	var found []crm.Account
	after := ""
	for range 20 { // at most 1,000 accounts whose names contain this one
		list, next, err := s.store.ListAccounts(ctx, crm.AccountFilter{Query: name, After: after, Limit: pageRows})
		if err != nil {
			return crm.Account{}, 0, fmt.Errorf("find account: %w", err)
		}
		for _, a := range list {
			if crm.Fold(a.Name) == folded {
				found = append(found, a)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if len(found) != 1 {
		return crm.Account{}, len(found), nil
	}
	return found[0], 1, nil
}
