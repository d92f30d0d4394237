package boltstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// scopesOf are the lists on which people of an owner stand: everybody's and the owner's.
func scopesOf(owner string) []id16 {
	if owner == "" {
		return []id16{{}}
	}
	return []id16{{}, ownerScope(owner)}
}

func listScope(owner string) id16 {
	scopes := scopesOf(owner)
	return scopes[len(scopes)-1]
}

func segmentScope(name string) id16 { return idOf("segment\x00" + name) }

// listKeys are the entries of a person in the lists; none if st is nil.
func listKeys(key id16, owner string, st *crm.Standing) []change {
	if st == nil {
		return nil
	}
	var out []change
	dated := func(bucket []byte, at time.Time) {
		if at.IsZero() {
			return
		}
		when := timeKey(at)
		for _, scope := range scopesOf(owner) {
			out = append(out, entry(bucket, slices.Concat(scope[:], when[:], key[:]), nothing))
		}
	}
	dated(bucketUnreplied, st.Unreplied)
	dated(bucketFollowUps, st.Follow)
	for _, name := range st.Segments {
		scope := segmentScope(name)
		out = append(out, entry(bucketSegments, append(scope[:], key[:]...), nothing))
	}
	return out
}

// ListUnreplied gives the people of an owner who wait for an answer, who waits longest first.
func (s *Store) ListUnreplied(ctx context.Context, owner, after string, limit int) ([]crm.Listed, string, error) {
	out, next, err := s.listed(ctx, bucketUnreplied, listScope(owner), nil, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("list the unreplied: %w", err)
	}
	return out, next, nil
}

// ListFollowUps gives the people of an owner who are due for a follow-up, who is longest first.
func (s *Store) ListFollowUps(ctx context.Context, owner string, now time.Time, after string, limit int) ([]crm.Listed, string, error) {
	until := timeKey(now)
	out, next, err := s.listed(ctx, bucketFollowUps, listScope(owner), until[:], after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("list follow-ups: %w", err)
	}
	return out, next, nil
}

// ListSegment gives the members of a segment, ordered by ID.
func (s *Store) ListSegment(ctx context.Context, segment, after string, limit int) ([]crm.Listed, string, error) {
	out, next, err := s.listed(ctx, bucketSegments, segmentScope(segment), nil, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("list segment %q: %w", segment, err)
	}
	return out, next, nil
}

// listed reads a page of an index whose keys are a scope, whatever orders the list, and a person: what lies before until if
// that is not nil.
func (s *Store) listed(ctx context.Context, bucket []byte, scope id16, until []byte, after string, limit int) (out []crm.Listed, next string, err error) {
	limit = atMost(limit)
	start := scope[:]
	if place, err := hex.DecodeString(after); err == nil && after != "" {
		start = slices.Concat(scope[:], place, []byte{0})
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor, last := tx.Bucket(bucket).Cursor(), ""
		for k, _ := cursor.Seek(start); hasPrefix(k, scope[:]); k, _ = cursor.Next() {
			place := k[len(scope):]
			if until != nil && string(place[:min(len(place), len(until))]) >= string(until) {
				return nil
			}
			if len(out) == limit {
				next = last
				return nil
			}
			one, err := readListed(tx, place)
			if err != nil {
				return err
			}
			out, last = append(out, one), hex.EncodeToString(place)
		}
		return nil
	})
	return out, next, err
}

func readListed(tx *bbolt.Tx, place []byte) (out crm.Listed, err error) {
	if len(place) < 16 {
		return out, corrupt("a list of people")
	}
	key := id16(place[len(place)-16:])
	st, _, err := readStanding(tx, key)
	if err != nil {
		return out, err
	}
	raw := tx.Bucket(bucketPeople).Get(key[:])
	if st == nil || raw == nil {
		return out, corrupt("a list of people")
	}
	out.Standing = *st
	out.Person, err = decodePerson(raw)
	return out, err
}

// ListChanges gives a person's changes, newest first; see storetest.Life.
func (s *Store) ListChanges(ctx context.Context, person string) (out []crm.Change, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		p, err := readPerson(tx, person)
		if errors.Is(err, crm.ErrNotFound) {
			p, err = crm.Person{ID: person}, nil
		}
		if err == nil {
			out, err = changesOf(tx, &p)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list changes of %s: %w", person, err)
	}
	slices.Reverse(out)
	return out, nil
}
