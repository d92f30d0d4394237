package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// connecting runs a command that signs something in, and does in the browser what answer says with the address that
// the command prints. It gives everything the command said.
func (s *site) connecting(answer func(ctx context.Context, page string) (back string, err error), args ...string) (said string, code int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, args...)
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var page string
	eventually(s.t, 20*time.Second, "the command prints where to sign in", func() bool {
		page = regexp.MustCompile(`https?://\S+state=\S+`).FindString(out.String())
		return page != ""
	})
	back, err := answer(ctx, page)
	if err != nil {
		s.t.Fatalf("answer at the provider: %v\n%s", err, out)
	}
	res, err := http.Get(back)
	if err != nil {
		s.t.Fatalf("way back: %v\n%s", err, out)
	}
	shown, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	<-done
	return out.String() + string(shown), cmd.ProcessState.ExitCode()
}

// agreeing consents as a person does.
func (g *google) agreeing(account string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, page string) (string, error) { return g.Consent(ctx, page, account) }
}

// changed answers with the query of a consent after a change.
func (g *google) changed(account string, change func(url.Values)) func(context.Context, string) (string, error) {
	return func(ctx context.Context, page string) (string, error) {
		back, err := g.Consent(ctx, page, account)
		if err != nil {
			return "", err
		}
		u, err := url.Parse(back)
		if err != nil {
			return "", err
		}
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
		return u.String(), nil
	}
}

// visitor is a browser without a screen.
type visitor struct {
	t    *testing.T
	http *http.Client
	d    *daemon
	seen strings.Builder
}

func (d *daemon) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &visitor{t: d.t, d: d, http: &http.Client{Jar: jar}}
}

// do asks for a page and keeps it, with its header.
func (v *visitor) do(r *http.Request) (page string, header http.Header) {
	v.t.Helper()
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	fmt.Fprintf(&v.seen, "%s\n%s\n", res.Request.URL.Path, body)
	if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable && res.StatusCode != http.StatusBadGateway {
		v.t.Errorf("%s %s: %s", r.Method, r.URL.Path, res.Status)
	}
	return string(body), res.Header
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = v.d.url() + path
	}
	r, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	page, _ := v.do(r)
	return page
}

// signIn goes through a sign-in with Google.
func (v *visitor) signIn(path string, answer func(context.Context, string) (string, error), form url.Values) string {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodPost, v.d.url()+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", v.d.url())
	page, header := v.do(r)
	_, to, ok := strings.Cut(header.Get("Refresh"), "url=")
	if !ok {
		v.t.Fatalf("the page does not lead to the provider: %s", page)
	}
	back, err := answer(v.t.Context(), to)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.get(back)
}

// stateOf is the state of a source over the API.
func (d *daemon) stateOf(token, source string) string {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.url()+"/api/v1/sources/"+source, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return ""
	}
	found := regexp.MustCompile(`"state":\s*"([a-z_]+)"`).FindSubmatch(body)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// post sends an empty request to the API.
func (d *daemon) post(token, path string) {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodPost, d.url()+"/api/v1"+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	res.Body.Close()
}

const yamaguchiGmail = "gmail-yamaguchi-at-example.co.jp"

