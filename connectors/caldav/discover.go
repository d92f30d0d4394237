package caldav

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// errNothing means that no calendar home was found.
var errNothing = errors.New("no calendars were found there")

// discover finds the calendar homes, once.
func (s *source) discover(ctx context.Context) error {
	if s.homes != nil {
		return nil
	}
	tries, err := s.places(ctx)
	if err != nil {
		return err
	}
	var last error
	for _, place := range tries {
		if s.dav.base == nil || s.cfg.URL == "" {
			s.dav.base = place
		}
		err := s.homesFrom(ctx, place)
		if err == nil {
			return nil
		}
		if last == nil {
			last = err
		}
		if code := statusOf(err); !errors.Is(err, errNothing) && code != http.StatusNotFound && code != http.StatusMethodNotAllowed && code != http.StatusForbidden && !errors.Is(err, errXML) {
			break
		}
	}
	if errors.Is(last, errNothing) {
		return permanent("find calendars", last, "Set url to the address of the calendar home or of a calendar.")
	}
	return classify("find calendars", last)
}

// places are the addresses at which discovery may begin, the best first (RFC 6764 section 6).
func (s *source) places(ctx context.Context) ([]*url.URL, error) {
	if s.cfg.URL != "" {
		u, err := url.Parse(s.cfg.URL)
		if err != nil {
			return nil, permanent("read url", err, "")
		}
		if u.Path == "" {
			u.Path = "/"
		}
		return []*url.URL{u, u.ResolveReference(&url.URL{Path: "/.well-known/caldav"})}, nil
	}
	domain := s.cfg.Domain
	if _, after, ok := strings.Cut(s.cfg.Address, "@"); ok {
		domain = after
	}
	return s.lookUp(ctx, domain)
}

// lookUp asks DNS. An answer that names a host outside the domain is not followed, because DNS is not to be
// trusted with a password (RFC 6764 section 8).
func (s *source) lookUp(ctx context.Context, domain string) ([]*url.URL, error) {
	lookup, lookupTXT := s.lookup, s.lookupTXT
	if lookup == nil {
		lookup, lookupTXT = net.DefaultResolver.LookupSRV, net.DefaultResolver.LookupTXT
	}
	_, records, err := lookup(ctx, "caldavs", "tcp", domain)
	var dns *net.DNSError
	if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
		return nil, classify("look up "+domain, err)
	}
	fallback := &url.URL{Scheme: "https", Host: domain, Path: "/.well-known/caldav"}
	if len(records) == 0 {
		return []*url.URL{fallback}, nil
	}
	host := strings.TrimSuffix(records[0].Target, ".")
	if host == "" {
		return nil, permanent("look up "+domain, errors.New("the domain says that it has no calendars"), "Set url.")
	}
	lower := strings.ToLower(host)
	if domain = strings.ToLower(domain); lower != domain && !strings.HasSuffix(lower, "."+domain) && !s.trusts(lower) {
		return nil, permanent("look up "+domain, errors.New("it names the server "+host+", which is not of the domain"),
			"If that is right, set url: https://"+host+"/ instead of domain.")
	}
	if records[0].Port != 443 {
		host = net.JoinHostPort(host, strconv.Itoa(int(records[0].Port)))
	}
	u := &url.URL{Scheme: "https", Host: host, Path: "/.well-known/caldav"}
	if texts, err := lookupTXT(ctx, "_caldavs._tcp."+domain); err == nil {
		for _, text := range texts {
			if path, ok := strings.CutPrefix(text, "path="); ok && strings.HasPrefix(path, "/") {
				u.Path = path
			}
		}
	}
	return []*url.URL{u}, nil
}

// trusts says whether a host is among the trusted ones.
func (s *source) trusts(host string) bool {
	for _, t := range s.cfg.TrustedHosts {
		if t = strings.ToLower(t); t == host || strings.HasPrefix(t, "*.") && strings.HasSuffix(host, t[1:]) {
			return true
		}
	}
	return false
}

// homesFrom finds the homes from a place: it is a calendar, a principal, a home, or it names the principal.
func (s *source) homesFrom(ctx context.Context, place *url.URL) error {
	p, from, err := s.properties(ctx, place)
	if err != nil {
		return err
	}
	if s.cfg.URL == "" {
		s.dav.base = from
	}
	if p.Type != nil && p.Type.Calendar != nil {
		s.homes, s.single = []*url.URL{from}, true
		return nil
	}
	if p.Home == nil && p.Principal != nil && len(p.Principal.Hrefs) > 0 {
		principal, err := from.Parse(strings.TrimSpace(p.Principal.Hrefs[0]))
		if err != nil {
			return err
		}
		if p, from, err = s.properties(ctx, principal); err != nil {
			return err
		}
	}
	if p.Home == nil {
		return s.homeItself(ctx, place)
	}
	var homes []*url.URL
	for _, href := range p.Home.Hrefs {
		home, err := from.Parse(strings.TrimSpace(href))
		if err != nil {
			return err
		}
		homes = append(homes, home)
	}
	if len(homes) == 0 {
		return errNothing
	}
	s.homes = homes
	return nil
}

// homeItself takes a place for a home if it holds calendars.
func (s *source) homeItself(ctx context.Context, place *url.URL) error {
	found := false
	_, _, err := s.dav.ask(ctx, "PROPFIND", place, "1", propfind("<D:resourcetype/>"), func(r *response) error {
		p := r.found()
		found = found || p.Type != nil && p.Type.Calendar != nil
		return nil
	})
	if err != nil {
		return err
	}
	if !found {
		return errNothing
	}
	s.homes = []*url.URL{place}
	return nil
}

// properties asks what a place is.
func (s *source) properties(ctx context.Context, place *url.URL) (prop, *url.URL, error) {
	var p prop
	_, from, err := s.dav.ask(ctx, "PROPFIND", place, "0", propfind("<D:resourcetype/><D:current-user-principal/><C:calendar-home-set/>"), func(r *response) error {
		merge(&p, r.found())
		return nil
	})
	return p, from, err
}
