package crm

import "time"

// ReviewKind is what a person is asked.
type ReviewKind string

// The kinds of review.
const (
	ReviewNewContact ReviewKind = "new_contact" // we wrote to somebody unknown: shall they become a contact?
	ReviewAmbiguous  ReviewKind = "ambiguous"   // several people have this address: who is it?
	ReviewFormMail   ReviewKind = "form_mail"   // a mail of a form could not be read: its Address is the form's id
	ReviewFileTo     ReviewKind = "file_to"     // a rep filed a mail under the candidate: shall all of the address go there?
	ReviewFileNot    ReviewKind = "file_not"    // a rep took the candidate off a mail: shall no mail of the address go there?
)

// ReviewState is where a review stands.
type ReviewState string

// The states of a review.
const (
	ReviewOpen      ReviewState = "open"
	ReviewAccepted  ReviewState = "accepted"
	ReviewDismissed ReviewState = "dismissed"
)

// Review is a question to a person about one address. There is at most one for a kind and an address:
// its ID is ReviewID of both. Items raise it, but for what Rule names, and it is open as long as one of them waits for the
// answer and whose the address is is in doubt; then it is gone or decided. Open reviews are what pages and metrics count as
// questions. What the ledger counts as waiting are items that are not logged until somebody answers: one question can be
// about many, and an item that is logged for others on it, or on an account, can raise one, too.
type Review struct {
	ID         string      `json:"id"`
	Kind       ReviewKind  `json:"kind"`
	Address    string      `json:"address"` // normalised
	Name       string      `json:"name,omitempty"`
	Subject    string      `json:"subject,omitempty"`    // of the mail that raised it
	AccountID  string      `json:"account_id,omitempty"` // a new contact would belong to it
	Candidates []Candidate `json:"candidates,omitempty"`
	Source     string      `json:"source"`
	Owner      string      `json:"owner"`  // of the source that raised it
	Raised     time.Time   `json:"raised"` // time of the earliest mail that raised it
	State      ReviewState `json:"state"`
	Person     string      `json:"person,omitempty"` // id of the person decided for
	DecidedBy  string      `json:"decided_by,omitempty"`
	DecidedAt  time.Time   `json:"decided_at,omitzero"`
	Changed    bool        `json:"changed,omitempty"` // of a rule that was accepted: it changed the person's addresses, so taking it back changes them again
}

// ReviewID is the ID of the review of this kind for a normalised address.
func ReviewID(kind ReviewKind, address string) string {
	return string(hashKey("review", string(kind), address))
}

// Rule says whether accepting the review makes a rule of what a rep did with one activity; dismissing it leaves all as it is.
func (r *Review) Rule() bool { return r.Kind == ReviewFileTo || r.Kind == ReviewFileNot }
