package boltstore

import "go.etcd.io/bbolt"

// findActivity finds the stored activity with an id or key; raw is nil if there is none. The index has half of
// the key only, so the activity itself is asked.
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
	err = x.eachKey(key[:8], func(k []byte) bool {
		seq = seqOf(k, 8)
		raw = activities.Get(u64(seq))
		if a, found = decodeActivity(raw, head); found != nil {
			return false
		}
		if idOf(a.ID) == key || a.Key != "" && idOf(string(a.Key)) == key {
			return false
		}
		raw = nil
		return true
	})
	if err == nil {
		err = found
	}
	return seq, raw, a, err
}
