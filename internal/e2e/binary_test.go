package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binaryEnv names the variable in which TestMain says where the binary under test is.
const binaryEnv = "TSUNAGU_E2E_BINARY"

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tsunagu-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make folder for the binary:", err)
		os.Exit(1)
	}
	binary := filepath.Join(dir, "tsunagu")
	build := exec.Command("go", "build", "-o", binary, "github.com/tsunagu-crm/tsunagu/cmd/tsunagu")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build tsunagu: %v\n%s", err, out)
		os.Exit(1)
	}
	os.Setenv(binaryEnv, binary)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// site is one installation: a folder with a configuration, a key file and a data directory.
type site struct {
	t   *testing.T
	dir string
	env []string
}

// newSite makes an installation with the given configuration. The key file is made by init.
func newSite(t *testing.T, config string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	s.must("init", s.dir)
	s.configure(config)
	return s
}

func (s *site) configure(config string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "tsunagu.yaml"), []byte(config), 0o600); err != nil {
		s.t.Fatalf("write configuration: %v", err)
	}
}

func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Getenv(binaryEnv), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "MAIL_PASSWORD=secret", "GOOGLE_SECRET=test-secret")
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// result is what a command did.
type result struct {
	stdout, stderr string
	code           int
}

func (s *site) run(args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("run tsunagu %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must runs a command that has to succeed.
func (s *site) must(args ...string) string {
	s.t.Helper()
	r := s.run(args...)
	if r.code != 0 {
		s.t.Fatalf("tsunagu %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// daemon is a running `tsunagu run`.
type daemon struct {
	*site
	cmd    *exec.Cmd
	stderr *syncBuffer
	done   chan error
}

// start runs the daemon until the test ends or stop is called.
func (s *site) start() *daemon {
	s.t.Helper()
	d := &daemon{site: s, cmd: s.command(context.Background(), "run"), stderr: &syncBuffer{}, done: make(chan error, 1)}
	d.cmd.Stdout, d.cmd.Stderr = d.stderr, d.stderr
	if err := d.cmd.Start(); err != nil {
		s.t.Fatalf("start daemon: %v", err)
	}
	go func() { d.done <- d.cmd.Wait() }()
	s.t.Cleanup(func() { d.stop() })
	return d
}

// stop asks the daemon to end and waits for it. It may be called twice.
func (d *daemon) stop() {
	d.t.Helper()
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-d.done:
		if err != nil {
			d.t.Errorf("daemon ended with %v\n%s", err, d.stderr)
		}
	case <-time.After(15 * time.Second):
		_ = d.cmd.Process.Kill()
		<-d.done
		d.t.Errorf("daemon did not drain within 15 s of SIGTERM\n%s", d.stderr)
	}
	d.cmd = nil
}
