package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetActivity gives an activity by its ID or Key.
func (s *Store) GetActivity(ctx context.Context, id string) (crm.Activity, error) {
	var a activity
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		raw, found, err := findActivity(tx, idOf(id), false)
		if err == nil && raw == nil {
			err = crm.ErrNotFound
		}
		a = found
		return err
	})
	if err != nil {
		return crm.Activity{}, fmt.Errorf("read activity %s: %w", id, err)
	}
	return a.Activity, nil
}

// maxWalked bounds how many activities a list of one kind looks at for one page.
const maxWalked = 20_000

// ListActivities gives a page of a timeline, newest first. Activities of the same time are ordered by when
// they were first stored, newest first too.
func (s *Store) ListActivities(ctx context.Context, f crm.ActivityFilter) (out []crm.Activity, next string, err error) {
	limit := atMost(f.Limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		lines, err := linesOf(tx, f)
		if err != nil {
			return err
		}
		activities := tx.Bucket(bucketActivities)
		since := timeKey(f.Since)
		last := ""
		for walked := 0; ; walked++ {
			place := lines.newest()
			if place == nil {
				return lines.err()
			}
			if !f.Since.IsZero() && bytes.Compare(place[:8], since[:]) < 0 {
				return nil
			}
			if len(out) == limit || walked == maxWalked {
				next = last
				return nil
			}
			raw := activities.Get(u64(seqOf(place, 8)))
			if f.Kind == "" || kindOf(raw) == f.Kind {
				a, err := decodeActivity(raw, false)
				if err != nil {
					return err
				}
				out = append(out, a.Activity)
			}
			last = hex.EncodeToString(place)
			lines.pass(place)
		}
	})
	if err != nil {
		return nil, "", fmt.Errorf("list activities: %w", err)
	}
	return out, next, nil
}

func scopeOf(f crm.ActivityFilter) id16 {
	switch {
	case f.Person != "":
		return idOf(f.Person)
	case f.Account != "":
		return idOf(f.Account)
	case f.Owner != "":
		return ownerScope(f.Owner)
	}
	return id16{}
}

// endOf is the place, time and number, before which a page starts; nil for the newest.
func endOf(f crm.ActivityFilter) []byte {
	var end []byte
	if key, err := hex.DecodeString(f.After); err == nil && len(key) > 8 {
		end = key
	}
	if !f.Until.IsZero() {
		until := timeKey(f.Until)
		if end == nil || bytes.Compare(until[:], end) < 0 {
			end = until[:]
		}
	}
	return end
}

// timeline is the entries of one scope, a walk from the newest to the oldest for each class.
type timeline []*walk

// placeAt is how long the scope and the class in a timeline's key are; the place, time and number, follows.
const placeAt = 17

func timelines(tx *bbolt.Tx, scope id16, end []byte) (timeline, error) {
	x, err := openLayered(tx, bucketTimeline)
	if err != nil {
		return nil, err
	}
	out := make(timeline, timelineEnds)
	for class := range out {
		prefix := slices.Concat(scope[:placeAt-1], []byte{byte(class)})
		var until []byte
		if end != nil {
			until = slices.Concat(prefix[:placeAt], end)
		}
		out[class] = x.descend(prefix, until)
	}
	return out, nil
}

// newest is the place of the newest entry of all classes; nil at the end.
func newest(lines timeline) []byte { return lines.newest() }

func (lines timeline) newest() (place []byte) {
	for _, w := range lines {
		if key := w.key(); key != nil && bytes.Compare(key[placeAt:], place) > 0 {
			place = key[placeAt:]
		}
	}
	return place
}

// pass steps over a place in every class that has it. The place is not good any more afterwards.
func (lines timeline) pass(place []byte) {
	var there [timelineEnds]bool
	for class, w := range lines {
		key := w.key()
		there[class] = key != nil && bytes.Equal(key[placeAt:], place)
	}
	for class, w := range lines {
		if there[class] {
			w.next()
		}
	}
}

// err is what went wrong on the way.
func (lines timeline) err() error {
	var errs []error
	for _, w := range lines {
		errs = append(errs, w.err)
	}
	return errors.Join(errs...)
}

// Rollups gives the counts of the days from..to, ordered by day, owner, kind and direction. An activity
// counts once for each of its owners; one without an owner counts for "".
func (s *Store) Rollups(ctx context.Context, from, to string) (out []crm.Rollup, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketRollups).Cursor()
		for k, v := cursor.Seek([]byte(from)); k != nil; k, v = cursor.Next() {
			r, err := decodeRollup(k, v)
			if err != nil {
				return err
			}
			if r.Day > to {
				return nil
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read roll-ups: %w", err)
	}
	return out, nil
}

func decodeRollup(k, v []byte) (crm.Rollup, error) {
	parts := strings.Split(string(k), "\x00")
	if len(parts) != 4 || len(v) != 8 {
		return crm.Rollup{}, corrupt("a roll-up")
	}
	return crm.Rollup{Day: parts[0], Owner: parts[1], Kind: crm.ActivityKind(parts[2]),
		Direction: crm.Direction(parts[3]), Count: int64(getU64(v))}, nil
}

// LastHeard reads the ends of a person's or an account's timeline. A person wrote to us who sent an
// incoming activity, not who got a copy of it. A meeting that lies ahead is not heard of yet.
func (s *Store) LastHeard(ctx context.Context, id string) (in, out time.Time, err error) {
	var both [2]time.Time
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		both, err = s.lastHeard(tx, idOf(id))
		return err
	})
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read last contact of %s: %w", id, err)
	}
	return both[0], both[1], nil
}

// lastHeard says when somebody last wrote to us, and we to them.
func (s *Store) lastHeard(tx *bbolt.Tx, id id16) (both [2]time.Time, err error) {
	now := timeKey(s.now())
	lines, err := timelines(tx, id, now[:])
	if err != nil {
		return both, err
	}
	for i, class := range []byte{classFrom, classTo} {
		if key := lines[class].key(); key != nil {
			both[i] = keyTime(key[placeAt:])
		}
	}
	return both, lines.err()
}
