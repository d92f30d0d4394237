// Package upkeep does what keeps the record right after the items have been read.
//
// Late matching (late.go) takes the queue of people, domains, decisions and messages that became known, and puts
// the rows that may concern them through today's mapping: what is logged is matched again where it is, what is
// not is read again from its source. A mail that is logged late so brings its answers with it, and these theirs.
// Alignment (align.go) brings history in line with a mapping that changed, and Preview (preview.go) says beforehand
// what that would do. The proof (verify.go) compares the ledger with what the source holds, and fetches what
// is missing. Replay (replay.go) puts history through today's mapping on request. The rest is book-keeping: roll-ups
// are recounted, and what expired is removed.
//
// Late matching runs soon after Kick, looks at its queue every minute, and stops between two small pieces of
// work at any time; alignment notes how far it has come, and goes on from there after a kill. It leaves the store to
// live mail for half of the time. Everything runs once a night. Whatever is interrupted is simply done again: no
// step depends on being done once.
package upkeep

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
)

// Store is what upkeep needs of a store. The methods are described in storetest.
type Store interface {
	ListSources(ctx context.Context) ([]crm.Source, error)
	GetSource(ctx context.Context, id string) (crm.Source, error)
	NextLate(ctx context.Context, from string, limit int) (crm.LateWork, bool, error)
	LateDone(ctx context.Context, id string) error
	GetActivity(ctx context.Context, id string) (crm.Activity, error)
	GetFiling(ctx context.Context, activity string) (crm.Filing, error)
	ListEntries(ctx context.Context, f crm.LedgerFilter) ([]crm.Entry, string, error)
	MissingFrom(ctx context.Context, source string, ids []string) ([]string, error)
	LatestMapping(ctx context.Context) (crm.MappingVersion, error)
	MappingApplied(ctx context.Context, n int) error
	EachActivity(ctx context.Context, after string, fn func(crm.Activity) error) (string, error)
	ExcludeRows(ctx context.Context, actor string, rows []crm.ItemRef, reason crm.Reason, now time.Time) error
	Remap(ctx context.Context, list []crm.Remap) (stale []string, err error)
	SettleOwnRules(ctx context.Context, now time.Time) (changed int, more bool, err error)
	Prune(ctx context.Context, now, auditBefore time.Time) (int, error)
	CheckRollups(ctx context.Context, repair bool) ([]string, error)
	// PutSealed and GetSealed keep how far alignment has come, under a name that starts with PlainPrefix: it is
	// no secret and is not sealed.
	PutSealed(ctx context.Context, name string, ciphertext []byte) error
	GetSealed(ctx context.Context, name string) ([]byte, error)
}

// Reader reads items again; engine.Engine is one. Errors that wrap errors.ErrUnsupported mean that the kind
// of source cannot do it; any other means later.
type Reader interface {
	Reread(ctx context.Context, refs []crm.ItemRef) (read int, err error)
	Items(ctx context.Context, source string, ids []string) ([]connectors.Item, error) // at most 32 ids
	StoreAgain(ctx context.Context, source string, asked []string, items []connectors.Item) error
	Postpone(ctx context.Context, source string, ids []string, why string) error
	Census(ctx context.Context, source string, yield func(ids []string) error) error
	Mapping(source string) (mapping.Source, bool)
}

// Config is what upkeep is made of.
type Config struct {
	Store     Store
	Reader    Reader
	Directory mapping.Directory
	Mapper    func() *mapping.Mapper    // today's
	Version   func() crm.MappingVersion // what Mapper was made from; nil for the store's newest
	Nightly   schedule.Spec             // when everything runs; never if zero
	AuditKeep time.Duration             // audit records older than this are removed; 0 keeps them
	Changed   func(crm.Activity)        // told of activities that were mapped again; may be nil
	Aligned   func(Alignment)           // told now and then how far alignment has come; may be nil
	Proved    func()                    // told that Proving or Proofs say something new; may be nil
	Log       *slog.Logger              // nil for none
}

// Upkeep does the work. Make one with New.
type Upkeep struct {
	cfg  Config
	log  *slog.Logger
	kick chan struct{}
	work sync.Mutex // one kind of work at a time

	behind atomic.Bool // Run works, behind live mail

	asks    chan asked // proofs that were asked for, at most one
	proving sync.Mutex
	run     *crm.ProofRun // the one that waits or is under way; nil for none
}

// New makes an Upkeep. It does nothing before Run or Once.
func New(cfg Config) *Upkeep {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Changed == nil {
		cfg.Changed = func(crm.Activity) {}
	}
	if cfg.Aligned == nil {
		cfg.Aligned = func(Alignment) {}
	}
	if cfg.Proved == nil {
		cfg.Proved = func() {}
	}
	return &Upkeep{cfg: cfg, log: cfg.Log, kick: make(chan struct{}, 1), asks: make(chan asked, 1)}
}

// Report says what a run has done.
type Report struct {
	Rematched  int      // activities that today's mapping makes something else of
	Reread     int      // rows read again because somebody, or the mail they answer, became known
	Excluded   int      // rows excluded by a rule made later
	Readmitted int      // excluded rows read again because their rule is gone, or somebody left the organisation
	Proofs     []Proof  // one for each source that can list its items
	Repairs    []string // what was wrong with roll-ups and tallies, and was set right
	Pruned     int      // expired sessions and audit records removed
	Postponed  int      // rows that are read again as soon as their source works again
	Stuck      int      // rows that stay as they are because their source cannot read single items
}

// Proof compares a source with the ledger.
type Proof struct {
	Source       string
	Supported    bool     // the source can list its items; if not, the rest is zero
	OnServer     int      // items the source holds
	InLedger     int      // of them, those with a row
	Missing      []string // ids without a row that should have one, at most 100, before any repair
	MissingCount int      // all of them
	ToRead       int      // ids without a row while history is still being read: not missing, their turn comes
	Repaired     int      // of the missing, read now
	Gone         int      // of the missing, vanished from the source since it was listed
}

// Complete says whether every item that the source holds has its row.
func (p Proof) Complete() bool { return p.MissingCount == p.Repaired+p.Gone }

// Replayed is what a replay changed, or would change.
type Replayed struct {
	Add     int      // items that become activities
	Change  int      // activities that are matched differently
	Remove  int      // activities' observations that go
	Same    int      // rows that stay as they are
	Skipped int      // rows that cannot be read again now
	Samples []Sample // at most 100
}

// Sample is one change of a replay.
type Sample struct {
	Ref    crm.ItemRef
	Op     string // add, change or remove
	Before string // verdict and reason, the matching rule and its evidence, or fields with their values
	After  string
	Fields []FieldChange // of an activity that stays and changes, what Before and After say
}

// Kick says that people, domains, decisions or the mapping changed: the work starts soon. It never blocks.
func (u *Upkeep) Kick() {
	select {
	case u.kick <- struct{}{}:
	default:
	}
}
