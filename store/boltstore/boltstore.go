package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// Options says how a store is opened.
type Options struct {
	HMACKey     []byte         // 32 bytes; keys the hashes of addresses that may not be stored. A store opens only with the key it was made with
	Location    *time.Location // in which the days of roll-ups begin; nil means UTC
	Log         *slog.Logger   // nil means slog.Default()
	LockTimeout time.Duration  // how long to wait for another process to let go of the file; 0 means one second
}

// Store is the embedded store. Its methods may be called from many goroutines at once.
type Store struct {
	db     *bbolt.DB
	path   string
	key    []byte
	loc    *time.Location
	log    *slog.Logger
	outbox atomic.Bool

	spare    spare     // the committer's memory
	hashes   sync.Pool // of *keyedHash
	news     bell      // rings when a submission is let in
	ops      chan *op
	closing  chan struct{}
	stopped  chan struct{}
	closeOne sync.Once
	closeErr error

	file       *os.File     // the one that bbolt has open
	gate       sync.RWMutex // readers hold it shared; Scrub exclusively
	writer     sync.Mutex   // held by whoever has the write transaction
	backups    sync.RWMutex // back-ups hold it shared; Scrub exclusively
	unscrubbed atomic.Bool  // a Scrub was put off because a back-up was under way
}

const defaultLockTimeout = time.Second

// ErrClosed is returned by every method after Close.
var ErrClosed = errors.New("the store is closed")

// errKey says that the key file does not belong to the store file.
var errKey = errors.New("the key is not the one this store was made with: put the right key file back")

// Open opens the store file at path, or makes it, and brings its schema up to date.
//
// Errors: crm.ErrLocked if another process holds the file after LockTimeout, crm.ErrCorrupt if it is
// damaged or no store, crm.ErrNewer if a newer version wrote it, crm.ErrFull if the disk is full.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(opts.HMACKey) != 32 {
		return nil, fmt.Errorf("open store %s: the key has %d bytes instead of 32", path, len(opts.HMACKey))
	}
	s := &Store{
		path: path, key: opts.HMACKey, loc: opts.Location, log: opts.Log,
		ops: make(chan *op), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	if s.loc == nil {
		s.loc = time.UTC
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	timeout := opts.LockTimeout
	if timeout <= 0 {
		timeout = defaultLockTimeout
	}
	db, file, err := openFile(path, s.log, &bbolt.Options{
		Timeout:         timeout,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: initialMap(),
	})
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s.db, s.file = db, file
	if err := s.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), db.Close())
	}
	go s.commitLoop()
	return s, nil
}

// openFile opens the file with bbolt. What bbolt panics over is damage; the file is let go of then, since
// bbolt itself would keep its lock.
func openFile(path string, log *slog.Logger, o *bbolt.Options) (db *bbolt.DB, file *os.File, err error) {
	o.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		file = f
		return f, err
	}
	defer func() {
		if err != nil && file != nil {
			_ = file.Close() // closed already unless bbolt panicked
		}
	}()
	defer contain(&err, log)
	defer faultsPanic()()
	db, err = bbolt.Open(path, 0o600, o)
	if err != nil {
		return nil, file, classify(err)
	}
	if err := checkLength(db, file); err != nil {
		return nil, file, errors.Join(err, db.Close())
	}
	return db, file, nil
}

// initialMap is how much address space is mapped at once, in bytes: growing the map has to wait for every
// reader, so a 64-bit machine starts with plenty. It costs no memory.
func initialMap() int {
	if ^uint(0)>>32 == 0 {
		return 64 << 20
	}
	return 1 << 30
}

// prepare makes or migrates the schema and checks the key.
func (s *Store) prepare() (err error) {
	defer contain(&err, s.log)
	defer faultsPanic()()
	if err := migrate(s.db, migrations()); err != nil {
		return classify(err)
	}
	if err := s.checkKey(); err != nil {
		return classify(err)
	}
	if err := s.listCounted(); err != nil { // before numbers are counted anew, which holds the index to what it should be
		return classify(err)
	}
	return classify(s.countNumbers())
}

// checkKey compares a hash made with the key with the one that the first start remembered. A store that has one is only
// read: what is found damaged later must be as it was.
func (s *Store) checkKey() error {
	sum := s.hmac("key check")
	var stored []byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		stored = bytes.Clone(tx.Bucket(bucketMeta).Get(metaKeyCheck))
		return nil
	})
	switch {
	case err != nil:
		return err
	case stored == nil:
		return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(metaKeyCheck, sum[:]) })
	case !bytes.Equal(stored, sum[:]):
		return errKey
	}
	return nil
}

// Close waits for writes that are under way and lets go of the file.
func (s *Store) Close() error {
	s.closeOne.Do(func() {
		close(s.closing)
		<-s.stopped
		s.gate.Lock()
		defer s.gate.Unlock()
		s.closeErr = s.db.Close()
	})
	return s.closeErr
}
