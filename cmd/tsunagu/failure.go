package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
)

// failure is an error with its exit code, put for people: what is wrong, where, and what to do.
type failure struct {
	code int
	what string
	todo string // "" if nothing can be said
}

func (f *failure) Error() string {
	if f.todo == "" {
		return f.what
	}
	return f.what + ": " + f.todo
}

// failed is a failure of something that ran.
func failed(todo, format string, args ...any) error {
	return &failure{code: exitFailed, what: fmt.Sprintf(format, args...), todo: todo}
}

// misused is a mistake on the command line.
func misused(todo, format string, args ...any) error {
	return &failure{code: exitUsage, what: fmt.Sprintf(format, args...), todo: todo}
}

// silent ends with a code when everything was said already.
type silent int

func (silent) Error() string { return "" }

// fail prints an error as one sentence (the problems of a configuration one a line) and gives the exit code.
func (a *app) fail(err error) int {
	var problems config.Problems
	var quiet silent
	switch {
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.As(err, &problems):
		a.notef("%s", problems.Error())
		return exitUsage
	case errors.Is(err, context.Canceled):
		a.notef("tsunagu: interrupted; what was read so far is stored, and the next run goes on from there")
		return exitFailed
	}
	f := explainFailure(err)
	a.notef("tsunagu: %s", f.Error())
	return f.code
}

// explainFailure puts an error into a sentence and says what to do about it.
func explainFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	f = &failure{code: exitFailed, what: strings.TrimSpace(err.Error())}
	var fault *connectors.Fault
	switch {
	case errors.Is(err, crm.ErrFull) || errors.Is(err, syscall.ENOSPC):
		f.todo = "nothing of this step was stored; free some space and run it again"
	case errors.Is(err, crm.ErrCorrupt):
		f.what, _, _ = strings.Cut(f.what, "\n") // where the store noticed follows
		f.todo = "keep the file, and restore a back-up into an empty data directory with `tsunagu restore FILE`"
	case errors.Is(err, crm.ErrNewer):
		f.todo = "upgrade this binary"
	case errors.Is(err, crm.ErrLocked):
		f.todo = "stop the other process first"
	case errors.Is(err, secret.ErrExposed):
		f.todo = "chmod 600 it; if others may have read it, run `tsunagu rekey` as well"
	case errors.Is(err, secret.ErrInvalid):
		f.todo = "put the key file back that belongs to the data directory"
	case errors.As(err, &fault):
		f.todo = fault.Hint
	case errors.Is(err, fs.ErrPermission):
		f.todo = "run it as the user that owns the file, or change its mode"
	}
	return f
}

// listenFailure explains why the web app cannot listen.
func listenFailure(err error, addr, key string) error {
	var op *net.OpError
	_, port, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		port = addr
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return failed(fmt.Sprintf("stop the other program, or choose another port with %s", key), "port %s is in use on this machine (%s)", port, addr)
	case errors.Is(err, syscall.EACCES):
		return failed(fmt.Sprintf("choose a port above 1023 with %s, or let systemd or a proxy hold the port", key), "this user may not listen on port %s (%s)", port, addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return failed(fmt.Sprintf("choose an address of this machine with %s", key), "this machine has no address %s", addr)
	case errors.As(err, &op):
		return failed(fmt.Sprintf("see %s", key), "cannot listen on %s: %v", addr, op.Err)
	}
	return fmt.Errorf("listen on %s: %w", addr, err)
}

// oneLine keeps a message on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
