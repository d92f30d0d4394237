package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The load of the form endpoint.
const (
	formClients     = 50
	formSubmissions = 30_000
)

// measureForms posts submissions to a daemon from many clients and waits until all of them are in the ledger.
func (b *bench) measureForms(ctx context.Context) error {
	d, err := b.startDaemon(ctx, "forms", formsConfig)
	if err != nil {
		return err
	}
	defer d.stop()
	if _, _, err := postForms(ctx, d, 0, 2000); err != nil { // warms up
		return err
	}
	var rates, slowest []float64
	const rounds = 5
	for round := range rounds {
		took, times, err := postForms(ctx, d, 2000+round*formSubmissions/rounds, formSubmissions/rounds)
		if err != nil {
			return err
		}
		rates = append(rates, float64(len(times))/took.Seconds())
		slowest = append(slowest, p99(times))
	}
	b.report.atLeast(fmt.Sprintf("durable submissions by %d clients over HTTP", formClients), spreadOf(rates), "/s", 3000)
	b.report.atMost("the same, time to the answer, 99th percentile", spreadOf(slowest), " ms", 50)
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for seen := 0; seen < 2000+formSubmissions; time.Sleep(20 * time.Millisecond) {
		if seen, err = d.seen(limited, "forms"); err != nil {
			return fmt.Errorf("wait for the ledger: %w", err)
		}
	}
	b.report.inform("until the last of them is an activity", fmt.Sprintf("%.2f s", time.Since(start).Seconds()))
	return nil
}

func formsConfig(listen string) string {
	return fmt.Sprintf("data_dir: ./data\norganization: {name: Bench, domains: [example.co.jp], timezone: Asia/Tokyo, locale: ja}\n"+
		"http: {listen: %q}\nforms:\n  - {id: contact, rate_per_minute: 1000000, min_fill_seconds: 0}\n", listen)
}

// postForms posts n submissions, numbered from first on, and gives how long each answer took in milliseconds.
func postForms(ctx context.Context, d *daemon, first, n int) (took time.Duration, times []float64, err error) {
	var mu sync.Mutex
	var clients sync.WaitGroup
	start := time.Now()
	for c := range formClients {
		clients.Go(func() {
			mine, failure := postAsClient(ctx, strings.TrimPrefix(d.url, "http://"), first+c, first+n)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
			if failure != nil {
				err = failure
			}
		})
	}
	clients.Wait()
	return time.Since(start), times, err
}

// postAsClient posts over one connection, every fiftieth number below end. It costs less than net/http's client,
// which shares the cores with what is measured.
func postAsClient(ctx context.Context, addr string, first, end int) (times []float64, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("dial daemon: %w", err)
	}
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	for i := first; i < end; i += formClients {
		body := fmt.Appendf(nil, `{"name":"人物 %d","company":"株式会社会社%d","email":"person%d@forms%d.example","phone":"03-%04d-%04d","description":"資料を送ってください。%d"}`,
			i, i/5, i, i/5, i/10000, i%10000, i)
		request := fmt.Appendf(nil, "POST /forms/contact HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nIdempotency-Key: k%d\r\nContent-Length: %d\r\n\r\n", i, len(body))
		start := time.Now()
		if _, err := conn.Write(slices.Concat(request, body)); err != nil {
			return times, fmt.Errorf("post submission: %w", err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return times, fmt.Errorf("read answer: %w", err)
		}
		answer, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusCreated {
			return times, fmt.Errorf("post submission: %s: %s %w", response.Status, bytes.TrimSpace(answer), err)
		}
		times = append(times, time.Since(start).Seconds()*1000)
	}
	return times, nil
}
