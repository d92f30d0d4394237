package connectors_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

func TestInside(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "0.0.0.0": true, "::": true, "169.254.169.254": true,
		"fe80::1%eth0": true, "224.0.0.1": true, "10.1.2.3": false, "192.168.0.9": false, "203.0.113.7": false, "2001:db8::1": false, "fd00::1": false,
	} {
		if got := connectors.Inside(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

// TestOutsideDialer holds that what a name leads to is judged, and not the name.
func TestOutsideDialer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::ffff:127.0.0.1"} {
		conn, err := connectors.OutsideDialer().DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if !errors.Is(err, connectors.ErrInside) {
			t.Errorf("%s: %v, %v", host, conn, err)
		}
	}
}
