package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleConnections() []Connection {
	since := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	return []Connection{
		{Provider: "google", Account: "sato@example.co.jp", Owner: "sato@example.co.jp", Services: []string{"mail", "forms"}, Missing: []string{"calendar"},
			Sources: []string{"sato-mail"}, State: ConnectionPartial, Since: since},
		{Provider: "google", Account: "suzuki@example.co.jp", Owner: "suzuki@example.co.jp", Services: []string{"mail", "calendar"}, State: ConnectionExpired, Since: since},
		{Provider: "google", Account: "delegated@example.co.jp", Owner: "delegated@example.co.jp", Services: []string{"mail"}, State: ConnectionOK, Delegated: true},
		{Provider: "google", Account: `a/b?<script>alert(1)</script>`, Owner: nastyName, Services: []string{nastySubject}, Missing: []string{nastySubject}, Sources: []string{"gone"}, State: nastySubject},
	}
}

func TestConnectionsPage(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = sampleConnections()
	_, page := f.signedIn(t, "sato@example.co.jp").get(t, "/connections")
	wantIn(t, page, "sato@example.co.jp", "一部のみ", "カレンダーへのアクセスが許可されていません", "もう一度サインイン", "メール(IMAP)", "2026年11月2日(月)", "接続を解除")
	wantOut(t, page, "suzuki@example.co.jp", "<script>alert", "接続を解除しますか", "Google をつなぐ", "Microsoft")
	_, page = f.signedIn(t, "sato@example.co.jp").get(t, "/connections?ask=google/sato@example.co.jp")
	wantIn(t, page, "接続を解除しますか", `action="/connections/google/sato@example.co.jp/disconnect"`)
	_, page = f.signedIn(t, "it@example.co.jp").get(t, "/connections")
	wantIn(t, page, "suzuki@example.co.jp", "組織の管理者が許可しました", "別の Google をつなぐ")
	wantOut(t, page, "<script>alert", "<img src=x", "ZgotmplZ")
	_, page = newFixture(t).signedIn(t, "sato@example.co.jp").get(t, "/connections")
	wantIn(t, page, "まだアカウントがつながっていません", "google:")
}

func TestConnectionWithAStoppedSource(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = []Connection{
		{Provider: "google", Account: "sato@example.co.jp", Owner: "sato@example.co.jp", Sources: []string{"sato-mail"}, State: ConnectionOK},
		{Provider: "google", Account: "suzuki@example.co.jp", Owner: "suzuki@example.co.jp", Sources: []string{"suzuki-mail"}, State: ConnectionOK, Delegated: true},
	}
	_, page := f.signedIn(t, "it@example.co.jp").get(t, "/connections")
	if got := strings.Count(page, "停止あり"); got != 1 {
		t.Errorf("%d connections are stopped, want that of the source whose sign-in has expired", got)
	}
	wantIn(t, page, "接続中", "止まっているものがあります")
}

