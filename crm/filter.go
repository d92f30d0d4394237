package crm

import "time"

// PeopleFilter chooses people. Zero fields do not restrict.
type PeopleFilter struct {
	Query   string // folded words, all must be found
	Kind    PersonKind
	Account string // members of this account
	After   string // cursor
	Limit   int    // 0 means 50
}

// AccountFilter chooses accounts. Zero fields do not restrict.
type AccountFilter struct {
	Query string
	After string // cursor
	Limit int    // 0 means 50
}

// ActivityFilter chooses activities. Zero fields do not restrict; at most one of Person, Account and Owner
// is set.
type ActivityFilter struct {
	Person  string // id
	Account string // id; includes the activities of its contacts
	Below   bool   // of an Account: those of all accounts below it (Account.Parent) too
	Owner   string // a rep's address
	Since   time.Time
	Until   time.Time // exclusive
	Kind    ActivityKind
	After   string // cursor
	Limit   int    // 0 means 50
}

// LedgerFilter chooses ledger rows. Zero fields do not restrict.
type LedgerFilter struct {
	Source  string
	Verdict Verdict
	Reason  string    // code
	Address string    // that the rows wait for: somebody nobody knew, or of whom a review asks
	Since   time.Time // first seen then or later
	Until   time.Time // first seen before
	Retired bool      // include retired rows
	After   string    // cursor
	Limit   int       // 0 means 50
}
