package safehttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	dialTimeout  = 10 * time.Second // of one address
	maxAddresses = 8                // of a name that are tried
)

// Refused says which address was not dialled, and why. It is an ErrRefused.
type Refused struct {
	Host string // as asked for
	Addr netip.Addr
	Why  string // "loopback", "private" …
}

// Error names the host, the address and the reason.
func (r *Refused) Error() string {
	return fmt.Sprintf("%v: %s leads to %s, which is %s", ErrRefused, r.Host, r.Addr, r.Why)
}

// Unwrap gives ErrRefused.
func (r *Refused) Unwrap() error { return ErrRefused }

// guard resolves, judges and dials.
type guard struct {
	allow    allowance
	resolver Resolver
	proxy    string // host:port that is dialled unjudged; "" for none
}

// dial connects to the first address of a name that may be reached and answers.
func (g *guard) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", hostPort, err)
	}
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, addr := range addrs[:min(len(addrs), maxAddresses)] {
		if err := g.judge(host, port, addr); err != nil {
			failures = append(failures, err)
			continue
		}
		conn, err := g.dialAddr(ctx, network, host, net.JoinHostPort(addr.String(), port))
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("dial %s: %w", hostPort, errors.Join(failures...))
}

func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	addrs, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", host, err)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("resolve %s: it has no address", host)
	}
	return addrs, nil
}

func (g *guard) judge(host, port string, addr netip.Addr) error {
	if g.proxy != "" && hostKey(host, port) == g.proxy {
		return nil
	}
	if why := g.allow.refuse(host, port, addr); why != "" {
		return &Refused{Host: host, Addr: addr, Why: why}
	}
	return nil
}

// dialAddr dials one address that was judged. The socket is judged again before it connects: nothing between
// here and the system may have changed its mind.
func (g *guard) dialAddr(ctx context.Context, network, host, addrPort string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	dialer.Control = func(_, address string, _ syscall.RawConn) error {
		socket, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read address: %w", err)
		}
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("read address: %w", err)
		}
		return g.judge(host, port, socket.Addr())
	}
	return dialer.DialContext(ctx, network, addrPort)
}

// judgeBehindProxy judges where a proxy would be sent. A name that this machine cannot resolve is the
// proxy's to judge.
func (g *guard) judgeBehindProxy(ctx context.Context, u *url.URL) error {
	addrs, err := g.resolve(ctx, u.Hostname())
	if err != nil {
		return ctx.Err()
	}
	for _, addr := range addrs {
		if why := g.allow.refuse(u.Hostname(), portOf(u), addr); why != "" {
			return &Refused{Host: u.Hostname(), Addr: addr, Why: why}
		}
	}
	return nil
}
