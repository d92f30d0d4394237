package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxCounted bounds how many records a list of what was counted looks at for one page.
const maxCounted = 4_000

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", crm.ErrRefused, fmt.Sprintf(format, args...))
}

// ListCounted gives what stands behind numbers; see storetest.Counted.
func (s *Store) ListCounted(ctx context.Context, query crm.CountedQuery) (out []crm.Counted, next string, err error) {
	q, err := newCountedQuery(query)
	if err == nil {
		err = s.view(ctx, func(tx *bbolt.Tx) error {
			w := &countedWalk{s: s, tx: tx, q: q, limit: atMost(q.Limit)}
			if q.Metric == crm.MetricActivities || q.Metric == crm.MetricManual && !slices.Contains(q.Details, crm.ManualTyped) {
				err = w.exchanges()
			} else {
				err = w.listed()
			}
			out, next = w.out, w.next
			return err
		})
	}
	if err != nil {
		return nil, "", fmt.Errorf("list what was counted as %s: %w", query.Metric, err)
	}
	return out, next, nil
}

// countedWalk gathers a page.
type countedWalk struct {
	s      *Store
	tx     *bbolt.Tx
	q      *countedQuery
	limit  int
	walked int
	out    []crm.Counted
	next   string
}

// full says whether the page ends here; key is the last that was looked at.
func (w *countedWalk) full(key []byte) bool {
	if len(w.out) < w.limit && w.walked < maxCounted {
		return false
	}
	w.next = hex.EncodeToString(key)
	return true
}

// listed walks over the index, from the last day to the first.
func (w *countedWalk) listed() error {
	cursor := w.tx.Bucket(bucketCounted).Cursor()
	metric := countedByte(w.q.Metric)
	day, after := w.q.last, []byte(nil)
	if key, err := hex.DecodeString(w.q.After); err == nil && len(key) == countedSize && key[0] == metric {
		day, after = min(day, binary.BigEndian.Uint32(key[countedDay:])), key
	}
	for {
		// The latest day at or before this one of which there is anything.
		cursor.Seek(binary.BigEndian.AppendUint32([]byte{metric}, day+1))
		k, _ := cursor.Prev()
		if k == nil {
			k, _ = cursor.Last() // nothing stood behind: Prev has nowhere to go back from
		}
		if len(k) != countedSize || k[0] != metric || binary.BigEndian.Uint32(k[countedDay:]) > day {
			return nil
		}
		if day = binary.BigEndian.Uint32(k[countedDay:]); day < w.q.first {
			return nil
		}
		done, err := w.day(cursor, binary.BigEndian.AppendUint32([]byte{metric}, day), after)
		if done || err != nil || day == 0 {
			return err
		}
		day--
	}
}

// day walks over a day's entries behind after; done says that the page ends.
func (w *countedWalk) day(cursor *bbolt.Cursor, prefix, after []byte) (done bool, err error) {
	prefixes := [][]byte{prefix}
	if w.q.hashes != nil {
		prefixes = nil
		for _, h := range w.q.hashes {
			prefixes = append(prefixes, append(bytes.Clone(prefix), h))
		}
	}
	for _, p := range prefixes {
		from := p
		if hasPrefix(after, prefix) && bytes.Compare(after, p) >= 0 {
			from = append(bytes.Clone(after), 0)
		}
		for k, _ := cursor.Seek(from); hasPrefix(k, p); k, _ = cursor.Next() {
			if len(k) != countedSize {
				return false, corrupt("what was counted")
			}
			w.walked++
			if err := w.take(k); err != nil {
				return false, err
			}
			if w.full(k) {
				return true, nil
			}
		}
	}
	return false, nil
}

// take takes the facts of an entry's record that are asked for.
func (w *countedWalk) take(key []byte) error {
	id, hash := id16(key[countedID:]), key[countedHash]
	day := binary.BigEndian.Uint32(key[countedDay:])
	facts, fill, err := w.factsBehind(id, day)
	if err != nil {
		return err
	}
	for i := range facts {
		f := &facts[i]
		if !w.q.wants(f) || detailHash(f.Detail) != hash || dayNumber(f.At, w.s.loc) != day {
			continue
		}
		c := crm.Counted{Fact: *f}
		if err := fill(&c); err != nil {
			return err
		}
		w.out = append(w.out, c)
	}
	return nil
}

