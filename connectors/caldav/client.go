package caldav

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// The limits of an exchange.
const (
	maxAnswer    = 64 << 20
	maxRefusal   = 64 << 10
	maxRedirects = 5
)

// client speaks WebDAV with one server, and with those that are trusted like it.
type client struct {
	http     *http.Client
	user     string
	password string
	trusted  []string
	base     *url.URL // what was configured, or found; nil until then
	limit    int64    // bytes of an answer
}

func newClient(caFile string, timeout time.Duration, user, password string, trusted []string, outside bool) (*client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read ca_file: %w", err)
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool()
		}
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("read ca_file: it holds no certificate")
		}
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: safehttp.Dialer(outside).DialContext, TLSClientConfig: config, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second,
		ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 2, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second,
	}
	if outside {
		transport.Proxy = nil // nobody would judge what it connects
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{http: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stay}, user: user, password: password, trusted: trusted, limit: maxAnswer}, nil
}

// mayKnow says whether a host may be sent the password: the one that was configured, over https or as it was
// configured, and those that are trusted, over https.
func (c *client) mayKnow(u *url.URL) bool {
	if c.base == nil || u.User != nil {
		return false
	}
	if strings.EqualFold(u.Host, c.base.Host) && u.Scheme == c.base.Scheme {
		return u.Scheme == "https" || loopback(u.Hostname())
	}
	if u.Scheme != "https" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == strings.ToLower(c.base.Hostname()) {
		return c.base.Scheme == "http" || u.Port() == c.base.Port()
	}
	for _, t := range c.trusted {
		t = strings.ToLower(t)
		if host == t || strings.HasPrefix(t, "*.") && strings.HasSuffix(host, t[1:]) {
			return true
		}
	}
	return false
}

// answer is a response whose body is read within limits.
type answer struct {
	url  *url.URL // where it came from, after redirects
	body io.ReadCloser
	code int
}

// do sends a request and follows redirects that stay where the password may go. What is no success is a *statusError.
func (c *client) do(ctx context.Context, method string, target *url.URL, depth, body string) (*answer, error) {
	for range maxRedirects {
		if !c.mayKnow(target) {
			return nil, fmt.Errorf("%w: to %s://%s", errRedirect, target.Scheme, target.Host)
		}
		req, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.SetBasicAuth(c.user, c.password)
		req.Header.Set("Content-Type", "application/xml; charset=utf-8")
		req.Header.Set("User-Agent", "tsunagu")
		if depth != "" {
			req.Header.Set("Depth", depth)
		}
		resp, err := c.http.Do(req) //nolint:bodyclose // drained, refused or handed on as the answer, which its reader closes
		if err != nil {
			return nil, withoutURL(err)
		}
		if location := resp.Header.Get("Location"); resp.StatusCode/100 == 3 && location != "" {
			drain(resp.Body)
			if target, err = target.Parse(location); err != nil {
				return nil, fmt.Errorf("%w: its address cannot be read", errRedirect)
			}
			continue
		}
		if resp.StatusCode/100 != 2 {
			return nil, refusal(resp)
		}
		return &answer{url: target, body: &limited{body: resp.Body, left: c.limit}, code: resp.StatusCode}, nil
	}
	return nil, fmt.Errorf("%w: too many", errRedirect)
}

// get gets a resource.
func (c *client) get(ctx context.Context, target *url.URL) ([]byte, error) {
	a, err := c.do(ctx, http.MethodGet, target, "", "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.body.Close() }() // it was read
	return io.ReadAll(a.body)
}

// withoutURL takes the address off an error of the http package: the engine's messages name what was done.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func drain(body io.ReadCloser) {
	_, _ = io.Copy(io.Discard, io.LimitReader(body, maxRefusal)) // only so that the connection can be used again
	_ = body.Close()
}

// refusal reads why an answer is no success.
func refusal(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()                     // nothing is lost with it
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // what can be read of it
	return &statusError{code: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"), time.Now()), token: bytes.Contains(text, []byte("valid-sync-token"))}
}

// limited is a body that ends with errTooLarge beyond the limit.
type limited struct {
	body io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		var one [1]byte
		if n, err := l.body.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errTooLarge
	}
	n, err := l.body.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

func (l *limited) Close() error { return l.body.Close() }
