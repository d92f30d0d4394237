package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// letter is a small mail between sato and a customer.
func letter(id, from, to, subject string) []byte {
	return fmt.Appendf(nil, "Message-ID: <%s@example>\r\nDate: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\n\r\nHello about %s.\r\n",
		id, time.Now().Add(-time.Hour).Format(time.RFC1123Z), from, to, subject, subject)
}

const tanaka = "tanaka@client.example"

// importTanaka makes the customer known.
func (s *site) importTanaka() {
	s.t.Helper()
	path := filepath.Join(s.dir, "tanaka.csv")
	if err := os.WriteFile(path, []byte("氏名,会社名,メールアドレス\n田中 一郎,株式会社クライアント,"+tanaka+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.must("import", "people", path)
}

func (s *site) oneActivity(subject string) exported {
	s.t.Helper()
	var found []exported
	for _, a := range s.activities() {
		if a.Subject == subject {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("%d activities have the subject %q, want 1", len(found), subject)
	}
	return found[0]
}

// liveRows are the ledger rows that name something at the source.
func (s *site) liveRows() []ledgerRow {
	s.t.Helper()
	return slices.DeleteFunc(s.ledger(), func(r ledgerRow) bool { return r.Retired })
}

// TestSameMailManyPlaces puts one mail into INBOX and Sent of one rep and the INBOX of another: one
// activity, both credited, a ledger row for each place.
func TestSameMailManyPlaces(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	for _, user := range []string{sato, suzuki} {
		server.AddUser(user, "secret")
	}
	mail := letter("shared", sato, tanaka+", "+suzuki, "quote")
	server.Append(sato, "Sent", mail, time.Now())
	server.Append(sato, "INBOX", mail, time.Now())
	server.Append(suzuki, "INBOX", mail, time.Now())
	s := newSite(t, head()+source("sato-mail", sato, server.Addr, `[INBOX, '\Sent']`)+source("suzuki-mail", suzuki, server.Addr, `[INBOX]`))
	s.importTanaka()
	s.must("sync")
	a := s.oneActivity("quote")
	if !slices.Equal(a.Owners, []string{sato, suzuki}) {
		t.Errorf("owners are %v, want both reps", a.Owners)
	}
	if len(a.Observed) != 3 || len(s.liveRows()) != 3 {
		t.Errorf("observed %d times with %d ledger rows, want 3 and 3", len(a.Observed), len(s.liveRows()))
	}
	s.must("verify")
}

// TestSharedMessageID delivers different mails under one Message-ID, as broken scripts do: each is there.
func TestSharedMessageID(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	for _, subject := range []string{"order confirmed", "delivery is late", "invoice"} {
		server.Append(sato, "INBOX", letter("script", tanaka, sato, subject), time.Now())
	}
	s := newSite(t, head()+source("sato-mail", sato, server.Addr, `[INBOX]`))
	s.importTanaka()
	s.must("sync")
	keys := make(map[string]bool)
	for _, subject := range []string{"order confirmed", "delivery is late", "invoice"} {
		keys[s.oneActivity(subject).Key] = true
	}
	if len(keys) != 3 {
		t.Errorf("three mails have %d keys", len(keys))
	}
	s.must("sync", "--full")
	if n := len(s.activities()); n != 3 {
		t.Errorf("%d activities after reading everything anew, want 3", n)
	}
}

// TestMailboxUpheaval changes the mailbox under the reader's feet, one way after another.
func TestMailboxUpheaval(t *testing.T) {
	t.Parallel()
	cases := map[string]func(server *testdovecot.Server){
		"UIDVALIDITY changes": func(server *testdovecot.Server) {
			server.Doveadm("mailbox", "update", "-u", sato, "--uid-validity", "1999999999", "INBOX")
		},
		"mail is moved": func(server *testdovecot.Server) {
			server.Doveadm("move", "-u", sato, "Sent", "mailbox", "INBOX", "all")
		},
		"mail is deleted": func(server *testdovecot.Server) {
			server.Doveadm("expunge", "-u", sato, "mailbox", "INBOX", "all")
		},
		"folder is renamed": func(server *testdovecot.Server) {
			server.Doveadm("mailbox", "rename", "-u", sato, japaneseName, "送信済み/顧客")
		},
	}
	for name, upheave := range cases {
		t.Run(name, func(t *testing.T) {
			server := testdovecot.Start(t)
			server.AddUser(sato, "secret")
			for i := range 20 {
				server.Append(sato, "INBOX", letter(fmt.Sprint("in", i), tanaka, sato, fmt.Sprint("in ", i)), time.Now())
			}
			server.Append(sato, japaneseName, letter("out", sato, tanaka, "out"), time.Now())
			folders := `[INBOX, '\Sent', "` + japaneseName + `", "送信済み/顧客"]`
			s := newSite(t, head()+source("sato-mail", sato, server.Addr, folders))
			s.importTanaka()
			s.must("sync")
			before := s.activities()
			if len(before) != 21 {
				t.Fatalf("%d activities before, want 21", len(before))
			}
			upheave(server)
			server.Append(sato, "INBOX", letter("later", tanaka, sato, "later"), time.Now())
			s.must("sync")
			s.oneActivity("later")
			if after := s.activities(); len(after) != 22 {
				t.Errorf("%d activities after, want the 21 of before and 1 more", len(after))
			}
			s.must("verify")
			if out := s.must("sync"); strings.Contains(out, "failed: ") {
				t.Errorf("the next sync is not calm:\n%s", out)
			}
		})
	}
}
