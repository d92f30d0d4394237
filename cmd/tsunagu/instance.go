package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/quota"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/lifecycle"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

// storeName is the store's file in the data directory.
const storeName = "tsunagu.db"

// nightly is when upkeep does everything, in the organisation's time zone.
const nightly = "30 2 * * *"

// instance is an open store with everything that works on it.
type instance struct {
	base   atomic.Pointer[config.Config] // what the file says
	cfg    atomic.Pointer[config.Config] // base, and the sources of the accounts
	box    atomic.Pointer[secret.Box]
	force  atomic.Pointer[force]
	store  *boltstore.Store
	engine *engine.Engine
	upkeep *upkeep.Upkeep

	follower *lifecycle.Follower
	log      *slog.Logger

	book      accountBook
	parts     atomic.Pointer[googleParts]
	oidc      atomic.Pointer[oidcParts]
	delegates atomic.Pointer[map[string]bool] // accounts for which the service account acts
	quota     *quota.Keeper[connectors.Budget]
	regroup   chan struct{} // holds one token while the group is to be read anew
	joining   sync.Mutex    // held while the configuration or the accounts change

	paused   atomic.Pointer[map[string]bool] // sources that are left alone
	forgets  chan struct{}                   // holds one token while something may be to be forgotten
	choosing sync.Mutex                      // held while a choice is read, changed and written

	sealing sync.Mutex    // held while sealed records and their list are written
	saving  sync.Mutex    // held while a version of the mapping is saved and put into force
	looking chan struct{} // holds one token while a mapping is tried: one at a time
}

// openInstance opens the store of a configuration and joins the parts. Nothing runs yet. crm.ErrLocked means
// that another process holds the store.
func openInstance(ctx context.Context, cfg *config.Config, log *slog.Logger) (*instance, error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory %s: %w", cfg.DataDir, cause(err))
	}
	path := filepath.Join(cfg.DataDir, storeName)
	box, err := openBox(cfg.Secrets.KeyFile, path)
	if err != nil {
		return nil, err
	}
	key, err := box.Derive("pending hashes")
	if err != nil {
		return nil, err
	}
	// Reading beyond the end of a file that was cut off faults; as a panic the store takes it for damage.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	store, err := boltstore.Open(ctx, path, boltstore.Options{HMACKey: key, Location: cfg.Location, Log: log, LockTimeout: 300 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	in := newInstance(cfg, log)
	in.store = store
	in.box.Store(box)
	if err := in.keepZone(ctx, cfg, path, key); err != nil {
		return nil, err
	}
	store = in.store
	full, err := in.withAccounts(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	in.take(full)
	if err := in.join(ctx, full.cfg); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return in, nil
}

// newInstance makes an instance without a store.
func newInstance(cfg *config.Config, log *slog.Logger) *instance {
	in := &instance{log: log, looking: make(chan struct{}, 1), regroup: make(chan struct{}, 1), forgets: make(chan struct{}, 1), quota: quota.New[connectors.Budget]()}
	in.book.in = in
	in.base.Store(cfg)
	in.cfg.Store(cfg)
	in.delegates.Store(&map[string]bool{})
	in.setGoogle(cfg.Google)
	in.setOIDC(cfg.SignIn.OIDC)
	return in
}

// openBox opens the key file. One that is missing is made, unless there is a store already that needs its own.
func openBox(keyFile, storePath string) (*secret.Box, error) {
	box, err := secret.Open(keyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return box, err
	}
	if _, statErr := os.Stat(storePath); statErr == nil {
		return nil, failed("put the file back that was made with this data directory, or name it in secrets.key_file",
			"the key file %s is missing, and %s cannot be read without it", keyFile, storePath)
	}
	return secret.Create(keyFile)
}

func (in *instance) join(ctx context.Context, cfg *config.Config) error {
	if err := in.enforce(ctx, cfg); err != nil {
		return err
	}
	sources, err := in.sources(cfg)
	if err != nil {
		return err
	}
	night, err := schedule.Parse(nightly, cfg.Location)
	if err != nil {
		return err
	}
	in.engine = engine.New(engine.Config{Store: in.store, Directory: in.store, Mapper: in.mapper, Sources: sources, Log: in.log})
	in.upkeep = upkeep.New(upkeep.Config{
		Store: in.store, Reader: in.engine, Directory: in.store, Mapper: in.mapper, Version: in.version, Nightly: night, Log: in.log,
		Changed: func(a crm.Activity) { in.engine.Publish(changed(a)) },
		Aligned: in.aligned,
		Proved:  func() { in.engine.Publish(everything()) },
	})
	in.follower = in.newFollower()
	return nil
}

