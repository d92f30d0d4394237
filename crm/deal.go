package crm

import "time"

// Product is a line of the catalogue.
type Product struct {
	ID      string    `json:"id"` // 32 hex characters
	Code    string    `json:"code,omitempty"`
	Name    string    `json:"name"`
	Price   int64     `json:"price,omitempty"` // of one, in the smallest unit of the currency: yen
	Unit    string    `json:"unit,omitempty"`  // 月, 台 …
	Retired bool      `json:"retired,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Stage is where an opportunity stands.
type Stage string

// The stages out of the box. The last two end an opportunity.
const (
	StageProspect    Stage = "prospect"    // 見込み
	StageProposal    Stage = "proposal"    // 提案
	StageNegotiation Stage = "negotiation" // 交渉
	StageWon         Stage = "won"         // 受注
	StageLost        Stage = "lost"        // 失注
)

// The values of Opportunity.Ends.
const (
	EndsWon  = "won"
	EndsLost = "lost"
)

// Line is a product of an opportunity or a contract.
type Line struct {
	Product  string `json:"product,omitempty"` // id in the catalogue; "" for something else
	Name     string `json:"name"`              // as it was called then
	Quantity int64  `json:"quantity"`
	Price    int64  `json:"price"` // of one, in the smallest unit of the currency
}

// The kinds of documents.
const (
	DocumentOrder    = "order"
	DocumentContract = "contract"
	DocumentOther    = "other"
)

// Document is a link to an order (発注書), a contract (契約書) or another paper. The paper itself is elsewhere.
type Document struct {
	Kind string `json:"kind"` // "order", "contract" or "other"
	Name string `json:"name"`
	URL  string `json:"url"` // http or https, or a path as the company writes it
}

// Opportunity is a deal: past, current or planned.
type Opportunity struct {
	ID        string            `json:"id"` // 32 hex characters
	Name      string            `json:"name"`
	Account   string            `json:"account"`            // id
	Contacts  []string          `json:"contacts,omitempty"` // ids, the main one first
	Owner     string            `json:"owner,omitempty"`
	Stage     Stage             `json:"stage"`
	Ends      string            `json:"ends,omitempty"`     // what Stage means in the mapping: EndsWon, EndsLost or "" while it goes on. The caller says it; of the stages out of the box it is known
	Stages    []StageChange     `json:"stages,omitempty"`   // its history, oldest first; the store keeps it
	Amount    int64             `json:"amount"`             // in the smallest unit of the currency; the sum of Lines if there are any
	Expected  string            `json:"expected,omitempty"` // day of the expected close
	Closed    string            `json:"closed,omitempty"`   // day it was won or lost
	Lines     []Line            `json:"lines,omitempty"`
	Documents []Document        `json:"documents,omitempty"`
	Start     string            `json:"start,omitempty"` // of the contract as agreed, a day
	End       string            `json:"end,omitempty"`
	Notice    int               `json:"notice,omitempty"`   // days before End at which the renewal is to be spoken of
	Contract  string            `json:"contract,omitempty"` // id of the contract that the win made; the store keeps it
	Lead      string            `json:"lead,omitempty"`     // id of the person whose conversion made it
	Touch     Touch             `json:"touch,omitzero"`     // carried from the lead: its first
	Note      string            `json:"note,omitempty"`
	Custom    map[string]string `json:"custom,omitempty"`
	Created   time.Time         `json:"created"`
	Updated   time.Time         `json:"updated"`
}

// StageChange is one step of an opportunity.
type StageChange struct {
	At   time.Time `json:"at"`
	From Stage     `json:"from,omitempty"`
	To   Stage     `json:"to"`
	By   string    `json:"by"`
}

// Contract is what was agreed.
type Contract struct {
	ID          string     `json:"id"` // of one that a won opportunity made: DerivedID of that
	Name        string     `json:"name"`
	Account     string     `json:"account"`               // id
	Opportunity string     `json:"opportunity,omitempty"` // id
	Contacts    []string   `json:"contacts,omitempty"`
	Owner       string     `json:"owner,omitempty"`
	Start       string     `json:"start"`            // a day
	End         string     `json:"end,omitempty"`    // the last day; "" for one without an end
	Notice      int        `json:"notice,omitempty"` // days before End
	Amount      int64      `json:"amount"`
	Lines       []Line     `json:"lines,omitempty"`
	Documents   []Document `json:"documents,omitempty"`
	Ended       string     `json:"ended,omitempty"`   // day on which it was cancelled or not renewed
	Renewed     string     `json:"renewed,omitempty"` // id of the contract that follows it
	Touch       Touch      `json:"touch,omitzero"`
	Note        string     `json:"note,omitempty"`
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated"`
}

// DealFilter chooses opportunities or contracts. Zero fields do not restrict.
type DealFilter struct {
	Account string // id
	Person  string // id of a contact
	Owner   string
	Stage   Stage  // of opportunities
	Open    bool   // of opportunities: neither won nor lost; of contracts: neither ended nor renewed
	Since   string // of opportunities the expected close, of contracts the end: this day or later
	Until   string // this day or before; contracts without an end are left out then
	After   string // cursor
	Limit   int    // 0 means 50
}
