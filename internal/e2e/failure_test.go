package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// TestSourceFailures breaks the way to the mailbox in different ways. Each gives exit code 1 and a sentence
// that names the trouble, and after the repair everything is there.
func TestSourceFailures(t *testing.T) {
	t.Parallel()
	good := testdovecot.Start(t)
	good.AddUser(sato, "secret")
	good.Append(sato, "INBOX", letter("one", tanaka, sato, "one"), time.Now())
	expired := testdovecot.Start(t, testdovecot.WithExpiredCertificate())
	expired.AddUser(sato, "secret")
	free := freePort(t)

	cases := []struct {
		name, addr, settings string
		env                  string
		says                 []string
	}{
		{"wrong password", good.Addr, "tls: none", "MAIL_PASSWORD=wrong", []string{"sato-mail", "sign in"}},
		{"unknown host", "no-such-host.invalid:993", "tls: implicit", "", []string{"no-such-host.invalid"}},
		{"nobody listens", free, "tls: none", "", []string{free, "refused"}},
		{"certificate ended", expired.TLSAddr, fmt.Sprintf("tls: implicit, ca_file: %q", expired.CAFile), "", []string{"expired"}},
		{"authority unknown", good.TLSAddr, "tls: implicit", "", []string{"ca_file"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config := func(addr, settings string) string {
				return head() + fmt.Sprintf(`  - id: sato-mail
    kind: imap
    owner: %s
    settings: {addr: %q, %s, username: %q, password: "${MAIL_PASSWORD}", folders: [INBOX]}
`, sato, addr, settings, sato)
			}
			s := newSite(t, config(c.addr, c.settings))
			s.importTanaka()
			if c.env != "" {
				s.env = append(s.env, c.env)
			}
			for _, command := range [][]string{{"sync"}, {"check", "accounts"}} {
				r := s.run(command...)
				if r.code != 1 {
					t.Errorf("%v: exit %d, want 1", command, r.code)
				}
				said := r.stdout + r.stderr
				for _, word := range c.says {
					if !strings.Contains(strings.ToLower(said), strings.ToLower(word)) {
						t.Errorf("%v does not say %q:\n%s", command, word, said)
					}
				}
				if strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") || strings.Contains(said, "secret") {
					t.Errorf("%v says too much:\n%s", command, said)
				}
			}
			s.env = nil
			s.configure(config(good.Addr, "tls: none"))
			s.must("sync")
			s.oneActivity("one")
		})
	}
}

// TestLockedStore runs a second process on the data directory of a daemon.
func TestLockedStore(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	s := newSite(t, listenOn(freePort(t))+source("sato-mail", sato, server.Addr, `[INBOX]`))
	d := s.start()
	d.ready()
	for _, command := range []string{"sync", "run"} {
		r := s.run(command)
		if r.code != 1 || !strings.Contains(r.stderr, "daemon") {
			t.Errorf("%s beside a daemon: exit %d: %s", command, r.code, r.stderr)
		}
	}
	if s.must("export", "ledger") != "" {
		t.Error("an empty mailbox has ledger rows")
	}
}

// TestPortInUse starts the daemon where something listens already.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	addr := listener.Addr().String()
	s := newSite(t, strings.Replace(listenOn(addr), "sources:\n", "sources: []\n", 1))
	r := s.run("run")
	if r.code != 1 || !strings.Contains(r.stderr, addr) || !strings.Contains(r.stderr, "in use") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}

// TestCorruptStore damages the store file in several ways. The command says so and leaves the file as it was.
func TestCorruptStore(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	server.Append(sato, "INBOX", letter("one", tanaka, sato, "one"), time.Now())
	for name, damage := range map[string]func([]byte) []byte{
		"not a store":  func([]byte) []byte { return bytes.Repeat([]byte("mail "), 5000) },
		"first pages":  func(raw []byte) []byte { return append(bytes.Repeat([]byte{0xff}, 8192), raw[8192:]...) },
		"cut in half":  func(raw []byte) []byte { return raw[:len(raw)/2] },
		"one page":     func(raw []byte) []byte { copy(raw[4096*5:], bytes.Repeat([]byte{0xa5}, 4096)); return raw },
		"nothing left": func([]byte) []byte { return []byte("x") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, head()+source("sato-mail", sato, server.Addr, `[INBOX]`))
			s.importTanaka()
			s.must("sync")
			file := storeFile(t, s)
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			damaged := damage(bytes.Clone(raw))
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			r := s.run("export", "activities")
			if strings.Contains(r.stderr, "goroutine ") || r.code == 2 {
				t.Fatalf("exit %d: %s", r.code, r.stderr)
			}
			if r.code == 0 { // the damage hit a page that is not in use: then nothing may be missing
				if !strings.Contains(r.stdout, `"subject":"one"`) {
					t.Fatalf("exit 0, but the activity is missing: %s", r.stdout)
				}
				return
			}
			if !strings.Contains(r.stderr, "damaged") || !strings.Contains(r.stderr, "restore") {
				t.Errorf("exit %d: %s", r.code, r.stderr)
			}
			if after, _ := os.ReadFile(file); !bytes.Equal(after, damaged) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

// storeFile is the largest file of the data directory.
func storeFile(t *testing.T, s *site) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "data", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("find store file: %v", err)
	}
	largest, size := "", int64(-1)
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() > size {
			largest, size = file, info.Size()
		}
	}
	return largest
}

// TestFullDisk lets the file system refuse to grow (a limit on file sizes stands in for a full disk), says
// so, and finishes once there is space again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	mails := generate(3, 3000)
	total := mails.fill(server, sato)
	s := newSite(t, oneSource(server.Addr))
	s.importWorld()
	const megabytes = 4 // room for the people and for part of the mail
	limited := exec.Command("bash", "-c", fmt.Sprintf("ulimit -f %d; trap '' XFSZ; exec %q sync", megabytes<<10, os.Getenv(binaryEnv)))
	limited.Dir = s.dir
	limited.Env = s.command(t.Context()).Env
	out, err := limited.CombinedOutput()
	if err == nil || limited.ProcessState.ExitCode() != 1 {
		t.Fatalf("sync on a full disk: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "space") {
		t.Errorf("the message does not speak of space:\n%s", out)
	}
	s.must("sync")
	if rows := s.ledger(); len(rows) != total {
		t.Errorf("%d ledger rows of %d mails after space was made", len(rows), total)
	}
	s.must("verify")
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// listenOn is the configuration's head with the web app at an address.
func listenOn(addr string) string {
	return strings.Replace(head(), "127.0.0.1:0", addr, 1)
}
