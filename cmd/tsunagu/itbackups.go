package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/backups"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
	"github.com/tsunagu-crm/tsunagu/web"
)

// backupKeeper makes back-ups in the background and by their schedule, one thing at a time.
type backupKeeper struct {
	in     *instance
	folder *backups.Folder
	spec   schedule.Spec // zero for none
	text   string        // of spec
	tasks  chan backupTask

	mu      sync.Mutex
	working string
}

// backupTask is what somebody asked for.
type backupTask struct {
	what, actor, name string
}

func (in *instance) newBackupKeeper(cfg *config.Config) (*backupKeeper, error) {
	k := &backupKeeper{in: in, text: strings.TrimSpace(cfg.Backup.Schedule), tasks: make(chan backupTask, 1)}
	k.folder = &backups.Folder{Dir: cfg.Backup.Dir, Keep: cfg.Backup.Keep, Write: in.store.Backup, Open: in.openCopy, Free: freeSpace,
		Expect: func() int64 {
			n, err := in.store.Size(context.Background())
			if err != nil {
				return 0
			}
			return n
		}}
	if k.text == "" {
		return k, nil
	}
	var err error
	k.spec, err = schedule.Parse(k.text, cfg.Location)
	return k, err
}

// openCopy opens a restored back-up with our key and counts what is in it.
func (in *instance) openCopy(ctx context.Context, path string) (t crm.BackupTest, err error) {
	key, err := in.box.Load().Derive("pending hashes")
	if err != nil {
		return t, err
	}
	store, err := boltstore.Open(ctx, path, boltstore.Options{HMACKey: key, Location: in.cfg.Load().Location, Log: in.log})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if t.People, err = store.CountPeople(ctx); err != nil {
		return t, err
	}
	sources, err := store.ListSources(ctx)
	t.Sources = int64(len(sources))
	return t, err
}

// List gives the back-ups, newest first.
func (k *backupKeeper) List() ([]crm.Backup, error) { return k.folder.List() }

// State says how back-ups stand.
func (k *backupKeeper) State(ctx context.Context) (web.BackupState, error) {
	st := web.BackupState{Dir: k.folder.Dir, Schedule: k.text, Keep: k.folder.Keep}
	var last lastBackup
	if _, err := k.in.plain(ctx, madeRecord, &last); err != nil {
		return st, err
	}
	st.Last, st.Error, st.FailedAt = last.At, last.Error, last.FailedAt
	var test crm.BackupTest
	tried, err := k.in.plain(ctx, triedRecord, &test)
	if err != nil {
		return st, err
	}
	if tried {
		st.Test = &test
	}
	if k.text != "" {
		st.Next = k.spec.Next(time.Now(), "backup")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	st.Working = k.working
	return st, nil
}

// Make begins to make a back-up.
func (k *backupKeeper) Make(actor string) error {
	return k.begin(backupTask{what: "make", actor: actor})
}

// Try begins to restore a back-up beside the store.
func (k *backupKeeper) Try(actor, name string) error {
	file, err := k.folder.Read(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), k.begin(backupTask{"try", actor, name}))
}

// Read gives a back-up as it was written.
func (k *backupKeeper) Read(name string) (io.ReadCloser, int64, error) {
	file, err := k.folder.Read(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

func (k *backupKeeper) begin(t backupTask) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.working != "" {
		return fmt.Errorf("%s back-up: %w", t.what, crm.ErrConflict)
	}
	k.working = t.what
	k.tasks <- t // has room for the one that working stands for
	return nil
}

// run does what is asked for and what the schedule says, until ctx ends.
func (k *backupKeeper) run(ctx context.Context) {
	for {
		var due <-chan time.Time
		var timer *time.Timer
		if k.text != "" {
			if next := k.spec.Next(time.Now(), "backup"); !next.IsZero() {
				timer = time.NewTimer(time.Until(next))
				due = timer.C
			}
		}
		select {
		case <-ctx.Done():
		case t := <-k.tasks:
			k.do(ctx, t)
		case <-due:
			if k.begin(backupTask{what: "make", actor: "tsunagu"}) == nil {
				k.do(ctx, <-k.tasks)
			}
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// do makes or tries a back-up and keeps how that ended.
func (k *backupKeeper) do(ctx context.Context, t backupTask) {
	defer func() {
		k.mu.Lock()
		k.working = ""
		k.mu.Unlock()
		k.in.engine.Publish(everything())
	}()
	k.in.engine.Publish(everything())
	var err error
	if t.what == "make" {
		var made crm.Backup
		made, err = k.folder.Make(ctx, time.Now())
		if ctx.Err() != nil {
			return // the daemon stops; what was half made is gone
		}
		if err == nil {
			k.in.log.Info("backed up", "file", made.Name, "bytes", made.Bytes)
		}
		if noted := k.in.madeBackup(ctx, err); noted != nil {
			k.in.log.Error("note back-up", "error", noted)
		}
	} else {
		err = k.try(ctx, t)
	}
	if err != nil && ctx.Err() == nil {
		k.in.log.Error("back-up", "what", t.what, "error", err)
	}
}

func (k *backupKeeper) try(ctx context.Context, t backupTask) error {
	test, err := k.folder.Try(ctx, t.name, k.in.cfg.Load().DataDir)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	test.Name, test.At, test.By = t.name, time.Now().UTC(), t.actor
	if err != nil {
		test.Error = oneLine(err.Error())
	}
	return errors.Join(err, k.in.putPlain(ctx, triedRecord, test))
}

// keptSizes is for how many days the size of the store is remembered.
const keptSizes = 60
