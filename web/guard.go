package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds on what a request may cost.
const (
	maxBody        = 1 << 20 // bytes of a form or a JSON document
	requestTimeout = 30 * time.Second
	answerTimeout  = 25 * time.Second // for the work itself, so that there is time left to say that it took too long
)

// guard is the first door: it sets the security headers, refuses cross-origin writes but to forms, and bounds the body
// and the time of everything but event streams.
func (s *Server) guard(next http.Handler) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.cfg.PublicURL); err == nil && u.Scheme != "" && u.Host != "" {
		// A proxy may not pass the Host field on.
		if err := cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	cross.AddInsecureBypassPattern(postFormPattern) // strangers' forms stand on other sites; no session counts there
	cross.SetDenyHandler(http.HandlerFunc(s.refuseCross))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		limit := int64(maxBody)
		if r.URL.Path == importPath || r.URL.Path == importsPath && r.Method == http.MethodPost {
			limit = maxImport // only for who may import: nobody else's body is read
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		control := http.NewResponseController(w)
		deadline := time.Now().Add(requestTimeout)
		// A test recorder has no connection and answers ErrNotSupported; there is nothing to bound then.
		_ = control.SetReadDeadline(deadline)
		_ = control.SetWriteDeadline(deadline)
		inner.ServeHTTP(w, r)
	}), nil
}

// refuseCross answers what another site sent. Nobody is asked who they are for it: the browser leaves the session out.
func (s *Server) refuseCross(w http.ResponseWriter, hr *http.Request) {
	w.Header().Set("Cache-Control", "private, no-store")
	if strings.HasPrefix(hr.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"title":"Forbidden","status":403,"detail":"the request came from another site"}` + "\n"))
		return
	}
	r := &request{Request: hr, say: s.speakerFor(hr, crm.User{})}
	s.renderError(w, r, http.StatusForbidden, "error.cross_site")
}
