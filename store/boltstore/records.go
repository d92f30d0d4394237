package boltstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// What people made is kept in a bucket for each kind, and all their lists in one index (recordLine says the keys). A list
// is a walk over one or several lines of that index in the order of their keys.
var (
	bucketOpportunities = []byte("opportunities") // id16 → opportunity
	bucketContracts     = []byte("contracts")     // id16 → contract
	bucketProducts      = []byte("products")      // id16 → product
	bucketCampaigns     = []byte("campaigns")     // id16 → campaign
	bucketCampaignCode  = []byte("campaigncode")  // folded code → id16
	bucketTasks         = []byte("tasks")         // id16 → task
	bucketProposals     = []byte("proposals")     // id16 → proposal
	bucketProposalCount = []byte("proposalcount") // state(1), owner → count(8)
	bucketRecordLines   = []byte("recordlines")   // line(1), state(1), scope(16), order, id16 → day of notice of a contract
)

func recordBuckets() [][]byte {
	return [][]byte{bucketOpportunities, bucketContracts, bucketProducts, bucketCampaigns, bucketCampaignCode, bucketTasks,
		bucketProposals, bucketProposalCount, bucketRecordLines}
}

// recordKind says how records of a kind are kept.
type recordKind[T any] struct {
	bucket []byte
	what   string // "opportunity"
	id     func(*T) string
	lines  func(*T) []change // entries of bucketRecordLines
}

func (k recordKind[T]) read(tx *bbolt.Tx, id string) (T, error) {
	key := idOf(id)
	return k.readKey(tx, key[:])
}

func (k recordKind[T]) readKey(tx *bbolt.Tx, key []byte) (out T, err error) {
	raw := tx.Bucket(k.bucket).Get(key)
	if raw == nil {
		return out, crm.ErrNotFound
	}
	return k.decode(raw)
}

func (k recordKind[T]) decode(raw []byte) (T, error) { return decodeRecord[T](raw, "a "+k.what) }

