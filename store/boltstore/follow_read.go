package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	maxFollowed   = 2000     // people and accounts of one answer
	maxFollowRead = 24 << 20 // bytes of activities of one answer; it has fewer people then
	maxOfOne      = 8 << 20  // bytes of activities of one person; there are more then
	maxMembers    = 1000     // standings of members that an account comes with
	doneTasks     = 30 * 24 * time.Hour
)

// NextFollowing gives those who are to be followed; see storetest.Life. Who is no more is taken off the queue.
func (s *Store) NextFollowing(ctx context.Context, now, markedBefore time.Time, limit int, but map[string]bool) (out []crm.Following, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxFollowed)
	passed := make(map[id16]bool, len(but))
	for id := range but {
		passed[idOf(id)] = true
	}
	for again := true; again && err == nil; {
		var gone []id16
		if err = s.absorbAll(ctx); err == nil {
			err = s.view(ctx, func(tx *bbolt.Tx) error {
				out, gone, err = s.nextFollowing(tx, now, markedBefore, limit, passed)
				return err
			})
		}
		again = len(out) == 0 && len(gone) > 0
		if err == nil && len(gone) > 0 {
			err = s.update(ctx, func(u *unit) error { return u.leave(gone) })
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read who is to be followed: %w", err)
	}
	return out, nil
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

func (s *Store) nextFollowing(tx *bbolt.Tx, now, markedBefore time.Time, limit int, but map[id16]bool) (out []crm.Following, gone []id16, err error) {
	left, seen := maxFollowRead, maps.Clone(but)
	take := func(bucket []byte, until time.Time, exclusive bool) error {
		bound, cursor := timeKey(until), tx.Bucket(bucket).Cursor()
		for k, _ := cursor.First(); len(k) == 24 && len(out) < limit && left > 0; k, _ = cursor.Next() {
			if c := bytes.Compare(k[:8], bound[:]); c > 0 || c == 0 && exclusive {
				return nil
			}
			id := id16(k[8:])
			if seen[id] {
				continue
			}
			seen[id] = true
			f, size, err := s.following(tx, id)
			if err != nil && !errors.Is(err, crm.ErrCorrupt) {
				return err
			}
			if err != nil { // it is theirs alone: the others are read
				f = crm.Following{ID: cmp.Or(f.ID, hex.EncodeToString(id[:])), Mark: f.Mark, Err: err}
			} else if f.Person == nil && f.Account == nil {
				gone = append(gone, id)
				continue
			}
			out, left = append(out, f), left-size
		}
		return nil
	}
	if err := take(bucketFollowTime, markedBefore, true); err != nil {
		return nil, nil, err
	}
	return out, gone, take(bucketLooks, now, false)
}

// GetFollowing gives one person or account with all that follows from what.
func (s *Store) GetFollowing(ctx context.Context, id string) (f crm.Following, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		f, _, err = s.following(tx, idOf(id))
		if err == nil && f.Person == nil && f.Account == nil {
			return crm.ErrNotFound
		}
		return err
	})
	if err != nil {
		return crm.Following{}, fmt.Errorf("read what follows from %s: %w", id, err)
	}
	return f, nil
}

// following reads a person or account, and says how many bytes of activities that took. Its mark is the end of the log:
// who is marked later stands behind it. Neither Person nor Account is set if there is nobody.
func (s *Store) following(tx *bbolt.Tx, id id16) (f crm.Following, size int, err error) {
	f.Mark = tx.Bucket(bucketMarks).Sequence()
	if raw := tx.Bucket(bucketPeople).Get(id[:]); raw != nil {
		p, err := decodePerson(raw)
		if err != nil {
			return f, 0, err
		}
		f.ID, f.Person = p.ID, &p
		if size, err = followPerson(tx, id, &f); err != nil {
			return f, 0, err
		}
	} else if raw := tx.Bucket(bucketAccounts).Get(id[:]); raw != nil {
		a, err := decodeAccount(raw)
		if err != nil {
			return f, 0, err
		}
		f.ID, f.Account = a.ID, &a
		if err := s.followAccount(tx, id, &f); err != nil {
			return f, 0, err
		}
	} else {
		return f, 0, nil
	}
	st, _, err := readStanding(tx, id)
	if err != nil {
		return f, 0, err
	}
	if st != nil {
		f.Standing = *st
	}
	if f.Opportunities, err = opportunitiesOf(tx, f.ID); err != nil {
		return f, 0, err
	}
	if f.Proposals, err = proposalsOf(tx, f.ID); err != nil {
		return f, 0, err
	}
	f.Tasks, err = tasksOf(tx, f.ID, s.now().Add(-doneTasks))
	return f, size, err
}

// followPerson reads what only a person has.
func followPerson(tx *bbolt.Tx, id id16, f *crm.Following) (size int, err error) {
	if f.Changes, err = changesOf(tx, f.Person); err != nil {
		return 0, err
	}
	if f.Twins, err = twinsOf(tx, *f.Person); err != nil {
		return 0, err
	}
	if f.Person.AccountID != "" {
		switch a, err := readAccount(tx, f.Person.AccountID); {
		case err == nil:
			f.Employer = &a
		case !errors.Is(err, crm.ErrNotFound):
			return 0, err
		}
	}
	lines, err := timelines(tx, id, nil)
	if err != nil {
		return 0, err
	}
	activities := tx.Bucket(bucketActivities)
	for place := newest(lines); place != nil; place = newest(lines) {
		if f.More = len(f.Activities) == crm.FollowWindow || size > maxOfOne; f.More {
			return size, nil
		}
		light, err := withoutTexts(activities.Get(u64(seqOf(place, 8))))
		if err != nil {
			return 0, err
		}
		a, err := decodeActivity(light, false)
		if err != nil {
			return 0, err
		}
		a.Fields, a.Revisions = nil, nil
		f.Activities, size = append(f.Activities, a.Activity), size+len(light)
		lines.pass(place)
	}
	return size, lines.err()
}

// followAccount reads what only an account has.
func (s *Store) followAccount(tx *bbolt.Tx, id id16, f *crm.Following) (err error) {
	if f.TwinAccounts, err = twinAccountsOf(tx, *f.Account); err != nil {
		return err
	}
	cursor := tx.Bucket(bucketMembers).Cursor()
	for k, _ := cursor.Seek(id[:]); hasPrefix(k, id[:]) && len(k) >= 32 && len(f.Members) < maxMembers; k, _ = cursor.Next() {
		st, _, err := readStanding(tx, id16(k[len(k)-16:]))
		if err != nil {
			return err
		}
		if st != nil {
			f.Members = append(f.Members, *st)
		}
	}
	f.Heard, err = s.lastHeard(tx, id)
	return err
}
