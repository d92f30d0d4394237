package safehttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// names is a name service of the test's own. Each name has answers that it gives in turn; the last one stays.
type names struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	turns := n.answers[host]
	if len(turns) == 0 {
		return nil, fmt.Errorf("no such host %s", host)
	}
	if len(turns) > 1 {
		n.answers[host] = turns[1:]
	}
	return turns[0], nil
}

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, t := range texts {
		out = append(out, netip.MustParseAddr(t))
	}
	return out
}

func client(t *testing.T, o safehttp.Options) *http.Client {
	t.Helper()
	c, err := safehttp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// get reads an answer whole.
func get(c *http.Client, address string) (string, error) {
	resp, err := c.Get(address)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return string(raw), err
}

func hello(t *testing.T) (*httptest.Server, *atomic.Int64) {
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(w, "hello")
	}))
	t.Cleanup(server.Close)
	return server, &hits
}

func host(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

func TestAddressesThatAreRefused(t *testing.T) {
	c := client(t, safehttp.Options{Timeout: 2 * time.Second})
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
		"169.254.169.254", "169.254.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
		"239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1",
		"[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
		"[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]",
		"[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[4000::1]",
	} {
		t.Run(address, func(t *testing.T) {
			var refused *safehttp.Refused
			if _, err := get(c, "http://"+address+":1/"); !errors.Is(err, safehttp.ErrRefused) || !errors.As(err, &refused) {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
}

func TestNamesThatLeadInside(t *testing.T) {
	server, hits := hello(t)
	_, port, _ := net.SplitHostPort(host(server))
	n := &names{answers: map[string][][]netip.Addr{
		"inside.example":   {addrs("127.0.0.1")},
		"mapped.example":   {addrs("::ffff:127.0.0.1")},
		"metadata.example": {addrs("169.254.169.254")},
	}}
	c := client(t, safehttp.Options{Resolver: n, Timeout: 2 * time.Second})
	for name := range n.answers {
		if _, err := get(c, "http://"+name+":"+port+"/"); !errors.Is(err, safehttp.ErrRefused) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("the server was reached %d times", hits.Load())
	}
}

// A name that first has a public address and then a private one is dialled at the one that was judged, or not
// at all: each connection asks once.
func TestRebinding(t *testing.T) {
	server, hits := hello(t)
	_, port, _ := net.SplitHostPort(host(server))
	// 127.0.0.2 stands for a public address: it is allowed, but nothing listens there on this port.
	n := &names{answers: map[string][][]netip.Addr{"rebind.example": {addrs("127.0.0.2"), addrs("127.0.0.1")}}}
	c := client(t, safehttp.Options{Resolver: n, Allow: []string{"127.0.0.2/32"}, Timeout: 2 * time.Second})
	if _, err := get(c, "http://rebind.example:"+port+"/"); err == nil || errors.Is(err, safehttp.ErrRefused) {
		t.Errorf("first: got %v, want a failure to connect", err)
	}
	if n.asked != 1 {
		t.Errorf("the name was asked for %d times for one connection", n.asked)
	}
	if _, err := get(c, "http://rebind.example:"+port+"/"); !errors.Is(err, safehttp.ErrRefused) {
		t.Errorf("second: got %v, want a refusal", err)
	}
	if hits.Load() != 0 {
		t.Errorf("the server was reached %d times", hits.Load())
	}
}

func TestAllowed(t *testing.T) {
	server, _ := hello(t)
	_, port, _ := net.SplitHostPort(host(server))
	resolver := func() *names {
		return &names{answers: map[string][][]netip.Addr{
			"forms.internal":    {addrs("10.255.255.1", "127.0.0.1")},
			"metadata.internal": {addrs("169.254.169.254")},
		}}
	}
	tests := []struct {
		name, url string
		allow     []string
		refused   bool
	}{
		{"by block", server.URL, []string{"127.0.0.0/8"}, false},
		{"by address", server.URL, []string{"127.0.0.1"}, false},
		{"by host and port", server.URL, []string{host(server)}, false},
		{"another port", server.URL, []string{"127.0.0.1:1"}, true},
		{"another block", server.URL, []string{"10.0.0.0/8"}, true},
		{"mapped by IPv4 block", "http://[::ffff:127.0.0.1]:" + port, []string{"127.0.0.0/8"}, false},
		{"a name: the address outside the block is passed over", "http://forms.internal:" + port, []string{"127.0.0.1/32"}, false},
		{"a name does not open the metadata service", "http://metadata.internal:" + port, []string{"metadata.internal:" + port}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := get(client(t, safehttp.Options{Allow: tt.allow, Resolver: resolver(), Timeout: 2 * time.Second}), tt.url)
			if tt.refused != errors.Is(err, safehttp.ErrRefused) || !tt.refused && got != "hello" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAllowMistakes(t *testing.T) {
	for _, entry := range []string{"", "0.0.0.0/0", "::/0", "example.com", "*:80", "host:0", "host:http", "http://a:80", "10.0.0.0/33"} {
		if safehttp.CheckAllow(entry) == nil {
			t.Errorf("%q is taken", entry)
		}
	}
}

func TestRedirects(t *testing.T) {
	inside, hits := hello(t)
	var header atomic.Value
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header.Store(r.Header.Clone())
		fmt.Fprint(w, "arrived")
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/inside":
			http.Redirect(w, r, inside.URL, http.StatusFound)
		case r.URL.Path == "/elsewhere":
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "//", "//user:pass@", 1), http.StatusTemporaryRedirect)
		case r.URL.Path == "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/count/"):
			n := len(r.URL.Path) - len("/count/")
			if n == 0 {
				fmt.Fprint(w, "end")
				return
			}
			http.Redirect(w, r, "/count/"+strings.Repeat("x", n-1), http.StatusFound)
		}
	}))
	defer server.Close()
	c := client(t, safehttp.Options{Allow: []string{host(server), host(elsewhere)}, Timeout: 2 * time.Second})

	if _, err := get(c, server.URL+"/inside"); !errors.Is(err, safehttp.ErrRefused) || hits.Load() != 0 {
		t.Errorf("inside: %v, reached %d times", err, hits.Load())
	}
	if _, err := get(c, server.URL+"/file"); !errors.Is(err, safehttp.ErrRedirect) {
		t.Errorf("file: %v", err)
	}
	if got, err := get(c, server.URL+"/count/xxxxx"); got != "end" {
		t.Errorf("five redirects: %q, %v", got, err)
	}
	if _, err := get(c, server.URL+"/count/xxxxxx"); !errors.Is(err, safehttp.ErrRedirect) {
		t.Errorf("six redirects: %v", err)
	}
	req, _ := http.NewRequest(http.MethodGet, server.URL+"/elsewhere?key=secret", nil)
	req.Header.Set("X-Api-Key", "secret")
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for name, values := range header.Load().(http.Header) {
		if strings.Contains(strings.Join(values, ""), "secret") || name == "Authorization" {
			t.Errorf("%s went to another host: %q", name, values)
		}
	}
	if _, err := c.Post(server.URL+"/elsewhere", "text/plain", strings.NewReader("secret")); !errors.Is(err, safehttp.ErrRedirect) {
		t.Errorf("a body went to another host: %v", err)
	}
}