// factsBehind are the facts of a record, and what puts the record into a row.
func (w *countedWalk) factsBehind(id id16, day uint32) ([]crm.Fact, func(*crm.Counted) error, error) {
	switch w.q.Metric {
	case crm.MetricCalls, crm.MetricManual, crm.MetricProducts:
		raw, a, err := findActivity(w.tx, id, false)
		if err != nil || raw == nil {
			return nil, nil, err
		}
		return crm.ActivityFacts(a.Activity, a.channel, a.campaign), func(c *crm.Counted) error { c.Activity = &a.Activity; return nil }, nil
	case crm.MetricWon, crm.MetricLost:
		o, err := opportunities().readKey(w.tx, id[:])
		if errors.Is(err, crm.ErrNotFound) {
			return nil, nil, nil
		}
		return crm.OpportunityFacts(&o, w.s.loc), func(c *crm.Counted) error { c.Opportunity = &o; return nil }, err
	}
	facts, err := personFacts(w.tx, id, day)
	return facts, func(c *crm.Counted) error {
		raw := w.tx.Bucket(bucketPeople).Get(id[:])
		if raw == nil {
			return nil
		}
		p, err := decodePerson(raw)
		c.Person = &p
		return err
	}, err
}

// personFacts are the facts of a person around a day: months are those of UTC, days those of the organisation.
func personFacts(tx *bbolt.Tx, id id16, day uint32) (out []crm.Fact, err error) {
	noon, last := dayOfNumber(day).Add(12*time.Hour), ""
	for _, at := range []time.Time{noon.AddDate(0, 0, -1), noon, noon.AddDate(0, 0, 1)} {
		key := monthKey(id, at)
		if string(key) == last {
			continue
		}
		last = string(key)
		raw := tx.Bucket(bucketFacts).Get(key)
		if raw == nil {
			continue
		}
		facts, err := decodeFacts(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, facts...)
	}
	return out, nil
}

// exchanges walks over the timeline of an owner, or of everybody, from the newest.
func (w *countedWalk) exchanges() error {
	from, until := w.bounds()
	f := crm.ActivityFilter{Since: from, Until: until, After: w.q.After}
	if w.q.Owner != nil {
		f.Owner = *w.q.Owner
	}
	lines, err := timelines(w.tx, scopeOf(f), endOf(f))
	if err != nil {
		return err
	}
	activities, since, kinds := w.tx.Bucket(bucketActivities), timeKey(from), w.kinds()
	for {
		place := lines.newest()
		if place == nil || bytes.Compare(place[:8], since[:]) < 0 {
			return lines.err()
		}
		if w.walked++; kinds == nil || slices.Contains(kinds, kindOf(activities.Get(u64(seqOf(place, 8))))) {
			if err := w.takeActivity(activities.Get(u64(seqOf(place, 8)))); err != nil {
				return err
			}
		}
		if w.full(place) {
			return nil
		}
		lines.pass(place)
	}
}

// bounds are the moments at which the days begin and end.
func (w *countedWalk) bounds() (from, until time.Time) {
	begin := func(n uint32, later int) time.Time {
		d := dayOfNumber(n)
		return time.Date(d.Year(), d.Month(), d.Day()+later, 0, 0, 0, 0, w.s.loc)
	}
	return begin(w.q.first, 0), begin(w.q.last, 1)
}

// kinds are those that the details name; nil for all.
func (w *countedWalk) kinds() []crm.ActivityKind {
	if w.q.Metric != crm.MetricActivities || w.q.Details == nil {
		return nil
	}
	var out []crm.ActivityKind
	for _, d := range w.q.Details {
		kind, _, _ := strings.Cut(d, "/")
		out = append(out, crm.ActivityKind(kind))
	}
	return out
}

func (w *countedWalk) takeActivity(raw []byte) error {
	a, err := decodeActivity(raw, false)
	if err != nil {
		return err
	}
	facts := crm.ActivityFacts(a.Activity, a.channel, a.campaign)
	for i := range facts {
		day := dayNumber(facts[i].At, w.s.loc)
		if w.q.wants(&facts[i]) && day >= w.q.first && day <= w.q.last {
			w.out = append(w.out, crm.Counted{Fact: facts[i], Activity: &a.Activity})
		}
	}
	return nil
}
