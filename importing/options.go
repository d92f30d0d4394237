package importing

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Store is what an import needs of the store.
type Store interface {
	ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error)
	ListAccounts(ctx context.Context, f crm.AccountFilter) ([]crm.Account, string, error)
	GetPerson(ctx context.Context, id string) (crm.Person, error)
	GetAccount(ctx context.Context, id string) (crm.Account, error)
	FindPersonByKey(ctx context.Context, key string) (crm.Person, error)
	FindAccountByKey(ctx context.Context, key string) (crm.Account, error)
	ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error
	ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error
	Lookup(ctx context.Context, q crm.Question) (crm.Answer, error)
}

// Policy says what becomes of a row that seems to be about somebody who is stored, without being so for sure.
type Policy string

// The policies.
const (
	Ask    Policy = "ask"    // it is reported and left out until somebody decides; the default
	Skip   Policy = "skip"   // it is reported and left out, as are rows about records that are there for sure
	Update Policy = "update" // the record it resembles most is changed, if the score is UpdateAt or more
	Create Policy = "create" // it becomes a record of its own, and is not reported
)

// UpdateAt is the score from which the policy Update takes a row to be about a record.
const UpdateAt = 85

// Options says how a table is imported.
type Options struct {
	Kind       string            // "leads", "contacts" or "accounts"; "" to guess from the columns
	Map        map[string]string // heading → name of a Field, "" for a column that is not to be read; the rest is guessed
	Key        string            // heading of the column by which records are found again; "" for the one that is guessed, if any
	ClearEmpty bool              // an empty cell empties the field of a record that is there already
	Duplicates Policy            // "" means Ask
	Own        func(domain string) bool
	User       func(address string) bool          // whether an address is that of somebody who works with the system; nil for not asking
	Custom     map[crm.FieldTarget][]crm.FieldDef // declared fields
	Zone       *time.Location                     // of times without one; nil means UTC
	Words      Words
	Now        time.Time // zero means the present

	Decided map[int]Decision   // by the number of the row: what somebody decided about it
	Told    func(done, of int) // is told now and then how far Make is in rows, and Apply in records; must not block; nil for nobody
}

// Decision is what somebody decided about a row that may be about somebody who is stored. The zero Decision decides nothing.
type Decision struct {
	Same  string `json:"same,omitempty"`  // id of the record that it is about, among those it was held back for
	New   bool   `json:"new,omitempty"`   // it becomes a record of its own
	Leave bool   `json:"leave,omitempty"` // it is left out
}

// told tells how far the plan is.
func (p *Plan) told(done, of int) {
	if p.opts.Told != nil {
		p.opts.Told(done, of)
	}
}

// Words are the lists of the mapping's lifecycle section that cells are checked against. A nil list is that of the product's
// defaults for statuses, and no check for all others.
type Words struct {
	Statuses []Word
	Reasons  []Word
	Requests []Word
}

// Word is an entry of a list.
type Word struct {
	Code    string
	Names   []string // what people read
	Retired bool     // nobody gets it any more

	Reasoned bool // of a status: it goes with a reason
}
