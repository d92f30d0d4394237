package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// admitOrigin lets the scripts of the form's sites read the answer, and refuses those of others, which could
// not read that they succeeded. A plain HTML form may stand anywhere: it has always been allowed to post across
// sites, and a saved page has no origin at all.
func (s *Server) admitOrigin(w http.ResponseWriter, r *http.Request, f *Form) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	w.Header().Set("Vary", "Origin")
	switch {
	case s.listedOrigin(r, f, origin):
		w.Header().Set("Access-Control-Allow-Origin", origin)
	case r.Header.Get("Sec-Fetch-Mode") == "cors", jsonBody(r):
		return &intakeError{status: http.StatusForbidden, key: "intake.bad_origin"}
	}
	return nil
}

// listedOrigin says whether an origin may use a form: one of its sites, or ourselves.
func (s *Server) listedOrigin(r *http.Request, f *Form, origin string) bool {
	if slices.Contains(f.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && (u.Host == r.Host || s.cfg.PublicURL != "" && strings.TrimSuffix(s.cfg.PublicURL, "/") == origin)
}

// preflightForm answers a browser's question whether a script may post.
func (s *Server) preflightForm(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	f, ok := s.form(r.PathValue("id"))
	origin := r.Header.Get("Origin")
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case origin == "":
		h.Set("Allow", "GET, HEAD, POST, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	case !s.listedOrigin(r, &f, origin):
		w.WriteHeader(http.StatusForbidden)
	default:
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, "+headerSignature+", "+headerTimestamp)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	}
}
