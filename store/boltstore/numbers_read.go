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
	by       int  // of these: which part is the key; -1 for none
	sumUp    bool // numbers that differ in nothing that is asked for are added up

	periods, keys, details words32
	found                  []foundNumber
	at                     map[foundNumber]int // of sumUp: where the sum is; its tally is zero there
}

// foundNumber is a number whose texts are known by their places. There can be many: it has no pointers, so that a list of them
// grows fast.
type foundNumber struct {
	period, key, detail int32
	tally               tally
}

// words32 numbers texts. In each period the same come in the same order: the one that came after the last one is tried
// before it is looked up.
type words32 struct {
	list []string
	next []int32 // which came after it
	at   map[string]int32
	last int32
}

func newWords() words32 {
	return words32{list: []string{""}, next: []int32{0}, at: map[string]int32{"": 0}}
}

func (w *words32) of(b []byte) int32 {
	if w.list[w.last] == string(b) {
		return w.last
	}
	n := w.next[w.last]
	if w.list[n] != string(b) {
		var ok bool
		if n, ok = w.at[string(b)]; !ok {
			n = int32(len(w.list))
			w.list, w.next = append(w.list, string(b)), append(w.next, 0)
			w.at[w.list[n]] = n
		}
		w.next[w.last] = n
	}
	w.last = n
	return n
}

func newNumberRead(q *crm.NumberQuery) (*numberRead, error) {
	r := &numberRead{from: q.From, to: q.To, by: -1, periods: newWords(), keys: newWords(), details: newWords(), at: map[foundNumber]int{}}
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
func (r *numberRead) read(b *bbolt.Bucket) ([]crm.Number, error) {
	cursor := b.Cursor()
	k, v := cursor.Seek(append(bytes.Clone(r.prefix), r.from...))
	var period []byte // with the byte that ends it
	var now int32
	var wanted []byte // where the value begins in a period
	for hasPrefix(k, r.prefix) {
		rest := k[len(r.prefix):]
		if len(period) == 0 || !hasPrefix(rest, period) {
			end := bytes.IndexByte(rest, 0)
			if end < 0 {
				return nil, corrupt("a number")
			}
			if r.to != "" && string(rest[:end]) > r.to {
				break
			}
			period, now = append(period[:0], rest[:end+1]...), r.periods.of(rest[:end])
			if r.only != nil {
				wanted = append(append(append(append(wanted[:0], r.prefix...), period...), *r.only...), 0)
				if bytes.Compare(k, wanted) < 0 {
					k, v = cursor.Seek(wanted)
					continue
				}
			}
		}
		if r.only != nil && !hasPrefix(k, wanted) {
			next := append(append(bytes.Clone(r.prefix), period[:len(period)-1]...), 1)
			k, v = cursor.Seek(next)
			continue
		}
		if err := r.take(now, rest[len(period):], v); err != nil {
			return nil, err
		}
		k, v = cursor.Next()
	}
	return r.answer(), nil
}

// take keeps a number if it is wanted. rest is its key behind the period.
func (r *numberRead) take(period int32, rest, v []byte) error {
	t, err := decodeTally(v)
	if err != nil {
		return err
	}
	var key []byte
	var ok bool
	switch r.table {
	case tableAll, tablePair:
		for i := range 3 {
			if i == 0 && r.table == tablePair {
				continue
			}
			var part []byte
			if part, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
				return corrupt("a number")
			}
			if r.limited[i] && string(part) != r.parts[i] {
				return nil
			}
			if i == r.by {
				key = part
			}
		}
	default:
		if key, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
			return corrupt("a number")
		}
		if r.sumUp {
			key = nil
		}
	}
	one := foundNumber{period: period, key: r.keys.of(key), detail: r.details.of(rest)}
	if r.sumUp {
		at, there := r.at[one]
		if there {
			sum := &r.found[at].tally
			sum.count, sum.sum = sum.count+t.count, sum.sum+t.sum
			return nil
		}
		r.at[one] = len(r.found)
	}
	one.tally = t
	r.found = append(r.found, one)
	return nil
}

// answer puts the texts in, and what was added up in order.
func (r *numberRead) answer() []crm.Number {
	if len(r.found) == 0 {
		return nil
	}
	out := make([]crm.Number, len(r.found))
	for i := range r.found {
		f := &r.found[i]
		out[i] = crm.Number{Period: r.periods.list[f.period], Key: r.keys.list[f.key], Detail: r.details.list[f.detail], Count: f.tally.count, Sum: f.tally.sum}
	}
	if r.sumUp {
		slices.SortFunc(out, func(a, b crm.Number) int {
			return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
		})
	}
	return out
}
