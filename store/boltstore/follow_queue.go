package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

const (
	maxMarks    = 10_000  // ids in a value of the log
	maxAbsorbed = 100_000 // ids that one transaction moves into the queue
)

// mark notes that something changed of a person or an account, which is followed then. "" is nobody.
func (u *unit) mark(id string) {
	if id != "" {
		u.markKey(idOf(id))
	}
}

func (u *unit) markKey(key id16) {
	if n := len(u.life.marks); key == u.quiet || n > 0 && u.life.marks[n-1] == key {
		return
	}
	u.life.marks = append(u.life.marks, key)
}

// flushMarks appends those who were marked to the log.
func (u *unit) flushMarks() error {
	marks := u.life.marks
	if len(marks) == 0 {
		return nil
	}
	slices.SortFunc(marks, func(a, b id16) int { return bytes.Compare(a[:], b[:]) })
	if err := u.logMarks(slices.Compact(marks), u.s.now()); err != nil {
		return err
	}
	u.life.marks = marks[:0]
	return nil
}

func (u *unit) logMarks(ids []id16, at time.Time) error {
	u.dirty = true
	return logMarks(u.bucket(bucketMarks), &u.arena, ids, at)
}

func logMarks(log *bbolt.Bucket, room *arena, ids []id16, at time.Time) error {
	log.FillPercent = 1
	when := timeKey(at)
	for some := range slices.Chunk(ids, maxMarks) {
		seq, err := log.NextSequence()
		if err != nil {
			return err
		}
		val := append(room.make(len(when)+16*len(some)), when[:]...)
		for _, id := range some {
			val = append(val, id[:]...)
		}
		if err := log.Put(u64(seq), val); err != nil {
			return err
		}
	}
	return nil
}

// inQueue is an entry of the queue.
type inQueue struct {
	mark uint64  // place of the last one of its marks in the log
	at   [8]byte // time of the first
}

func queued(raw []byte) (q inQueue, ok bool) {
	if len(raw) != 16 {
		return q, false
	}
	return inQueue{getU64(raw[:8]), [8]byte(raw[8:])}, true
}

// absorb moves marks from the log into the queue, the oldest first, about maxAbsorbed at most. more says that some are left.
func (u *unit) absorb() (more bool, err error) {
	found := map[id16]inQueue{}
	var places [][]byte
	cursor, n := u.bucket(bucketMarks).Cursor(), 0
	for k, v := cursor.First(); k != nil && !more; k, v = cursor.Next() {
		if len(k) != 8 || len(v)%16 != 8 {
			return false, corrupt("the log of who changed")
		}
		for id := range slices.Chunk(v[8:], 16) {
			q, known := found[id16(id)]
			if !known {
				q.at = [8]byte(v)
			}
			q.mark = getU64(k)
			found[id16(id)] = q
		}
		places = append(places, bytes.Clone(k))
		n += len(v) / 16
		more = n >= maxAbsorbed
	}
	ids := make([]id16, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b id16) int { return bytes.Compare(a[:], b[:]) })
	if err := u.enqueue(ids, found); err != nil {
		return false, err
	}
	for _, place := range places {
		if err := u.delete(bucketMarks, place); err != nil {
			return false, err
		}
	}
	return more, nil
}

// enqueue puts some into the queue; who is there already keeps the time. Both buckets are written in the order of their
// keys: a page that takes in thousands in any other order moves them again and again.
func (u *unit) enqueue(ids []id16, found map[id16]inQueue) error {
	queue, room := u.bucket(bucketFollowing), &u.arena
	var times [][]byte
	for _, id := range ids {
		q := found[id]
		if old, ok := queued(queue.Get(id[:])); ok {
			q.at, q.mark = old.at, max(q.mark, old.mark)
		} else {
			times = append(times, append(append(room.make(len(q.at)+len(id)), q.at[:]...), id[:]...))
		}
		if err := u.put(bucketFollowing, room.copy(id[:]), append(room.u64(q.mark), q.at[:]...)); err != nil {
			return err
		}
	}
	slices.SortFunc(times, bytes.Compare)
	for _, key := range times {
		if err := u.put(bucketFollowTime, key, nothing); err != nil {
			return err
		}
	}
	return nil
}

// dequeue takes somebody off the queue.
func (u *unit) dequeue(id id16) error {
	q, ok := queued(u.bucket(bucketFollowing).Get(id[:]))
	if !ok {
		return nil
	}
	if err := u.delete(bucketFollowTime, append(q.at[:], id[:]...)); err != nil {
		return err
	}
	return u.delete(bucketFollowing, id[:])
}

// absorbAll moves the whole log into the queue.
func (s *Store) absorbAll(ctx context.Context) error {
	for {
		var left bool
		err := s.view(ctx, func(tx *bbolt.Tx) error {
			left = unlessEmpty(tx.Bucket(bucketMarks)) != nil
			return nil
		})
		if err != nil || !left {
			return err
		}
		err = s.update(ctx, func(u *unit) error {
			left, err = u.absorb()
			return err
		})
		if err != nil || !left {
			return err
		}
	}
}

// MarkAll marks every person and account, in pieces.
func (s *Store) MarkAll(ctx context.Context, now time.Time) error {
	for _, bucket := range [][]byte{bucketPeople, bucketAccounts} {
		var after, last []byte
		for done := false; !done; after = last {
			err := s.update(ctx, func(u *unit) error {
				var ids []id16
				ids, last = keysAfter(u.bucket(bucket), after, maxMarks)
				done = len(ids) < maxMarks
				return u.logMarks(ids, now)
			})
			if err != nil {
				return fmt.Errorf("mark everybody: %w", err)
			}
		}
	}
	return nil
}

// keysAfter are the next keys of a bucket whose keys are ids.
func keysAfter(b *bbolt.Bucket, after []byte, limit int) (ids []id16, last []byte) {
	cursor := b.Cursor()
	k, _ := cursor.First()
	if after != nil {
		if k, _ = cursor.Seek(after); bytes.Equal(k, after) {
			k, _ = cursor.Next()
		}
	}
	for ; k != nil && len(ids) < limit; k, _ = cursor.Next() {
		if len(k) == 16 {
			ids = append(ids, id16(k))
		}
	}
	if len(ids) > 0 {
		last = bytes.Clone(ids[len(ids)-1][:])
	}
	return ids, last
}

// CountFollowing is how many people and accounts are marked.
func (s *Store) CountFollowing(ctx context.Context) (n int64, err error) {
	if err = s.absorbAll(ctx); err == nil {
		err = s.view(ctx, func(tx *bbolt.Tx) error {
			cursor := tx.Bucket(bucketFollowing).Cursor()
			for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
				n++
			}
			return nil
		})
	}
	if err != nil {
		return 0, fmt.Errorf("count who is to be followed: %w", err)
	}
	return n, nil
}
