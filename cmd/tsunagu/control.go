package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// The daemon holds the store alone. So that `export` or `user add` work beside it, it listens on a socket in
// its data directory that only its own user may open. The command line comes in, is run inside the daemon on
// the open store, and its output and exit code go back. Files stay with the caller: it sends what is to be
// read as standard input and writes standard output to where it was told.

// socketName is the control socket in the data directory.
const socketName = "control.sock"

// request is what a caller sends first.
type request struct {
	Args []string          `json:"args"`
	Env  map[string]string `json:"env"` // only what decides the language
}

// forwardable are the commands that run inside the daemon.
func forwardable() []string {
	return []string{"backup", "call", "check", "connect", "convert", "disconnect", "erase", "explain", "export", "history", "import", "mapping", "merge", "rekey", "replay",
		"report", "segment", "status", "token", "undo", "user", "verify"}
}

// languageVariables decide the language of messages, strongest first.
func languageVariables() []string { return []string{"LC_ALL", "LC_MESSAGES", "LANG"} }

// socketAddress gives a name for the socket that is short enough for the kernel (108 bytes), and a function
// that lets go of what makes it short.
func socketAddress(dir string) (string, func(), error) {
	path := filepath.Join(dir, socketName)
	if len(path) < 100 {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, fmt.Errorf("open data directory: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), socketName), func() { _ = f.Close() }, nil
}

// listenControl opens the control socket. The caller holds the store, so a socket that is there is a dead one.
func listenControl(dir string) (net.Listener, error) {
	address, release, err := socketAddress(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := os.Remove(filepath.Join(dir, socketName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old control socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	listener.SetUnlinkOnClose(false) // the short name may be gone by then; serve removes it
	if err := os.Chmod(filepath.Join(dir, socketName), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect control socket: %w", err), listener.Close())
	}
	return listener, nil
}

// control serves the control socket until the listener is closed, and waits for the commands under way.
func (in *instance) control(ctx context.Context, listener net.Listener) {
	var group sync.WaitGroup
	places := make(chan struct{}, 8)
	for {
		conn, err := listener.Accept()
		if err != nil {
			break
		}
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			in.answer(ctx, conn)
		})
	}
	group.Wait()
}

// answer runs the command of one caller. It ends early when the caller goes away.
func (in *instance) answer(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	kind, data, err := readFrame(conn)
	var req request
	if err != nil || kind != frameRequest || json.Unmarshal(data, &req) != nil {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	input, feed := io.Pipe()
	go func() {
		defer cancel()
		feed.CloseWithError(receiveInput(conn, feed))
	}()
	lock := new(sync.Mutex)
	a := &app{ctx: ctx, stdin: input, args: req.Args, held: in,
		stdout: frameWriter{conn, lock, frameOut}, stderr: frameWriter{conn, lock, frameErr},
		env: func(name string) (string, bool) { v, ok := req.Env[name]; return v, ok }}
	code := a.run()
	_ = input.Close()
	_, _ = frameWriter{conn, lock, frameExit}.Write([]byte{byte(code)}) // the caller may have gone
}

// receiveInput passes standard input on until the caller goes away.
func receiveInput(conn net.Conn, feed *io.PipeWriter) error {
	for {
		switch kind, data, err := readFrame(conn); {
		case err != nil:
			return io.ErrUnexpectedEOF
		case kind == frameEnd:
			_ = feed.Close()
		case kind == frameInput:
			if _, err := feed.Write(data); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				return err
			}
		}
	}
}

// mayRunHere refuses what cannot run inside the daemon.
func (a *app) mayRunHere(command string) error {
	if a.held == nil || slices.Contains(forwardable(), command) {
		return nil
	}
	return misused("", "%s does not run inside the daemon", command)
}
