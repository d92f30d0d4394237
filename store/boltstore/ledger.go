package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sourceNames remembers the names of sources during one transaction.
type sourceNames map[uint32]string

func (n sourceNames) of(tx *bbolt.Tx, num uint32) string {
	name, ok := n[num]
	if !ok {
		name = string(tx.Bucket(bucketSourceNum).Get(u32(num)))
		n[num] = name
	}
	return name
}

// readRow reads a row by the eight bytes of its number.
func readRow(tx *bbolt.Tx, seq []byte, names sourceNames) (row, error) {
	r, err := decodeRow(tx.Bucket(bucketRows).Get(seq))
	if err != nil {
		return row{}, err
	}
	r.entry.Source = names.of(tx, r.src)
	return r, nil
}

// GetEntry gives a ledger row.
func (s *Store) GetEntry(ctx context.Context, sourceID, externalID string) (crm.Entry, error) {
	var r row
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		src, err := readSource(tx, sourceID)
		if err != nil {
			return err
		}
		seq := tx.Bucket(bucketRowID).Get(rowIDKey(src.num, externalID))
		if seq == nil {
			return crm.ErrNotFound
		}
		r, err = readRow(tx, seq, sourceNames{})
		return err
	})
	if err != nil {
		return crm.Entry{}, fmt.Errorf("read ledger row %s of %s: %w", externalID, sourceID, err)
	}
	return r.entry, nil
}

