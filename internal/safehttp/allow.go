package safehttp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// allowance is what may be reached although it is not public.
type allowance struct {
	prefixes []netip.Prefix
	hosts    map[string]bool // "host:port", lower case
}

// parseAllow reads Options.Allow. With an error it gives what the other entries allow.
func parseAllow(entries []string) (allowance, error) {
	a := allowance{hosts: make(map[string]bool)}
	var mistakes []error
	for _, entry := range entries {
		if err := a.add(strings.TrimSpace(entry)); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	return a, errors.Join(mistakes...)
}

func (a *allowance) add(entry string) error {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		if prefix.Bits() == 0 {
			return fmt.Errorf("%q allows every address", entry)
		}
		a.prefixes = append(a.prefixes, prefix.Masked())
		return nil
	}
	if addr, err := netip.ParseAddr(entry); err == nil {
		addr = bare(addr)
		a.prefixes = append(a.prefixes, netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	host, port, err := net.SplitHostPort(entry)
	if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || host == "" || portErr != nil || n == 0 || strings.ContainsAny(host, "*/ ") {
		return fmt.Errorf("%q is neither a block of addresses such as 10.1.0.0/16 nor host:port", entry)
	}
	a.hosts[hostKey(host, port)] = true
	return nil
}

// CheckAllow finds the mistake in one entry of Options.Allow; nil if there is none.
func CheckAllow(entry string) error {
	_, err := parseAllow([]string{entry})
	return err
}

// Listed says whether the host of a URL is one that allow names: as host:port, or as an address in one of
// its blocks. Nothing is resolved. An entry that cannot be read names nothing; CheckAllow tells of it.
func Listed(allow []string, u *url.URL) bool {
	a, _ := parseAllow(allow)
	if a.hosts[hostKey(u.Hostname(), portOf(u))] {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && a.covers(addr)
}

// covers says whether a block of addresses allows addr.
func (a *allowance) covers(addr netip.Addr) bool {
	whole := addr.WithZone("")
	for _, p := range a.prefixes {
		if p.Contains(bare(addr)) || p.Contains(whole) {
			return true
		}
	}
	return false
}

// refuse says why host may not be reached at addr; "" if it may. A host:port that is allowed by name reaches
// loopback, private and shared addresses only: its name may be somebody else's to change.
func (a *allowance) refuse(host, port string, addr netip.Addr) string {
	why := notPublic(addr)
	if why == "" || a.covers(addr) {
		return ""
	}
	if !a.hosts[hostKey(host, port)] {
		return why
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	switch why {
	case whyLoopback, whyPrivate, whyShared:
		return ""
	}
	return why
}

func hostKey(host, port string) string {
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)
}

// portOf is the port of a URL, or that of its scheme.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}
