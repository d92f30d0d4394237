package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

const (
	satoAddress   = "sato@example.co.jp"
	suzukiAddress = "suzuki@example.co.jp"
)

// safeBuffer can be written by several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// googleHouse is an instance with Google, and everything it said.
type googleHouse struct {
	*instance
	google *fakegoogle.Server
	dir    string
	said   *safeBuffer
	now    *testClock
}

// testClock is Google's clock.
type testClock struct {
	mu  sync.Mutex
	off time.Duration
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

func (c *testClock) set(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = d
}

// openHouse opens an instance whose Google is a fake. Extra stands in the section google.
func openHouse(t *testing.T, extra string) *googleHouse {
	t.Helper()
	h := &googleHouse{dir: t.TempDir(), said: &safeBuffer{}, now: &testClock{}}
	var err error
	if h.google, err = fakegoogle.Start(fakegoogle.Options{Now: h.now.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.google.Close() })
	h.google.AddUser(satoAddress, "佐藤 花子")
	h.google.AddUser(suzukiAddress, "鈴木 一郎")
	if err := os.WriteFile(filepath.Join(h.dir, "key.json"), h.google.ServiceAccount(), 0o600); err != nil {
		t.Fatal(err)
	}
	h.write(t, extra)
	h.open(t)
	t.Cleanup(func() { h.Close() })
	return h
}

func (h *googleHouse) write(t *testing.T, extra string) {
	t.Helper()
	e := h.google.Endpoints()
	text := fmt.Sprintf("organization: {name: A, domains: [example.co.jp]}\nlog: {level: debug}\ngoogle:\n  client_id: test-client\n  client_secret: ${GOOGLE}\n  services: [mail, calendar]\n  sign_in: true\n"+
		"  endpoints: {issuer: %q, gmail: %q, calendar: %q, forms: %q, directory: %q}\n%s", e.Issuer, e.Gmail, e.Calendar, e.Forms, e.Directory, extra)
	if err := os.WriteFile(filepath.Join(h.dir, "tsunagu.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h *googleHouse) load(t *testing.T) *config.Config {
	t.Helper()
	cfg, problems := config.Load(filepath.Join(h.dir, "tsunagu.yaml"), houseEnv, all.Kinds())
	if problems.Fatal() {
		t.Fatal(problems)
	}
	return cfg
}

func houseEnv(name string) (string, bool) { return "test-secret", name == "GOOGLE" }

func (h *googleHouse) open(t *testing.T) {
	t.Helper()
	in, err := openInstance(t.Context(), h.load(t), slog.New(slog.NewTextHandler(h.said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	h.instance = in
}

// signIn does what the web app and a person do.
func (h *googleHouse) signIn(ctx context.Context, req web.SignInRequest, person string) (web.SignedIn, error) {
	flow, query, err := h.leave(ctx, req, person)
	if err != nil {
		return web.SignedIn{}, err
	}
	return webSignIns{h.instance}.Finish(ctx, flow, query)
}

func (h *googleHouse) leave(ctx context.Context, req web.SignInRequest, person string) ([]byte, url.Values, error) {
	req.Provider, req.Callback = "google", "http://127.0.0.1:8466/signin/google/callback"
	to, flow, err := webSignIns{h.instance}.Begin(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	back, err := h.google.Consent(ctx, to, person)
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(back)
	return flow, u.Query(), err
}

func (h *googleHouse) user(t *testing.T, email string, role crm.UserRole) {
	t.Helper()
	if err := h.store.SaveUser(t.Context(), actorCLI, crm.User{Email: email, Role: role, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

func (h *googleHouse) connections(t *testing.T, owner string) []web.Connection {
	t.Helper()
	list, err := webSignIns{h.instance}.Connections(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// command runs a command on the open instance.
func (h *googleHouse) command(ctx context.Context, args ...string) (code int, out string) {
	var b safeBuffer
	w := io.MultiWriter(&b, h.said)
	a := &app{ctx: ctx, args: args, held: h.instance, stdout: w, stderr: w, env: houseEnv}
	return a.run(), b.String()
}

func TestConnectInTheWebApp(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleRep)
	got, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress, Return: "/connections"}, satoAddress)
	if err != nil {
		t.Fatal(err)
	}
	want := web.SignedIn{Provider: "google", Email: satoAddress, Name: "佐藤 花子", Verified: true, Connected: true, Return: "/connections", SignUp: true, User: satoAddress}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signed in (-want +got):\n%s", diff)
	}
	list := h.connections(t, satoAddress)
	if len(list) != 1 || list[0].State != web.ConnectionOK || !slices.Equal(list[0].Services, []string{"mail", "calendar"}) || time.Since(list[0].Since) > time.Minute {
		t.Fatalf("connections: %+v", list)
	}
	ids := h.sourceIDs()
	for _, service := range knownServices(h.load(t)) {
		if id := config.AccountSourceID(service, satoAddress); !slices.Contains(ids, id) || !slices.Contains(list[0].Sources, id) {
			t.Errorf("there is no source %s: %q", id, ids)
		}
	}
	if !h.mapper().IsOwn(satoAddress) {
		t.Error("the owner of the sources is not known as our own")
	}
	if len(h.connections(t, suzukiAddress)) != 0 {
		t.Error("somebody else sees the connection")
	}
	client, err := access{h.instance}.Client("google", satoAddress, scopesOf([]string{"mail"})...)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get(h.google.Endpoints().Gmail + "gmail/v1/users/me/profile")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("call: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	if _, err := (access{h.instance}).Client("google", satoAddress, scopesOf([]string{"forms"})...); connectors.Classify(err).Kind != connectors.Permanent {
		t.Errorf("a scope that was not granted: %v", err)
	}
	if _, err := (access{h.instance}).Client("google", suzukiAddress); connectors.Classify(err).Kind != connectors.AuthExpired {
		t.Errorf("nobody: %v", err)
	}

	// After a restart all is as it was.
	h.Close()
	h.open(t)
	if diff := cmp.Diff(list, h.connections(t, "")); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(ids, h.sourceIDs()); diff != "" {
		t.Errorf("sources after a restart (-want +got):\n%s", diff)
	}
	if code, out := h.command(t.Context(), "rekey"); code != exitOK {
		t.Errorf("rekey: %s", out)
	}
	if sealed, err := h.store.GetSealed(t.Context(), accountRecord(satoAddress)); err != nil || !h.box.Load().Current(sealed) {
		t.Errorf("the account was not sealed anew: %v", err)
	}

	code, out := h.command(t.Context(), "disconnect", "google", satoAddress)
	if code != exitOK || len(h.connections(t, "")) != 0 || len(h.sourceIDs()) != 0 {
		t.Errorf("disconnect: %d, %s, sources %q", code, out, h.sourceIDs())
	}
	if err := (webSignIns{h.instance}).Disconnect(t.Context(), "it", "google", satoAddress); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("disconnected twice: %v", err)
	}
	if err := h.saveNames(t.Context(), []string{accountRecord(satoAddress)}); err != nil { // as a crash in between leaves it
		t.Fatal(err)
	}
	if code, out := h.command(t.Context(), "rekey"); code != exitOK {
		t.Errorf("rekey with a name that has no record: %s", out)
	}
	if _, err := h.store.GetSealed(t.Context(), accountRecord(satoAddress)); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the account is sealed still: %v", err)
	}
	stored, err := h.store.ListSources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if s.State != crm.SourceDisabled {
			t.Errorf("source %s is %s", s.ID, s.State)
		}
	}
}

// knownServices are those for which there is a kind of source.
func knownServices(cfg *config.Config) []string {
	var out []string
	for _, s := range cfg.Google.Services {
		if list, err := cfg.AccountSources("a@example.co.jp", []string{s}); err == nil && len(list) == 1 {
			out = append(out, s)
		}
	}
	return out
}

func TestWhoMayConnect(t *testing.T) {
	for name, c := range map[string]struct {
		user, person string
		role         crm.UserRole // of user; "" for no such user
		connect      bool
		want         error
	}{
		"own account":                     {satoAddress, satoAddress, crm.RoleRep, true, nil},
		"somebody else's":                 {satoAddress, suzukiAddress, crm.RoleRep, true, web.ErrDenied},
		"IT connects for others":          {satoAddress, suzukiAddress, crm.RoleIT, true, nil},
		"signs in and connects":           {"", satoAddress, crm.RoleRep, true, nil},
		"joins":                           {"", satoAddress, "", true, nil},
		"stranger":                        {"", "someone@example.com", "", true, web.ErrDenied},
		"stranger without connecting":     {"", "someone@example.com", "", false, nil},
		"user that is there no longer":    {satoAddress, satoAddress, "", true, web.ErrDenied},
		"identity only keeps no accounts": {"", satoAddress, crm.RoleRep, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t, "")
			h.google.AddUser("someone@example.com", "")
			if c.role != "" {
				h.user(t, first(c.user, c.person), c.role)
			}
			got, err := h.signIn(t.Context(), web.SignInRequest{Connect: c.connect, User: c.user}, c.person)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			kept := len(h.connections(t, "")) == 1
			if kept != (c.connect && c.want == nil) || kept != got.Connected {
				t.Errorf("kept: %v, %+v", kept, got)
			}
			if c.person == "someone@example.com" && got.SignUp {
				t.Error("a user may be made for a stranger")
			}
		})
	}
}

func TestSignInsThatFail(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleRep)
	w := webSignIns{h.instance}
	req := web.SignInRequest{Connect: true, User: satoAddress}
	flow, query, err := h.leave(t.Context(), req, satoAddress)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := h.leave(t.Context(), req, satoAddress)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(t.Context(), other, query); !errors.Is(err, web.ErrFlow) {
		t.Errorf("the answer to another flow: %v", err)
	}
	if _, err := w.Finish(t.Context(), []byte("forged"), query); !errors.Is(err, web.ErrFlow) {
		t.Errorf("a forged flow: %v", err)
	}
	if _, err := w.Finish(t.Context(), flow, query); err != nil {
		t.Errorf("the right one: %v", err)
	}
	if _, err := w.Finish(t.Context(), flow, query); !errors.Is(err, web.ErrFlow) {
		t.Errorf("replayed: %v", err)
	}
	denied := url.Values{"error": {"access_denied"}}
	_, to, err := w.Begin(t.Context(), web.SignInRequest{Provider: "google", Callback: "http://127.0.0.1:1/x"})
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := w.Begin(t.Context(), web.SignInRequest{Provider: "google", Callback: "http://127.0.0.1:1/x"})
	_ = to
	u, _ := url.Parse(address)
	denied.Set("state", u.Query().Get("state"))
	if _, err := w.Finish(t.Context(), to, denied); !errors.Is(err, web.ErrFlow) {
		t.Errorf("a refusal of another flow: %v", err)
	}
	if _, _, err := w.Begin(t.Context(), web.SignInRequest{Provider: "nobody"}); err == nil {
		t.Error("a provider that is not configured")
	}
}

func TestDeniedAndUnticked(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleRep)
	to, flow, err := webSignIns{h.instance}.Begin(t.Context(), web.SignInRequest{Provider: "google", Connect: true, Callback: "http://127.0.0.1:1/x"})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(to)
	if _, err := (webSignIns{h.instance}).Finish(t.Context(), flow, url.Values{"error": {"access_denied"}, "state": {u.Query().Get("state")}}); !errors.Is(err, web.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
	h.google.Untick(satoAddress, scopesOf([]string{"calendar"})[0])
	got, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress)
	if err != nil || !got.Connected || !slices.Equal(got.Missing, []string{"calendar"}) {
		t.Fatalf("unticked: %+v, %v", got, err)
	}
	c := h.connections(t, "")[0]
	if c.State != web.ConnectionPartial || !slices.Equal(c.Services, []string{"mail"}) || !slices.Equal(c.Missing, []string{"calendar"}) {
		t.Errorf("connection %+v", c)
	}
	code, out := h.command(t.Context(), "check", "accounts")
	if code != exitFailed || !strings.Contains(out, "not granted: calendar") || !strings.Contains(out, "leave every box ticked") {
		t.Errorf("check: %d, %s", code, out)
	}
}

func TestCheckSaysWhatITMustKnow(t *testing.T) {
	for name, c := range map[string]struct {
		extra   string
		trouble func(*googleHouse)
		want    []string
		code    int
	}{
		"in order":        {"", func(*googleHouse) {}, []string{"google sato@example.co.jp: ok", "reads mail and calendar"}, exitOK},
		"API not enabled": {"", func(h *googleHouse) { h.google.Disable("gmail") }, []string{"mail: FAILED", "Library, enable the Gmail API"}, exitFailed},
		"revoked":         {"", func(h *googleHouse) { h.google.Revoke(satoAddress); h.book.reset() }, []string{"accepts the sign-in no longer", "tsunagu connect google --account sato@example.co.jp"}, exitFailed},
		"key file is missing": {"  delegation: {key_file: nowhere.json, users: [suzuki@example.co.jp]}\n", func(*googleHouse) {},
			[]string{"google delegation: FAILED", "nowhere.json", "download a key in JSON form"}, exitFailed},
		"delegation": {"  delegation: {key_file: key.json, users: [suzuki@example.co.jp]}\n", func(*googleHouse) {}, []string{"google suzuki@example.co.jp: ok"}, exitOK},
		"delegation not allowed": {"  delegation: {key_file: key.json, users: [suzuki@example.co.jp]}\n", func(h *googleHouse) { h.google.Delegate() },
			[]string{"google suzuki@example.co.jp mail: FAILED", "domain-wide delegation, allow client id 100000000000000000001 the scopes https://"}, exitFailed},
		"clock": {"", func(h *googleHouse) { h.now.set(-5 * time.Minute); h.book.reset() }, []string{"clock: FAILED", "ahead of the provider's", "time server"}, exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t, c.extra)
			h.user(t, satoAddress, crm.RoleRep)
			if _, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress); err != nil {
				t.Fatal(err)
			}
			c.trouble(h)
			a := &app{ctx: t.Context(), held: h.instance, stdout: h.said, stderr: h.said, env: houseEnv}
			good := a.checkGoogle(h.instance)
			if good != (c.code == exitOK) {
				t.Errorf("in order: %v", good)
			}
			for _, want := range c.want {
				if !strings.Contains(h.said.String(), want) {
					t.Errorf("%q is missing in\n%s", want, h.said)
				}
			}
		})
	}
}

