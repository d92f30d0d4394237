package connectors

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// ErrInside is the cause of a dial that OutsideDialer refused.
var ErrInside = errors.New("the address belongs to this machine or its own link, which only IT may connect")

// OutsideDialer dials other machines only: neither this one (loopback, unspecified) nor addresses of a link such as that of
// a cloud's metadata service (RFC 3927, RFC 4291 2.5.6). It judges the address that is dialled, so that no name can lead
// elsewhere than where it pointed when it was checked. Private addresses are let through: mail servers stand there.
func OutsideDialer() *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read address: %w", err)
		}
		if Inside(to.Addr()) {
			return ErrInside
		}
		return nil
	}}
}

// Inside says whether an address is one that OutsideDialer refuses.
func Inside(addr netip.Addr) bool {
	addr = addr.WithZone("").Unmap()
	return !addr.IsValid() || addr.IsLoopback() || addr.IsUnspecified() || addr.IsLinkLocalUnicast() || addr.IsMulticast()
}
