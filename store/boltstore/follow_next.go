package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// How those who are to be followed are read.
const (
	maxFollowed   = 2000     // people and accounts of one answer
	maxFollowRead = 24 << 20 // bytes of activities of one answer; it has fewer people then
	readers       = 4        // at a time
	readTogether  = 32       // people between two looks at how many bytes there are
)

// NextFollowing gives those who are to be followed; see storetest.Life. Who is no more is taken off the queue.
//
// What follows from what lies all over a big store, so that several read at a time, each what the store says at their own
// moment: the Mark of each person is of that moment.
func (s *Store) NextFollowing(ctx context.Context, now, markedBefore time.Time, limit int, but map[string]bool) ([]crm.Following, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	seen := make(map[id16]bool, len(but))
	for id := range but {
		seen[idOf(id)] = true
	}
	var read reading
	err := s.absorbAll(ctx)
	for more := true; more && err == nil; {
		var ids []id16
		if ids, err = s.dueIDs(ctx, now, markedBefore, min(limit, maxFollowed)-len(read.out), seen); err != nil {
			break
		}
		more = len(ids) > 0
		for some := range slices.Chunk(ids, readTogether) {
			if err = s.readFollowings(ctx, some, &read); err != nil || read.size >= maxFollowRead {
				break
			}
		}
		more = more && len(read.out) == 0 // they were all gone
	}
	if err == nil && len(read.gone) > 0 {
		err = s.update(ctx, func(u *unit) error { return u.leave(read.gone) })
	}
	if err != nil {
		return nil, fmt.Errorf("read who is to be followed: %w", err)
	}
	return read.out, nil
}

// reading is what was read of those who are to be followed.
type reading struct {
	out  []crm.Following
	gone []id16
	size int // bytes of activities
}

// dueIDs gives the next who are to be followed but for those who were seen, among whom they are then.
func (s *Store) dueIDs(ctx context.Context, now, markedBefore time.Time, limit int, seen map[id16]bool) (ids []id16, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		take := func(bucket []byte, until time.Time, exclusive bool) {
			bound, cursor := timeKey(until), tx.Bucket(bucket).Cursor()
			for k, _ := cursor.First(); len(k) == 24 && len(ids) < limit; k, _ = cursor.Next() {
				if c := bytes.Compare(k[:8], bound[:]); c > 0 || c == 0 && exclusive {
					return
				}
				if id := id16(k[8:]); !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
		take(bucketFollowTime, markedBefore, true)
		take(bucketLooks, now, false)
		return nil
	})
	return ids, err
}

// readFollowings reads some, a part of them by each reader, and keeps their order.
func (s *Store) readFollowings(ctx context.Context, ids []id16, into *reading) error {
	found, sizes, failed := make([]crm.Following, len(ids)), make([]int, len(ids)), make([]error, readers)
	part := (len(ids) + readers - 1) / readers // neighbours, which lie on the same pages
	var group sync.WaitGroup
	for reader := range readers {
		group.Go(func() {
			failed[reader] = s.view(ctx, func(tx *bbolt.Tx) error {
				for i := reader * part; i < min((reader+1)*part, len(ids)); i++ {
					f, size, err := s.following(tx, ids[i])
					if err != nil && !errors.Is(err, crm.ErrCorrupt) {
						return err
					}
					if err != nil { // it is theirs alone: the others are read
						f = crm.Following{ID: cmp.Or(f.ID, hex.EncodeToString(ids[i][:])), Mark: f.Mark, Err: err}
					}
					found[i], sizes[i] = f, size
				}
				return nil
			})
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for i := range found {
		if f := &found[i]; f.Person == nil && f.Account == nil && f.Err == nil {
			into.gone = append(into.gone, ids[i])
			continue
		}
		into.out, into.size = append(into.out, found[i]), into.size+sizes[i]
	}
	return nil
}

// leave takes those off the queue who are neither people nor accounts.
func (u *unit) leave(gone []id16) error {
	for _, id := range gone {
		if u.bucket(bucketPeople).Get(id[:]) != nil || u.bucket(bucketAccounts).Get(id[:]) != nil {
			continue
		}
		if err := u.dequeue(id); err != nil {
			return err
		}
	}
	return nil
}
