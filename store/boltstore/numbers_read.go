package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	weekly   bool // days are added up by weeks
	from, to string
	only     *string   // the value that counts; nil for all
	parts    [3]string // of tableAll and tablePair: the restrictions to owner, channel and campaign
	limited  [3]bool
	by       int  // of these: which part is the key; -1 for none
	sumUp    bool // numbers that differ in nothing that is asked for are added up
	keyless  bool // the value is not told

	periods, keys, details words32
	found                  []foundNumber
	began                  int       // where the numbers of the last period begin in found
	places                 [][]int32 // of sumUp: by key and detail, 1 + the place in found; one before began is of another period
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
	r := &numberRead{from: q.From, to: q.To, by: -1, periods: newWords(), keys: newWords(), details: newWords()}
	var grain byte
	switch q.Grain {
	case crm.GrainDay:
		grain = grainDay
	case crm.GrainWeek:
		grain, r.weekly = grainDay, true
		r.from, r.to = wholeWeeks(q.From, q.To)
	case crm.GrainMonth:
		grain = grainMonth
		r.from, r.to = q.From[:min(len(q.From), 7)], q.To[:min(len(q.To), 7)]
	default:
		return nil, fmt.Errorf("%w: numbers are told by day, week and month, not by %q", crm.ErrRefused, q.Grain)
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
			r.table, r.only, r.keyless = tables[i], &part, by < 0
		default:
			r.table = tableAll
		}
	}
	if r.table == tableAll {
		if grain != grainMonth {
			return nil, fmt.Errorf("%w: of days and weeks numbers are told by one of owner, channel and campaign only", crm.ErrRefused)
		}
		r.by, r.only, r.keyless, r.sumUp = by, nil, false, true
		switch {
		case r.limited[0]:
			r.only = &r.parts[0]
		case by != 0:
			r.table = tablePair
		}
	}
	r.sumUp = r.sumUp || r.weekly || r.keyless
	r.prefix = append([]byte(q.Metric), 0, grain, r.table)
	return r, nil
}

// wholeWeeks widens a range of days to whole weeks; what is no day stays.
func wholeWeeks(from, to string) (first, last string) {
	return weekOf(from, 0), weekOf(to, 6)
}

// weekOf is the Monday of a day's week, or so many days later; what is no day stays.
func weekOf(day string, later int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, later-(int(t.Weekday())+6)%7).Format(time.DateOnly)
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
			period = append(period[:0], rest[:end+1]...)
			now = r.turnTo(rest[:end], now)
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

// turnTo begins with the numbers of a day or month, and gives the number of the period that they belong to.
func (r *numberRead) turnTo(name []byte, before int32) int32 {
	var now int32
	if r.weekly {
		now = r.periods.of([]byte(weekOf(string(name), 0)))
	} else {
		now = r.periods.of(name)
	}
	if now != before {
		r.began = len(r.found)
	}
	return now
}

// take keeps the numbers of a list if they are wanted. rest is its key behind the period.
func (r *numberRead) take(period int32, rest, v []byte) error {
	key, wanted, err := r.keyOf(rest)
	if err != nil || !wanted {
		return err
	}
	at := r.keys.of(key)
	list := numberList{b: v}
	for detail, t, ok := list.next(); ok; detail, t, ok = list.next() {
		one := foundNumber{period: period, key: at, detail: r.details.of(detail), tally: t}
		if r.sumUp {
			place := r.place(one.key, one.detail)
			if n := int(*place) - 1; n >= r.began {
				sum := &r.found[n].tally
				sum.count, sum.sum = sum.count+t.count, sum.sum+t.sum
				continue
			}
			*place = int32(len(r.found) + 1)
		}
		if len(r.found) == cap(r.found) { // there can be a hundred thousand: growing by a quarter copies them too often
			r.found = slices.Grow(r.found, max(len(r.found), 64))
		}
		r.found = append(r.found, one)
	}
	return list.err()
}

// keyOf is what a value tells its numbers apart by; wanted is false for one that the restrictions leave out.
func (r *numberRead) keyOf(rest []byte) (key []byte, wanted bool, err error) {
	if r.table != tableAll && r.table != tablePair {
		key, _, ok := bytes.Cut(rest, []byte{0})
		switch {
		case !ok:
			return nil, false, corrupt("a number")
		case r.keyless:
			key = nil
		}
		return key, true, nil
	}
	for i := range 3 {
		if i == 0 && r.table == tablePair {
			continue
		}
		part, behind, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return nil, false, corrupt("a number")
		}
		rest = behind
		if r.limited[i] && string(part) != r.parts[i] {
			return nil, false, nil
		}
		if i == r.by {
			key = part
		}
	}
	return key, true, nil
}

// place is where places notes the number of a key and a detail.
func (r *numberRead) place(key, detail int32) *int32 {
	for int(key) >= len(r.places) {
		r.places = append(r.places, nil)
	}
	for int(detail) >= len(r.places[key]) {
		r.places[key] = append(r.places[key], 0)
	}
	return &r.places[key][detail]
}

// answer puts the texts in, and what was added up in order.
func (r *numberRead) answer() []crm.Number {
	if len(r.found) == 0 {
		return nil
	}
	if r.sumUp {
		r.sort()
	}
	out := make([]crm.Number, len(r.found))
	for i := range r.found {
		f := &r.found[i]
		out[i] = crm.Number{Period: r.periods.list[f.period], Key: r.keys.list[f.key], Detail: r.details.list[f.detail], Count: f.tally.count, Sum: f.tally.sum}
	}
	return out
}

// sort orders what was found by key and detail; the periods are in order already, since they were found one after the other.
func (r *numberRead) sort() {
	keys, details := r.keys.ranks(), r.details.ranks()
	compare := func(a, b foundNumber) int {
		return cmp.Or(cmp.Compare(a.period, b.period), cmp.Compare(keys[a.key], keys[b.key]), cmp.Compare(details[a.detail], details[b.detail]))
	}
	if !slices.IsSortedFunc(r.found, compare) {
		slices.SortFunc(r.found, compare)
	}
}

// ranks says of each text how many come before it.
func (w *words32) ranks() []int32 {
	order := make([]int32, len(w.list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(w.list[a], w.list[b]) })
	ranks := make([]int32, len(order))
	for rank, i := range order {
		ranks[i] = int32(rank)
	}
	return ranks
}
