package gmail_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/quota"
)

// newProject are the quotas of a new Google project.
func newProject(s *gmail.Settings) {
	s.QuotaUserPerMinute, s.QuotaProjectPerMinute = 6000, 1_200_000
}

// Reading 3,000 messages uses almost all that Google grants, and never more: no call is refused.
func TestBackfillSaturatesTheQuota(t *testing.T) {
	server := start(t, fakegoogle.Options{Quota: fakegoogle.Quota{UserPerMinute: 6000, ProjectPerMinute: 1_200_000}, AccessTTL: 100 * 365 * 24 * time.Hour})
	token := token(t, server)
	synctest.Test(t, func(t *testing.T) {
		const mails = 3000
		deliver(server, 1, mails)
		s := open(t, settings(newProject, func(s *gmail.Settings) { s.Since = "all" }), inProcessEnv(server, token, 150*time.Millisecond, quota.New[connectors.Budget]()))
		server.ResetCalls()
		began := time.Now()
		items, _ := drain(t, s, "")
		took := time.Since(began)
		units := 0
		for _, c := range server.Calls() {
			units += c.Units
			if c.Status != 200 {
				t.Fatalf("%s was answered %d", c.Method, c.Status)
			}
		}
		share := float64(units) / took.Minutes() / 6000
		if len(items) != mails || share < 0.95 || server.PeakUnits(sato) > 6000 {
			t.Errorf("%d messages in %v: %.1f %% of the quota, at most %d units in a minute", len(items), took, 100*share, server.PeakUnits(sato))
		}
		if over := float64(units-20*mails) / float64(units); over > 0.03 {
			t.Errorf("%.1f %% of the units went into other calls than reading messages", 100*over)
		}
	})
}

// While one mailbox reads history, another of the same project is polled without waiting.
func TestPollsDuringBackfill(t *testing.T) {
	server := start(t, fakegoogle.Options{AccessTTL: 100 * 365 * 24 * time.Hour})
	token := token(t, server)
	synctest.Test(t, func(t *testing.T) {
		deliver(server, 1, 800)
		budgets := quota.New[connectors.Budget]()
		narrow := func(s *gmail.Settings) { s.QuotaUserPerMinute, s.QuotaProjectPerMinute = 6000, 6000 }
		reader := open(t, settings(narrow), inProcessEnv(server, token, 50*time.Millisecond, budgets))
		idle := open(t, settings(narrow), inProcessEnv(server, token, 50*time.Millisecond, budgets))
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for cur := connectors.Cursor(""); ; {
				batch, err := reader.Fetch(ctx, cur)
				if err != nil {
					return
				}
				cur = batch.Next
			}
		}()
		time.Sleep(10 * time.Second)
		cur := connectors.Cursor(fmt.Sprintf(`{"v":1,"h":%d,"good":%d}`, server.Mailbox(sato).HistoryID(), time.Now().Unix()))
		for range 20 {
			began := time.Now()
			fetch(t, idle, cur)
			if took := time.Since(began); took > 120*time.Millisecond {
				t.Errorf("a poll took %v beside somebody who reads history", took)
			}
			time.Sleep(3 * time.Second)
		}
		stop()
		synctest.Wait()
	})
}

// A storm of refusals costs time only.
func TestStorm(t *testing.T) {
	server := start(t, fakegoogle.Options{AccessTTL: 100 * 365 * 24 * time.Hour})
	token := token(t, server)
	synctest.Test(t, func(t *testing.T) {
		want := deliver(server, 1, 300)
		s := open(t, settings(newProject), inProcessEnv(server, token, 50*time.Millisecond, nil))
		server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.get", Status: 403, Reason: "userRateLimitExceeded", EveryNth: 40})
		server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.list", Status: 429, Reason: "rateLimitExceeded", RetryAfter: 5 * time.Second, Times: 2})
		go func() {
			time.Sleep(20 * time.Second)
			server.Storm(3 * time.Minute)
		}()
		got := insist(t, s, 60)
		if len(unique(got)) != len(want) {
			t.Errorf("read %d of %d messages", len(unique(got)), len(want))
		}
		refused := 0
		for _, c := range server.Calls() {
			if c.Status == 429 || c.Status == 403 {
				refused++
			}
		}
		if refused > 60 {
			t.Errorf("%d calls were refused: the source runs against the wall", refused)
		}
	})
}

// insist reads to the end like the engine: after a failure that passes it waits and asks again.
func insist(t *testing.T, s connectors.Source, failures int) []string {
	t.Helper()
	var got []string
	for cur := connectors.Cursor(""); ; {
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil {
			f := connectors.Classify(err)
			if failures--; f.Kind != connectors.Retryable || failures < 0 {
				t.Fatalf("fetch: %v (%v)", err, f.Kind)
			}
			time.Sleep(max(f.After, time.Second))
			continue
		}
		got = append(got, ids(batch.Items)...)
		if cur = batch.Next; !batch.More {
			return got
		}
	}
}
