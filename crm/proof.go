package crm

import "time"

// ProofRecord is the newest comparison of a source with the ledger, as it is kept.
type ProofRecord struct {
	Source    string        `json:"source"`
	At        time.Time     `json:"at"`              // when it ended
	Took      time.Duration `json:"took"`            //
	By        string        `json:"by"`              // who asked: a user's address, "cli", or "tsunagu" for the nightly one
	Supported bool          `json:"supported"`       // the source can list its items; if not, the counts are zero
	OnServer  int           `json:"on_server"`       // items the source holds
	InLedger  int           `json:"in_ledger"`       // of them, those with a row
	Missing   int           `json:"missing"`         // those that should have one and had none
	ToRead    int           `json:"to_read"`         // those whose turn comes: history is still being read
	Repaired  int           `json:"repaired"`        // of the missing, read now
	Gone      int           `json:"gone"`            // of the missing, vanished from the source since it was listed
	Error     string        `json:"error,omitempty"` // why it could not be compared; the counts are zero then
}

// Complete says whether every item that the source holds has its row.
func (p *ProofRecord) Complete() bool {
	return p.Error == "" && p.Supported && p.Missing == p.Repaired+p.Gone
}

// ProofRun is a proof that somebody asked for and that is under way.
type ProofRun struct {
	By      string    `json:"by"`
	Repair  bool      `json:"repair"`
	Started time.Time `json:"started"`
	Source  string    `json:"source"`  // the one being compared
	Done    int       `json:"done"`    // sources that are done
	Total   int       `json:"total"`   // of so many
	Checked int       `json:"checked"` // items of Source compared so far
}
