package web

import (
	"net/url"
	"strings"
)

// maxReturnURL bounds retURL, in bytes.
const maxReturnURL = 2048

// returnTo is where a browser is led: retURL if the form allows it, written anew from its parts so that nothing
// of it is left that another reader could read otherwise; "" if it is not allowed.
func returnTo(f *Form, raw string) string {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > maxReturnURL || strings.IndexFunc(raw, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }) >= 0 {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Opaque != "" || !plainPath(u.Path) {
		return ""
	}
	for _, allowed := range f.ReturnURLs {
		a, err := url.Parse(allowed)
		if err == nil && a.Host != "" && sameOrigin(a, u) && belowPath(u.Path, a.Path) {
			u.Scheme, u.Host = a.Scheme, a.Host
			if u.Path == "" {
				u.Path = "/"
			}
			return u.String()
		}
	}
	return ""
}

// sameOrigin compares scheme, host and port letter by letter but for the case of ASCII letters, so that
// characters which only look like a host's are another host's.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && asciiEqual(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func asciiEqual(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x >= 'A' && x <= 'Z' {
			x += 'a' - 'A'
		}
		if y >= 'A' && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// plainPath refuses what a browser would resolve after we looked: dot segments, however they are escaped, and
// backslashes.
func plainPath(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." || strings.ContainsAny(segment, "\\\x00\r\n") {
			return false
		}
	}
	return true
}

// belowPath says whether a path is the allowed one or under it: /thanks allows /thanks/a, and not /thanks-a.
func belowPath(path, allowed string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(allowed, "/"))
	return ok && (rest == "" || rest[0] == '/')
}
