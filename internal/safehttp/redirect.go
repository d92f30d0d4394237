package safehttp

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// checkRedirect judges a redirect before it is followed. Where it leads is judged when it is dialled.
func checkRedirect(req *http.Request, via []*http.Request) error {
	last := via[len(via)-1]
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d in a row", ErrRedirect, maxRedirects)
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return fmt.Errorf("%w: it leads to the scheme %q", ErrRedirect, req.URL.Scheme)
	case last.URL.Scheme == "https" && req.URL.Scheme == "http":
		return fmt.Errorf("%w: it leads from https to http", ErrRedirect)
	}
	req.URL.User = nil
	req.Header.Del("Referer") // its query may hold a secret
	abroad := slices.ContainsFunc(via, func(r *http.Request) bool { return !SameOrigin(r.URL, req.URL) })
	if !abroad {
		return nil
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return fmt.Errorf("%w: it takes what we send to another host", ErrRedirect)
	}
	for name := range req.Header {
		if !harmless(name) {
			req.Header.Del(name)
		}
	}
	return nil
}

// SameOrigin says whether two URLs have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && hostKey(a.Hostname(), portOf(a)) == hostKey(b.Hostname(), portOf(b))
}

// harmless headers may go to another host than the one they were meant for.
func harmless(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "If-None-Match", "If-Modified-Since":
		return true
	}
	return false
}
