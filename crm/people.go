package crm

import "time"

// PersonKind tells a lead from a contact.
type PersonKind string

// The kinds of person.
const (
	Lead    PersonKind = "lead"    // not yet a customer: person and company in one record
	Contact PersonKind = "contact" // belongs to an account
)

// Person is a lead or a contact.
type Person struct {
	ID         string     `json:"id"`   // 32 hex characters; given by the store's caller with NewID or derived
	Kind       PersonKind `json:"kind"` //
	Name       string     `json:"name"` // as shown; for Japanese names family name first
	FamilyName string     `json:"family_name,omitempty"`
	GivenName  string     `json:"given_name,omitempty"`
	Kana       string     `json:"kana,omitempty"`       // フリガナ
	Company    string     `json:"company,omitempty"`    // of a lead, as text
	AccountID  string     `json:"account_id,omitempty"` // of a contact
	Department string     `json:"department,omitempty"`
	Title      string     `json:"title,omitempty"`
	Emails     []string   `json:"emails,omitempty"` // as entered, the main one first
	Phones     []Phone    `json:"phones,omitempty"` // the main one first
	Owner      string     `json:"owner,omitempty"`  // the rep's address
	Status     LeadStatus `json:"status,omitempty"` // of a lead
	Origin     string     `json:"origin,omitempty"` // where the record came from: "import", "review", "policy", "demo", "api", "form"
	Created    time.Time  `json:"created"`
	Updated    time.Time  `json:"updated"`

	Custom map[string]string `json:"custom,omitempty"` // declared fields (FieldDef) in canonical form
	Filled []Provenance      `json:"filled,omitempty"` // fields that an activity filled, in the order filled

	Reason       string    `json:"reason,omitempty"`         // code of the nurturing reason that goes with Status
	StatusAt     time.Time `json:"status_at,omitzero"`       // when Status began; zero means Created
	Request      string    `json:"request,omitempty"`        // code of the request type
	Stage        string    `json:"stage,omitempty"`          // stage of the request
	Final        string    `json:"final,omitempty"`          // final action that ended the request
	Given        Touch     `json:"given,omitzero"`           // where they came from, as entered or imported; forms tell theirs themselves
	Consent      Consent   `json:"consent,omitzero"`         // to be sent mailings
	DoNotContact string    `json:"do_not_contact,omitempty"` // why they must not be approached, in words; "" if they may
	BadEmails    []string  `json:"bad_emails,omitempty"`     // normalised addresses that no longer take mail, sorted
	Left         time.Time `json:"left,omitzero"`            // when they left their company, as far as it is known
	Successor    string    `json:"successor,omitempty"`      // id of the person who follows them
	Converted    time.Time `json:"converted,omitzero"`       // when the lead became a contact; Status stays what it was
	ExternalKey  string    `json:"external_key,omitempty"`   // by which an import finds the record again
	Merged       []string  `json:"merged,omitempty"`         // ids of people that were merged into this one, oldest first
}

// Consent says whether somebody agreed to be sent mailings.
type Consent struct {
	State    ConsentState `json:"state,omitempty"`
	At       time.Time    `json:"at,omitzero"`
	Evidence string       `json:"evidence,omitempty"` // the form or the words by which it was given or taken back
}

// ConsentState is what is known of a consent.
type ConsentState string

// The states of a consent; "" is unknown, which is no consent.
const (
	ConsentGiven   ConsentState = "given"
	ConsentRefused ConsentState = "refused"
)

// Phone is a telephone number.
type Phone struct {
	Number string `json:"number"`         // as entered
	E164   string `json:"e164,omitempty"` // "" if it cannot be read as a number
}

// Account is a customer organisation.
type Account struct {
	ID      string    `json:"id"` // 32 hex characters
	Name    string    `json:"name"`
	Kana    string    `json:"kana,omitempty"`
	Domains []string  `json:"domains,omitempty"` // lower-case, IDNA ASCII; a subdomain belongs to its parent's account
	Phones  []Phone   `json:"phones,omitempty"`
	Owner   string    `json:"owner,omitempty"` // the rep's address
	Origin  string    `json:"origin,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`

	Custom map[string]string `json:"custom,omitempty"` // declared fields (FieldDef) in canonical form

	Parent      string   `json:"parent,omitempty"`       // id of the account it is a subsidiary of; never leads back to itself
	ExternalKey string   `json:"external_key,omitempty"` // by which an import finds the record again
	Merged      []string `json:"merged,omitempty"`       // ids of accounts that were merged into this one, oldest first
}

// LeadStatus is where a lead stands. The defaults are those of the product's words.
type LeadStatus string

// The statuses a lead can have out of the box.
const (
	StatusNew              LeadStatus = "new"               // 新規
	StatusWorking          LeadStatus = "working"           // アプローチ中
	StatusScheduling       LeadStatus = "scheduling"        // 日程調整中
	StatusMeetingWon       LeadStatus = "meeting_won"       // 商談獲得
	StatusUntouched        LeadStatus = "untouched"         // 未接触
	StatusNurturing        LeadStatus = "nurturing"         // ナーチャリング(次アクションなし)
	StatusNurturingPlanned LeadStatus = "nurturing_planned" // ナーチャリング(次アクションあり)
	StatusDisqualified     LeadStatus = "disqualified"      // 対象外
)

// PersonRef is what matching needs to know of a person.
type PersonRef struct {
	ID        string
	Kind      PersonKind
	Name      string
	AccountID string // "" for a lead
	Address   string // the address, as entered, that led here
}

// AccountRef is what matching needs to know of an account.
type AccountRef struct {
	ID     string
	Name   string
	Domain string // the domain that led here
}
