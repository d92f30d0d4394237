package boltstore

import (
	"context"
	"fmt"

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
		for _, address := range q.Addresses {
			answer, err := lookAddress(tx, s, address)
			if err != nil {
				return err
			}
			if answer != nil {
				out.Addresses[address] = *answer
			}
		}
		for _, domain := range q.Domains {
			refs, err := lookDomain(tx, domain)
			if err != nil {
				return err
			}
			if refs != nil {
				out.Domains[domain] = refs
			}
		}
		for _, key := range q.Messages {
			answer, err := lookMessage(tx, key)
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

// lookAddress is nil if nothing is known of the address.
func lookAddress(tx *bbolt.Tx, s *Store, address string) (*crm.AddressAnswer, error) {
	var out crm.AddressAnswer
	known := false
	prefix := append([]byte(address), 0)
	cursor := tx.Bucket(bucketAddresses).Cursor()
	for k, v := cursor.Seek(prefix); k != nil && hasPrefix(k, prefix); k, v = cursor.Next() {
		ref, err := decodePersonRef(v)
		if err != nil {
			return nil, err
		}
		out.People, known = append(out.People, ref), true
	}
	if raw := tx.Bucket(bucketDecisions).Get([]byte(address)); raw != nil {
		d, err := decodeDecision(raw)
		if err != nil {
			return nil, err
		}
		out.Decision, known = &d, true
	}
	if isErased(tx, s, address) {
		out.Erased, known = true, true
	}
	if !known {
		return nil, nil
	}
	return &out, nil
}

// isErased hashes only if anybody was ever forgotten.
func isErased(tx *bbolt.Tx, s *Store, address string) bool {
	b := tx.Bucket(bucketErased)
	if k, _ := b.Cursor().First(); k == nil {
		return false
	}
	hash := s.hmac("erased", address)
	return b.Get(hash[:]) != nil
}

// lookDomain gives the accounts of the domain or of the nearest domain above it that has any.
func lookDomain(tx *bbolt.Tx, domain string) ([]crm.AccountRef, error) {
	cursor := tx.Bucket(bucketDomains).Cursor()
	for d := range crm.DomainAndParents(domain) {
		var out []crm.AccountRef
		prefix := append([]byte(d), 0)
		for k, v := cursor.Seek(prefix); k != nil && hasPrefix(k, prefix); k, v = cursor.Next() {
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

// lookMessage is nil if the message did not become an activity.
func lookMessage(tx *bbolt.Tx, key crm.Key) (*crm.MessageAnswer, error) {
	_, raw, a, err := findActivity(tx, idOf(string(key)), true)
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
