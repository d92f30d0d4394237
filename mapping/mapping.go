// Package mapping decides what becomes of an item. It is pure: the only thing it asks is a Directory, once
// for a whole batch.
//
// An item walks through three rooms. screen (screen.go) throws out what may never be stored: internal mail,
// drafts, excluded addresses, domains, subjects, folders and classes, and the erased. match (match.go) looks
// for the people and accounts on it, with the evidence and the runners-up. build (build.go, admit.go) makes the
// activity, or the ledger row that says why there is none, and raises a review when a person must decide.
//
// Each address is looked at once a batch: read (batch.go) says what it is by itself, find (find.go) what the
// directory knows of it. Of an address several people share, the item's thread may tell who is meant; where
// the addresses are silent, the thread tells whom the item concerns.
//
// An entry of a calendar and a mail that invites to it, answers or cancels it are views of one meeting (meeting.go,
// invitation.go): each becomes an activity under the Key of the occurrence, and crm.Merge makes one of them. A view
// that tells nothing by itself asks for that Key as for a thread, and waits for it where nothing is known yet.
//
// The outcome does not depend on the order in which items arrive: what an item says by itself comes before
// what its thread says, items of a batch do not see each other, and late matching (sync/upkeep, rematch.go)
// takes up what becomes clear only later.
package mapping

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Organization is who runs Tsunagu. Whoever belongs to it is not matched, and mail among its people is
// never logged.
type Organization struct {
	Name      string
	Domains   []string       // own; subdomains belong to them
	Addresses []string       // own people's addresses elsewhere, such as on free mail
	Location  *time.Location // of its days; nil means UTC
}

// Source is what the mapping needs to know of where items come from.
type Source struct {
	ID             string
	Owner          string   // the rep's address; belongs to the organisation
	NewPeople      Policy   // "" for the document's
	ExcludeFolders []string // beside the document's; same rules
}

// Directory is asked about people, accounts and messages.
type Directory interface {
	Lookup(ctx context.Context, q crm.Question) (crm.Answer, error)
}
