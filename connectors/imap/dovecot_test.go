package imap

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// note is a plain message for Dovecot.
func note(n int, folder string) []byte {
	return fmt.Appendf(nil, "Message-ID: <%d.%s@example.com>\r\nFrom: 田中 <tanaka@client.example>\r\nTo: sato@example.co.jp\r\nSubject: =?utf-8?B?6KaL56mN?= %d\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n見積書 %d をお送りします。\r\n", n, folder, n, n)
}

func notes(n int, folder string) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for i := range n {
			if !yield(testdovecot.Message{Raw: note(i+1, fmt.Sprintf("%x", folder))}) {
				return
			}
		}
	}
}

func dovecotSettings(server *testdovecot.Server) *Settings {
	settings := Kind().NewSettings().(*Settings)
	settings.Addr, settings.CAFile, settings.ServerName = server.TLSAddr, server.CAFile, "localhost"
	settings.Username, settings.Password = "sato", "secret"
	return settings
}

// flags lists the names of a folder's files, which hold their flags: any change of a mailbox shows here.
func flags(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for _, sub := range []string{"cur", "new"} {
		files, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names
}

func TestDovecotImport(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	want := server.Fill("sato", "INBOX", notes(600, "in")) + server.Fill("sato", "Sent", notes(40, "sent")) +
		server.Fill("sato", "お客様/東京", notes(30, "東京"))
	settings := dovecotSettings(server)
	settings.Folders = []string{"INBOX", "Sent", "お客様/東京"}
	src := openSource(t, settings, connectors.Limits{BatchItems: 250})

	report, err := src.Probe(t.Context())
	if err != nil || report.Items != int64(want) {
		t.Fatalf("probe: %+v, %v", report, err)
	}
	before := flags(t, server.FolderDir("sato", "INBOX"))
	d := drain(t, src, "", 0)
	if len(d.items) != want {
		t.Errorf("%d items, want %d", len(d.items), want)
	}
	for id, item := range d.items {
		if item.Err != nil || !strings.Contains(item.Message.Text, "をお送りします") || !strings.HasPrefix(item.Message.Subject, "見積") {
			t.Fatalf("%s: %v %+v", id, item.Err, item.Message)
		}
	}
	if diff := cmp.Diff(before, flags(t, server.FolderDir("sato", "INBOX"))); diff != "" {
		t.Errorf("the mailbox changed (-before +after):\n%s", diff)
	}
	var census []string
	if err := src.Census(t.Context(), func(ids []string) error { census = append(census, ids...); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, id := range census {
		if _, ok := d.items[id]; !ok {
			t.Errorf("%s is in the census, but was not read", id)
		}
	}
	if len(census) != want {
		t.Errorf("census has %d ids", len(census))
	}
	got, err := src.Get(t.Context(), census[:20])
	if err != nil || len(got) != 20 {
		t.Fatalf("get: %d items, %v", len(got), err)
	}
	for _, item := range got {
		if diff := cmp.Diff(d.items[item.ExternalID].Message, item.Message); diff != "" {
			t.Errorf("%s read twice differs:\n%s", item.ExternalID, diff)
		}
	}
	again, err := openSource(t, settings, connectors.Limits{}).Fetch(t.Context(), d.cursor)
	if err != nil || len(again.Items) != 0 || again.Next != d.cursor {
		t.Errorf("a new source with the old cursor read %d items, %v", len(again.Items), err)
	}
}

func TestDovecotChanges(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", notes(20, "in"))
	server.Fill("sato", "営業", notes(10, "sales"))
	settings := dovecotSettings(server)
	settings.Folders = []string{"INBOX", "営業"}
	src := openSource(t, settings, connectors.Limits{})
	d := drain(t, src, "", 0)
	if len(d.items) != 30 {
		t.Fatalf("%d items", len(d.items))
	}
	var sales string
	for id := range d.items {
		if prefix, _, ok := strings.Cut(id, "UID="); ok && strings.HasPrefix(id, "営業") {
			sales = prefix
		}
	}
	// Mail that is deleted is no news, and cannot be got.
	server.Doveadm("expunge", "-u", "sato", "mailbox", "営業", "uid", "3")
	server.Deliver("sato", note(100, "live"))
	d = drain(t, src, d.cursor, 0)
	if len(d.items) != 1 {
		t.Errorf("%d items after one delivery", len(d.items))
	}
	if got, err := src.Get(t.Context(), []string{sales + "UID=3", sales + "UID=4"}); err != nil || len(got) != 1 {
		t.Errorf("got %d of a deleted and a present message, %v", len(got), err)
	}
	// A folder that is renamed is retired.
	server.Doveadm("mailbox", "rename", "-u", "sato", "営業", "営業2")
	d = drain(t, src, d.cursor, 0)
	if diff := cmp.Diff([]string{sales}, d.retired); diff != "" {
		t.Errorf("retired (-want +got):\n%s", diff)
	}
	// A folder that is numbered anew is read anew.
	server.Doveadm("mailbox", "update", "-u", "sato", "--uid-validity", "77", "INBOX")
	d = drain(t, src, d.cursor, 0)
	if len(d.items) != 21 || len(d.retired) != 1 || !strings.HasPrefix(d.retired[0], "INBOX;UIDVALIDITY=") {
		t.Errorf("%d items, retired %q", len(d.items), d.retired)
	}
	// A restart of the server costs nothing but a new connection.
	server.Restart()
	server.Deliver("sato", note(101, "live"))
	if d = drain(t, src, d.cursor, 3); len(d.items) != 1 {
		t.Errorf("%d items after the restart", len(d.items))
	}
}

func TestDovecotSignIn(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", notes(3, "in"))
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("refresh_token") == "revoked" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": server.TokenFor("sato"), "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rotated"})
	}))
	t.Cleanup(endpoint.Close)
	oauth := func(auth, refresh string) func(*Settings) {
		return func(s *Settings) {
			s.Auth, s.Password = auth, ""
			s.OAuth = &OAuth{TokenURL: endpoint.URL, ClientID: "c", RefreshToken: refresh}
		}
	}
	cases := map[string]struct {
		change func(*Settings)
		fault  connectors.Kind // 0 for none, since no case here is Retryable unless hinted
		hint   string
	}{
		"implicit TLS":        {change: func(*Settings) {}},
		"STARTTLS":            {change: func(s *Settings) { s.Addr, s.TLS = server.Addr, tlsStart }},
		"no TLS on loopback":  {change: func(s *Settings) { s.Addr, s.TLS = server.Addr, tlsNone }},
		"LOGIN":               {change: func(s *Settings) { s.Auth = authLogin }},
		"PLAIN":               {change: func(s *Settings) { s.Auth = authPlain }},
		"XOAUTH2":             {change: oauth(authXOAuth2, "first")},
		"OAUTHBEARER":         {change: oauth(authOAuthBearer, "first")},
		"auto with tokens":    {change: oauth(authAuto, "first")},
		"wrong password":      {change: func(s *Settings) { s.Password = "wrong" }, fault: connectors.AuthExpired, hint: "app password"},
		"revoked token":       {change: oauth(authXOAuth2, "revoked"), fault: connectors.AuthExpired, hint: "sign the mailbox in"},
		"unknown authority":   {change: func(s *Settings) { s.CAFile = "" }, fault: connectors.Permanent, hint: "ca_file"},
		"missing ca_file":     {change: func(s *Settings) { s.CAFile = "/nowhere.pem" }, fault: connectors.Permanent, hint: "PEM"},
		"wrong name":          {change: func(s *Settings) { s.ServerName = "mail.example.com" }, fault: connectors.Permanent, hint: "mail.example.com"},
		"TLS to a plain port": {change: func(s *Settings) { s.Addr = server.Addr }, fault: connectors.Permanent, hint: "starttls"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			settings := dovecotSettings(server)
			settings.Folders = []string{"INBOX"}
			c.change(settings)
			src := openSource(t, settings, connectors.Limits{})
			kept := &memorySecrets{}
			src.env.Secrets = kept
			b, err := src.Fetch(t.Context(), "")
			f := connectors.Classify(err)
			switch {
			case c.hint == "" && err != nil:
				t.Errorf("fetch: %v (%s)", err, f.Hint)
			case c.hint == "" && len(b.Items) != 3:
				t.Errorf("%d items", len(b.Items))
			case c.hint != "" && f == nil:
				t.Error("no fault")
			case c.hint != "" && (f.Kind != c.fault || !strings.Contains(f.Hint, c.hint)):
				t.Errorf("fault %v %v, hint %q", f.Kind, f, f.Hint)
			}
			if settings.OAuth != nil && c.hint == "" && !strings.Contains(string(kept.saved), "rotated") {
				t.Errorf("the rotated token was not kept: %q", kept.saved)
			}
		})
	}
}

func TestExpiredCertificate(t *testing.T) {
	server := testdovecot.Start(t, testdovecot.WithExpiredCertificate())
	_, err := openSource(t, dovecotSettings(server), connectors.Limits{}).Fetch(t.Context(), "")
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || !strings.Contains(f.Hint, "expired on 20") {
		t.Errorf("fault %+v", f)
	}
}

// memorySecrets keeps one secret.
type memorySecrets struct {
	mu    sync.Mutex
	saved []byte
}

func (m *memorySecrets) Load(context.Context, string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saved, nil
}

func (m *memorySecrets) Save(_ context.Context, _ string, secret []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saved = secret
	return nil
}

func TestDovecotWakesUp(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", notes(3, "in"))
	settings := dovecotSettings(server)
	src := openSource(t, settings, connectors.Limits{})
	d := drain(t, src, "", 0)
	waiting := make(chan error, 1)
	go func() { waiting <- src.Wait(t.Context(), d.cursor) }()
	server.Deliver("sato", note(50, "live"))
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	if d = drain(t, src, d.cursor, 0); len(d.items) != 1 {
		t.Errorf("%d items after waking up", len(d.items))
	}
}
