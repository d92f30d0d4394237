package gmail_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// canned answers every call with the same text.
type canned struct{ body string }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: readCloser{strings.NewReader(c.body)}, ContentLength: int64(len(c.body))}, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

const idleAnswer = `{"historyId":"12345"}`

func idleCursor() connectors.Cursor {
	return connectors.Cursor(fmt.Sprintf(`{"v":1,"h":12345,"good":%d}`, time.Now().Unix()))
}

// BenchmarkIdlePoll is what our side of an idle poll costs, without the network.
func BenchmarkIdlePoll(b *testing.B) {
	s := open(b, settings(), connectors.Env{Accounts: account{&http.Client{Transport: canned{idleAnswer}}, fakegoogle.Endpoints{Gmail: "http://127.0.0.1:1/"}}})
	cur := idleCursor()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Fetch(b.Context(), cur); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdlePollOverHTTP is an idle poll with the network and the fake's side of it.
func BenchmarkIdlePollOverHTTP(b *testing.B) {
	server := start(b, fakegoogle.Options{})
	s := open(b, settings(), env(server, connectors.Limits{}))
	cur := connectors.Cursor(fmt.Sprintf(`{"v":1,"h":%d,"good":%d}`, server.Mailbox(sato).HistoryID(), time.Now().Unix()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Fetch(b.Context(), cur); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdleSource is the memory that a source keeps which does nothing but poll.
func BenchmarkIdleSource(b *testing.B) {
	const sources = 2000
	client := &http.Client{Transport: canned{idleAnswer}}
	cur := idleCursor()
	for b.Loop() {
		before := heap()
		all := make([]connectors.Source, sources)
		for i := range all {
			all[i] = open(b, settings(), connectors.Env{Accounts: account{client, fakegoogle.Endpoints{Gmail: "http://127.0.0.1:1/"}}})
			if _, err := all[i].Fetch(b.Context(), cur); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(heap()-before)/sources, "B/source")
		runtime.KeepAlive(all)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
