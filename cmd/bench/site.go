package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// site is an installation of Tsunagu that knows some people and has read nothing yet. Each reading starts
// from a copy of it.
type site struct {
	binary string
	dir    string
	mails  int
}

// newSite imports the people through the command line, as an admin would.
func (b *bench) newSite(ctx context.Context, box *mailbox) (*site, error) {
	binary, err := filepath.Abs(b.binary)
	if err != nil {
		return nil, fmt.Errorf("find binary: %w", err)
	}
	s := &site{binary: binary, dir: filepath.Join(b.dir, "site"), mails: b.mails}
	if err := s.tsunagu(ctx, b.dir, "init", s.dir); err != nil {
		return nil, err
	}
	if err := s.configure(s.dir, box.addr()); err != nil {
		return nil, err
	}
	people := filepath.Join(s.dir, "people.csv")
	if err := writePeople(people, b.people); err != nil {
		return nil, err
	}
	return s, s.tsunagu(ctx, s.dir, "import", "people", people)
}

func (s *site) tsunagu(ctx context.Context, dir string, args ...string) error {
	if out, err := command(ctx, dir, s.binary, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("run tsunagu %s: %w: %s", args[0], err, lastLines(string(out), 3))
	}
	return nil
}

func (s *site) configure(dir, addr string) error {
	config := fmt.Sprintf(`data_dir: ./data
organization: {name: Bench, domains: [%s], timezone: Asia/Tokyo, locale: ja}
allow_plain_secrets: true
sources:
  - id: bench
    kind: imap
    owner: %s
    settings: {addr: %q, tls: none, username: %q, password: %q, folders: [INBOX], since: all}
`, mailgen.DefaultWorld().OwnDomain, userName, addr, userName, userPassword)
	if err := os.WriteFile(filepath.Join(dir, "tsunagu.yaml"), []byte(config), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// sync reads the mailbox into a fresh copy of the site and checks that every message is in the ledger.
func (s *site) sync(ctx context.Context, addr string) (sample, error) {
	dir, err := os.MkdirTemp(filepath.Dir(s.dir), "sync-")
	if err != nil {
		return sample{}, fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.CopyFS(filepath.Join(dir, "site"), os.DirFS(s.dir)); err != nil {
		return sample{}, fmt.Errorf("copy site: %w", err)
	}
	dir = filepath.Join(dir, "site")
	if err := errors.Join(s.configure(dir, addr), closePermissions(dir)); err != nil {
		return sample{}, err
	}
	result, err := runProcess(ctx, command(ctx, dir, s.binary, "sync"))
	if err != nil {
		return sample{}, err
	}
	out, err := command(ctx, dir, s.binary, "export", "ledger").Output()
	if err != nil {
		return sample{}, fmt.Errorf("export ledger: %w", err)
	}
	if rows := strings.Count(string(out), "\n"); rows != s.mails {
		return sample{}, fmt.Errorf("count ledger rows: %d of %d messages", rows, s.mails)
	}
	return result, nil
}

// closePermissions takes back what copying opened: a key file that others may read is refused.
func closePermissions(dir string) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open copied site: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return root.Chmod(path, 0o600)
	})
}

// writePeople writes the generated world's contacts and as many further people as are missing to n.
func writePeople(path string, n int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	world := mailgen.DefaultWorld()
	if err := world.ContactsCSV(w); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	for i := len(world.Contacts); i < n; i++ {
		_, _ = fmt.Fprintf(w, "人物 %d,,,,株式会社会社%d,,person%d@company%d.example,,\n", i, i/5, i, i/5)
	}
	return w.Flush() // gives the first error of the lines, too
}

// waitUntil polls a condition until it holds or ctx ends.
func waitUntil(ctx context.Context, holds func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
