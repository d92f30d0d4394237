package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// fakeSignIns is a provider that follows a script. Its flow is the state that the answer must bear.
type fakeSignIns struct {
	mu           sync.Mutex
	begun        []SignInRequest
	finished     int
	answer       SignedIn
	err          error
	to           string
	connections  []Connection
	disconnected []string
}

func (f *fakeSignIns) Providers() []Provider {
	return []Provider{{ID: "google", Name: "Google", SignIn: true, Services: []string{"mail", "calendar", "forms"}},
		{ID: "microsoft", Name: "Microsoft <365>", Sources: []string{"suzuki-mail"}}}
}

func (f *fakeSignIns) Begin(_ context.Context, req SignInRequest) (string, []byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = append(f.begun, req)
	if f.to == "unreachable" {
		return "", nil, errors.New("dial: no route")
	}
	to := "https://accounts.example/auth"
	if f.to != "" {
		to = f.to
	}
	state := "state-" + string(rune('0'+len(f.begun)))
	return to + "?client_id=1&state=" + state, []byte(state + " " + req.Return), nil
}

func (f *fakeSignIns) Finish(_ context.Context, data []byte, query url.Values) (SignedIn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finished++
	state, back, _ := strings.Cut(string(data), " ")
	switch {
	case query.Get("state") != state:
		return SignedIn{}, ErrFlow
	case query.Get("error") != "":
		return SignedIn{}, ErrDenied
	}
	in := f.answer
	if in.Return == "" {
		in.Return = back
	}
	return in, f.err
}

func (f *fakeSignIns) Connections(_ context.Context, owner string) ([]Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Connection
	for _, c := range f.connections {
		if owner == "" || c.Owner == owner {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f *fakeSignIns) Disconnect(_ context.Context, actor, provider, account string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.disconnected = append(f.disconnected, actor+" "+provider+" "+account)
	return nil
}

func (f *fakeSignIns) last() SignInRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.begun) == 0 {
		return SignInRequest{}
	}
	return f.begun[len(f.begun)-1]
}

// withGoogle is a web app with a scripted provider.
func withGoogle(tb testing.TB, change ...func(*Config)) (*fixture, *fakeSignIns) {
	tb.Helper()
	google := &fakeSignIns{answer: SignedIn{Provider: "google", Email: "Sato@Example.co.jp", Name: "Sato", Verified: true}}
	return newFixture(tb, append(change, func(c *Config) { c.SignIns = google })...), google
}

// begin leaves for the provider and gives the state it was sent.
func (b *browser) begin(t *testing.T, path string, fields ...string) string {
	t.Helper()
	code, page := b.post(t, path, fields...)
	m := regexp.MustCompile(`href="https://accounts\.example/auth\?client_id=1&amp;state=([a-z0-9:;<=>?-]+)"`).FindStringSubmatch(page)
	if code != http.StatusOK || m == nil {
		t.Fatalf("begin: %d\n%s", code, page)
	}
	return m[1]
}

const callbackPath = "/signin/google/callback?code=4%2F0&state="

func (b *browser) session(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(b.base)
	must(t, err)
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == "tsunagu" {
			return c.Value
		}
	}
	return ""
}
