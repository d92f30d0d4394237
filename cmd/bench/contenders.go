package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// contender reads the whole INBOX once.
type contender struct {
	name string
	run  func(ctx context.Context, addr string) (sample, error)
}

const (
	limitName    = "limit c1 (bytes thrown away)"
	oursName     = "Tsunagu, whole pipeline"
	mbsyncName   = "mbsync, Maildir"
	fullPeerName = "imapflow + mailparser + PostgreSQL"
	partPeerName = "imapflow + postal-mime + PostgreSQL"
)

// contenders are the limit, ourselves, and the peers that are installed; the others are named as missing.
func (b *bench) contenders(ctx context.Context, box *mailbox) ([]contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own binary: %w", err)
	}
	site, err := b.newSite(ctx, box)
	if err != nil {
		return nil, err
	}
	list := []contender{
		{limitName, func(ctx context.Context, addr string) (sample, error) {
			return runProcess(ctx, command(ctx, "", self, "-c1", addr))
		}},
		{oursName, site.sync},
	}
	if b.alone {
		return list, nil
	}
	if path, err := exec.LookPath("mbsync"); err == nil {
		list = append(list, contender{mbsyncName, b.mbsync(path)})
	} else {
		b.report.inform(mbsyncName, "not installed")
	}
	for name, script := range map[string]string{fullPeerName: "imapflow-mailparser.mjs", partPeerName: "imapflow-postal.mjs"} {
		c, missing := b.nodePeer(script)
		if missing != "" {
			b.report.inform(name, "not installed: "+missing)
			continue
		}
		list = append(list, contender{name, c})
	}
	return list, nil
}

// mbsync is isync's client with a Maildir that is empty each time.
func (b *bench) mbsync(path string) func(context.Context, string) (sample, error) {
	return func(ctx context.Context, addr string) (sample, error) {
		dir, err := os.MkdirTemp(b.dir, "mbsync-")
		if err != nil {
			return sample{}, fmt.Errorf("make folder for mbsync: %w", err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		config := filepath.Join(dir, "rc")
		if err := os.WriteFile(config, []byte(mbsyncConfig(addr, dir)), 0o600); err != nil {
			return sample{}, fmt.Errorf("write mbsync's configuration: %w", err)
		}
		return runProcess(ctx, command(ctx, "", path, "-c", config, "-q", "bench"))
	}
}
