// Package engine reads the sources that are due, and is the only place that decides when a source is
// called, when it is tried again and when it is left alone.
//
// The walk is one pass (pass.go): claim a source, fetch a batch, map it, commit it, and so on until nothing
// more is pending, then settle. While a batch is mapped and committed the next one is already fetched.
// What a failure means is decided in one switch (verdict.go).
//
// Passes run in two lanes with as many places each. The live lane is for sources that said themselves that
// they have news, so that it never waits for history. The other takes what is due, longest due first; a
// source that reads history gives its place up after a short turn when others wait (turn.go).
//
// A source is used by one goroutine at a time: runner.go hands it to one call after the other. It stays
// open between passes. One that is told of news (connectors.Waiter) waits whenever nobody else uses it
// (wait.go), and is read the moment it says so, without a timer in between.
//
// A claim is a lease with an epoch. The lease is renewed while a pass works; a commit with an older epoch is
// refused by the store, so two workers never write for one source (lease.go). Stopping is not a failure:
// the commit under way is finished, the claim is ended, and the source is due at once after the start. Claims
// of a process that was killed are ended at the start, unless other processes share the store.
package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
)

// Opener makes the source anew. It does not connect.
type Opener func(ctx context.Context) (connectors.Source, error)

// Source is a source of the configuration.
type Source struct {
	crm.Source               // ID, Kind, Owner and Fingerprint count, and State if it is disabled: paused; the rest is the store's
	Schedule   schedule.Spec // when to poll; never if zero
	Open       Opener
	Mapping    mapping.Source // how its items are mapped
	NoWait     bool           // poll only, even if the source can be told of news
}

// Store is what the engine needs of a store. The methods are described in storetest.
type Store interface {
	DeclareSources(ctx context.Context, sources []crm.Source, now time.Time) error
	ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]crm.Claim, error)
	ClaimSource(ctx context.Context, id string, now time.Time, lease time.Duration) (crm.Claim, bool, error)
	Renew(ctx context.Context, source string, epoch uint64, until time.Time) error
	Commit(ctx context.Context, c crm.Commit) error
	Settle(ctx context.Context, s crm.Settlement) error
	Wake(ctx context.Context, source string, now time.Time) error
	NextDue(ctx context.Context) (time.Time, error)
	ResetCursor(ctx context.Context, source string) error
	GetSource(ctx context.Context, id string) (crm.Source, error)
	ListSources(ctx context.Context) ([]crm.Source, error)
	GetEntry(ctx context.Context, source, externalID string) (crm.Entry, error)
	RetryDue(ctx context.Context, source string, now time.Time, limit int) ([]crm.Entry, error)
}

// Config is what an engine is made of. Zero durations and numbers mean the default named beside them.
type Config struct {
	Store     Store
	Directory mapping.Directory
	Mapper    func() *mapping.Mapper // today's; asked once for each batch
	Sources   []Source
	Log       *slog.Logger // nil for none
	Shared    bool         // other processes use the store too: claims found at the start may be theirs

	Workers    int           // passes at a time in each of the two lanes; 4
	Lease      time.Duration // how long a claim holds without being renewed; 2 minutes
	FetchLimit time.Duration // a single call of a source that takes longer has failed; 15 minutes
	WaitPoll   time.Duration // how long a source that waits for news is not polled; 10 minutes
	Turn       time.Duration // how long a source reads history before it lets others go first; 2 seconds
	StopLimit  time.Duration // Run returns at the latest so long after its context ended; 9 seconds
}

// Engine reads sources. Make one with New.
type Engine struct {
	cfg    Config
	log    *slog.Logger
	hub    hub
	queue  queue
	places places
	quiet  ferry

	mu      sync.Mutex
	runners map[string]*runner
	life    context.Context // of Run; nil when it is not running, then nothing waits for news
	group   sync.WaitGroup  // every goroutine that Run waits for
	freed   bool            // the claims found at the start were ended
}

// New makes an engine. It does nothing before Run or Drain.
func New(cfg Config) *Engine {
	cfg = cfg.withDefaults()
	e := &Engine{cfg: cfg, log: cfg.Log, runners: make(map[string]*runner)}
	e.queue.init()
	e.places.init(cfg.Workers)
	for _, s := range cfg.Sources {
		e.runners[s.ID] = newRunner(e, s)
	}
	return e
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Workers <= 0 {
		c.Workers = 4
	}
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&c.Lease, 2 * time.Minute},
		{&c.FetchLimit, 15 * time.Minute},
		{&c.WaitPoll, 10 * time.Minute},
		{&c.Turn, 2 * time.Second},
		{&c.StopLimit, 9 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	return c
}

// runner finds the source with this ID; nil if the configuration has none.
func (e *Engine) runner(id string) *runner {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runners[id]
}

// all gives the runners in no particular order.
func (e *Engine) all() []*runner {
	e.mu.Lock()
	defer e.mu.Unlock()
	runners := make([]*runner, 0, len(e.runners))
	for _, r := range e.runners {
		runners = append(runners, r)
	}
	return runners
}
