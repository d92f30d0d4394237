package web

import (
	"context"
	"io"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// IT is what the pages of those who run the machine need. Each part may be nil: its page then says that there is nothing.
type IT struct {
	Proofs  Proofs
	Backups Backups
	Machine func(ctx context.Context) Machine // asked for every look at the page
	SetUp   SetUp                             // of the first start
}

// Proofs compares sources with the ledger.
type Proofs interface {
	// Proofs gives the newest proof of each source that has one, by its id.
	Proofs(ctx context.Context) (map[string]crm.ProofRecord, error)
	// Proving is the proof that waits or is under way; false if there is none.
	Proving() (crm.ProofRun, bool)
	// Ask has the sources compared soon, all that can be called if none is named, and what is missing read with repair.
	// crm.ErrConflict if a proof is under way.
	Ask(by string, sources []string, repair bool) error
}

// Backups keeps copies of the store. Making and trying go on in the background; Subscribe of the engine tells of their end.
type Backups interface {
	List() ([]crm.Backup, error) // newest first
	State(ctx context.Context) (BackupState, error)
	// Make begins to make a back-up; crm.ErrConflict if one is being made or tried.
	Make(actor string) error
	// Try begins to restore a back-up beside the store. crm.ErrNotFound, crm.ErrConflict.
	Try(actor, name string) error
	// Read gives a back-up as it was written; crm.ErrNotFound.
	Read(name string) (file io.ReadCloser, bytes int64, err error)
}

// BackupState says how back-ups stand.
type BackupState struct {
	Dir      string
	Schedule string    // "" for none: only when somebody asks
	Next     time.Time // by the schedule; zero for never
	Keep     int       // how many stay; 0 for all
	Last     time.Time // when the newest was made, wherever it was written to; zero for never
	Working  string    // "make" or "try" while it goes on
	Error    string    // of the last attempt; "" if that went well
	FailedAt time.Time
	Test     *crm.BackupTest // the newest; nil for none
}

// Machine says how the daemon and the machine are.
type Machine struct {
	Started  time.Time
	Memory   int64     // bytes that the process has of the system
	DiskFree int64     // bytes that may be written where the data is; -1 if unknown
	KeyFile  string    // its place
	KeyError string    // why it could not be used at the next start; "" if it can
	Sizes    []DaySize // of the store, by day, oldest first
	Quotas   []Quota
}

// DaySize is the size of the store on a day.
type DaySize struct {
	Day   string `json:"day"` // 2026-11-22, in the organisation's zone
	Bytes int64  `json:"bytes"`
}

// Quota is a limit of a provider and what is left of it.
type Quota struct {
	Name   string // as the connector calls it: "gmail/user/sato@example.co.jp"
	Units  int    // of a minute
	Left   int    // of them, as far as we have spent
	Paused bool   // the provider said that it is used up
}

// arrivalStore counts what comes from sources.
type arrivalStore interface {
	SourceHours(ctx context.Context, id string, since time.Time) ([]crm.SourceHour, error)
}