func TestTestingModeIsSuspected(t *testing.T) {
	day := 24 * time.Hour
	now := time.Now()
	for life, want := range map[time.Duration]bool{7*day + time.Minute: true, 7*day + 20*time.Hour: true, 6 * day: false, 9 * day: false, 200 * day: false} {
		if got := diedInTesting(now.Add(-life), now); got != want {
			t.Errorf("after %v: %v", life, got)
		}
	}
	if diedInTesting(time.Time{}, now) {
		t.Error("a sign-in of no time")
	}
}

func TestExpiredAccountIsNotedAndSignedInAgain(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleRep)
	req := web.SignInRequest{Connect: true, User: satoAddress, Hint: satoAddress}
	if _, err := h.signIn(t.Context(), req, satoAddress); err != nil {
		t.Fatal(err)
	}
	h.google.Revoke(satoAddress)
	h.book.reset()
	client, err := access{h.instance}.Client("google", satoAddress, scopesOf([]string{"mail"})...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(h.google.Endpoints().Gmail + "gmail/v1/users/me/profile")
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.AuthExpired || !strings.Contains(f.Hint, "sign in with Google again") {
		t.Errorf("fault %+v", f)
	}
	if c := h.connections(t, "")[0]; c.State != web.ConnectionExpired {
		t.Errorf("connection %+v", c)
	}
	if _, err := h.signIn(t.Context(), req, satoAddress); err != nil {
		t.Fatal(err)
	}
	if c := h.connections(t, "")[0]; c.State != web.ConnectionOK {
		t.Errorf("connection %+v", c)
	}
	if resp, err := client.Get(h.google.Endpoints().Gmail + "gmail/v1/users/me/profile"); err != nil {
		t.Errorf("the client of before: %v", err)
	} else {
		resp.Body.Close()
	}
}

