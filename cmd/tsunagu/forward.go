package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/config"
)

// pidName is the file in the data directory with the daemon's process id.
const pidName = "tsunagu.pid"

// heldByDaemon says that a daemon holds the store, and which.
func heldByDaemon(cfg *config.Config, todo string) error {
	who := "another process"
	if pid, err := os.ReadFile(filepath.Join(cfg.DataDir, pidName)); err == nil {
		who = "pid " + strings.TrimSpace(string(pid))
	}
	return failed(todo, "the daemon is running on this data directory (%s, %s)", who, cfg.DataDir)
}

// forward has the daemon run this command on the store that it holds.
func (a *app) forward(cfg *config.Config, files streams) error {
	address, release, err := socketAddress(cfg.DataDir)
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(a.ctx, "unix", address)
	release()
	if err != nil {
		if a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		return heldByDaemon(cfg, "stop it or use the web app")
	}
	defer func() { _ = conn.Close() }()
	defer closeOnDone(a, conn)()
	out, err := a.create(files.output, files.replace)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	if err := a.request(conn); err != nil {
		return err
	}
	if files.input != "" {
		input, err := a.open(files.input)
		if err != nil {
			return err
		}
		defer func() { _ = input.Close() }()
		go sendInput(conn, input)
	}
	code, err := a.receive(conn, out)
	if err != nil {
		if a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		return failed("see its log, and run the command again", "the daemon ended in the middle of the command (%v)", err)
	}
	if code == exitOK || out.file == nil {
		if err := out.Commit(); err != nil {
			return err
		}
	}
	if code != exitOK {
		return silent(code)
	}
	return nil
}

// closeOnDone ends the conversation when the caller is interrupted, which cancels the command.
func closeOnDone(a *app, conn net.Conn) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-a.ctx.Done():
			_ = conn.Close()
		case <-done:
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

func (a *app) request(conn net.Conn) error {
	req := request{Args: a.args, Env: map[string]string{}}
	for _, name := range languageVariables() {
		if v, ok := a.env(name); ok {
			req.Env[name] = v
		}
	}
	data, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("send command: %w", err)
	}
	_, err = frameWriter{conn, new(sync.Mutex), frameRequest}.Write(data)
	return err
}

func sendInput(conn net.Conn, input io.Reader) {
	lock := new(sync.Mutex)
	if _, err := io.Copy(frameWriter{conn, lock, frameInput}, input); err != nil {
		_ = conn.Close()
		return
	}
	if err := (frameWriter{conn, lock, frameEnd}).frame(nil); err != nil {
		_ = conn.Close()
	}
}

// receive takes the output of the command until it says its exit code.
func (a *app) receive(conn net.Conn, out io.Writer) (int, error) {
	for {
		kind, data, err := readFrame(conn)
		if err != nil {
			return 0, err
		}
		switch kind {
		case frameOut:
			_, err = out.Write(data)
		case frameErr:
			_, err = a.stderr.Write(data)
		case frameExit:
			if len(data) != 1 {
				return 0, errors.New("the exit code is missing")
			}
			return int(data[0]), nil
		}
		if err != nil {
			return 0, err
		}
	}
}
