package boltstore

import (
	"bytes"
	"slices"

	"golang.org/x/net/publicsuffix"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// pendingOf hashes normalised addresses for the pending index. The first half of a hash is that of the
// registrable domain, so that all waiting rows of a domain and its subdomains lie together.
func (s *Store) pendingOf(addresses []string) []id16 {
	if len(addresses) == 0 {
		return nil
	}
	out := make([]id16, 0, len(addresses))
	for _, address := range addresses {
		out = append(out, s.pendingHash(address))
	}
	slices.SortFunc(out, func(a, b id16) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(out)
}

func (s *Store) pendingHash(address string) id16 {
	var out id16
	domain, whole := s.domainHash(domainOf(address)), s.hmac("address", address)
	copy(out[:8], domain[:8])
	copy(out[8:], whole[:8])
	return out
}

// awaitedMessage is what stands for a message in place of an address, in the pending index and in late work.
// Having no domain, all messages share the first half of their hashes.
func awaitedMessage(key crm.Key) string { return "message:" + string(key) }

func (s *Store) domainHash(domain string) id16 { return s.hmac("domain", registrable(domain)) }

// registrable is the part of a domain that somebody registered: "example.co.jp" of "mail.example.co.jp". A
// domain that is a public suffix itself stands for itself.
func registrable(domain string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return d
	}
	return domain
}

func domainOf(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return ""
}

// addPending makes a row wait for an address too.
func (u *unit) addPending(st *rowState, hash id16) {
	if st == nil || st.cur == nil || st.cur.entry.Verdict == crm.Excluded || slices.Contains(st.cur.pending, hash) {
		return
	}
	st.cur.pending = append(slices.Clip(st.cur.pending), hash)
	slices.SortFunc(st.cur.pending, func(a, b id16) int { return bytes.Compare(a[:], b[:]) })
}

// pendingRows gives the numbers of all rows that wait for an address.
func (u *unit) pendingRows(address string) (out []uint64, err error) {
	hash := u.s.pendingHash(address)
	x, err := openLayered(u.tx, bucketPending)
	if err != nil {
		return nil, err
	}
	err = x.eachKey(hash[:], func(key []byte) bool {
		out = append(out, seqOf(key, 16))
		return true
	})
	return out, err
}

// anyPending says whether a row waits for the hash, which is a whole one or the half of a domain.
func (u *unit) anyPending(hash []byte) (waits bool, err error) {
	x, err := openLayered(u.tx, bucketPending)
	if err != nil {
		return false, err
	}
	err = x.eachKey(hash, func([]byte) bool {
		waits = true
		return false
	})
	return waits, err
}

// pendingKey reads a key of the pending index: which row waits, and whether it is retired.
func pendingKey(key []byte) (seq uint64, retired bool, err error) {
	if len(key) > 16 {
		if n, rest, ok := cutSeq(key[16:]); ok && len(rest) == 1 {
			return n, rest[0]&retiredBit != 0, nil
		}
	}
	return 0, false, corrupt("an entry of the pending index")
}