func TestDisconnectingIsFinishedForWhoeverLeaves(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleRep)
	if _, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress); err != nil {
		t.Fatal(err)
	}
	granted, err := h.book.get(t.Context(), satoAddress)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel() // the browser was closed
	if err := (webSignIns{h.instance}).Disconnect(gone, satoAddress, "google", satoAddress); err != nil {
		t.Fatal(err)
	}
	if list, ids := h.connections(t, ""), h.sourceIDs(); len(list)+len(ids) != 0 {
		t.Errorf("connections %+v, sources %q", list, ids)
	}
	if _, err := h.instance.google().app.Refresh(t.Context(), granted.Refresh, nil); !errors.Is(err, oauth.ErrSignInAgain) {
		t.Errorf("Google was not told: %v", err)
	}
}

func TestRotatedTokensSurviveACrash(t *testing.T) {
	h := openHouse(t, "")
	h.google.RotateRefresh(true)
	h.user(t, satoAddress, crm.RoleRep)
	if _, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress); err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		h.book.reset()
		before, err := h.book.get(t.Context(), satoAddress)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.book.keeper(satoAddress).Token(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		// Whatever dies now, what is on disk is what Google accepts.
		h.book = accountBook{in: h.instance} // nothing is left in memory
		after, err := h.book.get(t.Context(), satoAddress)
		if err != nil || after.Refresh == before.Refresh || !after.Since.Equal(before.Since) {
			t.Fatalf("round %d: the rotated token was not stored: %v", round, err)
		}
	}
}

