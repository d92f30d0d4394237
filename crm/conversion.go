package crm

import "time"

// Conversion is 取引開始: a lead became a contact of an account. The contact is the same record, so that its history and
// attribution come along; where an existing contact was chosen, the lead was merged into that.
type Conversion struct {
	ID          string    `json:"id"`
	Person      string    `json:"person"`                // id of the lead
	Contact     string    `json:"contact"`               // id of the contact: the same, or the one it was merged into
	Account     string    `json:"account"`               // id
	NewAccount  bool      `json:"new_account,omitempty"` // the conversion made the account
	Opportunity string    `json:"opportunity,omitempty"` // id of the one it made; "" for none
	Merge       string    `json:"merge,omitempty"`       // id of the MergeRecord; "" if the lead became the contact itself
	Before      *Person   `json:"before,omitempty"`      // the lead as it was
	At          time.Time `json:"at"`
	By          string    `json:"by"`
	Undone      time.Time `json:"undone,omitzero"`
	UndoneBy    string    `json:"undone_by,omitempty"`
	Stayed      []string  `json:"stayed,omitempty"` // what undoing it left, since it was changed, won or used since: "opportunity/…", "contract/…" or "account/…" with the id
}

// ConversionPlan says what a conversion does.
type ConversionPlan struct {
	Person      string       // id of the lead
	Account     string       // id of an existing account; "" makes one of the lead's company and its address's domain
	AccountName string       // of the one to be made; "" for the lead's company
	Domain      string       // of the one to be made; "" for none: the caller knows whether the lead's address is one of free mail
	Contact     string       // id of an existing contact that the lead is merged into; "" for none
	Opportunity *Opportunity // to be made; nil for none. ID, Account, Contacts, Lead, Touch, Owner and Stage are filled where empty
	Owner       string       // of contact and account; "" for the lead's
}

// ConversionPreview says what a conversion would do, and what is offered instead of new records.
type ConversionPreview struct {
	Person      Person       `json:"person"`   // the contact that it makes
	Account     Account      `json:"account"`  // new, or the chosen one
	New         bool         `json:"new"`      // the account is made
	Accounts    []Candidate  `json:"accounts"` // existing ones that fit: by domain, by name
	Contacts    []Candidate  `json:"contacts"` // existing ones that fit: by address, telephone number, name
	Opportunity *Opportunity `json:"opportunity,omitempty"`
}
