package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetActivity gives an activity by its ID or Key.
func (s *Store) GetActivity(ctx context.Context, id string) (crm.Activity, error) {
	var a activity
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		key := idOf(id)
		seq := tx.Bucket(bucketActID).Get(key[:])
		if seq == nil {
			return crm.ErrNotFound
		}
		a, err = decodeActivity(tx.Bucket(bucketActivities).Get(seq), false)
		return err
	})
	if err != nil {
		return crm.Activity{}, fmt.Errorf("read activity %s: %w", id, err)
	}
	return a.Activity, nil
}

// ListActivities gives a page of a timeline, newest first. Activities of the same time are ordered by when
// they were first stored, newest first too.
func (s *Store) ListActivities(ctx context.Context, f crm.ActivityFilter) (out []crm.Activity, next string, err error) {
	limit := atMost(f.Limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		lines := timelines(tx, scopeOf(f), endOf(f))
		activities := tx.Bucket(bucketActivities)
		since := timeKey(f.Since)
		last := ""
		for {
			place := newest(lines)
			if place == nil || !f.Since.IsZero() && bytes.Compare(place[:8], since[:]) < 0 {
				return nil
			}
			if len(out) == limit {
				next = last
				return nil
			}
			a, err := decodeActivity(activities.Get(place[8:]), false)
			if err != nil {
				return err
			}
			out, last = append(out, a.Activity), hex.EncodeToString(place)
			advance(lines, place)
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
	if key, err := hex.DecodeString(f.After); err == nil && len(key) == 16 {
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

// timeline is the entries of one scope and class, walked from the newest to the oldest.
type timeline struct {
	cursor *bbolt.Cursor
	prefix []byte
	place  []byte // time and number of the current entry; nil at the end
}

func timelines(tx *bbolt.Tx, scope id16, end []byte) []*timeline {
	out := make([]*timeline, timelineEnds)
	for class := range out {
		t := &timeline{cursor: tx.Bucket(bucketTimeline).Cursor(), prefix: append(scope[:], byte(class))}
		stop := successor(t.prefix)
		if end != nil {
			stop = append(append([]byte(nil), t.prefix...), end...)
		}
		t.set(before(t.cursor, stop))
		out[class] = t
	}
	return out
}

// before moves a cursor to the last key that is smaller than stop.
func before(c *bbolt.Cursor, stop []byte) (k, v []byte) {
	if stop != nil {
		if k, _ := c.Seek(stop); k != nil {
			return c.Prev()
		}
	}
	return c.Last()
}

func (t *timeline) set(k, _ []byte) {
	t.place = nil
	if k != nil && hasPrefix(k, t.prefix) {
		t.place = k[len(t.prefix):]
	}
}

func newest(lines []*timeline) []byte {
	var out []byte
	for _, t := range lines {
		if t.place != nil && bytes.Compare(t.place, out) > 0 {
			out = t.place
		}
	}
	return out
}

func advance(lines []*timeline, place []byte) {
	for _, t := range lines {
		if t.place != nil && bytes.Equal(t.place, place) {
			t.set(t.cursor.Prev())
		}
	}
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
// incoming activity, not who got a copy of it.
func (s *Store) LastHeard(ctx context.Context, id string) (in, out time.Time, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		lines := timelines(tx, idOf(id), nil)
		if place := lines[classFrom].place; place != nil {
			in = keyTime(place)
		}
		if place := lines[classTo].place; place != nil {
			out = keyTime(place)
		}
		return nil
	})
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read last contact of %s: %w", id, err)
	}
	return in, out, nil
}
