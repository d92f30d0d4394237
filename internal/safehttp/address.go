package safehttp

import "net/netip"

// block is a part of the address space that is not the public internet.
type block struct {
	prefix netip.Prefix
	why    string
}

// reservedV4 are the blocks of IANA's IPv4 special-purpose registry (RFC 6890 and its updates) and multicast.
var reservedV4 = []block{
	{netip.MustParsePrefix("0.0.0.0/8"), "unspecified"},
	{netip.MustParsePrefix("10.0.0.0/8"), whyPrivate},
	{netip.MustParsePrefix("100.100.100.200/32"), "a cloud's metadata service"},
	{netip.MustParsePrefix("100.64.0.0/10"), whyShared},
	{netip.MustParsePrefix("127.0.0.0/8"), whyLoopback},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local or a cloud's metadata service"},
	{netip.MustParsePrefix("172.16.0.0/12"), whyPrivate},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), whyDocumented},
	{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay"},
	{netip.MustParsePrefix("192.168.0.0/16"), whyPrivate},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), whyDocumented},
	{netip.MustParsePrefix("203.0.113.0/24"), whyDocumented},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved or broadcast"},
}

// reservedV6 are the blocks of IANA's IPv6 special-purpose registry. What is outside 2000::/3 and not named
// here is refused as well: it is not handed out.
var reservedV6 = []block{
	{netip.MustParsePrefix("::/128"), "unspecified"},
	{netip.MustParsePrefix("::1/128"), whyLoopback},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a local NAT64 address"},
	{netip.MustParsePrefix("100::/64"), "discarded"},
	{netip.MustParsePrefix("2001::/32"), "a Teredo tunnel"},
	{netip.MustParsePrefix("2001::/23"), "reserved"},
	{netip.MustParsePrefix("2001:db8::/32"), whyDocumented},
	{netip.MustParsePrefix("3fff::/20"), whyDocumented},
	{netip.MustParsePrefix("fd00:ec2::254/128"), "a cloud's metadata service"},
	{netip.MustParsePrefix("fc00::/7"), whyPrivate},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("fec0::/10"), "site-local"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
}

var (
	globalV6 = netip.MustParsePrefix("2000::/3")
	nat64    = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits are an IPv4 address
	sixToFor = netip.MustParsePrefix("2002::/16")    // RFC 3056: the next 32 bits are
)

// The reasons that a host:port in Options.Allow lifts.
const (
	whyLoopback = "loopback"
	whyPrivate  = "private"
	whyShared   = "shared by carriers"
)

// whyDocumented is the reason of addresses that stand in documents and lead nowhere.
const whyDocumented = "for documentation"

// Inward says why an address must not be dialled for somebody who may reach the company's network but nothing closer: this
// machine, its links, metadata services of clouds and ways around (tunnels, NAT64). "" for public and private ones.
func Inward(addr netip.Addr) string {
	switch why := notPublic(addr); why {
	case whyPrivate, whyShared, whyDocumented:
		return ""
	default:
		return why
	}
}

// bare takes the zone and the IPv4 mapping (::ffff:0:0/96) off an address.
func bare(addr netip.Addr) netip.Addr { return addr.WithZone("").Unmap() }

// notPublic says why an address is not of the public internet; "" if it is.
func notPublic(addr netip.Addr) string {
	addr = bare(addr)
	if !addr.IsValid() {
		return "no address"
	}
	if addr.Is4() {
		return in(reservedV4, addr)
	}
	if why := in(reservedV6, addr); why != "" {
		return why
	}
	raw := addr.As16()
	switch {
	case nat64.Contains(addr):
		return embedded(raw[12:16])
	case sixToFor.Contains(addr):
		return embedded(raw[2:6])
	case !globalV6.Contains(addr):
		return "reserved"
	}
	return ""
}

// embedded judges the IPv4 address inside an IPv6 one.
func embedded(raw []byte) string {
	if why := notPublic(netip.AddrFrom4([4]byte(raw))); why != "" {
		return "a way to an address that is " + why
	}
	return ""
}

func in(blocks []block, addr netip.Addr) string {
	for _, b := range blocks {
		if b.prefix.Contains(addr) {
			return b.why
		}
	}
	return ""
}
