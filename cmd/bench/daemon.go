package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// daemon is a running `tsunagu run`.
type daemon struct {
	cmd   *exec.Cmd
	url   string
	token string
}

// startDaemon makes an installation in a folder of that name and runs it until it answers. Config writes its
// configuration, given the address to listen on.
func (b *bench) startDaemon(ctx context.Context, name string, config func(listen string) string) (*daemon, error) {
	binary, err := filepath.Abs(b.binary)
	if err != nil {
		return nil, fmt.Errorf("find binary: %w", err)
	}
	s := &site{binary: binary, dir: filepath.Join(b.dir, name)}
	if err := s.tsunagu(ctx, b.dir, "init", s.dir); err != nil {
		return nil, err
	}
	listen, err := freeAddr()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "tsunagu.yaml"), []byte(config(listen)), 0o600); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	token, err := command(ctx, s.dir, binary, "token", "create", "bench", "--role", "it").Output()
	if err != nil {
		return nil, fmt.Errorf("create token: %w", err)
	}
	cmd := command(ctx, s.dir, binary, "run")
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	words := strings.Fields(string(token))
	d := &daemon{cmd: cmd, url: "http://" + listen, token: words[len(words)-1]}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := waitUntil(limited, func() bool { return d.healthy(limited) }); err != nil {
		d.stop()
		return nil, fmt.Errorf("wait for the daemon: %w", err)
	}
	return d, nil
}

func (d *daemon) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/healthz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
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
	defer func() { _ = response.Body.Close() }()
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
