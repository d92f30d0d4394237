package crm

import (
	"cmp"
	"time"
)

// ConvertPerson is the contact that a lead becomes: the same record, whose company is the account's now. Owner "" leaves
// the lead's.
func ConvertPerson(lead Person, account, owner string, now time.Time) Person {
	p := lead
	p.Kind, p.AccountID, p.Company = Contact, account, ""
	p.Owner = cmp.Or(owner, lead.Owner)
	p.Converted, p.Updated = now, now
	return p
}

// UnconvertPerson makes the lead again of a contact as it is now. Made is the contact as the conversion made it: what people
// changed since stays.
func UnconvertPerson(current, made, before Person) Person {
	p := current
	p.Kind, p.AccountID = Lead, ""
	unfill(&p.Company, made.Company, before.Company)
	unfill(&p.Owner, made.Owner, before.Owner)
	p.Converted = before.Converted
	unfill(&p.Updated, made.Updated, before.Updated)
	return p
}
