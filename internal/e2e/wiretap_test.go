package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// wiretap stands between the daemon and a Google. It writes down every secret that passes, and can misbehave as
// providers and networks do.
type wiretap struct {
	*httptest.Server
	mu      sync.Mutex
	secrets map[string]string // by value, what it is
	refused int               // answers to come that are 503 and repeat what they were asked
	asked   func()            // called when a token is asked for, before anybody hears of it
	granted func() bool       // called when one was given; false: the answer gets lost
	called  func()            // called at a call with an access token
	given   func(access string)
}

func tap(t *testing.T, g *google) *wiretap {
	t.Helper()
	w := &wiretap{secrets: map[string]string{}}
	to, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: w.answer,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.ask(rw, r) {
			proxy.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *wiretap) note(what, value string) {
	if len(value) >= 12 {
		w.secrets[value] = what
	}
}

// ask looks at a request; false if it was answered.
func (w *wiretap) ask(rw http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/token" {
		w.mu.Lock()
		called := w.called
		w.mu.Unlock()
		if called != nil && r.Header.Get("Authorization") != "" {
			called()
		}
		return true
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.mu.Lock()
	for _, name := range []string{"code", "code_verifier", "refresh_token", "assertion", "device_code", "client_secret"} {
		w.note(name, form.Get(name))
	}
	refuse, asked := w.refused > 0, w.asked
	if refuse {
		w.refused--
	}
	w.mu.Unlock()
	if asked != nil {
		asked()
	}
	if refuse {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(rw).Encode(map[string]string{"error": "backend_error " + form.Get("refresh_token"), "error_description": "could not handle " + string(body)})
	}
	return !refuse
}

// answer looks at an answer of the token endpoint.
func (w *wiretap) answer(r *http.Response) error {
	if r.Request.URL.Path != "/token" {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var said map[string]any
	if r.StatusCode != http.StatusOK || !json.Valid(body) {
		return nil
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return err
	}
	w.mu.Lock()
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		value, _ := said[name].(string)
		w.note(name, value)
		if name == "access_token" && w.given != nil {
			w.given(value)
		}
	}
	granted := w.granted
	w.mu.Unlock()
	if granted != nil && !granted() {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// on changes what the wiretap does.
func (w *wiretap) on(change func(*wiretap)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// section is the google section with the wiretap before the endpoints that tokens pass.
func (w *wiretap) section(g *google, services string) string {
	text := g.section(services)
	for _, of := range []string{g.Endpoints().Token, g.Endpoints().Revoke, g.Endpoints().Gmail, g.Endpoints().Calendar} {
		text = strings.ReplaceAll(text, `"`+of+`"`, `"`+strings.Replace(of, g.URL, w.URL, 1)+`"`)
	}
	return text
}

// leaks finds secrets in a text, whole or in part, as they are or escaped: the end of a secret is enough.
func (w *wiretap) leaks(more []string, text string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, token := range more {
		w.note("token", token)
	}
	var found []string
	for secret, what := range w.secrets {
		if what == "client_secret" {
			continue // the test's own word, which is a part of others
		}
		if strings.Contains(text, secret[len(secret)-12:]) || strings.Contains(text, secret[len(secret)/2:min(len(secret), len(secret)/2+16)]) || strings.Contains(text, url.QueryEscape(secret)) {
			found = append(found, what)
		}
	}
	return found
}

func (w *wiretap) sorts() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := map[string]int{}
	for _, what := range w.secrets {
		n[what]++
	}
	return n
}
