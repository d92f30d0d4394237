package boltstore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// classify gives an error of bbolt or of the system the name that every store uses.
func classify(err error) error {
	named := func(name error) error { return fmt.Errorf("%w: %w", name, err) }
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrTimeout):
		return named(crm.ErrLocked)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch),
		errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrIncompatibleValue):
		return named(crm.ErrCorrupt)
	case isFull(err):
		return named(crm.ErrFull)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	}
	return err
}

// isFull looks at the text too: bbolt does not wrap the error of growing the file.
func isFull(err error) bool {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.HasSuffix(err.Error(), ": "+full.Error()) {
			return true
		}
	}
	return errors.Is(err, berrors.ErrMaxSizeReached)
}

// contain turns a panic into crm.ErrCorrupt: bbolt panics when a page is not what it should be, and reading
// beyond the end of a file that was cut off faults. It is deferred around everything that reads the file.
// The error is one line, since people read it; the stack goes to the log at debug level.
func contain(err *error, log *slog.Logger) {
	if p := recover(); p != nil {
		log.Debug("reading the store panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		*err = fmt.Errorf("%w: %s", crm.ErrCorrupt, strings.Join(strings.Fields(fmt.Sprint(p)), " "))
	}
}

// faultsPanic makes this goroutine panic, not die, when mapped memory cannot be read; the function returned
// undoes it.
func faultsPanic() func() {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

// checkLength compares the length of the file with what its meta page says; a file that was cut off opens
// without complaint and faults later.
func checkLength(db *bbolt.DB, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("stat store: %w", err)
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it has %d bytes and should have at least %d", crm.ErrCorrupt, info.Size(), tx.Size())
		}
		return nil
	})
}

func corrupt(what string) error { return fmt.Errorf("%w: %s cannot be read", crm.ErrCorrupt, what) }
