package safehttp_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

func TestInward(t *testing.T) {
	for addr, let := range map[string]bool{
		"10.1.2.3": true, "192.168.0.9": true, "100.64.1.2": true, "203.0.113.7": true, "8.8.8.8": true, "2001:db8::1": true, "fd00::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"169.254.169.254": false, "fd00:ec2::254": false, "100.100.100.200": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false,
		"fe80::1%eth0": false, "224.0.0.1": false,
	} {
		if why := safehttp.Inward(netip.MustParseAddr(addr)); (why == "") != let {
			t.Errorf("%s: %q", addr, why)
		}
	}
}

// TestOutside holds that what a name leads to is judged, and not the name, also when it is one of this machine's own.
func TestOutside(t *testing.T) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"localhost", "127.0.0.1", "::ffff:127.0.0.1"}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			hosts = append(hosts, n.IP.String())
		}
	}
	for _, host := range hosts {
		conn, err := safehttp.Dialer(true).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if !errors.Is(err, safehttp.ErrInside) {
			t.Errorf("%s: %v, %v", host, conn, err)
		}
	}
	conn, err := safehttp.Dialer(false).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
