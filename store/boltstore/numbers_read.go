package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Numbers gives numbers; see storetest.Life. A question that cannot be answered is crm.ErrRefused.
func (s *Store) Numbers(ctx context.Context, q crm.NumberQuery) (out []crm.Number, err error) {
	r, err := newNumberRead(&q)
	if err == nil {
		err = s.view(ctx, func(tx *bbolt.Tx) error {
			out, err = r.read(tx.Bucket(bucketNumbers))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read numbers of %s: %w", q.Metric, err)
	}
	return out, nil
}

// numberRead is a walk over a table.
type numberRead struct {
	prefix   []byte // up to the period
	table    byte
	from, to string
	only     *string   // the value that counts; nil for all
	parts    [3]string // of tableAll and tablePair: the restrictions to owner, channel and campaign
	limited  [3]bool
	by       int // of these: which part is the key; -1 for none
	sumUp    bool
	words    map[string]string
}

func newNumberRead(q *crm.NumberQuery) (*numberRead, error) {
	r := &numberRead{from: q.From, to: q.To, by: -1, words: map[string]string{}}
	var grain byte
	switch q.Grain {
	case crm.GrainDay:
		grain = grainDay
	case crm.GrainMonth:
		grain = grainMonth
		r.from, r.to = q.From[:min(len(q.From), 7)], q.To[:min(len(q.To), 7)]
	default:
		return nil, fmt.Errorf("%w: numbers are kept by day and by month, not by %q", crm.ErrRefused, q.Grain)
	}
	tables := []byte{tableOwner, tableChannel, tableCampaign}
	by := slices.Index([]crm.Dimension{crm.ByOwner, crm.ByChannel, crm.ByCampaign}, q.By)
	if by < 0 && q.By != crm.ByNone {
		return nil, fmt.Errorf("%w: numbers are not told apart by %q", crm.ErrRefused, q.By)
	}
	r.table = tableNone
	if by >= 0 {
		r.table = tables[by]
	}
	for i, value := range []*string{q.Owner, q.Channel, q.Campaign} {
		if value == nil {
			continue
		}
		part := keyPart(*value)
		r.parts[i], r.limited[i] = part, true
		switch r.table {
		case tableNone, tables[i]:
			r.table, r.only, r.sumUp = tables[i], &part, by < 0
		default:
			r.table = tableAll
		}
	}
	if r.table == tableAll {
		if grain != grainMonth {
			return nil, fmt.Errorf("%w: of days numbers are told by one of owner, channel and campaign only", crm.ErrRefused)
		}
		r.by, r.only, r.sumUp = by, nil, true
		switch {
		case r.limited[0]:
			r.only = &r.parts[0]
		case by != 0:
			r.table = tablePair
		}
	}
	r.prefix = append([]byte(q.Metric), 0, grain, r.table)
	return r, nil
}

// read walks over the range. Where one value counts it goes from period to period and looks for that only.
func (r *numberRead) read(b *bbolt.Bucket) (out []crm.Number, err error) {
	cursor := b.Cursor()
	k, v := cursor.Seek(append(bytes.Clone(r.prefix), r.from...))
	var period string
	var wanted []byte // where the value begins in a period
	for hasPrefix(k, r.prefix) {
		rest := k[len(r.prefix):]
		end := bytes.IndexByte(rest, 0)
		if end < 0 {
			return nil, corrupt("a number")
		}
		if string(rest[:end]) != period {
			if period = string(rest[:end]); r.to != "" && period > r.to {
				break
			}
			if r.only != nil {
				wanted = append(append(append(wanted[:0], k[:len(r.prefix)+end+1]...), *r.only...), 0)
				if bytes.Compare(k, wanted) < 0 {
					k, v = cursor.Seek(wanted)
					continue
				}
			}
		}
		if r.only != nil && !hasPrefix(k, wanted) {
			next := append(append(bytes.Clone(r.prefix), period...), 1)
			if bytes.Compare(k, next) < 0 {
				k, v = cursor.Seek(next)
				continue
			}
		}
		n, ok, err := r.number(period, rest[end+1:], v)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, n)
		}
		k, v = cursor.Next()
	}
	if r.sumUp {
		out = summedUp(out)
	}
	return out, nil
}

// number reads one; ok is false if it is not wanted.
func (r *numberRead) number(period string, rest, v []byte) (n crm.Number, ok bool, err error) {
	t, err := decodeTally(v)
	if err != nil {
		return n, false, err
	}
	var key []byte
	n = crm.Number{Period: period, Count: t.count, Sum: t.sum}
	switch r.table {
	case tableAll, tablePair:
		for i := range 3 {
			if i == 0 && r.table == tablePair {
				continue
			}
			part, after, found := bytes.Cut(rest, []byte{0})
			if !found {
				return n, false, corrupt("a number")
			}
			if r.limited[i] && string(part) != r.parts[i] {
				return n, false, nil
			}
			if i == r.by {
				key = part
			}
			rest = after
		}
	default:
		var found bool
		if key, rest, found = bytes.Cut(rest, []byte{0}); !found {
			return n, false, corrupt("a number")
		}
		if r.sumUp {
			key = nil
		}
	}
	n.Key, n.Detail = r.word(key), r.word(rest)
	return n, true, nil
}

// word is a text of which there are many equal ones.
func (r *numberRead) word(b []byte) string {
	if w, ok := r.words[string(b)]; ok {
		return w
	}
	w := string(b)
	r.words[w] = w
	return w
}

// summedUp makes one of numbers that differ in nothing any more.
func summedUp(list []crm.Number) []crm.Number {
	slices.SortFunc(list, func(a, b crm.Number) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
	})
	out := list[:0]
	for _, n := range list {
		if last := len(out) - 1; last >= 0 && out[last].Period == n.Period && out[last].Key == n.Key && out[last].Detail == n.Detail {
			out[last].Count, out[last].Sum = out[last].Count+n.Count, out[last].Sum+n.Sum
			continue
		}
		out = append(out, n)
	}
	return out
}
