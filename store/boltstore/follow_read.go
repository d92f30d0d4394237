package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	maxOfOne   = 8 << 20 // bytes of activities of one person; there are more then
	maxMembers = 1000    // standings of members that an account comes with
	maxFew     = 200     // entries on the timeline of somebody who has few
	doneTasks  = 30 * 24 * time.Hour
)

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
	activities := tx.Bucket(bucketActivities)
	err = eachPlace(tx, id, func(place []byte) (bool, error) {
		if f.More = len(f.Activities) == crm.FollowWindow || size > maxOfOne; f.More {
			return false, nil
		}
		light, err := withoutTexts(activities.Get(u64(seqOf(place, 8))))
		if err != nil {
			return false, err
		}
		a, err := decodeActivity(light, false)
		if err != nil {
			return false, err
		}
		a.Fields, a.Revisions = nil, nil
		f.Activities, size = append(f.Activities, a.Activity), size+len(light)
		return true, nil
	})
	return size, err
}

// eachPlace calls yield with the place of each activity of somebody, the newest first, until it returns false. Of most
// people there are few, which are read with one look at each layer of the index instead of one for each class.
func eachPlace(tx *bbolt.Tx, id id16, yield func(place []byte) (bool, error)) error {
	few, all, err := fewPlaces(tx, id)
	if err != nil {
		return err
	}
	if all {
		for _, place := range few {
			if more, err := yield(place); err != nil || !more {
				return err
			}
		}
		return nil
	}
	lines, err := timelines(tx, id, nil)
	if err != nil {
		return err
	}
	for place := newest(lines); place != nil; place = newest(lines) {
		if more, err := yield(place); err != nil || !more {
			return err
		}
		lines.pass(place)
	}
	return lines.err()
}

// fewPlaces gives the places of somebody's activities, the newest first; all is false if there are more than a few.
func fewPlaces(tx *bbolt.Tx, id id16) (places [][]byte, all bool, err error) {
	x, err := openLayered(tx, bucketTimeline)
	if err != nil {
		return nil, false, err
	}
	all = true
	err = x.eachKey(id[:], func(key []byte) bool {
		if all = len(places) < maxFew; all && len(key) > placeAt {
			places = append(places, bytes.Clone(key[placeAt:]))
		}
		return all
	})
	slices.SortFunc(places, func(a, b []byte) int { return bytes.Compare(b, a) })
	return slices.CompactFunc(places, bytes.Equal), all, err
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
