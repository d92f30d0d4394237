package crm

import (
	"net/url"
	"time"
)

// SavedView is a report as somebody set it up and wants to find it again.
type SavedView struct {
	ID      string    `json:"id"`    // 32 hex characters
	Owner   string    `json:"owner"` // address of the user who saved it
	Name    string    `json:"name"`
	Report  ReportID  `json:"report"`
	Query   string    `json:"query"`            // what was chosen, as in an address: range=last_12m&grain=week
	Shared  bool      `json:"shared,omitempty"` // everybody finds it
	Created time.Time `json:"created"`
}

// MaxSavedViews is how many views a user can save.
const MaxSavedViews = 100

// CheckSavedView says everything that is wrong with a view as somebody entered it.
func CheckSavedView(v *SavedView) []Flaw {
	var f flawFinder
	f.needed("owner", v.Owner)
	f.needed("name", v.Name)
	f.line("name", v.Name, 100)
	f.line("query", v.Query, 2_000)
	if _, err := url.ParseQuery(v.Query); err != nil {
		f.add("query", "読み取れません。", "It cannot be read.")
	}
	if _, ok := ReportNamed(v.Report); !ok {
		f.add("report", "レポートがありません。", "There is no such report.")
	}
	return f.found
}
