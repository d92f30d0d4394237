package boltstore

import (
	"bytes"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxBelow is how many accounts a timeline of an account and all below it takes together.
const maxBelow = 1000

// lineWalk is a walk over timelines, newest first.
type lineWalk interface {
	newest() []byte    // time and number of the newest entry left; nil at the end. It is good until the next pass
	pass(place []byte) // steps over it
	err() error
}

// linesOf are the timelines that a filter chooses.
func linesOf(tx *bbolt.Tx, f crm.ActivityFilter) (lineWalk, error) {
	if f.Account == "" || !f.Below || f.Person != "" {
		return timelines(tx, scopeOf(f), endOf(f))
	}
	scopes := accountsBelow(tx, idOf(f.Account))
	if len(scopes) == 1 {
		return timelines(tx, scopes[0], endOf(f))
	}
	return newMergedLines(tx, scopes, endOf(f))
}

// accountsBelow are an account and all below it, the nearest first, at most maxBelow.
func accountsBelow(tx *bbolt.Tx, top id16) []id16 {
	out, seen := []id16{top}, map[id16]bool{top: true}
	cursor := tx.Bucket(bucketSubsidiaries).Cursor()
	for i := 0; i < len(out); i++ {
		for k, _ := cursor.Seek(out[i][:]); hasPrefix(k, out[i][:]) && len(k) == 32 && len(out) < maxBelow; k, _ = cursor.Next() {
			if id := id16(k[16:]); !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// mergedLines walks over many timelines at once: a heap of walks, the one that stands on the newest place on top. An
// activity that stands on several of them comes once.
type mergedLines struct {
	heap  []mergedLine
	errs  []error
	place []byte // where the top stood
}

type mergedLine struct {
	w     *walk
	place []byte // in the walk's memory
}

func newMergedLines(tx *bbolt.Tx, scopes []id16, end []byte) (*mergedLines, error) {
	m := &mergedLines{}
	for _, scope := range scopes {
		lines, err := timelines(tx, scope, end)
		if err != nil {
			return nil, err
		}
		for _, w := range lines {
			if key := w.key(); key != nil {
				m.heap = append(m.heap, mergedLine{w, key[placeAt:]})
			} else if w.err != nil {
				return nil, w.err
			}
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	return m, nil
}

func (m *mergedLines) newest() []byte {
	if len(m.heap) == 0 {
		return nil
	}
	m.place = append(m.place[:0], m.heap[0].place...)
	return m.place
}

func (m *mergedLines) pass(place []byte) {
	for len(m.heap) > 0 && bytes.Equal(m.heap[0].place, place) {
		top := &m.heap[0]
		if key := top.w.next(); key != nil {
			top.place = key[placeAt:]
		} else {
			if top.w.err != nil {
				m.errs = append(m.errs, top.w.err)
			}
			last := len(m.heap) - 1
			m.heap[0] = m.heap[last]
			m.heap = slices.Delete(m.heap, last, last+1)
		}
		m.sink(0)
	}
}

// sink puts a line below those that stand on newer places.
func (m *mergedLines) sink(i int) {
	for {
		newer := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heap); child++ {
			if bytes.Compare(m.heap[child].place, m.heap[newer].place) > 0 {
				newer = child
			}
		}
		if newer == i {
			return
		}
		m.heap[i], m.heap[newer] = m.heap[newer], m.heap[i]
		i = newer
	}
}

func (m *mergedLines) err() error { return errors.Join(m.errs...) }
