package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// browser keeps cookies and stays where redirects lead.
type browser struct {
	*http.Client
	base string
}

func (f *fixture) browser(tb testing.TB) *browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	must(tb, err)
	return &browser{&http.Client{Jar: jar, Timeout: 20 * time.Second}, f.url}
}

// signedIn is a browser in which a user has signed in; "" stays outside.
func (f *fixture) signedIn(tb testing.TB, email string) *browser {
	tb.Helper()
	b := f.browser(tb)
	if email == "" {
		return b
	}
	if code, body := b.post(tb, "/signin", "email", email, "password", testPassword); code != http.StatusOK {
		tb.Fatalf("sign in %s: %d\n%s", email, code, body)
	}
	return b
}

func (b *browser) get(tb testing.TB, path string) (int, string) {
	tb.Helper()
	return b.do(tb, http.MethodGet, path, nil)
}

func (b *browser) post(tb testing.TB, path string, fields ...string) (int, string) {
	tb.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(tb, http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) do(tb testing.TB, method, path string, body *strings.Reader) (int, string) {
	tb.Helper()
	var req *http.Request
	var err error
	if body == nil {
		req, err = http.NewRequestWithContext(tb.Context(), method, b.base+path, nil)
	} else {
		req, err = http.NewRequestWithContext(tb.Context(), method, b.base+path, body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	must(tb, err)
	return b.send(tb, req)
}

func (b *browser) send(tb testing.TB, req *http.Request) (int, string) {
	tb.Helper()
	res, err := b.Do(req)
	must(tb, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	must(tb, err)
	return res.StatusCode, string(raw)
}

func wantIn(tb testing.TB, body string, wants ...string) {
	tb.Helper()
	for _, w := range wants {
		if !strings.Contains(body, w) {
			tb.Errorf("%q is missing from the page", w)
		}
	}
}

func wantOut(tb testing.TB, body string, unwanted ...string) {
	tb.Helper()
	for _, w := range unwanted {
		if strings.Contains(body, w) {
			tb.Errorf("%q is on the page", w)
		}
	}
}
