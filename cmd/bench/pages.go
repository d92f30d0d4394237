package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// How pages are asked for: users who look at a page for a second on average before they go to the next.
const (
	pageUsers   = 50
	pageThink   = time.Second
	pageRound   = time.Minute
	benchSignIn = "correct horse bench"
)

// measurePages has people walk through the pages of a company with a million people, and a browser paint them.
func (b *bench) measurePages(ctx context.Context) error {
	site, err := b.openCRM(ctx)
	if err != nil {
		return err
	}
	paths, err := b.pagePaths(ctx, site)
	if err != nil {
		return err
	}
	d, err := b.serveCRM(ctx, site)
	if err != nil {
		return err
	}
	defer d.stop()
	visitors, err := d.visitors(ctx)
	if err != nil {
		return err
	}
	return errors.Join(b.measureVisits(ctx, d, visitors, paths), b.measurePaint(ctx, d, visitors[0], paths))
}

// pagePaths are pages of each sort, with records that are there.
func (b *bench) pagePaths(ctx context.Context, site *crmSite) ([]string, error) {
	store, err := site.open(ctx)
	if err != nil {
		return nil, err
	}
	list, _, err := store.ListActivities(ctx, crm.ActivityFilter{Account: bigAccount, Limit: 50})
	if err := errors.Join(err, store.Close()); err != nil {
		return nil, fmt.Errorf("find activities: %w", err)
	}
	day := time.Now().UTC()
	paths := []string{
		"/", "/?for=all", "/people", "/people/new", "/people?q=" + url.QueryEscape("田中"), "/accounts", "/accounts/new", "/accounts/" + bigAccount,
		"/accounts/" + bigAccount + "/edit", "/accounts/" + bigAccount + "/merge", "/deals", "/deals?show=contracts", "/opportunities/new?account=" + bigAccount,
		"/contracts/new?account=" + bigAccount, "/proposals", "/reviews", "/ledger", "/ledger?verdict=excluded", "/ledger?q=" + url.QueryEscape("tanaka@example.com"),
		"/search?q=" + url.QueryEscape("佐藤"), "/tasks", "/unreplied", "/cold", "/connections", "/connections/new?kind=imap", "/exclusions", "/private",
		"/sources", "/sources/" + storedSource, "/settings", "/settings/totp", "/sessions", "/help", "/forms", "/reports", "/campaigns", "/campaigns/new", "/products",
		"/segments", "/mapping", "/mapping/versions", "/rules", "/rules/statuses", "/rules/lifecycle", "/rules/match", "/imports", "/duplicates", "/users",
		"/tokens", "/health", "/audit", "/backups",
		"/reports/leads/list?column=leads&grain=month&by=none&from=" + day.AddDate(0, -1, 0).Format(time.DateOnly) + "&to=" + day.Format(time.DateOnly),
	}
	for _, info := range crm.Reports() {
		if !info.List {
			paths = append(paths, "/reports/"+string(info.ID), "/reports/"+string(info.ID)+"?grain=week&range=last_12m")
		}
	}
	for i, a := range list[:min(len(list), 6)] {
		if i < 3 {
			paths = append(paths, "/activities/"+a.ID, "/activities/"+a.ID+"/people")
		}
		for _, p := range a.People {
			if p.ID != "" {
				paths = append(paths, "/people/"+p.ID)
				if i == 0 {
					paths = append(paths, "/people/"+p.ID+"/edit", "/people/"+p.ID+"/merge")
				}
				break
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// serveCRM runs the binary on the installation with five users.
func (b *bench) serveCRM(ctx context.Context, site *crmSite) (*daemon, error) {
	listen, err := freeAddr()
	if err != nil {
		return nil, err
	}
	if err := site.configure("http: {listen: " + listen + "}\n"); err != nil {
		return nil, err
	}
	for i := range 5 {
		cmd := command(ctx, site.dir, site.binary, "user", "add", benchUser(i), "--role", "it", "--password-stdin")
		cmd.Stdin = strings.NewReader(benchSignIn + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("add user: %w: %s", err, lastLines(string(out), 3))
		}
	}
	cmd := command(ctx, site.dir, site.binary, "run")
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	d := &daemon{cmd: cmd, url: "http://" + listen}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := waitUntil(limited, func() bool { return d.healthy(limited) }); err != nil {
		d.stop()
		return nil, fmt.Errorf("wait for the daemon: %w", err)
	}
	return d, nil
}

func benchUser(i int) string { return fmt.Sprintf("user%d@example.co.jp", i) }

// visitors are clients that are signed in, several as one user.
func (d *daemon) visitors(ctx context.Context) ([]*http.Client, error) {
	var list []*http.Client
	for i := range 5 {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, fmt.Errorf("make visitor: %w", err)
		}
		client := &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: pageUsers}}
		form := url.Values{"email": {benchUser(i)}, "password": {benchSignIn}}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"/signin", strings.NewReader(form.Encode()))
		if err != nil {
			return nil, fmt.Errorf("make request: %w", err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("sign in: %w", err)
		}
		_ = response.Body.Close()
		if strings.HasSuffix(response.Request.URL.Path, "/signin") {
			return nil, fmt.Errorf("sign in: status %d", response.StatusCode)
		}
		for range pageUsers / 5 {
			list = append(list, client)
		}
	}
	return list, nil
}

// visit asks for a page and reads it whole.
func (d *daemon) visit(ctx context.Context, client *http.Client, path string) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+path, nil)
	if err != nil {
		return 0, fmt.Errorf("make request: %w", err)
	}
	start := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("ask for %s: %w", path, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("ask for %s: status %d, %w", path, response.StatusCode, err)
	}
	return time.Since(start), nil
}

