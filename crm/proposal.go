package crm

import "time"

// ProposalKind is what is proposed.
type ProposalKind string

// The kinds of proposal. Each rests on evidence; none is applied before somebody, or a policy of the mapping, accepts it.
const (
	ProposeBadAddress   ProposalKind = "bad_address"    // Value takes no mail any more
	ProposeLeft         ProposalKind = "left"           // the person left the company
	ProposeSuccessor    ProposalKind = "successor"      // Name and Value are a new contact of the same account
	ProposeField        ProposalKind = "field"          // Field should be Value instead of Before
	ProposeDoNotContact ProposalKind = "do_not_contact" // they refuse to be approached
	ProposeMerge        ProposalKind = "merge"          // Other is the same person or account
	ProposeTask         ProposalKind = "task"           // a next action: Value is what, Due when
	ProposeContradicts  ProposalKind = "contradicts"    // data contradict each other: Evidence says which; to accept it is to have seen it
)

// ProposalState is where a proposal stands.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen     ProposalState = "open"
	ProposalAccepted ProposalState = "accepted"
	ProposalRefused  ProposalState = "refused" // it is not made again on the same evidence
	ProposalMoot     ProposalState = "moot"    // what it rested on is gone, or it came true otherwise
)

// Proposal asks somebody to change a record. There is at most one of a kind with the same value for a person or account:
// its ID is ProposalID.
type Proposal struct {
	ID        string        `json:"id"`
	Kind      ProposalKind  `json:"kind"`
	Person    string        `json:"person,omitempty"`  // id
	Account   string        `json:"account,omitempty"` // id
	Owner     string        `json:"owner,omitempty"`   // who is asked
	Field     string        `json:"field,omitempty"`   // like Provenance.Field
	Before    string        `json:"before,omitempty"`
	Value     string        `json:"value,omitempty"`
	Name      string        `json:"name,omitempty"`
	Other     string        `json:"other,omitempty"` // id
	Due       string        `json:"due,omitempty"`   // a day
	Score     int           `json:"score,omitempty"` // of a merge: 0 to 100
	Evidence  []string      `json:"evidence"`        // in words
	Activity  string        `json:"activity,omitempty"`
	Raised    time.Time     `json:"raised"` // time of the evidence
	State     ProposalState `json:"state"`
	DecidedBy string        `json:"decided_by,omitempty"` // actor; ByRules if a policy did
	DecidedAt time.Time     `json:"decided_at,omitzero"`
	Result    string        `json:"result,omitempty"` // id of what accepting it made: a person, task or merge
	Did       []Edit        `json:"did,omitempty"`    // what accepting it changed in the record, so that it can be taken back
	Made      *Person       `json:"made,omitempty"`   // the contact that accepting it made, as it was made
	Stayed    string        `json:"stayed,omitempty"` // id of the contact that taking the decision back left, since it is more by now
}

// Edit is a field that accepting a proposal changed.
type Edit struct {
	Field  string `json:"field"`            // like Provenance.Field, or "bad_emails", "left", "successor", "do_not_contact"
	Before string `json:"before,omitempty"` // as it was; "" of a value that was added to a list
	After  string `json:"after"`
}

// ProposalID is the ID of a proposal about a person or account.
func ProposalID(kind ProposalKind, subject, field, value string) string {
	return DerivedID("proposal", string(kind), subject, field, value)
}

// ProposalFilter chooses proposals. Zero fields do not restrict.
type ProposalFilter struct {
	State   ProposalState
	Owner   string
	Subject string // id of a person or account
	Kind    ProposalKind
	After   string // cursor
	Limit   int    // 0 means 50
}