// changed tells open pages of an activity that was matched again.
func changed(a crm.Activity) engine.Event {
	ev := engine.Event{Activities: []string{a.ID}, Accounts: a.Accounts, Ledger: true, At: time.Now().UTC()}
	for _, p := range a.People {
		if p.ID != "" {
			ev.People = append(ev.People, p.ID)
		}
	}
	return ev
}

// sources puts the configured sources into the engine's form.
func (in *instance) sources(cfg *config.Config) ([]engine.Source, error) {
	out := make([]engine.Source, len(cfg.Sources))
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		spec, err := schedule.Parse(s.Schedule, cfg.Location)
		if err != nil {
			return nil, misused(`write "@every 5m" or five fields such as "*/10 8-19 * * 1-5"`, "source %s: %v", s.ID, err)
		}
		out[i] = engine.Source{
			Source:   crm.Source{ID: s.ID, Kind: s.Kind, Owner: s.Owner, Fingerprint: s.Settings.Fingerprint(), State: in.stateOf(s.ID)},
			Schedule: spec,
			Mapping:  s.MappingSource(),
			Open: func(ctx context.Context) (connectors.Source, error) {
				return s.Settings.Open(ctx, in.sourceEnv(cfg, s.ID))
			},
		}
	}
	if len(in.force.Load().forms.list) > 0 {
		forms, err := in.intakeSource(cfg)
		if err != nil {
			return nil, err
		}
		out = slices.Concat(out, []engine.Source{forms})
	}
	return out, nil
}

func (in *instance) sourceEnv(cfg *config.Config, id string) connectors.Env {
	return connectors.Env{ID: id, Limits: connectors.DefaultLimits(), Log: in.log.With("source", id), BaseDir: cfg.Dir, Secrets: in.secrets(id),
		Accounts: access{in}, Budgets: budgets{in}}
}

// Close closes the sources and, once every token that is being refreshed is stored, the store.
func (in *instance) Close() error {
	in.engine.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	in.book.settle(ctx)
	return in.store.Close()
}

// actorCLI is who did it, for the audit.
const actorCLI = "cli"

// load reads the configuration; warnings go to standard error.
func (a *app) load() (*config.Config, error) {
	if a.held != nil {
		return a.held.cfg.Load(), nil
	}
	cfg, problems := config.Load(a.configPath, a.env, all.Kinds())
	if problems.Fatal() {
		return nil, problems
	}
	for _, warning := range problems {
		a.notef("%s", warning)
	}
	return cfg, nil
}

// logger writes to standard error what cfg asks for; quiet commands log errors and warnings only.
func (a *app) logger(cfg *config.Config, quiet bool) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	if quiet {
		level = max(level, slog.LevelError)
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: withoutZeroTimes}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.stderr, options))
}

// withoutZeroTimes leaves out a time that never comes.
func withoutZeroTimes(_ []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindTime && attr.Value.Time().IsZero() {
		return slog.Attr{}
	}
	return attr
}

// streams names the files of a command, which stay with the caller when the command runs inside the daemon.
type streams struct {
	input   string // file to read; "" for none
	output  string // file to write; "" for standard output
	replace bool   // an output that is there may be replaced
}

// with runs fn on the open store: its own, or the daemon's if that holds it.
func (a *app) with(files streams, fn func(in *instance) error) error {
	if a.held != nil {
		return fn(a.held)
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if err := a.mayWrite(cfg, files.output, files.replace); err != nil {
		return err
	}
	in, err := openInstance(a.ctx, cfg, a.logger(cfg, true))
	if errors.Is(err, crm.ErrLocked) {
		return a.forward(cfg, files)
	}
	if err != nil {
		return err
	}
	return errors.Join(fn(in), in.Close())
}

// configured gives the sources of the configuration as the store knows them, ordered by ID; all if ids is nil.
func (in *instance) configured(ctx context.Context, ids []string) ([]crm.Source, error) {
	wanted := map[string]bool{}
	for _, id := range in.sourceIDs() {
		wanted[id] = ids == nil || slices.Contains(ids, id)
	}
	stored, err := in.store.ListSources(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return slices.DeleteFunc(stored, func(s crm.Source) bool { return !wanted[s.ID] }), nil
}

// everything tells open pages that anything may have changed.
func everything() engine.Event { return engine.Event{Many: true, Ledger: true, At: time.Now().UTC()} }