// TestTokensStayInside signs in in every way there is, lets everything go wrong that can, with the log at its most
// talkative, and then looks for every secret in everything that leaves the process.
func TestTokensStayInside(t *testing.T) {
	t.Parallel()
	g := startGoogle(t, fakegoogle.Options{}, yamaguchi, suzuki, sato)
	dovecot := testdovecot.Start(t)
	dovecot.AddUser(sato, "secret")
	dovecot.Append(sato, "INBOX", letter("imap1", tanaka, sato, "IMAP の一通"), time.Now())
	g.Mailbox(yamaguchi).Deliver(letter("g1", tanaka, yamaguchi, "Gmail の一通"), time.Now(), "INBOX")
	g.Mailbox(suzuki).Deliver(letter("g2", tanaka, suzuki, "代理で読む一通"), time.Now(), "INBOX")
	w := tap(t, g)
	w.given = func(access string) { dovecot.Accept(sato, access) }
	e := g.Endpoints()
	config := strings.TrimSuffix(listenOn(freePort(t)), "sources:\n") + "log: {level: debug}\n" + w.section(g, "[mail, calendar]") +
		"  sign_in: true\n  delegation: {key_file: delegation.json, users: [" + suzuki + "]}\nsources:\n" +
		fmt.Sprintf("  - id: sato-365\n    kind: imap\n    owner: %s\n    settings: {addr: %q, tls: none, username: %q, auth: xoauth2, folders: [INBOX], since: all,\n"+
			"      oauth: {token_url: %q, auth_url: %q, client_id: test-client, client_secret: \"${GOOGLE_SECRET}\", scopes: [\"https://mail.google.com/\"]}}\n",
			sato, dovecot.Addr, sato, w.URL+"/token", e.Auth)
	s := newSite(t, config)
	g.writeKey(s)
	s.importTanaka()
	var all strings.Builder // everything that was said
	keep := func(what, said string) { fmt.Fprintf(&all, "== %s\n%s\n", what, said) }

	// On the terminal: a wrong code, a refusal, a provider that is broken and talkative, and at last a sign-in.
	google := []string{"connect", "google", "--account", yamaguchi, "--no-browser"}
	said, code := s.connecting(g.changed(yamaguchi, func(q url.Values) { q.Set("code", q.Get("code")+"x") }), google...)
	keep("wrong code", said)
	if code == 0 {
		t.Errorf("a wrong code signed in:\n%s", said)
	}
	said, code = s.connecting(g.changed(yamaguchi, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }), google...)
	keep("denied", said)
	if code == 0 {
		t.Errorf("a refusal signed in:\n%s", said)
	}
	w.on(func(w *wiretap) { w.refused = 10 })
	said, code = s.connecting(g.agreeing(yamaguchi), google...)
	keep("503", said)
	if code == 0 {
		t.Errorf("a broken provider signed in:\n%s", said)
	}
	w.on(func(w *wiretap) { w.refused = 0 })
	for _, args := range [][]string{google, {"connect", "imap", "sato-365", "--no-browser"}} {
		account := map[string]string{"google": yamaguchi, "imap": sato}[args[1]]
		said, code = s.connecting(g.agreeing(account), args...)
		keep("connect", said)
		if code != 0 {
			t.Fatalf("%v: exit %d\n%s", args, code, said)
		}
	}

	d := s.start()
	d.ready()
	token := d.token()
	v := d.visitor()
	for _, user := range []string{yamaguchi, sato} {
		keep("user", s.must("user", "add", user, "--role", "it"))
	}
	var last []exported
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("read: %+v\n%.6000s", last, d.stderr)
		}
	})
	eventually(t, 20*time.Second, "all three are read", func() bool { last = s.activities(); return len(last) == 3 })
	v.signIn("/signin/google", g.agreeing(yamaguchi), url.Values{"connect": {"yes"}})
	if page := v.get("/connections"); !strings.Contains(page, yamaguchi) {
		t.Fatalf("the browser is not signed in: %s", page)
	}
	v.signIn("/connect/google", g.changed(yamaguchi, func(q url.Values) { q.Set("code", "4/0wrong-code-of-nobody") }), nil)
	v.signIn("/connect/google", g.changed(yamaguchi, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }), nil)

	// Tokens are rotated, expire, are refused by a broken provider, and are taken back.
	g.RotateRefresh(true)
	before := w.sorts()["refresh_token"]
	g.ExpireAccess("")
	d.post(token, "/sources/"+yamaguchiGmail+"/wake")
	eventually(t, 20*time.Second, "the refresh token is rotated", func() bool { return w.sorts()["refresh_token"] > before })
	w.on(func(w *wiretap) { w.refused = 40 })
	g.ExpireAccess("")
	d.post(token, "/sources/"+yamaguchiGmail+"/wake")
	d.post(token, "/sources/gmail-suzuki-at-example.co.jp/wake")
	eventually(t, 20*time.Second, "the broken provider is noticed", func() bool { return d.stateOf(token, yamaguchiGmail) == "retrying" })
	pagesOf(v, token, keep)
	w.on(func(w *wiretap) { w.refused = 0 })
	g.Revoke(yamaguchi)
	g.ExpireAccess("")
	eventually(t, 30*time.Second, "the revoked account is noticed", func() bool {
		d.post(token, "/sources/"+yamaguchiGmail+"/wake")
		return d.stateOf(token, yamaguchiGmail) == "auth_expired"
	})
	keep("check", asText(s.run("check", "accounts")))
	pagesOf(v, token, keep)
	v.signIn("/connect/google", g.agreeing(yamaguchi), nil)
	eventually(t, 20*time.Second, "the account is read again", func() bool { return d.stateOf(token, yamaguchiGmail) == "ok" })

	pagesOf(v, token, keep)
	for _, what := range []string{"activities", "leads", "contacts", "accounts", "ledger"} {
		for _, format := range []string{"jsonl", "csv", "xlsx"} {
			keep("export", unzipped(s.must("export", what, "--format", format)))
		}
	}
	keep("explain", asText(s.run("explain", s.activities()[0].ID)))
	keep("check", asText(s.run("check")))
	backup := filepath.Join(s.dir, "backup.tsunagu")
	keep("backup", asText(s.run("backup", backup)))
	d.stop()
	keep("log", d.stderr.String())
	keep("pages", v.seen.String())
	bolt := filepath.Join(s.dir, "data", "tsunagu.db")
	for _, file := range []string{bolt, backup, filepath.Join(s.dir, "tsunagu.yaml")} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		keep(filepath.Base(file), string(raw))
	}
	sorts := w.sorts()
	t.Logf("secrets that passed: %v; searched %d bytes", sorts, all.Len())
	for _, what := range []string{"access_token", "refresh_token", "id_token", "code", "code_verifier", "assertion"} {
		if sorts[what] == 0 {
			t.Errorf("no %s was ever seen: the test looks for nothing", what)
		}
	}
	for part := range strings.SplitSeq(all.String(), "\n== ") {
		if found := w.leaks(g.Tokens(), part); found != nil {
			t.Errorf("%v stands in:\n%.2000s", found, part)
		}
	}
	s.stolen(bolt, backup, g)
}

