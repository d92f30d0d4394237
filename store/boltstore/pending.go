package boltstore

import (
	"bytes"
	"slices"

	"golang.org/x/net/publicsuffix"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// pendingOf hashes normalised addresses for the pending index.
func (s *Store) pendingOf(addresses []string) []id16 { return s.pendingHasher().all(addresses) }

func (s *Store) pendingHash(address string) id16 { return s.pendingHasher().of(address) }

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
	return x.has(hash)
}

// has says whether the index has a key with the prefix.
func (x *layered) has(prefix []byte) (found bool, err error) {
	err = x.eachKey(prefix, func([]byte) bool {
		found = true
		return false
	})
	return found, err
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
