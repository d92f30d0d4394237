package gmail_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	gmailapi "google.golang.org/api/gmail/v1"

	"golang.org/x/oauth2"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const sato = "sato@example.co.jp"

// account signs in at the fake Google.
type account struct {
	client    *http.Client
	endpoints fakegoogle.Endpoints
}

func (a account) Client(string, string, ...string) (*http.Client, error) { return a.client, nil }

func (a account) Endpoint(_, service string) string {
	return map[string]string{"gmail": a.endpoints.Gmail, "pubsub": a.endpoints.PubSub}[service]
}

// start gives a fake Google that has sato.
func start(t testing.TB, o fakegoogle.Options) *fakegoogle.Server {
	t.Helper()
	server, err := fakegoogle.Start(o)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { _ = server.Close() })
	server.AddUser(sato, "佐藤")
	return server
}

// env is a source's environment without a quota that matters.
func env(server *fakegoogle.Server, limits connectors.Limits) connectors.Env {
	return connectors.Env{ID: "sato-gmail", Limits: limits,
		Accounts: account{server.HTTPClient(sato, gmailapi.GmailReadonlyScope, "https://www.googleapis.com/auth/pubsub"), server.Endpoints()}}
}

// settings are the defaults for sato, with quotas too large to matter.
func settings(change ...func(*gmail.Settings)) *gmail.Settings {
	s, ok := gmail.Kind().NewSettings().(*gmail.Settings)
	if !ok {
		panic("the kind has other settings")
	}
	s.Account, s.QuotaUserPerMinute, s.QuotaProjectPerMinute = sato, 1_000_000_000, 1_000_000_000
	for _, c := range change {
		c(s)
	}
	return s
}

func open(t testing.TB, s *gmail.Settings, e connectors.Env) connectors.Source {
	t.Helper()
	source, err := s.Open(t.Context(), e)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

// mail writes a small mail.
func mail(n int) []byte {
	return fmt.Appendf(nil, "Message-ID: <%d@client.example>\r\nFrom: Tanaka <tanaka@client.example>\r\nTo: %s\r\nSubject: no %d\r\nDate: Fri, 20 Nov 2026 10:00:00 +0900\r\n\r\nhello %d\r\n", n, sato, n, n)
}

// deliver puts mails numbered from first into sato's mailbox, an hour apart, the last one an hour ago.
func deliver(server *fakegoogle.Server, first, n int) []string {
	ids := make([]string, n)
	for i := range n {
		ids[i] = server.Mailbox(sato).Deliver(mail(first+i), time.Now().Add(-time.Duration(n-i)*time.Hour))
	}
	return ids
}

func ids(items []connectors.Item) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, item.ExternalID)
	}
	return out
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

// unique sorts ids and drops repetitions.
func unique(ids []string) []string { return slices.Compact(sorted(ids)) }

// drain reads to the end and is patient with failures that pass.
func drain(t *testing.T, s connectors.Source, cur connectors.Cursor) ([]connectors.Item, connectors.Cursor) {
	t.Helper()
	return sourcetest.Drain(t, s, cur)
}

// fetch asks once.
func fetch(t *testing.T, s connectors.Source, cur connectors.Cursor) connectors.Batch {
	t.Helper()
	batch, err := s.Fetch(t.Context(), cur)
	if err != nil {
		t.Fatalf("fetch: %v", err)
	}
	return batch
}

// inProcess calls the fake Google without a network, so that a test may have a time of its own.
type inProcess struct {
	server *fakegoogle.Server
	token  string
	way    time.Duration // how long a request is on its way
}

func (p *inProcess) RoundTrip(r *http.Request) (res *http.Response, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = errors.New("connection reset by peer")
		}
	}()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if p.way > 0 {
		time.Sleep(p.way)
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), cmpBody(r))
	in.Header = r.Header.Clone()
	in.Header.Set("Authorization", "Bearer "+p.token)
	w := &answer{header: http.Header{}, status: http.StatusOK}
	p.server.ServeHTTP(w, in)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r, ContentLength: int64(w.body.Len()), ProtoMajor: 1, ProtoMinor: 1}, nil
}

func cmpBody(r *http.Request) io.Reader {
	if r.Body == nil {
		return http.NoBody
	}
	return r.Body
}

// answer takes what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// token signs sato in over the network, before a test has its own time.
func token(t testing.TB, server *fakegoogle.Server) string {
	t.Helper()
	transport, ok := server.HTTPClient(sato, gmailapi.GmailReadonlyScope).Transport.(*oauth2.Transport)
	if !ok {
		t.Fatal("the fake's client has another transport")
	}
	token, err := transport.Source.Token()
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	return token.AccessToken
}

func inProcessEnv(server *fakegoogle.Server, token string, way time.Duration, budgets connectors.Budgets) connectors.Env {
	return connectors.Env{ID: "sato-gmail", Budgets: budgets,
		Accounts: account{&http.Client{Transport: &inProcess{server, token, way}}, server.Endpoints()}}
}

// writes names the methods that change something, of those that were called.
func writes(server *fakegoogle.Server) []string {
	var out []string
	for _, c := range server.Calls() {
		if c.HTTP != http.MethodGet && strings.HasPrefix(c.Method, "gmail.") {
			out = append(out, c.Method)
		}
	}
	return out
}

func count(server *fakegoogle.Server, method string) int {
	n := 0
	for _, c := range server.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}
