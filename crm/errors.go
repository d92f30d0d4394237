package crm

import "errors"

// Errors that every store answers with; compare with errors.Is.
var (
	ErrNotFound = errors.New("not found")                                // there is no such record
	ErrConflict = errors.New("somebody else changed it meanwhile")       // nothing was stored: look again
	ErrFenced   = errors.New("the source was claimed by somebody else")  // the epoch is old: stop working on it
	ErrStop     = errors.New("stop")                                     // ends a walk early; never shown
	ErrFull     = errors.New("no space left on the disk")                // nothing was stored
	ErrLocked   = errors.New("the store is in use by another process")   // a daemon holds it
	ErrCorrupt  = errors.New("the store file is damaged")                // restore a back-up
	ErrNewer    = errors.New("the store was written by a newer version") // upgrade the binary
	ErrOutcome  = errors.New("the outcome cannot be taken")              // nothing was stored; what is wrong with it is said with it
	ErrRefused  = errors.New("this cannot be done")                      // nothing was stored; why not is said with it
	ErrTooBig   = errors.New("the record is too big to be stored")       // nothing was stored
)
