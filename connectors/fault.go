package connectors

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies a failure by what can be done about it.
type Kind int

// The kinds of failure. An error that is not a Fault is Retryable.
const (
	Retryable     Kind = iota // time-outs, 5xx, throttling: tried again with back-off, without giving up
	AuthExpired               // somebody must sign in again
	CursorInvalid             // the cursor means nothing any more: read again from the start
	Permanent                 // a setting or a permission is wrong: IT must act
)

// String is the kind's name as it stands in logs and metrics.
func (k Kind) String() string {
	switch k {
	case AuthExpired:
		return "auth_expired"
	case CursorInvalid:
		return "cursor_invalid"
	case Permanent:
		return "permanent"
	default:
		return "retryable"
	}
}

// Fault is a classified failure. It is made where the response is read.
type Fault struct {
	Kind  Kind
	Op    string        // verb noun: "select folder INBOX"
	After time.Duration // do not try again before; 0 for the engine's own back-off
	Hint  string        // what a person can do, one sentence in English (web/i18n/hints.*.yaml has translations); "" if nothing
	Err   error         // the cause
}

// Error is "Op: cause".
func (f *Fault) Error() string { return fmt.Sprintf("%s: %v", f.Op, f.Err) }

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Classify finds the Fault in err. An error without one is Retryable; nil gives nil.
func Classify(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Retryable, Op: "read source", Err: err}
}
