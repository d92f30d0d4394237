package boltstore

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of one state of the store while it is in use. The copy is a store file; the pages of
// removed records are blank in it.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.copyTo(ctx, w)
	if s.unscrubbed.Swap(false) && err == nil {
		err = s.Scrub(ctx)
	}
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return nil
}

func (s *Store) copyTo(ctx context.Context, w io.Writer) (err error) {
	s.backups.RLock()
	defer s.backups.RUnlock()
	defer contain(&err, s.log)
	s.writer.Lock()
	tx, free, err := s.snapshot()
	s.writer.Unlock()
	if err != nil {
		return classify(err)
	}
	defer func() { _ = tx.Rollback() }()
	slices.Sort(free)
	buffered := bufio.NewWriterSize(contextWriter{ctx, w}, 1<<20)
	if _, err := tx.WriteTo(&blanker{w: buffered, pageSize: int64(s.db.Info().PageSize), free: free}); err != nil {
		return classify(err)
	}
	return classify(buffered.Flush())
}

// contextWriter stops a long copy when its context ends.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// Scrub overwrites the pages of the file that nothing refers to any more, so that removed content is gone
// from the file. Erase, ExcludeRows, DeleteSealed and Commit do it themselves where they have to. Readers wait for it; it takes about as
// long as the free pages take to write. While a back-up is under way, which may still read those pages, it is
// put off to the end of the back-up.
func (s *Store) Scrub(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.backups.TryLock() {
		s.unscrubbed.Store(true)
		return nil
	}
	defer s.backups.Unlock()
	// After two writes that change nothing, both meta pages lead to the same content: whichever counts
	// after a crash, no page that it refers to is blanked.
	for range 2 {
		if err := s.update(ctx, func(*unit) error { return nil }); err != nil {
			return fmt.Errorf("scrub store: %w", err)
		}
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	if err := s.scrub(); err != nil {
		return fmt.Errorf("scrub store: %w", classify(err))
	}
	return nil
}

func (s *Store) scrub() (err error) {
	defer contain(&err, s.log)
	s.writer.Lock()
	defer s.writer.Unlock()
	tx, free, err := s.snapshot()
	if err != nil {
		return err
	}
	size := int64(s.db.Info().PageSize)
	if err := tx.Rollback(); err != nil {
		return err
	}
	slices.Sort(free)
	for len(free) > 0 {
		n := 1
		for n < len(free) && n < 256 && free[n] == free[n-1]+1 {
			n++
		}
		if err := s.blank(int64(free[0])*size, int64(n)*size, size); err != nil {
			return err
		}
		free = free[n:]
	}
	return s.file.Sync()
}

// blank overwrites pages unless they are blank or hold an old list of free pages, which has no content and
// to which the older meta page still refers.
func (s *Store) blank(at, length, size int64) error {
	old := make([]byte, length)
	if _, err := s.file.ReadAt(old, at); err != nil && err != io.EOF {
		return err
	}
	zero := make([]byte, size)
	for from := int64(0); from < length; from += size {
		page := old[from : from+size]
		if isFreelist(page) || string(page) == string(zero) {
			continue
		}
		if _, err := s.file.WriteAt(zero, at+from); err != nil {
			return err
		}
	}
	return nil
}

func isFreelist(page []byte) bool { return page[8] == flagFreelist && page[9] == 0 }

// VerifyFile reads the whole store file at path, without changing it, and says whether this program can
// use it: crm.ErrCorrupt, crm.ErrNewer or crm.ErrLocked if not. An older schema is no error.
func VerifyFile(ctx context.Context, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("verify store %s: %w", path, err)
		}
	}()
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.Size() == 0 {
		return corrupt("an empty file")
	}
	db, _, err := openFile(path, slog.Default(), &bbolt.Options{ReadOnly: true, Timeout: defaultLockTimeout, PreLoadFreelist: true})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	return verifyDB(ctx, db)
}

func verifyDB(ctx context.Context, db *bbolt.DB) (err error) {
	defer contain(&err, slog.Default())
	defer faultsPanic()()
	version, err := schemaVersion(db)
	if err != nil {
		return err
	}
	if err := checkSchema(version, migrations()); err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return verifyBucket(ctx, name, b) })
	})
}

// verifyBucket reads every entry, and decodes those whose form is known.
func verifyBucket(ctx context.Context, name []byte, b *bbolt.Bucket) error {
	decode := decoders()[string(name)]
	n, last := 0, []byte(nil)
	return b.ForEach(func(k, v []byte) error {
		if n++; n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if last != nil && string(k) <= string(last) {
			return corrupt("the order of bucket " + string(name))
		}
		last = append(last[:0], k...)
		if decode == nil {
			return nil
		}
		return decode(v)
	})
}

// decoders are the buckets whose values are records.
func decoders() map[string]func([]byte) error {
	return map[string]func([]byte) error{
		string(bucketActID):      checkBlock,
		string(bucketTimeline):   checkBlock,
		string(bucketRowKey):     checkBlock,
		string(bucketPending):    checkBlock,
		string(bucketThreads):    checkBlock,
		string(bucketSources):    try(decodeSource),
		string(bucketActivities): func(b []byte) error { _, err := decodeActivity(b, false); return err },
		string(bucketRows):       try(decodeRow),
		string(bucketLate):       try(decodeLate),
		string(bucketPeople):     try(decodePerson),
		string(bucketAddresses):  try(decodePersonRef),
		string(bucketAccounts):   try(decodeAccount),
		string(bucketDomains):    try(decodeAccountRef),
		string(bucketDecisions):  try(decodeDecision),
		string(bucketReviews):    try(decodeReview),
		string(bucketUsers):      try(decodeUser),
		string(bucketTokens):     try(decodeToken),
		string(bucketMappings):   try(decodeMapping),
		string(bucketAudit):      try(decodeAudit),
		string(bucketOutbox):     try(decodeOutbox),

		string(bucketMerges):      try(merges().decode),
		string(bucketConversions): try(conversions().decode),
		string(bucketJoinedInto):  try(decodeSign),
		string(bucketComments):    try(comments().decode),
		string(bucketFilings):     try(filings().decode),
		string(bucketSubmissions): try(decodeSubmission),
		string(bucketQuarantine):  try(decodeSubmission),

		string(bucketArrivals): func(b []byte) error { _, err := decodeArrival(b, 0); return err },

		string(bucketPrivateThreads): try(decodePrivate),
		string(bucketOwnRules):       try(decodeOwn),

		string(bucketStandings): try(decodeStanding),
		string(bucketChanges):   try(decodeChange),
		string(bucketFacts):     try(decodeFacts),
		string(bucketNumbers):   checkNumbers,
		string(bucketViews):     try(savedViews().decode),
	}
}

func try[T any](decode func([]byte) (T, error)) func([]byte) error {
	return func(b []byte) error {
		_, err := decode(b)
		return err
	}
}