// measureVisits lets the users walk, each at their own pace and in an order of their own.
func (b *bench) measureVisits(ctx context.Context, d *daemon, visitors []*http.Client, paths []string) error {
	for _, path := range paths { // first looks warm what belongs to the process, and find pages that are not there
		if _, err := d.visit(ctx, visitors[0], path); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, pageRound)
	defer cancel()
	var (
		mu     sync.Mutex
		times  = map[string][]float64{}
		failed error
		group  sync.WaitGroup
	)
	for n, client := range visitors {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(5, uint64(n)))
			for pause(limited, time.Duration(rng.Float64()*2*float64(pageThink))) {
				path := paths[rng.IntN(len(paths))]
				took, err := d.visit(limited, client, path)
				mu.Lock()
				if err == nil {
					times[path] = append(times[path], took.Seconds()*1000)
				} else if limited.Err() == nil {
					failed = errors.Join(failed, err)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if failed != nil {
		return failed
	}
	return b.reportVisits(times, paths)
}

// reportVisits tells the slowest pages, and one figure for all.
func (b *bench) reportVisits(times map[string][]float64, paths []string) error {
	type slow struct {
		path string
		p95  float64
	}
	var list []slow
	var all []float64
	for _, path := range paths {
		if len(times[path]) < 5 {
			return fmt.Errorf("count visits of %s: only %d", path, len(times[path]))
		}
		list = append(list, slow{path, percentile(slices.Sorted(slices.Values(times[path])), 0.95)})
		all = append(all, times[path]...)
	}
	slices.SortFunc(list, func(a, b slow) int { return int((b.p95 - a.p95) * 1000) })
	b.report.inform(fmt.Sprintf("pages asked for by %d users in %.0f s", pageUsers, pageRound.Seconds()), fmt.Sprint(len(all)))
	slices.Sort(all)
	b.report.atMost("all pages, 95th percentile (median, 99th)", spread{percentile(all, 0.95), percentile(all, 0.5), percentile(all, 0.99)}, " ms", 50)
	for _, s := range list[:5] {
		path, err := url.PathUnescape(s.path)
		if err != nil {
			path = s.path
		}
		whole := spreadOf(times[s.path])
		b.report.atMost("among the five slowest pages, 95th percentile (median, slowest): "+path, spread{s.p95, whole.median, whole.greatest}, " ms", 50)
	}
	return nil
}

// pause waits, and says whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
