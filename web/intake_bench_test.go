package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sink takes submissions and forgets them, so that nothing but the endpoint is measured.
type sink struct {
	Intake
	n atomic.Int64
}

func (s *sink) AddSubmission(_ context.Context, sub crm.Submission) (crm.Submission, bool, error) {
	s.n.Add(1)
	return sub, true, nil
}

const benchForm = "oid=00D000000000001&retURL=https%3A%2F%2Fwww.example.co.jp%2Fthanks&encoding=UTF-8&last_name=%E7%94%B0%E4%B8%AD&first_name=%E5%A4%AA%E9%83%8E" +
	"&email=tanaka%40client.example&company=%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE%E3%82%AF%E3%83%A9%E3%82%A4%E3%82%A2%E3%83%B3%E3%83%88&phone=03-1234-5678" +
	"&description=%E8%B3%87%E6%96%99%E3%82%92%E3%81%8F%E3%81%A0%E3%81%95%E3%81%84%E3%80%82&utm_source=google&submit=%E9%80%81%E4%BF%A1"

func newSink(b *testing.B) (*Server, *sink) {
	b.Helper()
	q := &sink{}
	return newPosted(b, q), q
}

// newPosted is a web app that takes as much as an Intake can.
func newPosted(b *testing.B, q Intake) *Server {
	b.Helper()
	server, err := New(Config{Store: emptyStore{}, Engine: &fakeEngine{}, Intake: q, FormKey: []byte(strings.Repeat("k", 32)),
		Forms: formList{{ID: "contact", PerMinute: 1e9, ReturnURLs: []string{"https://www.example.co.jp/thanks"}}}})
	must(b, err)
	b.Cleanup(server.Close)
	return server
}

// BenchmarkIntake takes submissions without network and store, by sort.
func BenchmarkIntake(b *testing.B) {
	fields := map[string]string{"last_name": "田中", "email": "tanaka@client.example", "company": "株式会社クライアント", "description": "資料をください。"}
	asJSON, err := json.Marshal(fields)
	must(b, err)
	multipart := ""
	for name, value := range fields {
		multipart += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for name, tt := range map[string][2]string{"urlencoded": {urlForm, benchForm}, "json": {"application/json", string(asJSON)},
		"multipart": {"multipart/form-data; boundary=b", multipart + "--b--\r\n"}, "sjis": {urlForm, "last_name=%93c%92%86&description=%8E%91%97%BF"}} {
		b.Run(name, func(b *testing.B) {
			server, q := newSink(b)
			handler := server.Handler()
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/forms/contact", strings.NewReader(tt[1]))
				r.Header.Set("Content-Type", tt[0])
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusSeeOther && w.Code != http.StatusCreated {
					b.Fatal(w.Code, w.Body)
				}
			}
			if q.n.Load() == 0 {
				b.Fatal("nothing was stored")
			}
		})
	}
}

// BenchmarkIntakeHTTP has 50 clients post over the loopback, without a store and with one that keeps everything
// durably; clients, server and store share the processors.
func BenchmarkIntakeHTTP(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		server, q := newSink(b)
		hammer(b, server)
		if q.n.Load() == 0 {
			b.Fatal("nothing was stored")
		}
	})
	b.Run("bolt", func(b *testing.B) { hammer(b, newPosted(b, openStore(b, time.UTC))) })
}

func hammer(b *testing.B, server *Server) {
	b.Helper()
	ts := httptest.NewServer(server.Handler())
	defer ts.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var slow atomic.Int64 // answers that took more than 50 ms
	b.SetParallelism(25)  // times two processors
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			start := time.Now()
			res, err := client.Post(ts.URL+"/forms/contact", urlForm, strings.NewReader(benchForm))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusSeeOther {
				b.Errorf("answered %d", res.StatusCode)
				return
			}
			if time.Since(start) > 50*time.Millisecond {
				slow.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(100*float64(slow.Load())/float64(b.N), "%>50ms")
}
