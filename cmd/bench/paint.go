package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// paint is what a browser saw of a page.
type paint struct {
	path   string
	First  float64 `json:"first"`  // milliseconds to the first contentful paint
	Shift  float64 `json:"shift"`  // cumulative layout shift
	Weight float64 `json:"weight"` // bytes that came over the line without pictures, nothing from the cache
}

// readPaint asks the browser once a page stands still. What moved was kept by observeShifts.
const readPaint = `new Promise(done => requestAnimationFrame(() => setTimeout(() => {
	const first = performance.getEntriesByName("first-contentful-paint")[0];
	const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter(e => !/\.(svg|png|ico)/.test(e.name));
	done({first: first ? first.startTime : -1, shift: window.benchShift, weight: files.reduce((sum, e) => sum + e.transferSize, 0)});
}, 300)))`

// observeShifts adds up layout shifts from the first one on.
const observeShifts = `window.benchShift = 0; new PerformanceObserver(list => {
	for (const e of list.getEntries()) if (!e.hadRecentInput) window.benchShift += e.value;
}).observe({type: "layout-shift", buffered: true})`

// paintRounds is how often each page is opened: its first paint is the median of them, its shift and weight the worst.
const paintRounds = 3

// measurePaint opens each page in Chromium with an empty cache, round by round.
func (b *bench) measurePaint(ctx context.Context, d *daemon, client *http.Client, paths []string) error {
	opts := []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(filepath.Join(b.dir, "chromium")), chromedp.WindowSize(1280, 900),
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	ctx, stop := chromedp.NewExecAllocator(ctx, opts...)
	defer stop()
	ctx, leave := chromedp.NewContext(ctx)
	defer leave()
	defer func() { _ = os.RemoveAll(filepath.Join(b.dir, "chromium")) }()
	if err := b.borrowSession(ctx, d, client); err != nil {
		return err
	}
	var list []paint
	if _, err := d.paint(ctx, "/help"); err != nil { // a browser that runs already, as people's do
		return err
	}
	rounds := make([][]paint, len(paths))
	for range paintRounds {
		for i, path := range paths {
			p, err := d.paint(ctx, path)
			if err != nil {
				return err
			}
			rounds[i] = append(rounds[i], p)
		}
	}
	for _, of := range rounds {
		list = append(list, together(of))
	}
	return b.reportPaints(list)
}

// together is what several openings of one page come to.
func together(of []paint) paint {
	slices.SortFunc(of, func(x, y paint) int { return cmp.Compare(x.First, y.First) })
	p := of[len(of)/2]
	for _, o := range of {
		p.Shift, p.Weight = max(p.Shift, o.Shift), max(p.Weight, o.Weight)
	}
	return p
}

// borrowSession gives the browser a visitor's cookies.
func (b *bench) borrowSession(ctx context.Context, d *daemon, client *http.Client) error {
	address, err := url.Parse(d.url)
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	for _, c := range client.Jar.Cookies(address) {
		set := func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: d.url})
			return err
		}
		if err := chromedp.Do(ctx, chromedp.Func(set)); err != nil {
			return fmt.Errorf("sign the browser in: %w", err)
		}
	}
	return nil
}

func (d *daemon) paint(ctx context.Context, path string) (paint, error) {
	p := paint{path: path}
	empty := func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
		return err
	}
	err := chromedp.Do(ctx, chromedp.Func(empty), chromedp.Navigate(d.url+path))
	if err == nil {
		_, err = chromedp.Run(ctx, chromedp.Evaluate[any](observeShifts))
	}
	if err != nil {
		return p, fmt.Errorf("open %s: %w", path, err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[paint](readPaint, chromedp.EvalAwaitPromise))
	if err != nil {
		return p, fmt.Errorf("look at %s: %w", path, err)
	}
	if got.First < 0 || got.Weight == 0 {
		return p, fmt.Errorf("look at %s: %w", path, errors.New("nothing was painted"))
	}
	got.path = path
	return got, nil
}

// reportPaints tells the worst page of each figure.
func (b *bench) reportPaints(list []paint) error {
	worst := func(what, unit string, limit, scale float64, value func(paint) float64) {
		slices.SortFunc(list, func(x, y paint) int { return int((value(y) - value(x)) * 1000) })
		var all []float64
		for _, p := range list {
			all = append(all, value(p)*scale)
		}
		s := spreadOf(all)
		path, err := url.PathUnescape(list[0].path)
		if err != nil {
			path = list[0].path
		}
		b.report.atMost(fmt.Sprintf("%s of the worst of %d pages: %s", what, len(list), path), spread{s.greatest, s.least, s.median}, unit, limit)
	}
	worst("first contentful paint", " s", 0.3, 0.001, func(p paint) float64 { return p.First })
	worst("layout shift", "", 0, 1, func(p paint) float64 { return p.Shift })
	worst("weight without pictures", " KB", 150, 1.0/1024, func(p paint) float64 { return p.Weight })
	return nil
}
