package e2e

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

const (
	sato         = "sato@example.co.jp"
	suzuki       = "suzuki@example.co.jp"
	japaneseName = "送信済み/お客様"
)

// oneSource is a configuration with sato's mailbox.
func oneSource(addr string, more ...string) string {
	return head() + source("sato-mail", sato, addr, `[INBOX, '\Sent', "`+japaneseName+`"]`) + strings.Join(more, "\n")
}

func head() string {
	return fmt.Sprintf(`data_dir: ./data
organization: {name: 株式会社サンプル, domains: [%s], timezone: Asia/Tokyo, locale: ja}
http: {listen: "127.0.0.1:0"}
sources:
`, mailgen.DefaultWorld().OwnDomain)
}

func source(id, owner, addr, folders string) string {
	return fmt.Sprintf(`  - id: %s
    kind: imap
    owner: %s
    settings: {addr: %q, tls: none, username: %q, password: "${MAIL_PASSWORD}", folders: %s, since: all}
`, id, owner, addr, owner, folders)
}

// corpus is a generated mailbox by folder, in the order of delivery.
type corpus map[string][]mailgen.Mail

func generate(seed uint64, n int) corpus {
	c := make(corpus)
	for mail := range mailgen.Generate(seed, n) {
		c[mail.Folder] = append(c[mail.Folder], mail)
	}
	return c
}

func (c corpus) fill(server *testdovecot.Server, user string) int {
	total := 0
	for _, folder := range slices.Sorted(maps.Keys(c)) {
		total += server.Fill(user, folder, asMessages(c[folder]))
	}
	return total
}

func asMessages(mails []mailgen.Mail) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for i, mail := range mails {
			flags := []string{"", "S", "RS", "F"}[i%4]
			if !yield(testdovecot.Message{Raw: mail.Raw, Date: mail.Date, Flags: flags}) {
				return
			}
		}
	}
}

// importWorld gives the installation the people that the generated mails are about.
func (s *site) importWorld() {
	s.t.Helper()
	world := mailgen.DefaultWorld()
	for _, list := range []struct {
		kind  string
		write func(io.Writer) error
	}{{"accounts", world.AccountsCSV}, {"contacts", world.ContactsCSV}} {
		path := filepath.Join(s.dir, list.kind+".csv")
		file, err := os.Create(path)
		if err != nil {
			s.t.Fatalf("write people: %v", err)
		}
		if err := errors.Join(list.write(file), file.Close()); err != nil {
			s.t.Fatalf("write people: %v", err)
		}
		s.must("import", "people", path, "--kind", list.kind)
	}
}

// flagsOf lists the files of a Maildir: their names carry the flags.
func flagsOf(t *testing.T, maildir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(maildir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (strings.Contains(path, "/cur/") || strings.Contains(path, "/new/")) {
			names = append(names, strings.TrimPrefix(path, maildir))
		}
		return err
	})
	if err != nil {
		t.Fatalf("list Maildir: %v", err)
	}
	slices.Sort(names)
	return names
}

// TestImport reads a large mixed mailbox: one ledger row a mail, the sums agree, verify finds nothing
// missing, no flag changed, and every subject and text is as it was meant.
func TestImport(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	mails := generate(1, 20_000)
	total := mails.fill(server, sato)
	before := flagsOf(t, server.MailDir(sato))
	s := newSite(t, oneSource(server.Addr))
	s.importWorld()

	t.Log(s.must("sync"))
	rows := s.ledger()
	if len(rows) != total {
		t.Errorf("ledger has %d rows for %d mails", len(rows), total)
	}
	ids := make(map[string]int)
	verdicts := make(map[string]int)
	for _, row := range rows {
		ids[row.ExternalID]++
		verdicts[row.Verdict]++
		if row.Verdict == "failed" {
			t.Errorf("failed: %s: %s", row.ExternalID, row.Reason)
		}
	}
	if len(ids) != total {
		t.Errorf("ledger has %d different ids for %d mails", len(ids), total)
	}
	if verdicts["logged"] < total/2 {
		t.Errorf("only %d of %d mails were logged: %v", verdicts["logged"], total, verdicts)
	}
	if out := s.must("verify"); !strings.Contains(out, fmt.Sprint(total)) {
		t.Errorf("verify does not speak of %d mails:\n%s", total, out)
	}
	if diff := cmp.Diff(before, flagsOf(t, server.MailDir(sato))); diff != "" {
		t.Errorf("the mailbox changed (-before +after):\n%s", diff)
	}
	compareTexts(t, mails, s.activities())
}

// compareTexts checks the decoded subjects, senders and texts against what the generator meant.
func compareTexts(t *testing.T, mails corpus, logged []exported) {
	t.Helper()
	checked, wrong := 0, 0
	for _, a := range logged {
		for _, seen := range a.Observed {
			mail := mails.at(t, seen.ExternalID)
			checked++
			if err := compareMail(a, mail.Truth); err != nil {
				wrong++
				if wrong <= 10 {
					t.Errorf("%s: %v", seen.ExternalID, err)
				}
			}
		}
	}
	if checked < len(logged) {
		t.Errorf("%d mails compared for %d activities", checked, len(logged))
	}
	t.Logf("%d mails compared, %d wrong", checked, wrong)
}

// at finds the mail that a ledger id names: the folder's UIDs count from 1 in the order of delivery.
func (c corpus) at(t *testing.T, id string) mailgen.Mail {
	t.Helper()
	match := regexp.MustCompile(`^(.+);UIDVALIDITY=\d+;UID=(\d+)$`).FindStringSubmatch(id)
	if match == nil {
		t.Fatalf("external id %q is not in the form of RFC 5092", id)
	}
	folder, err := url.PathUnescape(match[1])
	if err != nil {
		t.Fatalf("external id %q: %v", id, err)
	}
	uid, err := strconv.Atoi(match[2])
	if err != nil || uid < 1 || uid > len(c[folder]) {
		t.Fatalf("external id %q names no mail that was delivered", id)
	}
	return c[folder][uid-1]
}

func compareMail(a exported, truth mailgen.Truth) error {
	if a.Subject != truth.Subject {
		return fmt.Errorf("%s: subject is %q, want %q", truth.Feature, a.Subject, truth.Subject)
	}
	full := a.FullText
	if full == "" {
		full = a.Text
	}
	for _, l := range a.Letters { // the mail's own words beside those of the invitation
		full += "\n" + l.Text
	}
	return truth.CheckText(full)
}
