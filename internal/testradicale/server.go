// Package testradicale runs Radicale, a CalDAV server, as a child process for tests. It listens on loopback, knows
// the users it was told of by an htpasswd file, and keeps everything in a directory of its own.
package testradicale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Server is a running Radicale. Its fields are read-only.
type Server struct {
	URL string // "http://127.0.0.1:5232/"

	dir     string
	users   map[string]string
	process *exec.Cmd
	ended   chan struct{}
}

// Start starts a server that knows users (names and passwords). Each sees only what lies below /name/.
// Without Radicale on the machine it fails: scripts/install-test-deps installs it.
func Start(users map[string]string) (*Server, error) {
	binary, err := exec.LookPath("radicale")
	if err != nil {
		return nil, fmt.Errorf("find radicale: %w (scripts/install-test-deps installs it)", err)
	}
	dir, err := os.MkdirTemp("", "radicale")
	if err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	s := &Server{dir: dir, users: users}
	for range 5 {
		if err = s.run(binary); err == nil {
			return s, nil
		}
		s.stop() // the port may have been taken in between
	}
	_ = s.Close()
	return nil, err
}

// run writes the configuration and starts the process.
func (s *Server) run(binary string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	var lines strings.Builder
	for user, password := range s.users {
		fmt.Fprintf(&lines, "%s:%s\n", user, password)
	}
	passwords := filepath.Join(s.dir, "users")
	if err := os.WriteFile(passwords, []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	config := fmt.Sprintf(`[server]
hosts = 127.0.0.1:%d
max_connections = 50
[auth]
type = htpasswd
htpasswd_filename = %s
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = %s
[logging]
level = warning
`, port, passwords, filepath.Join(s.dir, "data"))
	path := filepath.Join(s.dir, "config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()                 // the process has its own
	s.process = exec.Command(binary, "--config", path) //nolint:gosec,noctx // both are ours; Close ends it
	s.process.Stdout, s.process.Stderr = log, log
	s.process.SysProcAttr = processAttributes()
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start radicale: %w", err)
	}
	s.ended = make(chan struct{})
	go func(p *exec.Cmd, ended chan struct{}) {
		_ = p.Wait() // how it ended does not matter
		close(ended)
	}(s.process, s.ended)
	s.URL = fmt.Sprintf("http://127.0.0.1:%d/", port)
	return s.awaitAnswer(20 * time.Second)
}

func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find port: %w", err)
	}
	defer func() { _ = l.Close() }() // the port is free again
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("find port: it is not of TCP")
	}
	return addr.Port, nil
}

// awaitAnswer waits until the server takes connections.
func (s *Server) awaitAnswer(patience time.Duration) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", strings.Trim(strings.TrimPrefix(s.URL, "http:"), "/")); err == nil {
			return conn.Close()
		}
		select {
		case <-s.ended:
			return fmt.Errorf("start radicale: it ended\n%s", s.Log())
		case <-deadline.C:
			return fmt.Errorf("start radicale: no answer\n%s", s.Log())
		case <-tick.C:
		}
	}
}

// Log is what the server has written.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *Server) stop() {
	if s.process == nil || s.process.Process == nil {
		return
	}
	_ = s.process.Process.Kill() // it may have ended by itself
	<-s.ended
	s.process = nil
}

// Close stops the server and removes its data.
func (s *Server) Close() error {
	s.stop()
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove directory: %w", err)
	}
	return nil
}

// ForgetTokens makes every sync token invalid.
func (s *Server) ForgetTokens() error {
	dirs, err := filepath.Glob(filepath.Join(s.dir, "data", "collection-root", "*", "*", ".Radicale.cache", "sync-token"))
	if err != nil {
		return fmt.Errorf("list tokens: %w", err)
	}
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove tokens: %w", err)
		}
	}
	return nil
}

// Do sends a request of a user to a path such as "/sato/work/", and wants a status of success.
func (s *Server) Do(user, method, path, body string, headers map[string]string) (string, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, strings.TrimSuffix(s.URL, "/")+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.SetBasicAuth(user, s.users[user])
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode >= 300 {
		return "", errors.New(method + " " + path + ": " + resp.Status + ": " + string(text))
	}
	return string(text), nil
}
