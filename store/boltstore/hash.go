package boltstore

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"slices"
)

// keyedHash is a hash that has taken in the key of the store, and memory for what is hashed and what comes out.
type keyedHash struct {
	hash.Hash
	in, sum []byte
}

// hmac is the keyed hash by which the store knows what it may not store. Taking in the key costs as much as an
// address does, so that hashes are used again.
func (s *Store) hmac(parts ...string) id16 {
	h, ok := s.hashes.Get().(*keyedHash)
	if !ok {
		h = &keyedHash{Hash: hmac.New(sha256.New, s.key)}
	}
	h.in = h.in[:0]
	for _, part := range parts {
		h.in = append(h.in, part...)
		h.in = append(h.in, 0)
	}
	h.Reset()
	h.Write(h.in)
	h.sum = h.Sum(h.sum[:0])
	out := id16(h.sum[:16])
	s.hashes.Put(h)
	return out
}

// pendingHasher makes the hashes of the pending index for one write. The addresses of a batch repeat, and their
// domains even more.
type pendingHasher struct {
	s         *Store
	domains   map[string]id16
	addresses map[string]id16
}

func (s *Store) pendingHasher() *pendingHasher {
	return &pendingHasher{s, map[string]id16{}, map[string]id16{}}
}

// all hashes normalised addresses, in order and each once.
func (p *pendingHasher) all(addresses []string) []id16 {
	if len(addresses) == 0 {
		return nil
	}
	out := make([]id16, 0, len(addresses))
	for _, address := range addresses {
		out = append(out, p.of(address))
	}
	slices.SortFunc(out, func(a, b id16) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(out)
}

// of hashes an address. The first half of a hash is that of the registrable domain, so that all waiting rows of a
// domain and its subdomains lie together.
func (p *pendingHasher) of(address string) id16 {
	out, ok := p.addresses[address]
	if !ok {
		name := domainOf(address)
		domain, ok := p.domains[name]
		if !ok {
			domain = p.s.domainHash(name)
			p.domains[name] = domain
		}
		whole := p.s.hmac("address", address)
		copy(out[:8], domain[:8])
		copy(out[8:], whole[:8])
		p.addresses[address] = out
	}
	return out
}
