package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// clientIP is the address a request comes from. X-Forwarded-For is read from its end, where the nearest
// proxy wrote, for as long as the hop before is a trusted proxy; what a stranger put in front counts for
// nothing. The zero Addr means that it cannot be told.
func (s *Server) clientIP(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap()
	}
	return ip
}

// loopback says that a request was made on this machine and not passed on by a proxy, whose requests all
// seem to come from where the proxy runs. It must also name this machine: the page of a stranger whose name
// was made to mean 127.0.0.1 (DNS rebinding) asks from here too, but by that name.
func (s *Server) loopback(r *http.Request) bool {
	if !s.namesUs(r.Host) {
		return false
	}
	for _, field := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"} {
		if r.Header.Get(field) != "" {
			return false
		}
	}
	return s.clientIP(r).IsLoopback()
}

// namesUs says whether a Host field is localhost, a loopback address or the host of the public address.
func (s *Server) namesUs(host string) bool {
	name := strings.ToLower(strings.TrimSuffix((&url.URL{Host: host}).Hostname(), "."))
	if name == "localhost" {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	public, err := url.Parse(s.cfg.PublicURL)
	return err == nil && name != "" && strings.EqualFold(public.Hostname(), name)
}

func (s *Server) trusted(ip netip.Addr) bool {
	for _, p := range s.cfg.TrustedProxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