func TestTLS(t *testing.T) {
	plain, hits := hello(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		fmt.Fprint(w, "secure")
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	allow := []string{"127.0.0.1/32"}
	if _, err := get(client(t, safehttp.Options{Allow: allow}), server.URL); err == nil {
		t.Error("an unknown authority is trusted")
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c := client(t, safehttp.Options{Allow: allow, CAFile: file})
	if got, err := get(c, server.URL); got != "secure" {
		t.Errorf("own authority: %q, %v", got, err)
	}
	if _, err := get(c, server.URL+"/down"); !errors.Is(err, safehttp.ErrRedirect) || hits.Load() != 0 {
		t.Errorf("from https to http: %v", err)
	}
	if _, err := safehttp.New(safehttp.Options{CAFile: file + "x"}); err == nil {
		t.Error("a missing file is no mistake")
	}
}

func TestProxies(t *testing.T) {
	server, _ := hello(t)
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, "through "+r.URL.Host)
	}))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	if got, err := get(client(t, safehttp.Options{Allow: []string{"127.0.0.0/8"}}), server.URL); got != "hello" || asked.Load() != 0 {
		t.Errorf("the environment's proxy counts: %q, %v", got, err)
	}
	n := &names{answers: map[string][][]netip.Addr{"inside.example": {addrs("10.0.0.1")}}}
	c := client(t, safehttp.Options{Proxy: proxy.URL, Resolver: n})
	if got, err := get(c, "http://unknown.example/"); got != "through unknown.example" {
		t.Errorf("through the proxy: %q, %v", got, err)
	}
	for _, address := range []string{"http://inside.example/", "http://169.254.169.254/", proxy.URL} {
		if _, err := get(c, address); !errors.Is(err, safehttp.ErrRefused) {
			t.Errorf("%s through the proxy: %v", address, err)
		}
	}
}