func TestDisconnect(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = sampleConnections()
	for _, step := range []struct {
		name, who, account string
		code               int
	}{
		{"another's", "sato@example.co.jp", "suzuki@example.co.jp", 404},
		{"one's own", "sato@example.co.jp", "sato@example.co.jp", 200},
		{"any, by an admin", "suzuki@example.co.jp", `a/b?<script>alert(1)</script>`, 200},
		{"a delegated one", "it@example.co.jp", "delegated@example.co.jp", 409},
		{"none", "it@example.co.jp", "nobody@example.co.jp", 404},
	} {
		if code, _ := f.signedIn(t, step.who).post(t, "/connections/google/"+url.PathEscape(step.account)+"/disconnect"); code != step.code {
			t.Errorf("%s: %d", step.name, code)
		}
	}
	want := []string{"sato@example.co.jp google sato@example.co.jp", "suzuki@example.co.jp google a/b?<script>alert(1)</script>"}
	if diff := cmp.Diff(want, google.disconnected); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConnect(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = sampleConnections()
	for name, tt := range map[string]struct {
		who, path, account string
		code               int
		want               SignInRequest
	}{
		"one's own":          {"sato@example.co.jp", "/connect/google", "", 200, SignInRequest{Provider: "google", Connect: true, Hint: "sato@example.co.jp", Return: "/connections"}},
		"again":              {"sato@example.co.jp", "/connect/google", "sato@example.co.jp", 200, SignInRequest{Provider: "google", Connect: true, Hint: "sato@example.co.jp", Return: "/connections"}},
		"another's":          {"sato@example.co.jp", "/connect/google", "suzuki@example.co.jp", 403, SignInRequest{}},
		"any, by IT":         {"it@example.co.jp", "/connect/google", "suzuki@example.co.jp", 200, SignInRequest{Provider: "google", Connect: true, Hint: "suzuki@example.co.jp", Return: "/connections"}},
		"nothing to connect": {"sato@example.co.jp", "/connect/microsoft", "", 400, SignInRequest{}},
		"no such provider":   {"sato@example.co.jp", "/connect/nobody", "", 404, SignInRequest{}},
		"an IMAP source":     {"suzuki@example.co.jp", "/sources/suzuki-mail/signin", "", 200, SignInRequest{Provider: "microsoft", Source: "suzuki-mail", Hint: "suzuki@example.co.jp", Return: "/sources"}},
		"a connection's":     {"sato@example.co.jp", "/sources/sato-mail/signin", "", 200, SignInRequest{Provider: "google", Source: "sato-mail", Hint: "sato@example.co.jp", Return: "/sources"}},
		"another's source":   {"sato@example.co.jp", "/sources/suzuki-mail/signin", "", 403, SignInRequest{}},
		"no such source":     {"it@example.co.jp", "/sources/none/signin", "", 404, SignInRequest{}},
	} {
		t.Run(name, func(t *testing.T) {
			google.begun = nil
			if code, _ := f.signedIn(t, tt.who).post(t, tt.path, "account", tt.account); code != tt.code {
				t.Errorf("got %d", code)
			}
			if tt.want.Provider != "" {
				tt.want.User, tt.want.Callback = tt.who, f.url+"/signin/"+tt.want.Provider+"/callback"
			}
			if diff := cmp.Diff(tt.want, google.last()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("what comes of it", func(t *testing.T) {
		for _, step := range []struct {
			in   SignedIn
			want string
		}{{SignedIn{Connected: true}, "つなぎました"}, {SignedIn{Connected: true, Missing: []string{"calendar"}}, "一部のアクセスが許可されませんでした"}} {
			google.answer = step.in
			b := f.signedIn(t, "sato@example.co.jp")
			before := b.session(t)
			_, page := b.get(t, callbackPath+b.begin(t, "/connect/google"))
			wantIn(t, page, step.want, "自分の接続")
			if b.session(t) != before {
				t.Error("connecting an account changed who is signed in")
			}
		}
	})
}

func TestExpiredSourceOffersItsSignIn(t *testing.T) {
	f, google := withGoogle(t)
	button := `action="/sources/suzuki-mail/signin"`
	_, page := f.signedIn(t, "suzuki@example.co.jp").get(t, "/sources")
	wantIn(t, page, button, "もう一度サインイン", "アカウントをつなぐ")
	wantOut(t, page, `action="/sources/sato-mail/signin"`) // it is well
	_, page = f.signedIn(t, "sato@example.co.jp").get(t, "/sources")
	wantOut(t, page, button) // another's
	google.connections = []Connection{{Provider: "google", Account: "x", Owner: "suzuki@example.co.jp", Sources: []string{"suzuki-mail"}, Delegated: true}}
	_, page = f.signedIn(t, "suzuki@example.co.jp").get(t, "/sources")
	wantOut(t, page, button) // nobody can
	_, page = newFixture(t).signedIn(t, "suzuki@example.co.jp").get(t, "/sources")
	wantOut(t, page, button)
}

// TestStrangersAreNotHeard asks for what only users may as nobody.
func TestStrangersAreNotHeard(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = sampleConnections()
	b := f.browser(t)
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/connect/google", "/sources/sato-mail/signin", "/connections/google/sato@example.co.jp/disconnect"} {
		if code, _ := b.post(t, path); code != http.StatusSeeOther {
			t.Errorf("%s as nobody: %d", path, code)
		}
	}
	if len(google.begun) != 0 || len(google.disconnected) != 0 {
		t.Error("a stranger was heard")
	}
}
