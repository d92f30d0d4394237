package testdovecot

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Bare is a running Dovecot whose methods return errors. Its fields are read-only.
type Bare struct {
	Addr     string // host:port of plain IMAP, with STARTTLS offered and LOGIN allowed without it
	TLSAddr  string // host:port of IMAP with implicit TLS
	LMTPAddr string // host:port of LMTP
	CAFile   string // PEM file of the authority that signed the server's certificate

	layout  layout
	account account
	ports   ports
	tokens  *tokens
	ownsDir bool

	mu        sync.Mutex // guards what follows
	process   *process
	passwords map[string]string
	delivered int // files written by Fill
}

// StartBare starts a server that keeps everything in dir; "" stands for a temporary directory that Close
// removes. The path should be short: Unix sockets lie below it.
func StartBare(dir string, opts ...Option) (*Bare, error) {
	if _, err := dovecotPath(); err != nil {
		return nil, err
	}
	var s settings
	for _, o := range opts {
		o(&s)
	}
	b := &Bare{layout: layout{dir}, passwords: map[string]string{}}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("make directory: %w", err)
		}
	}
	if dir == "" {
		made, err := os.MkdirTemp("", "dc")
		if err != nil {
			return nil, fmt.Errorf("make directory: %w", err)
		}
		b.layout.dir, b.ownsDir = made, true
	}
	b.CAFile = b.layout.ca()
	b.tokens = startTokens()
	if err := b.setUp(s); err != nil {
		log := b.Log()
		_ = b.Close()
		return nil, fmt.Errorf("start dovecot: %w\n%s", err, log)
	}
	return b, nil
}

// setUp writes the files and starts the process. A port that was free may be taken by the time Dovecot
// binds it, so other ports are tried then.
func (b *Bare) setUp(s settings) error {
	var err error
	if b.account, err = lookUpAccount(); err != nil {
		return err
	}
	for _, sub := range []string{"", "run", "state", "mail"} {
		if err := b.account.makeDir(filepath.Join(b.layout.dir, sub)); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
	}
	if err := b.account.writeFile(b.layout.users(), nil); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	if err := writeCertificates(b.layout, b.account, s); err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		if b.ports, err = freePorts(); err != nil {
			return err
		}
		if err = writeConfig(b.layout, b.account, b.ports, s, b.tokens.server.URL+"/introspect"); err != nil {
			return err
		}
		if err = b.Restart(); err == nil {
			break
		}
		if attempt == 4 || !strings.Contains(b.Log(), "Address already in use") {
			return err
		}
	}
	b.Addr, b.TLSAddr, b.LMTPAddr = loopback(b.ports.IMAP), loopback(b.ports.IMAPS), loopback(b.ports.LMTP)
	return nil
}

// Restart stops the server if it runs, and starts it again on the same ports with the same mail.
func (b *Bare) Restart() error {
	if err := b.Stop(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := startProcess(b.layout, b.account)
	if err != nil {
		return err
	}
	if err := p.awaitGreeting(loopback(b.ports.IMAP), 20*time.Second); err != nil {
		_ = p.stop()
		return err
	}
	b.process = p
	return nil
}

// Stop ends the server and every connection to it. The mail stays; Restart brings it back.
func (b *Bare) Stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return nil
	}
	p := b.process
	b.process = nil
	return p.stop()
}

// Close stops the server for good, and removes the directory if StartBare made it.
func (b *Bare) Close() error {
	err := b.Stop()
	b.tokens.server.Close()
	if b.ownsDir {
		if rerr := os.RemoveAll(b.layout.dir); err == nil && rerr != nil {
			err = fmt.Errorf("remove directory: %w", rerr)
		}
	}
	return err
}

// Log is what Dovecot has written to its log so far.
func (b *Bare) Log() string {
	text, err := os.ReadFile(b.layout.log())
	if err != nil {
		return ""
	}
	return string(text)
}

// Doveadm runs doveadm on this server and gives its standard output:
//
//	Doveadm("mailbox", "status", "-u", user, "messages", "INBOX")
func (b *Bare) Doveadm(args ...string) (string, error) {
	path, err := lookPath("doveadm")
	if err != nil {
		return "", err
	}
	var stderr strings.Builder
	cmd := exec.Command(path, append([]string{"-c", b.layout.config()}, args...)...)
	cmd.Stderr = &stderr
	cmd.Dir = b.layout.dir
	cmd.SysProcAttr = b.account.attributes()
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("run doveadm %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out), nil
}
