package e2e

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// byDevice signs a source in with a code that somebody types on another device.
func (s *site) byDevice(g *google, source, account string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, "connect", "imap", source, "--device")
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var code []string
	eventually(s.t, 20*time.Second, "the command prints a code", func() bool {
		code = regexp.MustCompile(`enter the code (\S+)\.\n`).FindStringSubmatch(out.String())
		return code != nil
	})
	if !g.ApproveDevice(code[1], account) {
		s.t.Fatalf("there is no code %s\n%s", code[1], out)
	}
	if err := <-done; err != nil {
		s.t.Fatalf("connect imap --device: %v\n%s", err, out)
	}
}

// subjects are those of the activities that there are.
func (s *site) subjects() string {
	s.t.Helper()
	var list []string
	for _, a := range s.activities() {
		list = append(list, a.Subject)
	}
	return strings.Join(list, " ")
}

// TestMailboxSignIn reads a mailbox that takes no passwords, as Microsoft 365's do not: it is signed in by a code typed
// on another device, loses its sign-in, says so, and goes on without loss when somebody clicks the button.
func TestMailboxSignIn(t *testing.T) {
	t.Parallel()
	g := startGoogle(t, fakegoogle.Options{}, sato)
	dovecot := testdovecot.Start(t)
	dovecot.AddUser(sato, "secret")
	dovecot.Append(sato, "INBOX", letter("m1", tanaka, sato, "一通目"), time.Now())
	w := tap(t, g)
	w.given = func(access string) { dovecot.Accept(sato, access) }
	g.RotateRefresh(true)
	e := g.Endpoints()
	s := newSite(t, listenOn(freePort(t))+fmt.Sprintf("  - id: sato-365\n    kind: imap\n    owner: %s\n    settings: {addr: %q, tls: none, username: %q, auth: xoauth2, folders: [INBOX], since: all,\n"+
		"      oauth: {token_url: %q, auth_url: %q, device_url: %q, client_id: test-client, client_secret: \"${GOOGLE_SECRET}\", scopes: [\"https://mail.google.com/\"]}}\n",
		sato, dovecot.Addr, sato, w.URL+"/token", e.Auth, e.Device))
	s.importTanaka()
	if r := s.run("sync"); r.code == 0 || !strings.Contains(asText(r), "connect imap") && !strings.Contains(asText(r), "sign") {
		t.Errorf("sync before anybody signed in: exit %d\n%s", r.code, asText(r))
	}
	s.byDevice(g, "sato-365", sato)
	s.must("sync")
	if got := s.subjects(); got != "一通目" {
		t.Fatalf("after the sign-in: %q", got)
	}

	d := s.start()
	d.ready()
	token := d.token()
	b := openBrowser(t)
	b.setUp(d)
	eventually(t, 20*time.Second, "the mailbox is read", func() bool { return d.stateOf(token, "sato-365") == "ok" })
	g.Revoke(sato)
	g.ExpireAccess("")
	dovecot.ExpireTokens()
	dovecot.Restart() // whoever was signed in has to do it again
	dovecot.Append(sato, "INBOX", letter("m2", tanaka, sato, "二通目"), time.Now())
	eventually(t, 30*time.Second, "the daemon notices that it was signed out", func() bool {
		d.post(token, "/sources/sato-365/wake")
		return d.stateOf(token, "sato-365") == "auth_expired"
	})
	dovecot.Append(sato, "INBOX", letter("m3", tanaka, sato, "三通目"), time.Now())
	b.do(chromedp.Navigate(d.url()+"/?lang=ja"), chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	b.pictures("mailbox-expired-home-ja")
	b.do(chromedp.Navigate(d.url()+"/sources?lang=ja"), chromedp.WaitVisible(chromedp.CSS(`form[action$="/signin"] button`)))
	b.pictures("mailbox-expired-ja")
	b.do(chromedp.Click(chromedp.CSS(`form[action$="/signin"] button`)))
	b.arrive("#allow")
	b.allow()
	eventually(t, 30*time.Second, "the mailbox is read again", func() bool { return len(s.activities()) == 3 })
	if got := s.subjects(); !strings.Contains(got, "二通目") || !strings.Contains(got, "三通目") {
		t.Errorf("after signing in again: %q", got)
	}
	if state := d.stateOf(token, "sato-365"); state != "ok" {
		t.Errorf("the source is %s", state)
	}
	if said := s.must("verify"); !regexp.MustCompile(`sato-365\s+3\s+3\s+0\s+0\s+0`).MatchString(said) {
		t.Errorf("verify: %s", said)
	}
}

// TestConnectThroughDaemon signs accounts in with the command while the daemon runs, after its configuration changed.
func TestConnectThroughDaemon(t *testing.T) {
	t.Parallel()
	g := startGoogle(t, fakegoogle.Options{}, yamaguchi)
	g.Mailbox(yamaguchi).Deliver(letter("c1", tanaka, yamaguchi, "届いた一通"), time.Now(), "INBOX")
	address := freePort(t)
	config := func(services string) string {
		return strings.TrimSuffix(listenOn(address), "sources:\n") + g.section(services)
	}
	s := newSite(t, config("[mail]"))
	s.importTanaka()
	d := s.start()
	d.ready()
	token := d.token()
	s.signInGoogle(g, yamaguchi)
	eventually(t, 20*time.Second, "the mail is read", func() bool { return s.subjects() == "届いた一通" })

	// Another service: it is not granted yet, so nothing breaks, and nothing is read of it.
	s.configure(config("[mail, calendar]"))
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the configuration is read anew", func() bool { return strings.Contains(d.stderr.String(), "configuration read anew") })
	if state := d.stateOf(token, "googlecalendar-yamaguchi-at-example.co.jp"); state != "" {
		t.Errorf("a calendar that nobody granted is %s", state)
	}
	s.signInGoogle(g, yamaguchi)
	eventually(t, 20*time.Second, "the calendar is read", func() bool {
		return d.stateOf(token, "googlecalendar-yamaguchi-at-example.co.jp") == "ok" && d.stateOf(token, yamaguchiGmail) == "ok"
	})

	// A wrong secret is said, the old tokens are not thrown away, and the right one goes on.
	s.configure(strings.Replace(config("[mail, calendar]"), "${GOOGLE_SECRET}", "wrong-secret", 1) + "allow_plain_secrets: true\n")
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the wrong secret is noticed", func() bool {
		d.post(token, "/sources/"+yamaguchiGmail+"/wake")
		return d.stateOf(token, yamaguchiGmail) == "needs_it"
	})
	g.Mailbox(yamaguchi).Deliver(letter("c2", tanaka, yamaguchi, "そのあとの一通"), time.Now(), "INBOX")
	s.configure(config("[mail, calendar]"))
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "mail is read again", func() bool {
		d.post(token, "/sources/"+yamaguchiGmail+"/wake")
		return strings.Contains(s.subjects(), "そのあとの一通")
	})
}

