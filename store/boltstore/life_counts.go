package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The names of counts: how many leads an owner has in a status, how many people of an owner ("" for all) wait for an
// answer, how many are in a segment.
func loadCount(owner string, status crm.LeadStatus) string {
	return "load\x00" + keyPart(owner) + "\x00" + keyPart(string(status))
}

func unrepliedCount(owner string) string { return "unreplied\x00" + keyPart(owner) }

func segmentCount(name string) string { return "segment\x00" + keyPart(name) }

// bump adds to a count.
func (u *unit) bump(name string, n int64) { u.life.counts[name] += n }

// countLead counts a lead for its owner.
func (u *unit) countLead(p *crm.Person, n int64) {
	if p != nil && p.Kind == crm.Lead {
		u.bump(loadCount(p.Owner, p.Status), n)
	}
}

// countLists counts a person of an owner on the lists.
func (u *unit) countLists(owner string, st *crm.Standing, n int64) {
	for _, name := range listCounts(owner, st) {
		u.bump(name, n)
	}
}

func listCounts(owner string, st *crm.Standing) (out []string) {
	if st == nil {
		return nil
	}
	if !st.Unreplied.IsZero() {
		out = append(out, unrepliedCount(""))
		if owner != "" {
			out = append(out, unrepliedCount(owner))
		}
	}
	for _, name := range st.Segments {
		out = append(out, segmentCount(name))
	}
	return out
}

func (u *unit) flushCounts() error {
	if len(u.life.counts) == 0 {
		return nil
	}
	b := u.bucket(bucketCounts)
	for name, n := range u.life.counts {
		if n == 0 {
			continue
		}
		c := entry(bucketCounts, []byte(name), nil)
		if sum := getU64(b.Get(c.key)) + uint64(n); sum != 0 {
			c.val = u64(sum)
		}
		if err := u.keep(c); err != nil {
			return err
		}
	}
	clear(u.life.counts)
	return nil
}

// keep does at once what gather does at the end of a unit.
func (u *unit) keep(c change) error {
	u.dirty = true
	return changeKey(u.bucket(c.bucket), &c)
}

func (s *Store) lifeCount(ctx context.Context, name string) (n int64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		n = int64(getU64(tx.Bucket(bucketCounts).Get([]byte(name))))
		return nil
	})
	return n, err
}

// CountSegment is how many people are in a segment.
func (s *Store) CountSegment(ctx context.Context, segment string) (int64, error) {
	n, err := s.lifeCount(ctx, segmentCount(segment))
	if err != nil {
		return 0, fmt.Errorf("count segment %q: %w", segment, err)
	}
	return n, nil
}

// CountUnreplied is how many people of an owner ("" for all) wait for an answer.
func (s *Store) CountUnreplied(ctx context.Context, owner string) (int64, error) {
	n, err := s.lifeCount(ctx, unrepliedCount(owner))
	if err != nil {
		return 0, fmt.Errorf("count the unreplied: %w", err)
	}
	return n, nil
}

// assigned notes that a rule gave an owner a lead.
func (u *unit) assigned(owner string, at time.Time) {
	if owner == "" {
		return
	}
	key, when := []byte(keyPart(owner)), timeKey(at)
	if old := u.bucket(bucketAssigned).Get(key); string(old) < string(when[:]) {
		u.gather(entry(bucketAssigned, key, when[:]))
	}
}

// Loads says how much each owner has to do; see storetest.Life.
func (s *Store) Loads(ctx context.Context) (map[string]crm.Load, error) {
	out := map[string]crm.Load{}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		prefix := []byte("load\x00")
		cursor := tx.Bucket(bucketCounts).Cursor()
		for k, v := cursor.Seek(prefix); hasPrefix(k, prefix); k, v = cursor.Next() {
			owner, status, ok := strings.Cut(string(k[len(prefix):]), "\x00")
			if !ok {
				return corrupt("a count")
			}
			load := out[owner]
			if load.Leads == nil {
				load.Leads = map[crm.LeadStatus]int{}
			}
			load.Leads[crm.LeadStatus(status)] = int(getU64(v))
			out[owner] = load
		}
		return tx.Bucket(bucketAssigned).ForEach(func(k, v []byte) error {
			if len(v) != 8 {
				return corrupt("when a lead was assigned")
			}
			load := out[string(k)]
			if load.Leads == nil {
				load.Leads = map[crm.LeadStatus]int{}
			}
			load.Assigned = keyTime(bytes.Clone(v))
			out[string(k)] = load
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the owners' loads: %w", err)
	}
	return out, nil
}
