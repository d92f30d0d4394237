package crm

import "time"

// MergeKind is what was merged.
type MergeKind string

// The kinds of merge.
const (
	MergePeople   MergeKind = "people"
	MergeAccounts MergeKind = "accounts"
)

// MergeRecord is a merge of two people or two accounts. It keeps the losing record whole, so that the merge can be undone,
// also after later activities. Of nested merges the last must be undone first.
type MergeRecord struct {
	ID       string    `json:"id"`
	Kind     MergeKind `json:"kind"`
	Winner   string    `json:"winner"`            // id
	Loser    string    `json:"loser"`             // id
	Person   *Person   `json:"person,omitempty"`  // the loser as it was
	Account  *Account  `json:"account,omitempty"` //
	Before   *Person   `json:"before,omitempty"`  // the winner as it was
	Was      *Account  `json:"was,omitempty"`     //
	Gained   []string  `json:"gained,omitempty"`  // json names of fields that the winner took from the loser; "emails", "phones", "domains" for added ones
	Members  []string  `json:"members,omitempty"` // ids of people, opportunities, contracts, tasks and subsidiaries that moved
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Undone   time.Time `json:"undone,omitzero"`
	UndoneBy string    `json:"undone_by,omitempty"`
}

// Difference is a field in which two records differ when they are merged.
type Difference struct {
	Field  string `json:"field"`
	Winner string `json:"winner"`
	Loser  string `json:"loser"`
	Kept   string `json:"kept"` // "winner", "loser" or "both"
}

// MergePreview says what a merge would do.
type MergePreview struct {
	Winner      string       `json:"winner"`
	Loser       string       `json:"loser"`
	Differences []Difference `json:"differences"`
	Activities  int          `json:"activities"` // of the loser
	Members     int          `json:"members"`
}
