package config

import (
	"fmt"
	"net/netip"
)

// Network is a range of addresses, written as 10.0.0.0/8 or as a single address.
type Network struct{ netip.Prefix }

// UnmarshalText reads what a configuration file says.
func (n *Network) UnmarshalText(text []byte) error {
	s := string(text)
	if a, err := netip.ParseAddr(s); err == nil {
		n.Prefix = netip.PrefixFrom(a, a.BitLen())
		return nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("%q is not an address or network: write 10.0.0.5 or 10.0.0.0/8", s)
	}
	n.Prefix = p.Masked()
	return nil
}