// FindEntries gives the rows with this external id in any source, or with this Key or activity id, ordered
// by source and external id.
func (s *Store) FindEntries(ctx context.Context, idOrKey string) (out []crm.Entry, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		seqs, err := findRows(tx, idOrKey)
		if err != nil {
			return err
		}
		names := sourceNames{}
		for seq := range seqs {
			r, err := readRow(tx, u64(seq), names)
			if err != nil {
				return err
			}
			if e := r.entry; e.ExternalID == idOrKey || string(e.Key) == idOrKey || e.Activity == idOrKey {
				out = append(out, e)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find ledger rows: %w", err)
	}
	slices.SortFunc(out, func(a, b crm.Entry) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	return out, nil
}

// findRows collects the numbers of rows that may be meant: by external id in each source, by the key of
// rows that are not logged, and by the observations of the activity.
func findRows(tx *bbolt.Tx, idOrKey string) (map[uint64]bool, error) {
	out := map[uint64]bool{}
	byID, numbers := tx.Bucket(bucketRowID), map[string]uint32{}
	err := tx.Bucket(bucketSourceNum).ForEach(func(num, name []byte) error {
		numbers[string(name)] = uint32(getU64(append(make([]byte, 4), num...)))
		if seq := byID.Get(append(slices.Clone(num), idOrKey...)); seq != nil {
			out[getU64(seq)] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	key := idOf(idOrKey)
	x, err := openLayered(tx, bucketRowKey)
	if err != nil {
		return nil, err
	}
	err = x.eachKey(key[:8], func(k []byte) bool {
		out[seqOf(k, 8)] = true
		return true
	})
	if err != nil {
		return nil, err
	}
	raw, a, err := findActivity(tx, key, true)
	if err != nil || raw == nil {
		return out, err
	}
	for _, o := range a.Observed {
		if seq := byID.Get(rowIDKey(numbers[o.Source], o.ExternalID)); seq != nil {
			out[getU64(seq)] = true
		}
	}
	return out, nil
}

// ListEntries gives a page of the ledger, newest SeenAt first.
func (s *Store) ListEntries(ctx context.Context, f crm.LedgerFilter) (out []crm.Entry, next string, err error) {
	if f.Address != "" {
		return s.listAwaiting(ctx, f)
	}
	limit := atMost(f.Limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		lines, codeAt, err := ledgerLines(tx, f)
		if err != nil {
			return err
		}
		names, last := sourceNames{}, ""
		for {
			line := newestRow(lines)
			if line == nil {
				return nil
			}
			if f.Reason == "" || len(line.val) >= codeAt && string(line.val[codeAt:]) == f.Reason {
				if len(out) == limit {
					next = last
					return nil
				}
				r, err := readRow(tx, line.place[8:], names)
				if err != nil {
					return err
				}
				out, last = append(out, r.entry), hex.EncodeToString(line.place)
			}
			line.set(line.cursor.Prev())
		}
	})
	if err != nil {
		return nil, "", fmt.Errorf("list ledger: %w", err)
	}
	return out, next, nil
}

// rowLine is the rows of one verdict, walked from the newest to the oldest.
type rowLine struct {
	cursor *bbolt.Cursor
	prefix []byte
	low    []byte // the place before which nothing is wanted; nil for none
	place  []byte // time and number; nil at the end
	val    []byte
}

func (l *rowLine) set(k, v []byte) {
	l.place, l.val = nil, nil
	if k != nil && hasPrefix(k, l.prefix) && (l.low == nil || bytes.Compare(k[len(l.prefix):], l.low) >= 0) {
		l.place, l.val = k[len(l.prefix):], v
	}
}

// endAt ends the line at the place low, which is still in it.
func (l *rowLine) endAt(low []byte) {
	if l.low = low; l.place != nil && bytes.Compare(l.place, low) < 0 {
		l.place, l.val = nil, nil
	}
}

// ledgerLines are the lines whose merge is the answer, and where in a value the code of the reason begins.
func ledgerLines(tx *bbolt.Tx, f crm.LedgerFilter) (lines []*rowLine, codeAt int, err error) {
	b, prefix, codeAt := tx.Bucket(bucketRowTime), []byte(nil), 4
	if f.Source != "" {
		src, err := readSource(tx, f.Source)
		if err != nil {
			return nil, 0, err
		}
		b, prefix, codeAt = tx.Bucket(bucketRowSource), u32(src.num), 0
	}
	var end []byte
	if key, err := hex.DecodeString(f.After); err == nil && len(key) == 16 {
		end = key
	}
	if stop := seenPlace(f.Until); stop != nil && (end == nil || bytes.Compare(stop, end) < 0) {
		end = stop
	}
	low := seenPlace(f.Since)
	for _, v := range crm.Verdicts() {
		for _, retired := range []bool{false, true} {
			if f.Verdict != "" && v != f.Verdict || retired && !f.Retired {
				continue
			}
			line := newRowLine(b, append(slices.Clone(prefix), verdictByte(v, retired)), end)
			line.endAt(low)
			lines = append(lines, line)
		}
	}
	return lines, codeAt, nil
}

// seenPlace is before the places of all rows first seen at a time or later; nil for the zero time.
func seenPlace(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	key := timeKey(t)
	return append(key[:], make([]byte, 8)...)
}

// newRowLine starts before the place end, or at the newest.
func newRowLine(b *bbolt.Bucket, prefix, end []byte) *rowLine {
	l := &rowLine{cursor: b.Cursor(), prefix: prefix}
	stop := successor(prefix)
	if end != nil {
		stop = append(slices.Clone(prefix), end...)
	}
	l.set(before(l.cursor, stop))
	return l
}

// before moves a cursor to the last key that is smaller than stop.
func before(c *bbolt.Cursor, stop []byte) (k, v []byte) {
	if stop != nil {
		if k, _ := c.Seek(stop); k != nil {
			return c.Prev()
		}
	}
	return c.Last()
}

func newestRow(lines []*rowLine) *rowLine {
	var out *rowLine
	for _, l := range lines {
		if l.place != nil && (out == nil || bytes.Compare(l.place, out.place) > 0) {
			out = l
		}
	}
	return out
}

// MissingFrom says which of the external ids have no row in the source, in the order asked. A retired row
// counts as none: the source knows the item by this id again.
func (s *Store) MissingFrom(ctx context.Context, sourceID string, ids []string) (out []string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		src, err := readSource(tx, sourceID)
		if err != nil {
			return err
		}
		byID := tx.Bucket(bucketRowID)
		for _, id := range ids {
			seq := byID.Get(rowIDKey(src.num, id))
			if seq == nil {
				out = append(out, id)
				continue
			}
			r, err := decodeRow(tx.Bucket(bucketRows).Get(seq))
			if err != nil {
				return err
			}
			if r.entry.Retired {
				out = append(out, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for missing rows of %s: %w", sourceID, err)
	}
	return out, nil
}