// asText is all that a command said.
func asText(r result) string { return r.stdout + r.stderr }

// unzipped is a text, or all that stands in an XLSX file.
func unzipped(text string) string {
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		return text
	}
	var out bytes.Buffer
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&out, r)
			_ = r.Close()
		}
	}
	return out.String()
}

// pagesOf walks through every page that needs no id, every list of the API with its first entry, and the metrics.
func pagesOf(v *visitor, token string, keep func(what, said string)) {
	v.t.Helper()
	for _, lang := range []string{"ja", "en"} {
		for _, path := range []string{"/", "/people", "/accounts", "/ledger", "/reviews", "/sources", "/connections", "/forms", "/settings", "/users", "/tokens", "/signin", "/people/new"} {
			v.get(path + "?lang=" + lang)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		keep(path, v.get(path))
	}
	api := func(path string) string {
		r, err := http.NewRequest(http.MethodGet, v.d.url()+"/api/v1"+path, nil)
		if err != nil {
			v.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		page, _ := v.do(r)
		keep("api "+path, page)
		return page
	}
	id := regexp.MustCompile(`"id":\s*"([^"]+)"`)
	for _, path := range []string{"/accounts", "/activities", "/ledger", "/mapping", "/mapping/versions", "/mapping/progress", "/people", "/reviews", "/sources"} {
		for _, found := range id.FindAllStringSubmatch(api(path), -1) {
			if path != "/ledger" && path != "/mapping" {
				api(path + "/" + url.PathEscape(found[1]))
			}
		}
	}
}

// stolen tries the store without its key, and restores a back-up with it.
func (s *site) stolen(bolt, backup string, g *google) {
	s.t.Helper()
	raw, err := os.ReadFile(bolt)
	if err != nil {
		s.t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(s.dir, "tsunagu.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	thief := newSite(s.t, string(config)) // has a key of its own
	g.writeKey(thief)
	if err := os.MkdirAll(filepath.Join(thief.dir, "data"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(thief.dir, "data", "tsunagu.db"), raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
	g.ResetCalls()
	for _, args := range [][]string{{"sync"}, {"run"}, {"check", "accounts"}} {
		r := thief.run(args...)
		s.t.Logf("with another key, %v: exit %d: %s", args, r.code, strings.TrimSpace(asText(r)))
		if r.code == 0 || !strings.Contains(r.stderr, "key") {
			s.t.Errorf("with another key, %v: exit %d\n%s", args, r.code, asText(r))
		}
	}
	for _, call := range g.Calls() {
		if call.User == yamaguchi {
			s.t.Errorf("the thief called %s", call.Method)
		}
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "tsunagu.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	if bytes.Contains(raw, bytes.TrimSpace(key)) || strings.Contains(string(raw), base64.StdEncoding.EncodeToString(key)) {
		s.t.Error("the key stands in the store")
	}
	owner := newSite(s.t, string(config))
	g.writeKey(owner)
	if err := os.WriteFile(filepath.Join(owner.dir, "tsunagu.key"), key, 0o600); err != nil {
		s.t.Fatal(err)
	}
	g.Mailbox(yamaguchi).Deliver(letter("g3", tanaka, yamaguchi, "復元のあとの一通"), time.Now(), "INBOX")
	owner.must("restore", backup)
	r := owner.run("sync")
	subjects := map[string]bool{}
	for _, a := range owner.activities() {
		subjects[a.Subject] = true
	}
	if !subjects["復元のあとの一通"] || !subjects["IMAP の一通"] {
		s.t.Errorf("after the restore: exit %d, %v\n%s", r.code, subjects, asText(r))
	}
}

// TestKillsAroundRotation kills the process ten times around the moment in which the provider replaces the refresh
// token. A token that the process was told of is stored before the access token that came with it is used, so that
// a kill loses a sign-in in one case only: the provider has given up the old token, and its answer never arrived.
func TestKillsAroundRotation(t *testing.T) {
	t.Parallel()
	g := startGoogle(t, fakegoogle.Options{}, yamaguchi)
	w := tap(t, g)
	s := newSite(t, listenHead()+w.section(g, "[mail]"))
	s.importTanaka()
	s.signInGoogle(g, yamaguchi)
	s.must("sync")
	g.RotateRefresh(true)
	lost := map[string]int{}
	for i := range 10 {
		g.Mailbox(yamaguchi).Deliver(letter(fmt.Sprintf("k%d", i), tanaka, yamaguchi, fmt.Sprintf("%d 通目", i)), time.Now(), "INBOX")
		moment := []string{"before the provider heard of it", "before its answer arrived", "at the first use"}[i%3]
		s.killed(w, moment)
		r := s.run("sync")
		if r.code == 0 {
			continue
		}
		lost[moment]++
		if !strings.Contains(asText(r), "connect google") {
			t.Errorf("killed %s: exit %d\n%s", moment, r.code, asText(r))
		}
		s.signInGoogle(g, yamaguchi)
		s.must("sync")
	}
	t.Logf("sign-ins lost: %v", lost)
	if n := lost["before its answer arrived"]; n != 3 || len(lost) > 1 {
		t.Errorf("sign-ins lost: %v, want those alone of which nobody could have known", lost)
	}
	if n := len(s.activities()); n != 10 {
		t.Errorf("%d activities, want 10", n)
	}
}

// killed runs a sync that is killed at a moment.
func (s *site) killed(w *wiretap, moment string) {
	s.t.Helper()
	cmd := s.command(s.t.Context(), "sync")
	gone := make(chan error, 1)
	var once sync.Once
	kill := func() { once.Do(func() { _ = cmd.Process.Kill(); gone <- cmd.Wait() }) }
	w.on(func(w *wiretap) {
		switch moment {
		case "before the provider heard of it":
			w.asked = func() { kill(); panic(http.ErrAbortHandler) }
		case "before its answer arrived":
			w.granted = func() bool { kill(); return false }
		default:
			w.called = func() { kill(); panic(http.ErrAbortHandler) }
		}
	})
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the process was not killed %s", moment)
	}
	w.on(func(w *wiretap) { w.asked, w.granted, w.called = nil, nil, nil })
}
