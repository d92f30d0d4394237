package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// TestKill reads a mailbox while the process is killed at random moments, and compares the outcome, activity
// by activity and row by row, with a reading that nothing disturbed.
func TestKill(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	kills, mails := 10, 6_000
	if os.Getenv("TSUNAGU_SOAK") != "" {
		kills, mails = 50, 20_000
	}
	generate(2, mails).fill(server, sato)

	calm := newSite(t, oneSource(server.Addr))
	calm.importWorld()
	start := time.Now()
	calm.must("sync")
	undisturbed := time.Since(start)

	rough := newSite(t, oneSource(server.Addr))
	rough.importWorld()
	random := rand.New(rand.NewPCG(1, uint64(kills)))
	for killed := 0; killed < kills; {
		// A finished reading is begun anew, so that each kill falls into work.
		if finished := rough.killAfter(time.Duration(random.Int64N(int64(undisturbed)))); !finished {
			killed++
			continue
		}
		if err := os.RemoveAll(filepath.Join(rough.dir, "data")); err != nil {
			t.Fatal(err)
		}
		rough.importWorld()
	}
	rough.must("sync")

	people := peopleNames(calm, rough)
	if diff := cmp.Diff(renamed(calm.activities(), people[0]), renamed(rough.activities(), people[1])); diff != "" {
		t.Errorf("activities differ after %d kills (-calm +killed):\n%.4000s", kills, diff)
	}
	if diff := cmp.Diff(calm.ledger(), rough.ledger()); diff != "" {
		t.Errorf("ledgers differ after %d kills (-calm +killed):\n%.4000s", kills, diff)
	}
	rough.must("verify")
	if out := rough.must("replay", "--dry-run"); !strings.Contains(out, "0 added, 0 changed, 0 removed") {
		t.Errorf("the same mapping gives something else the second time:\n%.2000s", out)
	}
}

// killAfter starts a sync and kills it with SIGKILL. It says whether the sync had ended before.
func (s *site) killAfter(delay time.Duration) (finished bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), delay) // the context's end kills with SIGKILL
	defer cancel()
	err := s.command(ctx, "sync").Run()
	if err != nil && ctx.Err() == nil {
		s.t.Fatalf("sync failed by itself: %v", err)
	}
	return err == nil
}

// peopleNames gives for each site the e-mail behind every person's and account's ID, which are random.
func peopleNames(sites ...*site) []map[string]string {
	type record struct {
		ID, Name string
		Emails   []string
	}
	var all []map[string]string
	for _, s := range sites {
		names := make(map[string]string)
		for _, what := range []string{"leads", "contacts", "accounts"} {
			for _, r := range decodeLines[record](s.t, s.must("export", what)) {
				names[r.ID] = what + ":" + r.Name
				if len(r.Emails) > 0 {
					names[r.ID] += ":" + r.Emails[0]
				}
			}
		}
		all = append(all, names)
	}
	return all
}

// renamed replaces the random IDs by what they stand for.
func renamed(list []exported, names map[string]string) map[string]exported {
	out := make(map[string]exported, len(list))
	for _, a := range list {
		for i := range a.People {
			a.People[i].ID = names[a.People[i].ID]
		}
		for i := range a.Accounts {
			a.Accounts[i] = names[a.Accounts[i]]
		}
		out[a.Key] = a
	}
	return out
}
