package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The journey_*_test.go files walk through the product as its users do, in a real browser over the real binary, each
// journey in Japanese and in English. Journeys that do not disturb each other share a daemon: each language has a rep
// with a mailbox and customers of their own.

// walkPassword is the password of everybody who walks.
const walkPassword = "correct horse battery"

// walker is somebody on a journey.
type walker struct {
	*seed
	b    *tab
	lang string // ja or en
	me   string // the rep's address
	tag  string // in names and addresses of this language's customers
}

// either gives what is said in the walker's language.
func (w *walker) either(ja, en string) string {
	if w.lang == "ja" {
		return ja
	}
	return en
}

// address is one at a company that only this language's journeys know.
func (w *walker) address(local, company string) string {
	return local + "@" + company + "-" + w.tag + ".example"
}

// fellow makes the walker of a language on a running daemon and signs them in.
func (s *seed) fellow(b *tab, lang, me, role string) *walker {
	s.t.Helper()
	s.enrol(me, lang, role)
	w := &walker{seed: s, b: b, lang: lang, me: me, tag: lang}
	b.enter(s.url(), me, walkPassword)
	return w
}

// enrol lets somebody sign in, as an administrator does at the command line.
func (s *site) enrol(email, lang, role string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, "user", "add", email, "--role", role, "--locale", lang, "--name", nick(email), "--password-stdin")
	cmd.Stdin = strings.NewReader(walkPassword + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("add user %s: %v\n%s", email, err, out)
	}
}

// walk runs journeys once in each language; what fails in one fails there.
func (s *seed) walk(t *testing.T, b *tab, role string, journeys func(w *walker, part func(string, func(t *testing.T)))) {
	t.Helper()
	for _, who := range []struct{ lang, me string }{{"ja", sato}, {"en", katoRep}} {
		b.on(t, who.lang, func(t *testing.T) {
			s.t, s.c.t = t, t
			w := s.fellow(b, who.lang, who.me, role)
			journeys(w, func(name string, journey func(t *testing.T)) {
				b.on(t, name, func(inner *testing.T) {
					s.t, s.c.t = inner, inner
					defer func() { s.t, s.c.t = t, t }()
					journey(inner)
				})
			})
		})
	}
	s.t, s.c.t = t, t
}

// on runs a part of a test: what fails in the browser fails there.
func (b *tab) on(t *testing.T, name string, part func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(inner *testing.T) {
		before := b.t
		defer func() { b.t = before }()
		b.t = inner
		part(inner)
	})
}

// enter signs somebody in; whoever was signed in before is not any more.
func (b *tab) enter(base, email, password string) {
	b.t.Helper()
	b.clear()
	b.do(chromedp.Navigate(base+"/signin"), chromedp.SendKeys(chromedp.CSS(`input[name=email]`), email), chromedp.SendKeys(chromedp.CSS(`input[name=password]`), password))
	b.leave(chromedp.Click(chromedp.CSS(`form:has(input[name=password]) button.primary`)))
	b.wait(`!!document.querySelector("body.app")`)
}

// clear forgets who was signed in.
func (b *tab) clear() {
	b.t.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
		return chromedp.Void{}, err
	})
}

// leave does what leads to another page and waits until that is there.
func (b *tab) leave(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.mark("left")
	b.do(actions...)
	deadline := time.Now().Add(30 * time.Second)
	for {
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !window.left`))
		if err == nil && there {
			return
		}
		if time.Now().After(deadline) {
			b.shoot("failed")
			b.t.Fatalf("the page stays: %v\n%s", err, b.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// mark leaves a mark on the page that is gone once another page is loaded.
func (b *tab) mark(name string) {
	b.t.Helper()
	b.do(b.script(fmt.Sprintf("window[%q] = true", name)))
}

// script runs a script whose value nobody wants.
func (b *tab) script(code string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool]("(() => { "+code+"; return true; })()")(ctx, t)
		return chromedp.Void{}, err
	}
}

// value is what a script's expression gives.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.shoot("failed")
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// lacks wants words not to be on the page.
func (b *tab) lacks(words ...string) {
	b.t.Helper()
	text := b.text()
	for _, word := range words {
		if strings.Contains(text, word) {
			b.t.Errorf("the page has %q:\n%s", word, text)
		}
	}
}

// open goes to a page by its path.
func (w *walker) open(path string) {
	w.t.Helper()
	w.b.do(chromedp.Navigate(w.url() + path))
}

// gets puts a mail from somebody outside into the rep's mailbox, to be read.
func (w *walker) gets(l seedMail) {
	w.t.Helper()
	if l.to == "" {
		l.to = w.me
	}
	if l.at.IsZero() {
		l.at = time.Now().Add(-time.Hour)
	}
	w.file(w.me, l)
	w.read()
}

// row is the activity of a subject among those on the page, as a selector for scripts.
func row(subject string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("article.act")].find((e) => e.querySelector("h3").innerText.includes(%q))`, subject)
}
