package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// A cursor as pages and API hand it out is the store's, with a check in front that also covers the list it is
// for. The store cannot tell a damaged cursor from a place between two rows, and a program whose cursor is
// damaged or of another list must not be sent to the first page again and again.
const cursorCheck = 12 // hexadecimal characters

// The lists that are paged. Members of an account are a list of their own, and so is each list with other filters where
// the name is followed by them.
const (
	listOfTasks         = "tasks/"
	listOfOpportunities = "opportunities/"
	listOfContracts     = "contracts/"
	listOfNotices       = "contracts/notices/"
	listOfProposals     = "proposals/"
	listOfMerges        = "merges/"
	listOfConversions   = "conversions/"
	listOfUnreplied     = "lists/unreplied/"
	listOfFollowUps     = "lists/follow-ups/"
	listOfSegment       = "segments/"
	listOfComments      = "comments/"
	listOfSubsidiaries  = "subsidiaries/"
	listOfPeople        = "people"
	listOfMembers       = "members/"
	listOfAccounts      = "accounts"
	listOfActivities    = "activities"
	listOfLedger        = "ledger"
	listOfReviews       = "reviews"
)

// peopleList is the list that a page of people belongs to.
func peopleList(account string) string {
	if account == "" {
		return listOfPeople
	}
	return listOfMembers + account
}

// cursorFor makes a cursor of a place in a list; "" at the end.
func cursorFor(list, place string) string {
	if place == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(list + "\x00" + place))
	return hex.EncodeToString(sum[:cursorCheck/2]) + place
}

// placeOf is the place that a cursor of this list names; "" is the start. ok is false if it is none.
func placeOf(list, cursor string) (place string, ok bool) {
	if cursor == "" {
		return "", true
	}
	if len(cursor) <= cursorCheck {
		return "", false
	}
	place = cursor[cursorCheck:]
	return place, cursorFor(list, place) == cursor
}

// place is where a page of this list starts.
func (r *request) place(list string) (string, error) {
	place, ok := placeOf(list, r.URL.Query().Get("after"))
	if !ok {
		return "", badRequest("error.cursor")
	}
	return place, nil
}

// place does the same for the API.
func (p Paging) place(list string) (string, error) {
	place, ok := placeOf(list, p.After)
	if !ok {
		return "", huma.NewError(http.StatusUnprocessableEntity, "after is no cursor of this list: pass next of the page before, unchanged, or nothing to start",
			&huma.ErrorDetail{Location: "query.after", Message: "not a cursor of this list", Value: p.After})
	}
	return place, nil
}
