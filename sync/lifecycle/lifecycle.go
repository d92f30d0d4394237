// Package lifecycle follows people and accounts: whenever something about one of them changed, or time alone changes
// something, it takes all that is known of them, asks the mapping's lifecycle rules what follows (life.Rules.Follow), and
// stores that. The store's queue says who; it is written in the transaction that changed something, so that nobody is
// forgotten, and what follows is worked out from the whole each time, so that nothing is done twice.
//
// In the daemon Run does this behind live mail: a mark rests a moment, since what concerns one person often comes
// together, and after each piece of work the store is left to others for as long as that took. CatchUp does all there is to
// do at once, for a command that ends. When the rules changed everybody is followed anew; what was decided under the
// earlier ones stays (crm.Change.Fixed).
//
// A person whom following fails on, by a mistake of ours or because the store cannot read or keep what concerns them, is left
// as they are for a day and logged: nobody holds up the others.
package lifecycle

import (
	"context"
	"log/slog"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Store is what following needs of a store. The methods are described in storetest.
type Store interface {
	NextFollowing(ctx context.Context, now, markedBefore time.Time, limit int, but map[string]bool) ([]crm.Following, error)
	Follow(ctx context.Context, list []crm.Followed) error
	MarkAll(ctx context.Context, now time.Time) error
	Loads(ctx context.Context) (map[string]crm.Load, error)
	// PutSealed and GetSealed keep by which rules everybody was followed, under Config.Record: it is no secret.
	PutSealed(ctx context.Context, name string, ciphertext []byte) error
	GetSealed(ctx context.Context, name string) ([]byte, error)
}

// Config is what following is made of.
type Config struct {
	Store    Store
	Rules    func() *life.Rules        // today's
	Location *time.Location            // of the organisation's days; nil means UTC
	Locale   string                    // ja or en: of labels in history
	Own      func(address string) bool // belongs to the organisation
	Record   string                    // name of the record that says by which rules everybody was followed
	Changed  func(ids []string)        // told who was followed; may be nil
	Log      *slog.Logger              // nil for none
}

// How Run works.
const (
	batch     = 100                    // people at a time, beside live mail
	wholesale = 2000                   // people at a time when nobody waits
	settling  = 400 * time.Millisecond // for which a mark rests
	look      = time.Second            // between two looks at the queue
	afterBad  = 10 * time.Second       // when the store failed
)

// Follower follows. Make one with New.
type Follower struct {
	cfg  Config
	log  *slog.Logger
	kick chan struct{}
	work chan struct{} // holds one while somebody follows
	hash string        // of the rules by which everybody was followed; "" if that was not looked up
	ask  func(r *life.Rules, one crm.Following, around *life.Around) crm.Followed
}

// New makes a Follower. It does nothing before Run or CatchUp.
func New(cfg Config) *Follower {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Own == nil {
		cfg.Own = func(string) bool { return false }
	}
	if cfg.Changed == nil {
		cfg.Changed = func([]string) {}
	}
	return &Follower{cfg: cfg, log: cfg.Log, kick: make(chan struct{}, 1), work: make(chan struct{}, 1), ask: (*life.Rules).Follow}
}

// Kick says that something changed that should be seen at once: the rules, or a decision of a person. It never blocks.
func (f *Follower) Kick() {
	select {
	case f.kick <- struct{}{}:
	default:
	}
}
