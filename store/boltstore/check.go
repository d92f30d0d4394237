package boltstore

import (
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// CheckRollups recounts roll-ups and tallies and says in a line each what differs; repair sets them right.
func (s *Store) CheckRollups(ctx context.Context, repair bool) (out []string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		found, err := s.recount(tx)
		out = found.lines
		return err
	})
	if err == nil && repair && len(out) > 0 {
		err = s.update(ctx, func(u *unit) error {
			found, err := s.recount(u.tx)
			out = found.lines
			if err != nil {
				return err
			}
			for _, c := range found.rollups {
				u.gather(c)
			}
			for id, tally := range found.tallies {
				st, err := u.source(id)
				if err != nil {
					return err
				}
				st.cur.Tally = tally
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("check roll-ups: %w", err)
	}
	return out, nil
}

// differences is what a recount found, and what sets it right.
type differences struct {
	lines   []string
	rollups []change
	tallies map[string]crm.Tally
}

func (s *Store) recount(tx *bbolt.Tx) (differences, error) {
	found := differences{tallies: map[string]crm.Tally{}}
	if err := s.recountRollups(tx, &found); err != nil {
		return differences{}, err
	}
	if err := recountTallies(tx, &found); err != nil {
		return differences{}, err
	}
	if err := s.recountLife(tx, &found); err != nil {
		return differences{}, err
	}
	slices.Sort(found.lines)
	return found, nil
}

func (s *Store) recountRollups(tx *bbolt.Tx, found *differences) error {
	counts := map[string]int64{}
	err := tx.Bucket(bucketActivities).ForEach(func(_, v []byte) error {
		a, err := decodeActivity(v, true)
		if err != nil {
			return err
		}
		for _, key := range rollupKeys(a.Activity, s.loc) {
			counts[key]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = tx.Bucket(bucketRollups).ForEach(func(k, v []byte) error {
		found.compareRollup(string(k), int64(getU64(v)), counts[string(k)])
		delete(counts, string(k))
		return nil
	})
	for key, n := range counts {
		found.compareRollup(key, 0, n)
	}
	return err
}

func (d *differences) compareRollup(key string, stored, counted int64) {
	if stored == counted {
		return
	}
	d.lines = append(d.lines, fmt.Sprintf("roll-up %q: stored %d, counted %d", key, stored, counted))
	c := change{bucket: bucketRollups, key: []byte(key)}
	if counted != 0 {
		c.val = u64(uint64(counted))
	}
	d.rollups = append(d.rollups, c)
}

func recountTallies(tx *bbolt.Tx, found *differences) error {
	counts := map[uint32]*crm.Tally{}
	err := tx.Bucket(bucketRows).ForEach(func(_, v []byte) error {
		r, err := decodeRow(v)
		if err != nil || r.entry.Retired {
			return err
		}
		if counts[r.src] == nil {
			counts[r.src] = &crm.Tally{}
		}
		counts[r.src].Add(r.entry.Verdict, 1)
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Bucket(bucketSources).ForEach(func(k, v []byte) error {
		src, err := decodeSource(v)
		if err != nil {
			return err
		}
		counted := crm.Tally{}
		if t := counts[src.num]; t != nil {
			counted = *t
		}
		if src.Tally != counted {
			found.lines = append(found.lines, fmt.Sprintf("tally of %s: stored %+v, counted %+v", k, src.Tally, counted))
			found.tallies[src.ID] = counted
		}
		return nil
	})
}
