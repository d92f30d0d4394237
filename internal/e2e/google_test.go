package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// google is a Google of the test's own.
type google struct {
	*fakegoogle.Server
	t *testing.T
}

func startGoogle(t *testing.T, o fakegoogle.Options, users ...string) *google {
	t.Helper()
	s, err := fakegoogle.Start(o)
	if err != nil {
		t.Fatalf("start Google: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, user := range users {
		s.AddUser(user, strings.Split(user, "@")[0])
	}
	return &google{s, t}
}

// section is the google section of a configuration with these services, without what reads the accounts.
func (g *google) section(services string) string {
	e := g.Endpoints()
	endpoints, err := json.Marshal(map[string]string{"issuer": e.Issuer, "auth": e.Auth, "token": e.Token, "revoke": e.Revoke,
		"gmail": e.Gmail, "calendar": e.Calendar, "forms": e.Forms, "directory": e.Directory, "pubsub": e.PubSub})
	if err != nil {
		g.t.Fatal(err)
	}
	return fmt.Sprintf("google:\n  client_id: test-client\n  client_secret: ${GOOGLE_SECRET}\n  services: %s\n  endpoints: %s\n", services, endpoints)
}

// config is a whole configuration in which a service account reads what belongs to the users.
func (g *google) config(services string, users ...string) string {
	return listenHead() + g.section(services) + fmt.Sprintf("  delegation: {key_file: delegation.json, users: [%s]}\n", strings.Join(users, ", "))
}

// writeKey puts the service account's key where config looks for it.
func (g *google) writeKey(s *site) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "delegation.json"), g.ServiceAccount(), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// listenHead is a configuration's head without sources of its own.
func listenHead() string { return strings.TrimSuffix(head(), "sources:\n") }

// signInGoogle signs an account in from the terminal: it takes the address that the command prints through the
// consent page, and follows the way back.
func (s *site) signInGoogle(g *google, account string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, "connect", "google", "--account", account, "--no-browser")
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var page []string
	eventually(s.t, 20*time.Second, "the command prints where to sign in", func() bool {
		page = regexp.MustCompile(`(?m)https?://\S+`).FindAllString(out.String(), 1)
		return page != nil
	})
	back, err := g.Consent(ctx, page[0], account)
	if err != nil {
		s.t.Fatalf("consent: %v\n%s", err, out)
	}
	answer, err := http.Get(back)
	if err != nil {
		s.t.Fatalf("way back from the consent: %v\n%s", err, out)
	}
	answer.Body.Close()
	if err := <-done; err != nil {
		s.t.Fatalf("connect google: %v\n%s", err, out)
	}
}

// fillGmail puts the generated mails into a mailbox of Gmail with the labels that stand for their folders.
func (c corpus) fillGmail(box *fakegoogle.Mailbox) {
	for _, folder := range slices.Sorted(maps.Keys(c)) {
		label := map[string]string{"INBOX": "INBOX", "Sent": "SENT"}[folder]
		if label == "" {
			label = box.CreateLabel(folder)
		}
		for _, mail := range c[folder] {
			box.Deliver(mail.Raw, mail.Date, label)
		}
	}
}
