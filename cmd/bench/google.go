package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// The quota of a new project, in units a minute (https://developers.google.com/workspace/gmail/api/reference/quota).
const (
	gmailUserUnits    = 6_000
	gmailProjectUnits = 1_200_000
)

// idlePeople have a mailbox and a calendar each: 2,000 sources.
const idlePeople = 1000

// measureGoogle reads a mailbox at a Google that grants a new project's quota, and looks at the Google's own count of
// what was spent. Then it polls many accounts in which nothing happens.
func (b *bench) measureGoogle(ctx context.Context) error {
	if err := b.measureQuota(ctx); err != nil {
		return err
	}
	return b.measureIdleGoogle(ctx)
}

// measureQuota watches a back-fill for three minutes after it has begun.
func (b *bench) measureQuota(ctx context.Context) error {
	const user, watched = "sato@example.co.jp", 3 * time.Minute
	g, err := fakegoogle.Start(fakegoogle.Options{Quota: fakegoogle.Quota{UserPerMinute: gmailUserUnits, ProjectPerMinute: gmailProjectUnits}})
	if err != nil {
		return fmt.Errorf("start Google: %w", err)
	}
	defer func() { _ = g.Close() }()
	g.AddUser(user, "Sato")
	for m := range messages(2000) {
		g.Mailbox(user).Deliver(m.Raw, time.Now().Add(-24*time.Hour), "INBOX")
	}
	config, err := googleConfig(b.dir, g, "[mail]", user)
	if err != nil {
		return err
	}
	d, err := b.startDaemon(ctx, "google-quota", config)
	if err != nil {
		return err
	}
	defer d.stop()
	started := time.Now()
	spent := func() (units int) {
		for _, c := range g.Calls() {
			units += c.Units
		}
		return units
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := waitUntil(limited, func() bool { return spent() > 200 }); err != nil {
		return fmt.Errorf("wait for the back-fill %v after the start: %w", time.Since(started), err)
	}
	before := spent()
	time.Sleep(watched)
	share := 100 * float64(spent()-before) / (gmailUserUnits * watched.Minutes())
	b.report.atLeast("Gmail back-fill, share of the quota that is used", spread{share, share, share}, " %", 95)
	peak := float64(g.PeakUnits(user))
	b.report.atMost("Gmail back-fill, most units in any 60 s", spread{peak, peak, peak}, "", gmailUserUnits)
	refused := 0
	for _, c := range g.Calls() {
		if c.Status == 429 || c.Status == 403 {
			refused++
		}
	}
	b.report.atMost("Gmail back-fill, calls refused", spread{float64(refused), float64(refused), float64(refused)}, "", 0)
	return nil
}

// measureIdleGoogle watches a daemon for two minutes that polls every account each minute.
func (b *bench) measureIdleGoogle(ctx context.Context) error {
	g, err := fakegoogle.Start(fakegoogle.Options{})
	if err != nil {
		return fmt.Errorf("start Google: %w", err)
	}
	defer func() { _ = g.Close() }()
	users := make([]string, idlePeople)
	for i := range users {
		users[i] = idleUser(i)
		g.AddUser(users[i], fmt.Sprint("User ", i))
		g.Calendar(users[i], "primary")
	}
	config, err := googleConfig(b.dir, g, "[mail, calendar]", users...)
	if err != nil {
		return err
	}
	d, err := b.startDaemon(ctx, "google-idle", config)
	if err != nil {
		return err
	}
	defer d.stop()
	time.Sleep(90 * time.Second) // the first reading, and the garbage of it
	callsBefore := g.Total()
	cpuBefore, err := d.cpu()
	if err != nil {
		return err
	}
	const watched = 2 * time.Minute
	time.Sleep(watched)
	cpuAfter, err := d.cpu()
	if err != nil {
		return err
	}
	held, err := d.resident()
	if err != nil {
		return err
	}
	polls := float64(g.Total()-callsBefore) / watched.Minutes()
	b.report.atLeast("2,000 idle Gmail and Calendar sources, polls a minute", spread{polls, polls, polls}, "", 2*idlePeople*0.98)
	percent := 100 * (cpuAfter - cpuBefore).Seconds() / watched.Seconds()
	b.report.atMost("2,000 idle Gmail and Calendar sources, share of a core", spread{percent, percent, percent}, " %", 5)
	mb := float64(held) / 1e6
	b.report.atMost("2,000 idle Gmail and Calendar sources, memory", spread{mb, mb, mb}, " MB", 300)
	return nil
}

// googleConfig describes an installation that reads the users' accounts with a service account, by where it listens.
func googleConfig(dir string, g *fakegoogle.Server, services string, users ...string) (func(listen string) string, error) {
	key := filepath.Join(dir, "delegation.json")
	if err := os.WriteFile(key, g.ServiceAccount(), 0o600); err != nil {
		return nil, fmt.Errorf("write key of the service account: %w", err)
	}
	e := g.Endpoints()
	endpoints, err := json.Marshal(map[string]string{"issuer": e.Issuer, "auth": e.Auth, "token": e.Token, "revoke": e.Revoke,
		"gmail": e.Gmail, "calendar": e.Calendar, "forms": e.Forms, "directory": e.Directory})
	if err != nil {
		return nil, fmt.Errorf("write endpoints: %w", err)
	}
	return func(listen string) string {
		return fmt.Sprintf("data_dir: ./data\norganization: {name: Bench, domains: [example.co.jp], timezone: Asia/Tokyo, locale: ja}\n"+
			"allow_plain_secrets: true\nhttp: {listen: %q}\ngoogle:\n  client_id: test-client\n  client_secret: test-secret\n  services: %s\n  endpoints: %s\n"+
			"  delegation: {key_file: %q, users: [%s]}\n", listen, services, endpoints, key, strings.Join(users, ", "))
	}, nil
}
