package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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
	empty, err := b.startDaemon(ctx, "empty", server.addr(), 0)
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second) // lets the garbage of starting be collected
	base, err := empty.resident()
	empty.stop()
	if err != nil {
		return err
	}
	full, err := b.startDaemon(ctx, "idle", server.addr(), idleSources)
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

// daemon is a running `tsunagu run`.
type daemon struct {
	cmd   *exec.Cmd
	url   string
	token string
}

// startDaemon runs an installation with n sources and waits until it answers.
func (b *bench) startDaemon(ctx context.Context, name, imapAddr string, n int) (*daemon, error) {
	binary, err := filepath.Abs(b.binary)
	if err != nil {
		return nil, fmt.Errorf("find binary: %w", err)
	}
	s := &site{binary: binary, dir: filepath.Join(b.dir, name)}
	if err := s.tsunagu(ctx, b.dir, "init", s.dir); err != nil {
		return nil, err
	}
	port, err := freeAddr()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "tsunagu.yaml"), []byte(idleConfig(port, imapAddr, n)), 0o600); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	create := exec.CommandContext(ctx, binary, "token", "create", "bench", "--role", "it")
	create.Dir = s.dir
	token, err := create.Output()
	if err != nil {
		return nil, fmt.Errorf("create token: %w", err)
	}
	cmd := exec.Command(binary, "run")
	cmd.Dir = s.dir
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	words := strings.Fields(string(token))
	d := &daemon{cmd: cmd, url: "http://" + port, token: words[len(words)-1]}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := waitUntil(limited, d.healthy); err != nil {
		d.stop()
		return nil, fmt.Errorf("wait for the daemon: %w", err)
	}
	return d, nil
}

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

func (d *daemon) healthy() bool {
	response, err := http.Get(d.url + "/healthz")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// seen is how many items of a source are in the ledger.
func (d *daemon) seen(ctx context.Context, source string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/api/v1/sources/"+source, nil)
	if err != nil {
		return 0, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+d.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("ask for source: %w", err)
	}
	defer response.Body.Close()
	var answer struct{ Tally struct{ Seen int } }
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("ask for source: status %d", response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("read source: %w", err)
	}
	return answer.Tally.Seen, nil
}

// resident is the daemon's resident memory in bytes.
func (d *daemon) resident() (int64, error) {
	fields, err := procFields(d.cmd.Process.Pid, "statm")
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// cpu is the processor time that the daemon has used.
func (d *daemon) cpu() (time.Duration, error) {
	fields, err := procFields(d.cmd.Process.Pid, "stat")
	if err != nil {
		return 0, err
	}
	var ticks int64
	for _, field := range fields[13:15] { // utime and stime of proc(5); the command's name has no space
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

func procFields(pid int, file string) ([]string, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return nil, fmt.Errorf("read process state: %w", err)
	}
	return strings.Fields(string(raw)), nil
}

func (d *daemon) stop() {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	_ = d.cmd.Wait()
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
