package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// formNote is what a record's form says about the entry, and what it carries so that nobody's work is lost.
type formNote struct {
	Base    string // version of the record that the form was filled from; "" for a new record
	Problem string
	Others  []link // records that have an address or a domain of this one; it is saved all the same if somebody says so
}

// versionOf names what a record was when a form was filled from it.
func versionOf(updated time.Time) string { return updated.UTC().Format(time.RFC3339Nano) }

// overtaken says whether somebody changed a record after the form was filled from it. A form that names no version, as
// programs send it, always counts.
func overtaken(form url.Values, updated time.Time) bool {
	base := form.Get("base")
	return base != "" && base != versionOf(updated)
}

// basis is the version that the store has to find when it saves a form that nobody overtook yet; zero for a form that names
// none: what it changes is then changed in the record as it is.
func basis(form url.Values, updated time.Time) time.Time {
	if form.Get("base") == "" {
		return time.Time{}
	}
	return updated
}

// errOvertaken tells a program that the record is not the one any more that its change was made of.
func errOvertaken(err error) error {
	if errors.Is(err, crm.ErrConflict) {
		return &statusError{http.StatusConflict, "error.overtaken"}
	}
	return err
}
