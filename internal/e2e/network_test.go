package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// line is a network line to a server that can be made bad.
type line struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

func newLine(t *testing.T, upstream string) *line {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatalf("start proxy: %v", err)
	}
	t.Cleanup(proxy.Stop)
	return &line{t, proxy}
}

// spoil adds a toxic to what the server sends.
func (l *line) spoil(kind, attributes string) {
	l.t.Helper()
	_, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
		`{"name": %q, "type": %q, "stream": "downstream", "toxicity": 1, "attributes": %s}`, kind, kind, attributes)))
	if err != nil {
		l.t.Fatalf("spoil the line: %v", err)
	}
}

func (l *line) heal(kind string) {
	l.t.Helper()
	if err := l.proxy.Toxics.RemoveToxic(context.Background(), kind); err != nil {
		l.t.Fatalf("heal the line: %v", err)
	}
}

// cut ends all connections. New ones can be made.
func (l *line) cut() {
	l.t.Helper()
	l.proxy.Stop()
	if err := l.proxy.Start(); err != nil {
		l.t.Fatal(err)
	}
}

// TestBadLine reads a mailbox through a line that cuts, stalls, slows and chops, while mail keeps arriving.
// Nothing is lost, and the daemon recovers by itself.
func TestBadLine(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	mails := generate(4, 1200)
	total := mails.fill(server, sato)
	l := newLine(t, server.Addr)
	s := newSite(t, listenOn(freePort(t))+source("sato-mail", sato, l.proxy.Listen, `[INBOX, '\Sent', "`+japaneseName+`"]`))
	s.importWorld()
	s.importTanaka()
	d := s.start()
	d.ready()

	for i, trouble := range []struct{ kind, attributes string }{
		{"limit_data", `{"bytes": 300000}`},
		{"reset_peer", `{"timeout": 200}`},
		{"bandwidth", `{"rate": 400}`},
		{"slicer", `{"average_size": 64, "size_variation": 32, "delay": 20}`},
		{"latency", `{"latency": 300, "jitter": 200}`},
		{"timeout", `{"timeout": 0}`},
	} {
		l.spoil(trouble.kind, trouble.attributes)
		server.Deliver(sato, letter(fmt.Sprint("during-", i), tanaka, sato, "during "+trouble.kind))
		total++
		time.Sleep(1500 * time.Millisecond) // the trouble lasts this long
		l.heal(trouble.kind)
		if trouble.kind == "timeout" {
			l.cut() // what stalled for ever is cut, as a firewall would
		}
	}
	d.wake("sato-mail")
	eventually(t, 2*time.Minute, "every mail in the ledger\n"+d.stderr.String(), func() bool { return len(s.ledger()) == total })
	s.oneActivity("during timeout")
	d.stop()
	s.must("verify")
}
