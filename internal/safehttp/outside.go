package safehttp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// ErrInside is the cause of a dial that the Dialer for outside refused.
var ErrInside = errors.New("the address leads to this machine or its own link, which only IT may connect")

// Dialer dials any machine, or others only: then neither this one, by any of its addresses, nor what Inward names.
// It judges the address that is dialled, so that no name can lead elsewhere than where it pointed when it was checked.
// Private addresses are let through: mail servers stand there.
func Dialer(outside bool) *net.Dialer {
	if !outside {
		return new(net.Dialer)
	}
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read address: %w", err)
		}
		if inside(to.Addr()) {
			return ErrInside
		}
		return nil
	}}
}

// inside also holds for what this machine's own interfaces are called; if that cannot be asked, the rest is still judged.
func inside(addr netip.Addr) bool {
	if Inward(addr) != "" {
		return true
	}
	own, _ := net.InterfaceAddrs()
	for _, a := range own {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Unmap() == addr.WithZone("").Unmap() {
			return true
		}
	}
	return false
}