func TestGroupOfAccounts(t *testing.T) {
	h := openHouse(t, "  delegation: {key_file: key.json, group: reps@example.co.jp, admin: admin@example.co.jp}\n")
	h.google.AddUser("admin@example.co.jp", "")
	h.google.Admin("admin@example.co.jp")
	h.google.Group("reps@example.co.jp", satoAddress, suzukiAddress)
	read := func() {
		t.Helper()
		changed, err := h.readGroup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if changed {
			if err := h.rejoin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	read()
	services := knownServices(h.load(t))
	if got := len(h.sourceIDs()); got != 2*len(services) {
		t.Errorf("%d sources of two members: %q", got, h.sourceIDs())
	}
	list := h.connections(t, "")
	if len(list) != 2 || !list[0].Delegated || list[0].Account != satoAddress {
		t.Errorf("connections: %+v", list)
	}
	if resp, err := func() (*http.Response, error) {
		client, err := access{h.instance}.Client("google", suzukiAddress, scopesOf([]string{"mail"})...)
		if err != nil {
			return nil, err
		}
		return client.Get(h.google.Endpoints().Gmail + "gmail/v1/users/me/profile")
	}(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("act for a member: %v", err)
	} else {
		resp.Body.Close()
	}
	h.google.Group("reps@example.co.jp", satoAddress)
	read()
	if got := len(h.sourceIDs()); got != len(services) {
		t.Errorf("%d sources after somebody left", got)
	}
	stored, err := h.store.ListSources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if (s.Owner == suzukiAddress) != (s.State == crm.SourceDisabled) {
			t.Errorf("source %s is %s", s.ID, s.State)
		}
	}
	// Google is away at the next start: those known go on.
	h.Close()
	h.google.Fail(fakegoogle.Failure{Status: 503})
	h.open(t)
	if got := len(h.sourceIDs()); got != len(services) {
		t.Errorf("%d sources after a restart without Google", got)
	}
	if code, out := h.command(t.Context(), "disconnect", "google", satoAddress); code != exitFailed || !strings.Contains(out, "through the service account") {
		t.Errorf("disconnect: %d, %s", code, out)
	}
}

func TestConnectOnATerminal(t *testing.T) {
	h := openHouse(t, "")
	run := func(person string, args ...string) (int, string) {
		out := &safeBuffer{}
		a := &app{ctx: t.Context(), args: append([]string{"connect", "google", "--no-browser"}, args...), held: h.instance, stdout: out, stderr: io.MultiWriter(out, h.said), env: houseEnv}
		done := make(chan int)
		go func() { done <- a.run() }()
		var address string
		for deadline := time.Now().Add(10 * time.Second); address == "" && time.Now().Before(deadline); {
			select {
			case code := <-done:
				return code, out.String()
			default:
			}
			for line := range strings.Lines(out.String()) {
				if strings.HasPrefix(line, "http") && strings.HasSuffix(line, "\n") {
					address = strings.TrimSpace(line)
				}
			}
		}
		back, err := h.google.Consent(t.Context(), address, person)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(back)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(string(page), "ターミナル") || !strings.Contains(string(page), "Close this page") {
			t.Errorf("page: %s", page)
		}
		return <-done, out.String()
	}
	if code, out := run(suzukiAddress, "--account", satoAddress); code != exitFailed || !strings.Contains(out, "the account that signed in is suzuki@example.co.jp; it was not kept") || len(h.connections(t, "")) != 0 {
		t.Errorf("another account: %d, %s", code, out)
	}
	if code, out := run(satoAddress, "--account", satoAddress, "--services", "mail"); code != exitOK || !strings.Contains(out, "sato@example.co.jp is signed in.") {
		t.Errorf("connect: %d, %s", code, out)
	}
	if c := h.connections(t, ""); len(c) != 1 || !slices.Equal(c[0].Services, []string{"mail"}) {
		t.Errorf("connections %+v", c)
	}
	if code, out := run("", "--services", "photos"); code != exitUsage || !strings.Contains(out, "photos is no service") {
		t.Errorf("unknown service: %d, %s", code, out)
	}
	h.google.Untick(satoAddress, scopesOf([]string{"calendar"})[0])
	if code, out := run(satoAddress); code != exitFailed || !strings.Contains(out, "calendar not granted") {
		t.Errorf("unticked: %d, %s", code, out)
	}
}

func TestTokensAreNowhere(t *testing.T) {
	h := openHouse(t, "  delegation: {key_file: key.json, users: [suzuki@example.co.jp]}\n")
	h.user(t, satoAddress, crm.RoleRep)
	h.google.RotateRefresh(true)
	var errs []string
	note := func(err error) {
		if err != nil {
			errs = append(errs, err.Error(), fmt.Sprintf("%+v %#v", err, err))
		}
	}
	flow, query, err := h.leave(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress)
	note(err)
	secrets := []string{query.Get("code"), "test-secret"}
	w := webSignIns{h.instance}
	_, err = w.Finish(t.Context(), flow, query)
	note(err)
	_, err = w.Finish(t.Context(), flow, query)
	note(err)
	if err == nil {
		t.Error("the flow was finished twice")
	}
	call := func(address string) {
		client, err := access{h.instance}.Client("google", address, scopesOf([]string{"mail"})...)
		note(err)
		if err != nil {
			return
		}
		resp, err := client.Get(h.google.Endpoints().Gmail + "gmail/v1/users/me/profile")
		note(err)
		if err == nil {
			resp.Body.Close()
		}
	}
	gather := func() { secrets = append(secrets, h.google.Tokens()...) }
	gather()
	call(satoAddress)
	call(suzukiAddress)
	gather()
	h.command(t.Context(), "check", "accounts")
	h.book.reset()
	h.google.Fail(fakegoogle.Failure{Method: "oauth2", Drop: true, Times: 3})
	call(satoAddress)
	h.google.Heal()
	h.google.Fail(fakegoogle.Failure{Method: "oauth2", Status: 400, Reason: "invalid_request", Times: 2})
	h.book.reset()
	call(satoAddress)
	h.google.Heal()
	h.book.reset()
	if err := h.engine.Drain(t.Context(), nil, false, func(crm.Source) {}); err != nil {
		note(err)
	}
	gather()
	for _, args := range [][]string{{"export", "activities"}, {"export", "ledger"}, {"check", "accounts"}, {"rekey"}, {"verify"}, {"disconnect", "google", satoAddress}, {"check", "accounts"}} {
		h.command(t.Context(), args...)
	}
	note(fmt.Errorf("%+v %#v %v", &h.book, h.google.Endpoints(), oauth.Token{Access: "x"}))
	db, err := os.ReadFile(filepath.Join(h.cfg.Load().DataDir, storeName))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(h.dir, "key.json"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(key), `\n`, "\n")) {
		if line = strings.TrimSpace(line); len(line) == 64 {
			secrets = append(secrets, line)
		}
	}
	if len(secrets) < 10 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	for _, s := range secrets {
		for place, text := range map[string]string{"logs and output": h.said.String(), "errors": strings.Join(errs, "\n"), "the store": string(db)} {
			if s == "" || strings.Contains(text, s) || strings.Contains(text, url.QueryEscape(s)) {
				t.Errorf("%.12q… stands in %s", s, place)
			}
		}
	}
}
