package boltstore

import (
	"bytes"
	"encoding/hex"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// What very many records have is found soonest by going over the names in order: the first hits are near. As they may
// be far all the same, since a family name begins one stretch of the names only, that is tried for some steps.
const (
	denseShare = 20   // of every 20 records one has it
	denseSteps = 4000 // names that are looked at
)

// names is an index of names in order, the values of which hold the texts but for telephone numbers.
type names struct {
	b    *bbolt.Bucket
	text func(v []byte, kind byte) ([]byte, bool) // false for a record of another kind
}

func peopleNames(tx *bbolt.Tx) names {
	return names{tx.Bucket(bucketPeopleName), func(v []byte, kind byte) ([]byte, bool) {
		k, text, ok := bytes.Cut(v, []byte{0})
		return text, ok && (kind == 0 || kind == personKindByte(crm.PersonKind(k)))
	}}
}

func accountNames(tx *bbolt.Tx) names {
	return names{tx.Bucket(bucketAcctName), func(v []byte, _ byte) ([]byte, bool) { return v, true }}
}

// isDense says whether a query is to be looked for among the names. Telephone numbers are not there.
func (m *match) isDense(words []findWord) bool {
	for _, w := range words {
		if isPhoneLike(string(w[0])) {
			return false
		}
	}
	count, all := len(m.recent), len(m.segments)*segmentSize
	for i := range m.segments {
		count += m.segments[i].places.count()
	}
	return all > 4*segmentSize && count > all/denseShare
}

// first calls yield with the first keys behind one whose texts fit, until it returns false. It says whether that was all
// there is to say: it is not if there were too many steps.
func (n names) first(behind []byte, kind byte, fits func(text []byte) bool, yield func(key []byte) (bool, error)) (bool, error) {
	c := n.b.Cursor()
	k, v := c.Seek(append(bytes.Clone(behind), 0))
	if behind == nil {
		k, v = c.First()
	}
	for steps := 0; k != nil; k, v = c.Next() {
		if steps++; steps > denseSteps {
			return false, nil
		}
		text, ok := n.text(v, kind)
		if !ok || len(k) < 17 || !fits(text) {
			continue
		}
		if more, err := yield(k); err != nil || !more {
			return true, err
		}
	}
	return true, nil
}

// densePage is page for what very many records have; ok is false if it was not found soon.
func densePage[T any](n names, kind byte, words []findWord, cursor string, limit int, load func(id []byte) (T, error)) (out []T, next string, ok bool, err error) {
	behind, _ := afterCursor(cursor)
	var last []byte
	ok, err = n.first(behind, kind, func(text []byte) bool { return hasAll(text, words) }, func(key []byte) (bool, error) {
		if len(out) == limit {
			next = hex.EncodeToString(last)
			return false, nil
		}
		last = bytes.Clone(key)
		record, err := load(key[len(key)-16:])
		out = append(out, record)
		return err == nil, err
	})
	return out, next, ok, err
}
