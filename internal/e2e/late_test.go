package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// TestContactAddedLater reads mail of somebody unknown, then makes them known: the mail appears on them, and
// explain says so.
func TestContactAddedLater(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	for _, id := range []string{"first", "second"} {
		server.Append(sato, "INBOX", letter(id, tanaka, sato, id), time.Now())
	}
	s := newSite(t, head()+source("sato-mail", sato, server.Addr, `[INBOX]`))
	s.must("sync")
	if n := len(s.activities()); n != 0 {
		t.Fatalf("%d activities before anybody is known, want none", n)
	}
	if found := grepData(t, s, "Hello about"); found != "" {
		t.Errorf("the text of unmatched mail is in %s", found)
	}
	s.importTanaka()
	s.must("sync") // does the upkeep that is due
	a := s.oneActivity("first")
	s.oneActivity("second")
	if len(a.People) != 1 || a.People[0].Email != tanaka {
		t.Errorf("the activity's people are %v, want tanaka", a.People)
	}
	if out := s.must("explain", a.ID); !strings.Contains(out, tanaka) {
		t.Errorf("explain does not name the evidence:\n%s", out)
	}
}

// TestExclusionAddedLater removes what a rule made afterwards covers, from every place.
func TestExclusionAddedLater(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	server.Append(sato, "INBOX", letter("private", tanaka, sato, "wedding plans"), time.Now())
	server.Append(sato, "INBOX", letter("work", tanaka, sato, "quote"), time.Now())
	config := head() + source("sato-mail", sato, server.Addr, `[INBOX]`)
	s := newSite(t, config)
	s.importTanaka()
	s.must("sync")
	s.oneActivity("wedding plans")

	s.configure(config + "mapping: {screen: {subjects: [wedding]}}\n")
	s.must("sync")
	if left := s.activities(); len(left) != 1 || left[0].Subject != "quote" {
		t.Errorf("%d activities are left, want only the quote", len(left))
	}
	for _, row := range s.ledger() {
		if strings.HasPrefix(row.Reason, "subject") && row.Verdict != "excluded" {
			t.Errorf("row %s is %s", row.ExternalID, row.Verdict)
		}
	}
	if found := grepData(t, s, "Hello about wedding"); found != "" {
		t.Errorf("the excluded mail's text is still in %s", found)
	}

	s.configure(config) // the rule goes: what it kept out comes back
	s.must("sync")
	s.oneActivity("wedding plans")
}

// grepData says which file of the data directory contains the text, "" for none.
func grepData(t *testing.T, s *site, text string) string {
	t.Helper()
	var found string
	err := filepath.WalkDir(filepath.Join(s.dir, "data"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(raw), text) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
