package imap

import (
	"errors"
	"net"
	"testing"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// TestOutsideOnly holds that a mailbox which must stand on another machine is not dialled on this one.
func TestOutsideOnly(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	s := Settings{Addr: listener.Addr().String(), TLS: tlsNone, Outside: true}
	if conn, _, err := s.dial(t.Context()); !errors.Is(err, safehttp.ErrInside) {
		t.Errorf("%v, %v", conn, err)
	}
	s.Outside = false
	conn, _, err := s.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