// TestGoogleConsent is a person who does not tick every box, one who says no, and one who goes away.
func TestGoogleConsent(t *testing.T) {
	t.Parallel()
	g := startGoogle(t, fakegoogle.Options{}, yamaguchi)
	g.Mailbox(yamaguchi).Deliver(letter("d1", tanaka, yamaguchi, "届いた一通"), time.Now(), "INBOX")
	s := newSite(t, strings.TrimSuffix(listenOn(freePort(t)), "sources:\n")+g.section("[mail, calendar]")+"  sign_in: true\n")
	s.importTanaka()
	s.must("user", "add", sato, "--role", "it")
	d := s.start()
	d.ready()
	token := d.token()
	b := openBrowser(t)
	b.toConsent(d.url(), "en")
	b.do(chromedp.Click(chromedp.CSS(`#deny`)))
	b.arrive("[role=alert]")
	b.wants("was not completed")
	b.pictures("consent-denied")
	b.do(chromedp.Navigate(d.url() + "/signin/google/callback?error=access_denied&lang=ja")) // and once more, by going back
	b.wants("最初からやり直してください", "もう一度試す")
	b.pictures("consent-again-ja")

	b.toConsent(d.url(), "ja")
	if ticked, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`(() => { const e = document.querySelector('input[type=checkbox][value$="/calendar.readonly"]'); e.click(); return e.checked; })()`)); err != nil || ticked {
		t.Fatalf("take the tick away: %v, %v", ticked, err)
	}
	b.allow()
	for _, c := range []struct {
		lang  string
		words []string
	}{{"ja", []string{"一部のみ", "カレンダーへのアクセスが許可されていません", "もう一度サインイン"}}, {"en", []string{"calendar", "Sign in again"}}} {
		b.do(chromedp.Navigate(d.url() + "/connections?lang=" + c.lang))
		b.wants(c.words...)
		b.pictures("consent-partly-" + c.lang)
	}
	eventually(t, 20*time.Second, "mail is read all the same", func() bool { return s.subjects() == "届いた一通" })
	b.do(chromedp.Click(chromedp.CSS(`.lacks button`)))
	b.arrive("#allow")
	b.allow()
	eventually(t, 20*time.Second, "the calendar is read", func() bool {
		return d.stateOf(token, "googlecalendar-yamaguchi-at-example.co.jp") == "ok"
	})
	b.do(chromedp.Navigate(d.url() + "/connections?lang=ja&" + url.Values{"ask": {"google/" + yamaguchi}}.Encode()))
	b.do(chromedp.Click(chromedp.CSS(`#disconnect button`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	revoked := 0
	for _, c := range g.Calls() {
		if c.Method == "oauth2.revoke" && c.Status == 200 {
			revoked++
		}
	}
	if revoked == 0 {
		t.Error("Google was not told of the disconnect")
	}
	eventually(t, 10*time.Second, "the source has ended", func() bool { return d.stateOf(token, yamaguchiGmail) == "disabled" })
	g.ResetCalls()
	g.Mailbox(yamaguchi).Deliver(letter("d2", tanaka, yamaguchi, "もう読まれない一通"), time.Now(), "INBOX")
	d.post(token, "/sources/"+yamaguchiGmail+"/wake")
	if got := s.subjects(); got != "届いた一通" {
		t.Errorf("after the disconnect: %q", got)
	}
	for _, c := range g.Calls() {
		t.Errorf("after the disconnect Google was asked %s", c.Method)
	}
}
