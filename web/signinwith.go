package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// provider is the configured provider of an id; crm.ErrNotFound if there is none.
func (s *Server) provider(id string) (Provider, error) {
	for _, p := range s.providers() {
		if p.ID == id {
			return p, nil
		}
	}
	return Provider{}, crm.ErrNotFound
}

func (s *Server) providers() []Provider {
	if s.cfg.SignIns == nil {
		return nil
	}
	return s.cfg.SignIns.Providers()
}

// doors are the providers by which the web app can be entered.
func (s *Server) doors() []Provider {
	return slices.DeleteFunc(slices.Clone(s.providers()), func(p Provider) bool { return !p.SignIn })
}

// maxReturn bounds the path to go to after a sign-in, in bytes.
const maxReturn = 500

// beginSignIn sends somebody who is not signed in to a provider.
func (s *Server) beginSignIn(w http.ResponseWriter, r *request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	if !p.SignIn {
		return crm.ErrNotFound
	}
	if err := r.readForm(); err != nil {
		return err
	}
	next := localPath(r.PostForm.Get("next"))
	if len(next) > maxReturn {
		next = "/" // it has to fit into a cookie
	}
	if r.user.Email != "" {
		http.Redirect(w, r.Request, next, http.StatusSeeOther)
		return nil
	}
	if first, err := s.firstRun(r); err != nil || first {
		if err == nil {
			http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
		}
		return err
	}
	connect := r.PostForm.Get("connect") != "" && len(p.Services) > 0
	return s.leave(w, r, p, SignInRequest{Provider: p.ID, Connect: connect, Return: next})
}

// leave begins a sign-in and sends the browser to the provider. It does so with a Refresh field and a link, not
// with a redirect: form-action of our Content-Security-Policy would forbid a form to end on another site.
func (s *Server) leave(w http.ResponseWriter, r *request, p Provider, req SignInRequest) error {
	if s.limits.leaving(w, r.Request, s.clientIP(r.Request)) {
		return &statusError{http.StatusTooManyRequests, "signin.too_many"}
	}
	var err error
	if req.Callback, err = s.callback(r.Request, p.ID); err != nil {
		return err
	}
	req.User = r.user.Email
	to, data, err := s.cfg.SignIns.Begin(r.Context(), req)
	if err != nil {
		s.log.Error("begin sign-in", "provider", p.ID, "error", err)
		return &statusError{http.StatusBadGateway, "signin.unreachable"}
	}
	address, err := url.Parse(to)
	if err != nil || !outside(address) {
		return fmt.Errorf("begin sign-in with %s: its address is not one to go to", p.ID)
	}
	if err := s.flows.keep(w, flow{Provider: p.ID, User: req.User, Data: data}, time.Now()); err != nil {
		return err
	}
	w.Header().Set("Refresh", "0; url="+address.String())
	return s.render(w, r, "away", page{Title: r.say.text("signin.away", "name", p.Name), Data: awayView{p.Name, address.String()}})
}

// awayView is the page between us and a provider.
type awayView struct{ Name, URL string }

// outside says that an address can be a provider's: over TLS, or on this machine, where tests and proxies stand.
func outside(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && here)
}

// callback is the absolute address to which a provider sends the browser back. Without a public address it is
// known only to somebody who sits at this machine: any other Host field may be a stranger's.
func (s *Server) callback(r *http.Request, provider string) (string, error) {
	base := &url.URL{Scheme: "http", Host: r.Host}
	if public, err := url.Parse(s.cfg.PublicURL); err == nil && public.Host != "" {
		base = &url.URL{Scheme: public.Scheme, Host: public.Host}
	} else if !s.namesUs(r.Host) {
		return "", &statusError{http.StatusConflict, "signin.no_public_url"}
	} else if r.TLS != nil {
		base.Scheme = "https"
	}
	return base.JoinPath("signin", provider, "callback").String(), nil
}

// finishSignIn is where the browser comes back to.
func (s *Server) finishSignIn(w http.ResponseWriter, r *request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	fl, err := s.flows.take(w, r.Request, p.ID, time.Now())
	if err == nil && fl.User != "" && fl.User != r.user.Email {
		err = ErrFlow // somebody else sits there now
	}
	if err != nil {
		return s.turnAway(w, r, http.StatusBadRequest, "signin.flow", p, "")
	}
	in, err := s.cfg.SignIns.Finish(r.Context(), fl.Data, r.URL.Query())
	switch {
	case errors.Is(err, ErrDenied):
		s.log.Warn("sign-in refused", "provider", p.ID, "address", s.clientIP(r.Request).String(), "error", err)
		return s.turnAway(w, r, http.StatusForbidden, "signin.denied", p, "")
	case errors.Is(err, ErrFlow):
		return s.turnAway(w, r, http.StatusBadRequest, "signin.flow", p, "")
	case errors.Is(err, ErrAnother):
		s.log.Warn("sign-in refused", "provider", p.ID, "address", s.clientIP(r.Request).String(), "error", err)
		return s.turnAway(w, r, http.StatusForbidden, "signin.another", p, excerpt(normalizeEmail(in.Email), 60))
	case errors.Is(err, ErrNotLasting):
		s.log.Warn("nothing was connected", "provider", p.ID, "error", err)
		return s.turnAway(w, r, http.StatusConflict, "signin.not_lasting", p, excerpt(normalizeEmail(in.Email), 60))
	case err != nil:
		s.log.Error("finish sign-in", "provider", p.ID, "error", err)
		return s.turnAway(w, r, http.StatusBadGateway, "signin.unreachable", p, "")
	case fl.User != "":
		http.Redirect(w, r.Request, landing(in, "/connections"), http.StatusSeeOther)
		return nil
	case !p.SignIn:
		return crm.ErrNotFound
	}
	return s.enterAs(w, r, p, in)
}

// landing is where to go after a sign-in, with a notice if something was connected.
func landing(in SignedIn, otherwise string) string {
	to := localPath(in.Return)
	switch {
	case len(in.Missing) > 0:
		return "/connections?notice=connected_partly"
	case to == "/" || to == "":
		to = otherwise
	}
	if !in.Connected {
		return to
	}
	u, err := url.Parse(to)
	if err != nil {
		return otherwise
	}
	q := u.Query()
	q.Set("notice", "connected")
	u.RawQuery = q.Encode()
	return u.String()
}

// refusedView says why a sign-in came to nothing, and where to try again.
type refusedView struct{ Text, Address, URL, Button string }

func (s *Server) turnAway(w http.ResponseWriter, r *request, status int, key string, p Provider, address string) error {
	v := refusedView{Text: r.say.text(key, "name", p.Name), Address: address, URL: "/signin", Button: r.say.text("signin.again")}
	if r.user.Email != "" {
		v.URL = "/connections"
	}
	return s.renderStatus(w, r, status, "signinrefused", page{Title: r.say.text("signin.refused"), Data: v})
}
