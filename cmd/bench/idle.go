package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const idleSources = 1000

// measureIdle compares a daemon without sources with one that holds a thousand idle ones, then times how long
// a mail takes from the server's EXISTS to the ledger.
func (b *bench) measureIdle(ctx context.Context) error {
	server, err := newIdleServer(idleSources)
	if err != nil {
		return err
	}
	defer server.close()
	empty, err := b.startDaemon(ctx, "empty", func(listen string) string { return idleConfig(listen, server.addr(), 0) })
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second) // lets the garbage of starting be collected
	base, err := empty.resident()
	empty.stop()
	if err != nil {
		return err
	}
	full, err := b.startDaemon(ctx, "idle", func(listen string) string { return idleConfig(listen, server.addr(), idleSources) })
	if err != nil {
		return err
	}
	defer full.stop()
	settle, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := waitUntil(settle, func() bool { return server.idling.Load() >= idleSources }); err != nil {
		return fmt.Errorf("wait for %d idle sources, %d are: %w", idleSources, server.idling.Load(), err)
	}
	time.Sleep(10 * time.Second)
	cpuBefore, err := full.cpu()
	if err != nil {
		return err
	}
	const watched = 30 * time.Second
	time.Sleep(watched)
	cpuAfter, err := full.cpu()
	if err != nil {
		return err
	}
	held, err := full.resident()
	if err != nil {
		return err
	}
	mib := float64(held-base) / (1 << 20)
	b.report.atMost("1,000 idle IMAP sources, memory over the empty daemon", spread{mib, mib, mib}, " MiB", 64)
	percent := 100 * (cpuAfter - cpuBefore).Seconds() / watched.Seconds()
	b.report.atMost("1,000 idle IMAP sources, share of a core", spread{percent, percent, percent}, " %", 1)
	return b.measureLatency(ctx, server, full)
}

// measureLatency delivers mails one by one and asks the API until each is in the ledger. Asking costs up to
// a millisecond, which is counted.
func (b *bench) measureLatency(ctx context.Context, server *idleServer, d *daemon) error {
	const mails = 200
	var times []float64
	for i := range mails {
		raw := fmt.Appendf(nil, "Message-ID: <latency.%d@bench.example>\r\nDate: %s\r\nFrom: a@bench.example\r\nTo: %s\r\nSubject: latency\r\n\r\nHello.\r\n",
			i, time.Now().Format(time.RFC1123Z), idleUser(0))
		start := time.Now()
		if err := server.deliver(0, raw); err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		for seen := 0; seen <= i; time.Sleep(time.Millisecond) {
			var err error
			if seen, err = d.seen(limited, "idle0"); err != nil {
				cancel()
				return fmt.Errorf("wait for mail %d: %w", i, err)
			}
		}
		cancel()
		times = append(times, time.Since(start).Seconds()*1000)
		time.Sleep(20 * time.Millisecond) // lets the source go back to IDLE
	}
	s := spreadOf(times)
	s.median = p99(times)
	b.report.atMost("EXISTS → committed, 99th percentile", s, " ms", 100)
	b.report.inform("EXISTS → committed, median", spreadOf(times).String()+" ms")
	return nil
}

// idleConfig describes an installation with n sources, each of its own user.
func idleConfig(listen, imapAddr string, n int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "data_dir: ./data\norganization: {name: Bench, domains: [example.co.jp], timezone: Asia/Tokyo, locale: ja}\n"+
		"allow_plain_secrets: true\nhttp: {listen: %q}\nsources:%s\n", listen, map[bool]string{true: " []"}[n == 0])
	for i := range n {
		fmt.Fprintf(&out, "  - {id: idle%d, kind: imap, owner: %s, schedule: \"@every 10m\", settings: {addr: %q, tls: none, username: %q, password: %q, folders: [INBOX]}}\n",
			i, idleUser(i), imapAddr, idleUser(i), userPassword)
	}
	return out.String()
}
