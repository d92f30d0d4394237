package safehttp

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// transport bounds and decompresses answers.
type transport struct {
	base     *http.Transport
	guard    *guard
	maxBytes int64
}

// RoundTrip sends one request; redirects come here again, each for itself.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, fmt.Errorf("send request: there is no scheme %q here", req.URL.Scheme)
	}
	if t.guard.proxy != "" {
		if err := t.guard.judgeBehindProxy(req.Context(), req.URL); err != nil {
			return nil, err
		}
	}
	req = req.Clone(req.Context())
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > t.maxBytes {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: %d bytes announced, at most %d are read", ErrTooLarge, resp.ContentLength, t.maxBytes)
	}
	wire := &bounded{from: resp.Body, left: t.maxBytes}
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		resp.Body = &body{Reader: wire, Closer: resp.Body}
	case "gzip", "x-gzip":
		resp.Body = &body{Reader: &bounded{from: &unzipped{from: wire}, left: t.maxBytes}, Closer: resp.Body}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	default:
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: %.40q", ErrEncoding, encoding)
	}
	return resp, nil
}

// CloseIdleConnections lets go of connections that wait for another request.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// body reads from one thing and closes another.
type body struct {
	io.Reader
	io.Closer
}

// bounded ends with ErrTooLarge where there is more than may be read.
type bounded struct {
	from io.Reader
	left int64
}

// Read is like io.Reader's.
func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		b.left = 0
		return n, ErrTooLarge
	}
	b.left -= int64(n)
	return n, err
}

// unzipped starts to decompress with the first Read: an answer without a body has no header of gzip either.
type unzipped struct {
	from io.Reader
	zip  *gzip.Reader
}

// Read is like io.Reader's.
func (u *unzipped) Read(p []byte) (int, error) {
	if u.zip == nil {
		zip, err := gzip.NewReader(u.from)
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, fmt.Errorf("decompress answer: %w", err)
		}
		u.zip = zip
	}
	return u.zip.Read(p)
}
