package boltstore

import (
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// withdrawChunk is how many rows are looked at before what was withdrawn is flushed.
const withdrawChunk = 2000

// withdraw applies what a source says of items that are not there any more; see storetest.Sources.
func (u *unit) withdraw(c crm.Commit, num uint32) error {
	if len(c.Withdrawn) == 0 {
		return nil
	}
	if err := u.flush(); err != nil { // the rows of this commit must be there to be found
		return err
	}
	for i := range c.Withdrawn {
		scope := c.Withdrawn[i]
		if scope.At.IsZero() {
			scope.At = c.At
		}
		if !slices.IsSorted(scope.Present) {
			scope.Present = sorted(scope.Present)
		}
		if err := u.withdrawScope(c.Source, num, &scope); err != nil {
			return err
		}
	}
	return nil
}

// withdrawScope walks over the rows of a scope. It flushes now and then, so that a calendar of many thousands of
// entries needs little memory. A row itself stays as it is: that it was logged remains true.
func (u *unit) withdrawScope(sourceID string, num uint32, scope *crm.Scope) error {
	start := rowIDKey(num, scope.Prefix)
	for from := start; from != nil; {
		var gone []crm.Entry
		cursor, rows := u.bucket(bucketRowID).Cursor(), u.bucket(bucketRows)
		k, v := cursor.Seek(from)
		for n := 0; k != nil && hasPrefix(k, start) && n < withdrawChunk; n++ {
			if _, there := slices.BinarySearch(scope.Present, string(k[4:])); !there {
				r, err := decodeRow(rows.Get(v))
				if err != nil {
					return err
				}
				if e := r.entry; e.Verdict == crm.Logged && !e.Retired && within(e.ItemTime, scope.From, scope.To) {
					gone = append(gone, e)
				}
			}
			k, v = cursor.Next()
		}
		from = nil
		if k != nil && hasPrefix(k, start) {
			from = slices.Clone(k)
		}
		for _, e := range gone {
			if err := u.withdrawRow(sourceID, e, scope.At); err != nil {
				return err
			}
		}
		if err := u.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) withdrawRow(sourceID string, e crm.Entry, at time.Time) error {
	st, err := u.activity(e.Activity)
	if err != nil || st.cur == nil {
		return err
	}
	if a, changed := crm.Withdraw(st.cur.Activity, sourceID, e.ExternalID, at); changed {
		cur := *st.cur
		u.taken = u.taken || a.Status == crm.StatusDeleted || len(a.Letters) < len(st.cur.Letters)
		cur.Activity = a
		st.cur = &cur
	}
	return nil
}

// within says whether a time is at or after from and before to; a zero bound does not restrict.
func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}
