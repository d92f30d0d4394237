package life

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Around is what following needs beside the Following.
type Around struct {
	Now      time.Time
	Location *time.Location            // of the organisation's days; nil means UTC
	Locale   string                    // ja or en, of labels in history
	Loads    map[string]crm.Load       // changed by Follow when it assigns, so that the next one knows
	Own      func(address string) bool // belongs to the organisation
}

// scene is what a condition sees.
type scene struct {
	person   *crm.Person
	account  *crm.Account
	standing *crm.Standing
	activity *crm.Activity // nil if there is none
	event    crm.EventKind
	now      time.Time
	seen     *sight // what of this was shown to expressions; nil keeps nothing
}

// condition is a compiled CEL condition. One that fails on a record does not hold, and is counted.
type condition func(s scene) bool
