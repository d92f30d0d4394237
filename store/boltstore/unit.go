package boltstore

import (
	"bytes"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// unit is one write inside a transaction. Activities, ledger rows and sources that it touches are loaded
// once, changed in memory, and compared with what they were when the unit is flushed: whatever an operation
// does, the indexes, roll-ups and tallies follow from that one comparison. Changes of indexes are gathered
// and put in the order of their keys, which is several times cheaper than in the order they come up.
type unit struct {
	s     *Store
	tx    *bbolt.Tx
	dirty bool // something in the transaction was changed
	taken bool // content was taken away that may not stay on free pages

	*spare   // acts, rows and changes among it
	actOrder []*actState
	rowOrder []*rowState
	rowIDs   *bbolt.Cursor // nil if no row was looked up yet
	people   *bbolt.Cursor // nil if no person was looked up yet
	rowKey   []byte        // the one looked up last
	sources  map[string]*sourceState
	srcNames map[uint32]string
	accounts map[id16]string // account of a person, as far as it was asked
	rollups  map[string]int64
	outbox   []crm.OutboxRow
	noting   bool                     // somebody takes rows off the outbox
	byID     *layered                 // index of activities as it is until the next flush; nil if nothing was looked up yet
	queued   map[late]bool            // late work queued by this unit
	names    nameKeys                 // made beforehand
	quiet    id16                     // who is not marked, since they are just being followed
	arrivals map[arrival]arrivalCount // new rows by the hour; nil for none
	unasked  map[string]bool          // ids of reviews for which a row waits no longer; nil for none
}

type actState struct {
	seq uint64
	raw []byte    // as stored; nil if it is new
	old *activity // as stored
	cur *activity // as it shall be; nil to remove it
}

// rowID names a ledger row.
type rowID struct {
	src uint32
	ext string
}

type rowState struct {
	id  rowID
	seq uint64
	raw []byte
	old *row
	cur *row // nil only if there is no such row
}

type sourceState struct {
	raw []byte
	old source
	cur source
}

// change is a put or, if val is nil, a removal.
type change struct {
	bucket []byte
	key    []byte
	val    []byte
}

func entry(bucket, key, val []byte) change { return change{bucket: bucket, key: key, val: val} }

// nothing is the value of index entries that say all in their key.
var nothing = []byte{}

func newUnit(s *Store, tx *bbolt.Tx) *unit {
	s.spare.empty()
	return &unit{
		s: s, tx: tx, spare: &s.spare, noting: s.outbox.Load(), sources: map[string]*sourceState{}, srcNames: map[uint32]string{},
		accounts: map[id16]string{}, rollups: map[string]int64{}, queued: map[late]bool{},
	}
}

func (u *unit) bucket(name []byte) *bbolt.Bucket { return u.tx.Bucket(name) }

// put writes at once.
func (u *unit) put(bucket, key, val []byte) error {
	u.dirty = true
	return u.bucket(bucket).Put(key, val)
}

func (u *unit) delete(bucket, key []byte) error {
	u.dirty = true
	return u.bucket(bucket).Delete(key)
}

// gather notes a change for flushChanges.
func (u *unit) gather(c change) {
	g := u.changes[string(c.bucket)]
	if g == nil {
		g = &gathered{}
		u.changes[string(c.bucket)] = g
	}
	g.list = append(g.list, c)
}

// reindex gathers what turns the index entries before into those after.
func (u *unit) reindex(before, after []change) {
	if len(before) > 0 {
		before, after = tidy(before), tidy(after)
	}
	for len(before) > 0 || len(after) > 0 {
		var c int
		switch {
		case len(before) == 0:
			c = 1
		case len(after) == 0:
			c = -1
		default:
			c = compareChanges(before[0], after[0])
		}
		switch {
		case c < 0:
			u.gather(change{bucket: before[0].bucket, key: before[0].key})
			before = before[1:]
		case c > 0:
			u.gather(after[0])
			after = after[1:]
		default:
			if !bytes.Equal(before[0].val, after[0].val) {
				u.gather(after[0])
			}
			before, after = before[1:], after[1:]
		}
	}
}

// tidy sorts index entries and leaves one of equal ones.
func tidy(list []change) []change {
	slices.SortFunc(list, compareChanges)
	return slices.CompactFunc(list, func(a, b change) bool { return compareChanges(a, b) == 0 })
}

func compareChanges(a, b change) int {
	if c := bytes.Compare(a.bucket, b.bucket); c != 0 {
		return c
	}
	return bytes.Compare(a.key, b.key)
}

// flush writes everything that was gathered. The unit can be used on afterwards.
func (u *unit) flush() error {
	for _, step := range []func() error{u.flushRows, u.flushArrivals, u.flushActivities, u.flushSources, u.flushRollups, u.flushLife, u.flushOutbox, u.flushChanges} {
		if err := step(); err != nil {
			return err
		}
	}
	u.byID = nil
	u.forget()
	u.actOrder, u.rowOrder = nil, nil
	return nil
}

// finish is the flush at the end, and what follows from the whole.
func (u *unit) finish() error {
	if err := u.flush(); err != nil {
		return err
	}
	return u.settleReviews()
}

// flushChanges puts the gathered changes in the order of their keys. Of two changes of one key the later counts.
func (u *unit) flushChanges() error {
	for _, name := range allBuckets() {
		g := u.changes[string(name)]
		if g == nil || len(g.list) == 0 {
			continue
		}
		u.dirty = true
		u.order = inOrder(u.order[:0], g.list)
		var err error
		if isLayered(name) {
			err = u.changeLayered(name, g.list, u.order)
		} else {
			err = u.changePlain(name, g.list, u.order)
		}
		if err != nil {
			return err
		}
		clear(g.list)
		g.list = g.list[:0]
	}
	return nil
}

func (u *unit) changePlain(name []byte, list []change, order []sortKey) error {
	b := u.bucket(name)
	b.FillPercent = fillPercent(name)
	for _, o := range order {
		if err := changeKey(b, &list[o.at]); err != nil {
			return err
		}
	}
	return nil
}

func changeKey(b *bbolt.Bucket, c *change) error {
	if c.val == nil {
		return b.Delete(c.key)
	}
	return b.Put(c.key, c.val)
}

// changeLayered: what is gathered removes keys that are there, and adds keys that are not.
func (u *unit) changeLayered(name []byte, list []change, order []sortKey) error {
	x, err := openLayered(u.tx, name)
	if err != nil {
		return err
	}
	x.scratch, x.arena = &u.scratch, &u.arena
	u.gone, u.fresh = u.gone[:0], u.fresh[:0]
	for i, o := range order {
		c := &list[o.at]
		switch {
		case i+1 < len(order) && bytes.Equal(list[order[i+1].at].key, c.key): // a later change of the key counts
		case c.val == nil:
			u.gone = append(u.gone, c.key)
		default:
			u.fresh = append(u.fresh, c.key)
		}
	}
	if err := x.remove(u.gone); err != nil {
		return err
	}
	if err := x.add(u.fresh); err != nil {
		return err
	}
	return x.save(u.tx)
}

// fillPercent is how full pages are left when they split: buckets that only grow at their end are packed,
// the others keep room for what comes between.
func fillPercent(bucket []byte) float64 {
	switch string(bucket) {
	case string(bucketActivities), string(bucketRows), string(bucketOutbox), string(bucketAudit), string(bucketSubmissions):
		return 1.0
	case string(bucketRowTime), string(bucketRowSource), string(bucketRowID):
		return 0.9
	}
	return bbolt.DefaultFillPercent
}

// meta numbers.

func (u *unit) metaAdd(name []byte, n int64) error {
	b := u.bucket(bucketMeta)
	return u.put(bucketMeta, name, u64(getU64(b.Get(name))+uint64(n)))
}

// advance marks that people, accounts or decisions changed.
func (u *unit) advance() error { return u.metaAdd(metaGeneration, 1) }
