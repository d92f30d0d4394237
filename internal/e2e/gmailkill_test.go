package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// TestGmailKill reads a mailbox at Google while the process is killed at random moments, the history expires twice,
// storms of refusals pass, and the sign-in is taken away in the middle. After somebody has signed in again nothing
// may be missing, and everything equal a reading that nothing disturbed. Google's own log says whether it was
// asked politely: never more than its quota, and nothing that writes.
func TestGmailKill(t *testing.T) {
	t.Parallel()
	kills, mails := 6, 1_500
	if os.Getenv("TSUNAGU_SOAK") != "" {
		kills, mails = 30, 10_000
	}
	const perMinute = 240_000 // so that the mailbox takes seconds; paced like the real 6,000
	g := startGoogle(t, fakegoogle.Options{Quota: fakegoogle.Quota{UserPerMinute: perMinute, ProjectPerMinute: 2 * perMinute}}, sato)
	corpus := generate(5, mails)
	corpus.fillGmail(g.Mailbox(sato))
	config := listenHead() + g.section("[mail]") + "  quota: {user_per_minute: 240000, project_per_minute: 480000}\n  mail: {since: all}\n"

	calm := newSite(t, config)
	calm.signInGoogle(g, sato)
	calm.importWorld()
	start := time.Now()
	calm.must("sync")
	undisturbed := time.Since(start)

	rough := newSite(t, config)
	rough.signInGoogle(g, sato)
	rough.importWorld()
	random := rand.New(rand.NewPCG(7, uint64(kills)))
	for killed := range kills {
		switch killed {
		case kills / 4, kills / 2:
			g.Mailbox(sato).ExpireHistory()
		case kills / 3, 2 * kills / 3:
			g.Storm(2 * time.Second)
		}
		rough.kill(undisturbed/time.Duration(kills)/2 + time.Duration(random.Int64N(int64(undisturbed))))
	}
	g.Revoke(sato)
	if r := rough.run("sync"); r.code != 1 || !strings.Contains(r.stdout+r.stderr, "sign") {
		t.Errorf("a revoked sign-in: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	rough.signInGoogle(g, sato)
	g.Mailbox(sato).ExpireHistory()
	rough.must("sync")
	rough.must("sync")

	people := peopleNames(calm, rough)
	if diff := cmp.Diff(renamed(calm.activities(), people[0]), renamed(rough.activities(), people[1])); diff != "" {
		t.Errorf("activities differ after %d kills (-calm +killed):\n%.4000s", kills, diff)
	}
	if diff := cmp.Diff(calm.ledger(), rough.ledger()); diff != "" {
		t.Errorf("ledgers differ after %d kills (-calm +killed):\n%.4000s", kills, diff)
	}
	if rows := len(rough.ledger()); rows != mails {
		t.Errorf("%d rows in the ledger for %d mails", rows, mails)
	}
	rough.must("verify")
	if peak := g.PeakUnits(sato); peak > perMinute || peak < perMinute/20 {
		t.Errorf("in one minute %d units were spent of %d", peak, perMinute)
	}
	if n := g.Writes(); n > 0 {
		t.Errorf("%d calls that write", n)
	}
}

// kill starts a sync and kills it with SIGKILL after a while, if it has not ended by then.
func (s *site) kill(delay time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), delay)
	defer cancel()
	_ = s.command(ctx, "sync").Run() // a storm may end it too
}
