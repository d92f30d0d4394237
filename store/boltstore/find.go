package boltstore

import (
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// findActivity finds the stored activity with an id or key, else one that a message with this key is part of; raw is
// nil if there is none. The index has half of the key only, so the activity itself is asked.
func findActivity(tx *bbolt.Tx, key id16, head bool) (raw []byte, a activity, err error) {
	x, err := openLayered(tx, bucketActID)
	if err != nil {
		return nil, a, err
	}
	_, raw, a, err = x.findActivity(tx, key, head)
	return raw, a, err
}

func (x *layered) findActivity(tx *bbolt.Tx, key id16, head bool) (seq uint64, raw []byte, a activity, err error) {
	activities, found := tx.Bucket(bucketActivities), error(nil)
	var with uint64 // the activity that the message is part of
	var withRaw []byte
	err = x.eachKey(key[:8], func(k []byte) bool {
		seq = seqOf(k, 8)
		raw = activities.Get(u64(seq))
		if a, found = decodeActivity(raw, head); found != nil {
			return false
		}
		if isNamed(&a, key) {
			return false
		}
		if hasMessage(&a, key) && (withRaw == nil || seq < with) {
			with, withRaw = seq, raw
		}
		raw = nil
		return true
	})
	if err == nil {
		err = found
	}
	if err == nil && raw == nil && withRaw != nil {
		seq, raw = with, withRaw
		a, err = decodeActivity(raw, head)
	}
	return seq, raw, a, err
}

// isNamed says whether an activity has the id or key.
func isNamed(a *activity, key id16) bool {
	return idOf(a.ID) == key || a.Key != "" && idOf(string(a.Key)) == key
}

func hasMessage(a *activity, key id16) bool {
	return slices.ContainsFunc(a.Messages, func(k crm.Key) bool { return idOf(string(k)) == key })
}
