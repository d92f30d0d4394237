package googlecalendar

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// silent answers every question for changes with none, without a network.
type silent struct{ list, none []byte }

func (s silent) RoundTrip(req *http.Request) (*http.Response, error) {
	body := s.none
	if strings.HasSuffix(req.URL.Path, "calendarList") {
		body = s.list
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: req}, nil
}

func (s silent) Client(string, string, ...string) (*http.Client, error) {
	return &http.Client{Transport: s}, nil
}

func (silent) Endpoint(string, string) string { return "https://calendar.invalid/" }

// BenchmarkIdlePoll is one poll of a source with one calendar in which nothing happened: everything but the network.
func BenchmarkIdlePoll(b *testing.B) {
	s := silent{list: []byte(`{"kind":"calendar#calendarList","items":[{"id":"sato@example.co.jp","summary":"sato","accessRole":"owner","selected":true,"primary":true,"timeZone":"Asia/Tokyo"}]}`),
		none: []byte(`{"accessRole":"owner","timeZone":"Asia/Tokyo","items":[],"nextSyncToken":"CPDAlvWDx70CEPDAlvWDx70CGAU="}`)}
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	settings := Settings{Account: sato, Since: "90d", Ahead: "90d"}
	src, err := settings.open(connectors.Env{Accounts: s, Budgets: purse{}}, func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	cur := connectors.Cursor("")
	for range 3 {
		batch, err := src.Fetch(b.Context(), cur)
		if err != nil {
			b.Fatal(err)
		}
		cur = batch.Next
	}
	b.ReportAllocs()
	for b.Loop() {
		if batch, err := src.Fetch(b.Context(), cur); err != nil || batch.Next != cur {
			b.Fatalf("%v, next %s", err, batch.Next)
		}
	}
}

// BenchmarkFirstReading reads a window of 1,000 events from the sample server over a connection.
func BenchmarkFirstReading(b *testing.B) {
	w := newWorld(b)
	for i := range 1000 {
		w.primary(sato).Put(event(fmt.Sprintf("event%07d", i), "面談", w.now.Add(time.Duration(i%150-75)*day), time.Hour, "a@client.example", "b@client.example"))
	}
	for b.Loop() {
		r := w.reader(b, sato)
		r.read(b)
		if len(r.rows) != 1000 {
			b.Fatalf("%d events", len(r.rows))
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}
