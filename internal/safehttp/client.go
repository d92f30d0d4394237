package safehttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// The limits where Options sets none.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultMaxBytes = 10 << 20

	maxHeaderBytes = 64 << 10
	maxRedirects   = 5
)

// Errors of exchanges; compare with errors.Is.
var (
	ErrRefused  = errors.New("address refused") // it is not public and not allowed
	ErrRedirect = errors.New("redirect refused")
	ErrTooLarge = errors.New("answer too large")
	ErrEncoding = errors.New("unknown content encoding")
)

// Resolver finds the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are the settings of a client. The zero value reaches the public internet with the default limits.
type Options struct {
	Allow    []string      // blocks of addresses (10.1.0.0/16), addresses, or host:port that may be reached although they are not public
	CAFile   string        // PEM file with a private certificate authority, added to the system's
	Proxy    string        // URL of a proxy; "" for none, whatever the environment says. It is reached wherever it is
	Timeout  time.Duration // of a whole exchange: names, dialling, redirects, body; 0 for DefaultTimeout
	MaxBytes int64         // of an answer's body, on the wire and decompressed; 0 for DefaultMaxBytes
	Resolver Resolver      // nil for the system's
}

// New makes a client. Its answers are decompressed and end with ErrTooLarge beyond the limit.
func New(o Options) (*http.Client, error) {
	allow, err := parseAllow(o.Allow)
	if err != nil {
		return nil, fmt.Errorf("read allowed addresses: %w", err)
	}
	tlsConfig, err := trust(o.CAFile)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	g := &guard{allow: allow, resolver: o.Resolver}
	base := &http.Transport{
		DialContext: g.dial, TLSClientConfig: tlsConfig, ForceAttemptHTTP2: true, DisableCompression: true,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConns: 2, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second,
	}
	if o.Proxy != "" {
		proxy, err := proxyURL(o.Proxy)
		if err != nil {
			return nil, err
		}
		base.Proxy = http.ProxyURL(proxy)
		g.proxy = hostKey(proxy.Hostname(), portOf(proxy))
	}
	return &http.Client{
		Transport: &transport{base: base, guard: g, maxBytes: o.MaxBytes}, CheckRedirect: checkRedirect, Timeout: o.Timeout,
	}, nil
}

// trust is the system's certificate authorities and the one of caFile.
func trust(caFile string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate authority: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificate authority: %s holds no certificate in PEM", caFile)
	}
	config.RootCAs = roots
	return config, nil
}

func proxyURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("read proxy: it is not an http or https URL with a host") // the text may hold a password
	}
	return u, nil
}

// CheckProxy finds the mistake in Options.Proxy; nil if there is none.
func CheckProxy(text string) error {
	_, err := proxyURL(text)
	return err
}
