package e2e

import (
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// TestForgettingOutlivesKills asks to forget what a source brought, and kills the daemon at random moments until that is
// done: what was begun is ended, and every row stays as the proof that its mail was seen.
func TestForgettingOutlivesKills(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	kills, mails := 6, 3_000
	if os.Getenv("TSUNAGU_SOAK") != "" {
		kills, mails = 30, 20_000
	}
	generate(5, mails).fill(server, sato)
	s := newSite(t, oneSource(server.Addr))
	s.importWorld()
	s.must("sync")
	seen := s.ledger()
	if len(s.activities()) < mails/10 {
		t.Fatalf("only %d activities of %d mails were logged", len(s.activities()), len(seen))
	}
	s.configure(strings.Replace(listenOn(freePort(t)), "sources:\n", "sources: []\n", 1))
	s.enrol(sato, "en", "admin")

	d := s.start()
	d.ready()
	d.forgetSource("sato-mail")
	random := rand.New(rand.NewPCG(5, uint64(kills)))
	interrupted := 0
	for range kills {
		d.kill()
		if n := len(s.activities()); n > 0 {
			interrupted++
		}
		d = s.start()
		time.Sleep(time.Duration(random.Int64N(int64(300 * time.Millisecond)))) // the daemon is on its way
	}
	d.ready()
	c := d.client()
	eventually(t, time.Minute, "everything is forgotten", func() bool {
		return len(items[ledgerRow](c, "/ledger?verdict=logged&limit=1")) == 0 && len(items[ledgerRow](c, "/ledger?verdict=unmatched&limit=1")) == 0
	})
	d.stop()
	t.Logf("%d of %d kills fell into the work", interrupted, kills)

	if left := s.activities(); len(left) > 0 {
		t.Errorf("%d activities are left, as %+v", len(left), left[0])
	}
	rows := s.ledger()
	if len(rows) != len(seen) {
		t.Errorf("the ledger has %d rows, want the %d that were seen", len(rows), len(seen))
	}
	for _, row := range rows {
		if row.Verdict != "excluded" || row.Activity != "" {
			t.Fatalf("%s is %s (%s)", row.ExternalID, row.Verdict, row.Reason)
		}
	}
}

// kill ends the daemon as a power cut does.
func (d *daemon) kill() {
	d.t.Helper()
	_ = d.cmd.Process.Kill()
	<-d.done
	d.cmd = nil
}

// forgetSource signs in and has a source forgotten, as its page does.
func (d *daemon) forgetSource(id string) {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/signin", url.Values{"email": {sato}, "password": {walkPassword}}},
		{"/sources/" + id + "/disconnect", url.Values{"forget": {"1"}}},
	} {
		request, err := http.NewRequest(http.MethodPost, d.url()+step.path, strings.NewReader(step.form.Encode()))
		if err != nil {
			d.t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		response, err := browser.Do(request)
		if err != nil {
			d.t.Fatalf("post %s: %v", step.path, err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || strings.HasPrefix(response.Request.URL.Path, "/signin") {
			d.t.Fatalf("post %s: status %d at %s", step.path, response.StatusCode, response.Request.URL)
		}
	}
}
