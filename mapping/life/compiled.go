package life

import (
	"sync/atomic"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Rules are the admin's lifecycle section, ready to be applied. They are made by New and may be used by several goroutines:
// nothing in them changes afterwards but a count.
type Rules struct {
	hash  string // of the whole section: Standing.Rules
	moves string // of what moves statuses, stages and owners only: Change.Rules. History is fixed when it changes

	statuses    []Status          // in the order of the section; the first is that of a lead of whom nothing is said
	meant       map[string]Status // by name: those of the section, and those out of the box that it does not have
	results     map[string]Result // of calls, by name
	rules       []rule            // in the order of the section
	requests    []request
	assignments []assignment
	segments    []segment
	territories []territory
	plans       []plan

	followAfter  time.Duration // no contact for that long makes somebody due
	followOldest time.Duration // nobody stays off the list longer
	reply        time.Duration // of business hours after which something unanswered becomes a proposal
	hours        *crm.Hours
	accept       map[crm.ProposalKind]bool
	accounts     bool // 顧客組織 is on

	failures atomic.Int64 // conditions that failed on a record
	doc      Document     // with the defaults of what the section leaves out

	// label is what a code is called in a language ("ja", "en"): the code itself if the section does not know it.
	label func(field crm.ChangeField, code, locale string) string
}

// rule moves a lead's status.
type rule struct {
	name   string
	on     crm.EventKind
	result map[string]bool // of a call; nil for any
	after  time.Duration   // of silence
	holds  condition       // nil holds always
	from   map[string]bool // nil for any but to
	to     string
	reason string
}

// request is a type of enquiry.
type request struct {
	name   string
	forms  map[string]bool // nil for any
	holds  condition       // nil holds always; one without forms and condition fits nothing
	stages []string        // codes that can be chosen, in order
	final  []string        // codes of the actions that end it
}

// assignment gives leads to owners.
type assignment struct {
	name      string
	territory string          // "" for any
	product   map[string]bool // folded; nil for any
	language  string          // ja, en or "" for any
	company   func(name string, domains []string) bool
	holds     condition // nil holds always
	owners    []string  // normalised addresses
	cap       int       // open leads of an owner; 0 for no limit
}

// segment is the people for whom a condition holds.
type segment struct {
	name  string
	holds condition
	timed bool          // its condition looks at the clock: it is asked again every day
	after time.Duration // instead of followAfter; 0 for that
	never bool          // no follow-up by this segment
}

// territory is a sales territory.
type territory struct {
	name  string
	holds condition
	timed bool
}

// plan is a work plan.
type plan struct {
	name    string
	segment string
	steps   []step
}

// step is one task of a plan.
type step struct {
	after time.Duration // whole days from entering the segment
	kind  crm.TaskKind
	what  string
}
