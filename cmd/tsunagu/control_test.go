package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestFramesCarryAnything(t *testing.T) {
	var wire bytes.Buffer
	w := frameWriter{&wire, new(sync.Mutex), frameOut}
	sent := strings.Repeat("つなぐ", 50_000)
	if _, err := io.WriteString(w, sent); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for wire.Len() > 0 {
		kind, data, err := readFrame(&wire)
		if err != nil || kind != frameOut {
			t.Fatalf("frame %c, %v", kind, err)
		}
		got.Write(data)
	}
	if got.String() != sent {
		t.Error("what arrives is not what was sent")
	}
	if _, _, err := readFrame(strings.NewReader("o\xff\xff\xff\xff")); err == nil {
		t.Error("a frame of four gigabytes was accepted")
	}
}

// openTest opens an instance on an empty data directory.
func openTest(t *testing.T, dir string) *instance {
	t.Helper()
	path := filepath.Join(dir, "tsunagu.yaml")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("organization: {name: A, domains: [example.co.jp]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Load(path, os.LookupEnv, nil)
	if problems.Fatal() {
		t.Fatal(problems)
	}
	in, err := openInstance(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func TestControlSocketIsPrivateAndWorksInDeepFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("とても深いフォルダ/", 5))
	in := openTest(t, dir)
	listener, err := listenControl(in.cfg.Load().DataDir)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { in.control(context.Background(), listener); close(done) }()
	info, err := os.Stat(filepath.Join(in.cfg.Load().DataDir, socketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info, err)
	}
	env := func(string) (string, bool) { return "", false }
	say := func(args ...string) (string, string, int) {
		var out, msg bytes.Buffer
		args = append([]string{"-c", filepath.Join(dir, "tsunagu.yaml")}, args...)
		code := run(t.Context(), args, strings.NewReader("correct horse battery\n"), &out, &msg, env)
		return out.String(), msg.String(), code
	}
	if out, msg, code := say("user", "add", "sato@example.co.jp", "--password-stdin"); code != 0 || !strings.Contains(out, "may sign in as rep") {
		t.Errorf("user add: %q, %q, %d", out, msg, code)
	}
	if out, _, code := say("user", "list"); code != 0 || !strings.Contains(out, "sato@example.co.jp") {
		t.Errorf("user list: %q, %d", out, code)
	}
	for _, args := range [][]string{{"segment", "list"}, {"report", "leads"}, {"call", "nobody", "--result", "lost"}, {"status", "nobody", "working"}, {"history", "nobody"},
		{"convert", "nobody"}, {"merge", "people", "nobody", "none"}, {"undo", "nothing"}} {
		if _, msg, code := say(args...); code == exitUsage || strings.Contains(msg, "does not run inside the daemon") {
			t.Errorf("%v: %q, %d", args, msg, code)
		}
	}
	if _, msg, code := say("sync"); code != 1 || !strings.Contains(msg, "the daemon is running on this data directory (another process, ") {
		t.Errorf("sync: %q, %d", msg, code)
	}
	listener.Close()
	<-done
}

func TestNothingElseRunsInsideTheDaemon(t *testing.T) {
	in := openTest(t, t.TempDir())
	for _, args := range [][]string{{"run"}, {"demo", "--once"}, {"restore", "x"}, {"init"}, {"sync"}, {"check", "accounts"}} {
		var msg bytes.Buffer
		a := &app{ctx: t.Context(), args: args, held: in, stdout: io.Discard, stderr: &msg, env: func(string) (string, bool) { return "", false }}
		if code := a.run(); code != exitUsage || !strings.Contains(msg.String(), "does not run inside the daemon") {
			t.Errorf("%v: exit code %d, %q", args, code, msg.String())
		}
	}
}

// TestWhatRepsDoRunsInsideTheDaemon holds that the commands about leads, deals and numbers work while the daemon runs.
func TestWhatRepsDoRunsInsideTheDaemon(t *testing.T) {
	in := openTest(t, t.TempDir())
	for _, args := range [][]string{{"call", "x", "--result", "lost"}, {"status", "x", "working"}, {"history", "x"}, {"convert", "x"}, {"merge", "people", "x", "y"},
		{"undo", "x"}, {"report", "leads"}, {"segment", "list"}} {
		var msg bytes.Buffer
		a := &app{ctx: t.Context(), args: args, held: in, stdout: io.Discard, stderr: &msg, env: func(string) (string, bool) { return "", false }}
		if code := a.run(); code == exitUsage || strings.Contains(msg.String(), "inside the daemon") {
			t.Errorf("%v: exit code %d, %q", args, code, msg.String())
		}
	}
}

func TestACallerWhoGoesAwayEndsTheCommand(t *testing.T) {
	in := openTest(t, t.TempDir())
	client, server := net.Pipe()
	done := make(chan struct{})
	go func() { in.answer(context.Background(), server); close(done) }()
	data, err := json.Marshal(request{Args: []string{"import", "people", "-"}}) // waits for its input
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (frameWriter{client, new(sync.Mutex), frameRequest}).Write(data); err != nil {
		t.Fatal(err)
	}
	client.Close()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the command goes on without its caller")
	}
}

func TestFailuresAreOneSentence(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
		code int
	}{
		"full disk": {errors.Join(errors.New("write x"), syscall.ENOSPC), "free some space and run it again", 1},
		"fault":     {&connectors.Fault{Op: "sign in", Err: errors.New("refused"), Hint: "look at the password"}, "tsunagu: sign in: refused: look at the password\n", 1},
		"newer":     {crm.ErrNewer, "upgrade this binary", 1},
		"locked":    {crm.ErrLocked, "stop the other process first", 1},
		"misuse":    {misused("do that", "no %s", "this"), "tsunagu: no this: do that\n", 2},
		"stopped":   {context.Canceled, "what was read so far is stored", 1},
		"silent":    {silent(1), "", 1},
		"address":   {listenFailure(&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, "127.0.0.1:8466", "http.listen"), "tsunagu: port 8466 is in use on this machine (127.0.0.1:8466): stop", 1},
		"forbidden": {listenFailure(&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}, ":80", "http.listen"), "this user may not listen on port 80", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			a := &app{stderr: &said}
			code := a.fail(c.err)
			if code != c.code || !strings.Contains(said.String(), c.want) || c.want == "" && said.Len() > 0 {
				t.Errorf("exit code %d, said %q; want %d, %q", code, said.String(), c.code, c.want)
			}
		})
	}
}

func TestOutputAppearsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	a := &app{}
	for _, commit := range []bool{false, true} {
		out, err := a.create(path, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.WriteString("x"); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("the file is there before it is whole")
		}
		if commit {
			if err := out.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != map[bool]int{false: 0, true: 1}[commit] {
			t.Errorf("committed %v: %v, %v", commit, left, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info, err)
	}
}

func TestSince(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-11-01":                "2026-10-31T15:00:00Z",
		"2026/11/1":                 "2026-10-31T15:00:00Z",
		"2026-11-01T09:00":          "2026-11-01T00:00:00Z",
		"2026-11-01T09:00:00+09:00": "2026-11-01T00:00:00Z",
	} {
		got, err := moment{text}.time(tokyo)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v; want %s", text, got, err, want)
		}
	}
	if got, err := (moment{"30d"}).time(tokyo); err != nil || time.Since(got).Round(time.Hour) != 720*time.Hour {
		t.Errorf("30d: %v, %v", got, err)
	}
	for _, bad := range []string{"yesterday", "2026-13-01", "-3d"} {
		if _, err := (moment{bad}).time(tokyo); err == nil {
			t.Errorf("%s was understood", bad)
		}
	}
}
