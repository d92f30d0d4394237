package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A notice says once what was just done. The page that a form leads to has its code in the address (?notice=), and the browser
// gets the same code in a cookie: a link that somebody else made comes without it, so that nobody can have our pages
// say what was not done.
const noticeCookie = "tsunagu_notice"

// noticeTime is longer than the way from a form to the page that it leads to takes.
const noticeTime = 2 * time.Minute

func (s *Server) noticeCookie(code string, age int) *http.Cookie {
	return &http.Cookie{Name: noticeCookie, Value: code, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode} //nolint:gosec // plain HTTP is served on loopback only
}

// noticing is a response that gives the browser the notice that its redirect names.
type noticing struct {
	http.ResponseWriter
	s *Server
}

// WriteHeader looks where the answer leads to.
func (n *noticing) WriteHeader(status int) {
	if to := n.Header().Get("Location"); status == http.StatusSeeOther && strings.Contains(to, "notice=") {
		if u, err := url.Parse(to); err == nil && n.s.speakers["en"].has("notice."+u.Query().Get("notice")) {
			http.SetCookie(n.ResponseWriter, n.s.noticeCookie(u.Query().Get("notice"), int(noticeTime/time.Second)))
		}
	}
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (n *noticing) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// notice is what a page says was just done, and takes it from the browser; "" for what the address alone says.
func (s *Server) notice(w http.ResponseWriter, r *request) string {
	code := r.URL.Query().Get("notice")
	kept, err := r.Cookie(noticeCookie)
	if code == "" || err != nil || kept.Value != code || !r.say.has("notice."+code) {
		return ""
	}
	http.SetCookie(w, s.noticeCookie("", -1))
	return r.say.text("notice." + code)
}
