package main

import (
	"context"
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed peers/*.mjs
var peerScripts embed.FS

// nodePeer prepares one of the Node stacks. missing says what has to be installed first.
func (b *bench) nodePeer(script string) (run func(context.Context, string) (sample, error), missing string) {
	node, err := exec.LookPath("node")
	switch {
	case err != nil:
		return nil, "node"
	case b.dsn == "":
		return nil, "a PostgreSQL database (-dsn)"
	}
	if _, err := os.Stat(filepath.Join(b.peers, "node_modules", "imapflow")); err != nil {
		return nil, "imapflow (scripts/install-bench-peers)"
	}
	for _, name := range []string{script, "table.mjs"} {
		// The scripts must lie beside node_modules, since that is where Node looks for packages.
		text, err := peerScripts.ReadFile("peers/" + name)
		if err != nil {
			return nil, err.Error()
		}
		if err := os.WriteFile(filepath.Join(b.peers, name), text, 0o600); err != nil {
			return nil, err.Error()
		}
	}
	return func(ctx context.Context, addr string) (sample, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return sample{}, fmt.Errorf("split server's address: %w", err)
		}
		return runProcess(ctx, command(ctx, b.peers, node, script, host, port, userName, userPassword, b.dsn))
	}, ""
}

// mbsyncConfig describes one channel from the server's INBOX to a Maildir below dir.
func mbsyncConfig(addr, dir string) string {
	host, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf(`IMAPAccount bench
Host %s
Port %s
User %s
Pass %s
SSLType None
AuthMechs LOGIN

IMAPStore remote
Account bench

MaildirStore local
Path %s/
Inbox %s/INBOX
SubFolders Verbatim

Channel bench
Far :remote:
Near :local:
Patterns INBOX
Create Near
Sync Pull
SyncState *
`, host, port, userName, userPassword, dir, dir)
}
