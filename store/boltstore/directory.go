package boltstore

import (
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Lookup answers all questions of a batch from one state of the store; see crm.Answer.
func (s *Store) Lookup(ctx context.Context, q crm.Question) (crm.Answer, error) {
	out := crm.Answer{
		Addresses: make(map[string]crm.AddressAnswer),
		Domains:   make(map[string][]crm.AccountRef),
		Messages:  make(map[crm.Key]crm.MessageAnswer),
	}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		out.Generation = getU64(tx.Bucket(bucketMeta).Get(metaGeneration))
		l := newLookup(tx, s)
		if err := l.identities(q, &out); err != nil {
			return err
		}
		for _, address := range sorted(q.Addresses) {
			answer, err := l.address(address)
			if err != nil {
				return err
			}
			if answer != nil {
				out.Addresses[address] = *answer
			}
		}
		for _, domain := range sorted(q.Domains) {
			refs, err := l.domain(domain)
			if err != nil {
				return err
			}
			if refs != nil {
				out.Domains[domain] = refs
			}
		}
		for _, key := range q.Messages {
			answer, err := l.message(key)
			if err != nil {
				return err
			}
			if answer != nil {
				out.Messages[key] = *answer
			}
		}
		return nil
	})
	if err != nil {
		return crm.Answer{}, fmt.Errorf("look up: %w", err)
	}
	return out, nil
}

// sorted is a list in the order of the index: neighbours are looked up on the same pages.
func sorted(list []string) []string {
	if slices.IsSorted(list) {
		return list
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// lookup answers questions from one transaction. What is empty in a store is not looked into.
type lookup struct {
	tx        *bbolt.Tx
	s         *Store
	addresses *bbolt.Cursor
	domains   *bbolt.Cursor // nil if no account has a domain
	decisions *bbolt.Bucket // nil if nobody decided anything
	erased    *bbolt.Bucket // nil if nobody was forgotten: spares the hash
	byID      *layered      // index of activities; nil until a message is looked up
	room      []byte
}

func newLookup(tx *bbolt.Tx, s *Store) *lookup {
	l := &lookup{tx: tx, s: s, addresses: tx.Bucket(bucketAddresses).Cursor()}
	l.decisions, l.erased = unlessEmpty(tx.Bucket(bucketDecisions)), unlessEmpty(tx.Bucket(bucketErased))
	if b := unlessEmpty(tx.Bucket(bucketDomains)); b != nil {
		l.domains = b.Cursor()
	}
	return l
}

func unlessEmpty(b *bbolt.Bucket) *bbolt.Bucket {
	if k, _ := b.Cursor().First(); k == nil {
		return nil
	}
	return b
}

// prefix is the beginning of the keys of a name; it is good until the next one.
func (l *lookup) prefix(name string) []byte {
	l.room = append(append(l.room[:0], name...), 0)
	return l.room
}

// address is nil if nothing is known of the address.
func (l *lookup) address(address string) (*crm.AddressAnswer, error) {
	var out crm.AddressAnswer
	known := false
	prefix := l.prefix(address)
	for k, v := l.addresses.Seek(prefix); k != nil && hasPrefix(k, prefix); k, v = l.addresses.Next() {
		ref, err := decodePersonRef(v)
		if err != nil {
			return nil, err
		}
		out.People, known = append(out.People, ref), true
	}
	if l.decisions != nil {
		if raw := l.decisions.Get([]byte(address)); raw != nil {
			d, err := decodeDecision(raw)
			if err != nil {
				return nil, err
			}
			if d.Person, err = nowCalled(l.tx, d.Person); err != nil {
				return nil, err
			}
			out.Decision, known = &d, true
		}
	}
	if l.erased != nil {
		if hash := l.s.hmac("erased", address); l.erased.Get(hash[:]) != nil {
			out.Erased, known = true, true
		}
		if hash := l.s.hmac(hashUnasked, address); l.erased.Get(hash[:]) != nil {
			out.Unasked, known = true, true
		}
	}
	if !known {
		return nil, nil
	}
	return &out, nil
}

// domain gives the accounts of the domain or of the nearest domain above it that has any.
func (l *lookup) domain(domain string) ([]crm.AccountRef, error) {
	if l.domains == nil {
		return nil, nil
	}
	for d := range crm.DomainAndParents(domain) {
		var out []crm.AccountRef
		prefix := l.prefix(d)
		for k, v := l.domains.Seek(prefix); k != nil && hasPrefix(k, prefix); k, v = l.domains.Next() {
			ref, err := decodeAccountRef(v)
			if err != nil {
				return nil, err
			}
			out = append(out, ref)
		}
		if out != nil {
			return out, nil
		}
	}
	return nil, nil
}

// message is nil if the message did not become an activity.
func (l *lookup) message(key crm.Key) (*crm.MessageAnswer, error) {
	if l.byID == nil {
		x, err := openLayered(l.tx, bucketActID)
		if err != nil {
			return nil, err
		}
		l.byID = x
	}
	_, raw, a, err := l.byID.findActivity(l.tx, idOf(string(key)), true)
	if err != nil || raw == nil {
		return nil, err
	}
	out := crm.MessageAnswer{Activity: a.ID, Thread: a.Thread, Accounts: a.Accounts}
	for _, p := range a.People {
		if p.ID != "" && !p.Internal {
			out.People = append(out.People, p)
		}
	}
	return &out, nil
}