// find is read that gives nil for what is not there.
func (k recordKind[T]) find(tx *bbolt.Tx, id string) (*T, error) {
	out, err := k.read(tx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// idOf is the id of a record that was or is.
func (k recordKind[T]) idOf(before, after *T) string {
	if after == nil {
		return k.id(before)
	}
	return k.id(after)
}

// put stores a record with its lines; before or after is nil for one that was not or is no more.
func (k recordKind[T]) put(u *unit, before, after *T) error {
	var was, is []change
	if before != nil {
		was = k.lines(before)
	}
	if after == nil {
		id := idOf(k.id(before))
		u.reindex(was, nil)
		return u.delete(k.bucket, id[:])
	}
	is = k.lines(after)
	raw, err := encodeRecord(after)
	if err != nil {
		return err
	}
	id := idOf(k.id(after))
	u.reindex(was, is)
	return u.put(k.bucket, id[:], raw)
}

// The lines of the index.
const (
	lineOpportunities = 'o'
	lineContracts     = 'c'
	lineTasks         = 't'
	lineProposals     = 'p'
)

// The states in a line; those of proposals are in the order of proposalStates.
const (
	stateOpen   = 0
	stateClosed = 1
)

// everybody is the scope of the line that has all records.
var everybody id16

const lineHead = 1 + 1 + 16

// recordLine is a key: what the list is of, the state, whom it is about, what it is ordered by, and the record.
func recordLine(line, state byte, scope id16, order []byte, id id16) []byte {
	key := append(make([]byte, 0, lineHead+len(order)+len(id)), line, state)
	key = append(key, scope[:]...)
	key = append(key, order...)
	return append(key, id[:]...)
}

// recordLines are the entries of a record under everybody and under each scope, each once.
func recordLines(line, state byte, order []byte, id id16, val []byte, scopes ...id16) []change {
	out := []change{entry(bucketRecordLines, recordLine(line, state, everybody, order, id), val)}
	seen := map[id16]bool{everybody: true}
	for _, scope := range scopes {
		if !seen[scope] {
			seen[scope] = true
			out = append(out, entry(bucketRecordLines, recordLine(line, state, scope, order, id), val))
		}
	}
	return out
}

// dayOrder is how days are ordered in keys: what has none comes last.
func dayOrder(day string) []byte {
	if len(day) != len("2026-11-21") {
		return []byte("~~~~~~~~~~")
	}
	return []byte(day)
}

// lineQuery is a walk over a list.
type lineQuery struct {
	line   byte
	states []byte
	scope  id16
	since  []byte // orders before this are passed over; nil for none
	until  []byte // the walk ends after orders that begin with this; nil for none
	after  string // cursor
	limit  int
}

// walk calls take with the id and the value of each entry in order until limit were taken, and gives the cursor that
// goes on behind them, "" if there is nothing more that would be taken.
func (q lineQuery) walk(tx *bbolt.Tx, take func(id, val []byte) (bool, error)) (next string, err error) {
	from := q.since
	if key, err := hex.DecodeString(q.after); err == nil && q.after != "" {
		from = slices.Concat(key, []byte{0})
	}
	lines := make([]*lineCursor, len(q.states))
	for i, state := range q.states {
		prefix := append([]byte{q.line, state}, q.scope[:]...)
		lines[i] = newLineCursor(tx.Bucket(bucketRecordLines), prefix, from)
	}
	limit := atMost(q.limit)
	n, last := 0, ""
	for {
		l := firstLine(lines)
		if l == nil || len(q.until) > 0 && bytes.Compare(l.rest[:min(len(q.until), len(l.rest))], q.until) > 0 {
			return "", nil
		}
		if len(l.rest) < 16 {
			return "", corrupt("a list")
		}
		if n == limit {
			// Whether something follows is known only once something is found that would be taken.
			more, err := take(l.rest[len(l.rest)-16:], l.val)
			if err != nil {
				return "", err
			}
			if more {
				return last, nil
			}
			l.next()
			continue
		}
		taken, err := take(l.rest[len(l.rest)-16:], l.val)
		if err != nil {
			return "", err
		}
		if taken {
			n, last = n+1, hex.EncodeToString(l.rest)
		}
		l.next()
	}
}

// lineCursor stands on an entry of one line of the index.
type lineCursor struct {
	cursor *bbolt.Cursor
	prefix []byte
	rest   []byte // of the key behind the prefix; nil at the end
	val    []byte
}

func newLineCursor(b *bbolt.Bucket, prefix, from []byte) *lineCursor {
	l := &lineCursor{cursor: b.Cursor(), prefix: prefix}
	l.set(l.cursor.Seek(append(bytes.Clone(prefix), from...)))
	return l
}

func (l *lineCursor) set(k, v []byte) {
	l.rest, l.val = nil, v
	if hasPrefix(k, l.prefix) {
		l.rest = k[len(l.prefix):]
	}
}

func (l *lineCursor) next() { l.set(l.cursor.Next()) }

// firstLine is the cursor that stands on the smallest key, nil if all are at their ends.
func firstLine(lines []*lineCursor) *lineCursor {
	var first *lineCursor
	for _, l := range lines {
		if l.rest != nil && (first == nil || bytes.Compare(l.rest, first.rest) < 0) {
			first = l
		}
	}
	return first
}

// readLines lists the records of a kind for which fits holds.
func readLines[T any](tx *bbolt.Tx, k recordKind[T], q lineQuery, fits func(*T, []byte) bool) (out []T, next string, err error) {
	limit := atMost(q.limit)
	next, err = q.walk(tx, func(id, val []byte) (bool, error) {
		one, err := k.readKey(tx, id)
		if errors.Is(err, crm.ErrNotFound) { // the unit removed it just now, and the entries of its lines at its end
			return false, nil
		}
		if err != nil || !fits(&one, val) {
			return false, err
		}
		if len(out) < limit {
			out = append(out, one)
		}
		return true, nil
	})
	return out, next, err
}
