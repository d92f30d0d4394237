package boltstore

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAwaiting bounds the rows of one address that are looked at: the newest of them.
const maxAwaiting = 5000

// listAwaiting gives a page of the rows that wait for an address, the last one entered first. Only the keyed hash of the
// address is stored, so it must be known in full.
func (s *Store) listAwaiting(ctx context.Context, f crm.LedgerFilter) (out []crm.Entry, next string, err error) {
	address, ok := crm.NormalizeAddress(f.Address)
	if !ok {
		return nil, "", nil
	}
	hash, limit := s.pendingHash(address), atMost(f.Limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		seqs, err := awaitingRows(tx, hash, f)
		if err != nil {
			return err
		}
		names := sourceNames{}
		for i, seq := range seqs {
			r, err := readRow(tx, u64(seq), names)
			if err != nil {
				return err
			}
			if !awaitingFits(&r.entry, &f) {
				continue
			}
			if len(out) == limit {
				next = hex.EncodeToString(u64(seqs[i-1]))
				return nil
			}
			out = append(out, r.entry)
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list ledger rows of an address: %w", err)
	}
	return out, next, nil
}

// awaitingRows are the numbers of the rows that wait for a hash, the newest first, from behind the filter's cursor on.
func awaitingRows(tx *bbolt.Tx, hash id16, f crm.LedgerFilter) ([]uint64, error) {
	x, err := openLayered(tx, bucketPending)
	if err != nil {
		return nil, err
	}
	end := ^uint64(0)
	if key, err := hex.DecodeString(f.After); err == nil && len(key) == 8 {
		end = binary.BigEndian.Uint64(key)
	}
	var seqs []uint64
	err = x.eachKey(hash[:], func(key []byte) bool {
		if seq, retired, err := pendingKey(key); err == nil && seq < end && (f.Retired || !retired) {
			seqs = append(seqs, seq)
		}
		return true
	})
	slices.Sort(seqs)
	slices.Reverse(seqs)
	return seqs[:min(len(seqs), maxAwaiting)], err
}

func awaitingFits(e *crm.Entry, f *crm.LedgerFilter) bool {
	code, _, _ := strings.Cut(string(e.Reason), ": ")
	return (f.Source == "" || e.Source == f.Source) && (f.Verdict == "" || e.Verdict == f.Verdict) && (f.Reason == "" || code == f.Reason) &&
		(f.Since.IsZero() || !e.SeenAt.Before(f.Since)) && (f.Until.IsZero() || e.SeenAt.Before(f.Until))
}