func zipped(parts ...[]byte) []byte {
	var out bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&out)
		z.Write(p)
		z.Close()
	}
	return out.Bytes()
}

func TestSizes(t *testing.T) {
	const limit = 1 << 20
	zeros := make([]byte, 64<<20)
	empty := bytes.Repeat(zipped(nil), limit/16)
	answers := map[string]struct {
		encoding string
		body     []byte
		want     error
	}{
		"/small":    {"", []byte("small"), nil},
		"/exact":    {"", zeros[:limit], nil},
		"/huge":     {"", zeros[:limit+1], safehttp.ErrTooLarge},
		"/zipped":   {"gzip", zipped([]byte("small")), nil},
		"/bomb":     {"gzip", zipped(zeros), safehttp.ErrTooLarge},
		"/empties":  {"gzip", empty, safehttp.ErrTooLarge},
		"/brotli":   {"br", []byte("small"), safehttp.ErrEncoding},
		"/twice":    {"gzip, gzip", zipped(zipped([]byte("small"))), safehttp.ErrEncoding},
		"/nothing":  {"gzip", nil, nil},
		"/chunked":  {"", zeros[:limit+1], safehttp.ErrTooLarge},
		"/chunked2": {"", zeros[:limit], nil},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.URL.Path]
		if a.encoding != "" {
			w.Header().Set("Content-Encoding", a.encoding)
		}
		if strings.HasPrefix(r.URL.Path, "/chunked") {
			w.(http.Flusher).Flush()
		}
		w.Write(a.body)
	}))
	defer server.Close()
	c := client(t, safehttp.Options{Allow: []string{host(server)}, MaxBytes: limit})
	for name, a := range answers {
		got, err := get(c, server.URL+name)
		if !errors.Is(err, a.want) || (a.want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", name, err, a.want)
		}
		if len(got) > limit {
			t.Errorf("%s: %d bytes were read", name, len(got))
		}
	}
}

func TestSlowAnswersEnd(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := fmt.Fprint(w, "x"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}))
	defer server.Close()
	c := client(t, safehttp.Options{Allow: []string{host(server)}, Timeout: 200 * time.Millisecond})
	_, err := get(c, server.URL)
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want the end of the time", err)
	}
}

func TestListed(t *testing.T) {
	allow := []string{"10.0.0.0/8", "forms.internal:8080", "forms.internal:80"}
	for address, want := range map[string]bool{
		"http://10.1.2.3/": true, "http://forms.internal/": true, "http://FORMS.internal.:8080/": true,
		"https://forms.internal/": false, "http://11.1.2.3/": false, "http://example.com/": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := safehttp.Listed(allow, u); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
