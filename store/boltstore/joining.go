package boltstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Joining. A merge of two people or accounts keeps the loser's record whole in its MergeRecord and leaves a sign where
// the loser was (bucketJoinedInto): whatever is stored later and still names the loser, since it was read or mapped before,
// names the winner instead (resolve), and each participant keeps whom it named before (Participant.Was), each activity which
// account stood where another stands now (Activity.Moved). Undoing follows these notes, never guesses; what came later goes
// to whose address or domain it is. Merges and conversions are numbered in one row: what concerns the same records
// is undone in the reverse order of that, and who asks otherwise is told what stands in the way.
var (
	bucketMerges      = []byte("merges")      // id16 → merge
	bucketConversions = []byte("conversions") // id16 → conversion
	bucketJoins       = []byte("joins")       // scope(16), kind(1), seq(8) → id16; the scope is a record's, or zero for all
	bucketJoinedInto  = []byte("joinedinto")  // id16 of a loser → id of the winner, id of the merge
)

func joinBuckets() [][]byte {
	return [][]byte{bucketMerges, bucketConversions, bucketJoins, bucketJoinedInto, bucketSuccessors, bucketJoinedKeys}
}

// The kinds of joins in keys.
const (
	joinMerge      = 'm'
	joinConversion = 'c'
)

// merge is a merge as it is stored, with what undoing it needs beside the record.
type merge struct {
	crm.MergeRecord
	Seq       uint64              `json:"seq"`
	Parked    []crm.Proposal      `json:"parked,omitempty"`    // the loser's proposals as they were
	Contacts  map[string][]string `json:"contacts,omitempty"`  // contacts of deals before they were changed
	Leads     []string            `json:"leads,omitempty"`     // ids of opportunities that began with the loser
	NewParent *string             `json:"newparent,omitempty"` // the winner's, where the merge had to change it
	Followed  []string            `json:"followed,omitempty"`  // ids of people whose successor was the loser
	Blank     bool                `json:"blank,omitempty"`     // somebody whom it knew was erased: it cannot be undone
}

// conversion is a conversion as it is stored.
type conversion struct {
	crm.Conversion
	Seq     uint64           `json:"seq"`
	Made    *crm.Person      `json:"made,omitempty"`    // the contact as it was made
	Founded *crm.Account     `json:"founded,omitempty"` // the account as it was made
	Deal    *crm.Opportunity `json:"deal,omitempty"`    // as it was made
	Blank   bool             `json:"blank,omitempty"`
}

func merges() recordKind[merge] {
	return recordKind[merge]{bucket: bucketMerges, what: "merge", id: func(m *merge) string { return m.ID }, lines: func(m *merge) []change {
		return joinLines(joinMerge, m.Seq, m.ID, m.Winner, m.Loser)
	}}
}

func conversions() recordKind[conversion] {
	return recordKind[conversion]{bucket: bucketConversions, what: "conversion", id: func(c *conversion) string { return c.ID }, lines: func(c *conversion) []change {
		return joinLines(joinConversion, c.Seq, c.ID, c.Person, c.Contact, c.Account)
	}}
}

// joinLines are the entries under which a merge or a conversion is found.
func joinLines(kind byte, seq uint64, id string, subjects ...string) []change {
	key, seen := idOf(id), map[id16]bool{}
	var out []change
	for _, scope := range append([]id16{{}}, idsOf(subjects)...) {
		if !seen[scope] {
			seen[scope] = true
			out = append(out, entry(bucketJoins, append(joinPrefix(scope, kind), u64(seq)...), key[:]))
		}
	}
	return out
}

func idsOf(ids []string) []id16 {
	out := make([]id16, len(ids))
	for i, id := range ids {
		out[i] = idOf(id)
	}
	return out
}

func joinPrefix(scope id16, kind byte) []byte {
	return append(append(make([]byte, 0, 25), scope[:]...), kind)
}

// nextJoin numbers merges and conversions in one row.
func (u *unit) nextJoin() (uint64, error) {
	u.dirty = true
	return u.bucket(bucketJoins).NextSequence()
}

// joinsOf walks over the joins of a record, the newest first, until take returns false.
func joinsOf(tx *bbolt.Tx, scope id16, kind byte, before []byte, take func(key, id []byte) (bool, error)) error {
	prefix := joinPrefix(scope, kind)
	end := successor(prefix)
	if before != nil {
		end = before
	}
	cursor := tx.Bucket(bucketJoins).Cursor()
	newest := cursor.Prev
	if k, _ := cursor.Seek(end); k == nil {
		newest = cursor.Last
	}
	for k, v := newest(); k != nil && hasPrefix(k, prefix); k, v = cursor.Prev() {
		if more, err := take(k, v); err != nil || !more {
			return err
		}
	}
	return nil
}

// listJoins reads a page, newest first; subject "" for all.
func listJoins[T any](tx *bbolt.Tx, k recordKind[T], kind byte, subject, after string, limit int, take func(*T)) (next string, err error) {
	var scope id16
	if subject != "" {
		scope = idOf(subject)
	}
	var before []byte
	if key, err := hex.DecodeString(after); err == nil && hasPrefix(key, joinPrefix(scope, kind)) {
		before = key
	}
	limit = atMost(limit)
	n, last := 0, ""
	err = joinsOf(tx, scope, kind, before, func(key, id []byte) (bool, error) {
		if n == limit {
			next = last
			return false, nil
		}
		one, err := k.readKey(tx, id)
		if err != nil {
			return false, err
		}
		take(&one)
		n, last = n+1, hex.EncodeToString(key)
		return true, nil
	})
	return next, err
}

// GetMerge gives a merge by ID.
func (s *Store) GetMerge(ctx context.Context, id string) (crm.MergeRecord, error) {
	m, err := getRecord(ctx, s, merges(), id)
	return m.MergeRecord, err
}

// ListMerges gives a page of the merges that a person or account took part in, newest first; subject "" for all.
func (s *Store) ListMerges(ctx context.Context, subject, after string, limit int) (out []crm.MergeRecord, next string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		next, err = listJoins(tx, merges(), joinMerge, subject, after, limit, func(m *merge) { out = append(out, m.MergeRecord) })
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list merges: %w", err)
	}
	return out, next, nil
}

// GetConversion gives a conversion by ID.
func (s *Store) GetConversion(ctx context.Context, id string) (crm.Conversion, error) {
	c, err := getRecord(ctx, s, conversions(), id)
	return c.Conversion, err
}

// ListConversions gives a page of the conversions of a person, as the lead or as the contact, or into an account, newest
// first; "" for all.
func (s *Store) ListConversions(ctx context.Context, person, after string, limit int) (out []crm.Conversion, next string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		next, err = listJoins(tx, conversions(), joinConversion, person, after, limit, func(c *conversion) { out = append(out, c.Conversion) })
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list conversions: %w", err)
	}
	return out, next, nil
}

// unhindered refuses to undo what has a number if something later about the record stands that has not been undone. except
// is the id of a conversion that is undone together with it.
func (u *unit) unhindered(subject string, seq uint64, except string) error {
	if err := u.flush(); err != nil {
		return err
	}
	scope := idOf(subject)
	err := joinsOf(u.tx, scope, joinMerge, nil, func(key, id []byte) (bool, error) {
		if getU64(key[17:]) <= seq {
			return false, nil
		}
		m, err := merges().readKey(u.tx, id)
		if err != nil || !m.Undone.IsZero() {
			return true, err
		}
		return false, fmt.Errorf("%w: merge %s of %s stands in the way: it put %s in the place of %s; undo it first", crm.ErrRefused, m.ID,
			m.At.Format(dayFormat), u.called(m.Kind, m.Winner), m.loserName())
	})
	if err != nil {
		return err
	}
	return joinsOf(u.tx, scope, joinConversion, nil, func(key, id []byte) (bool, error) {
		if getU64(key[17:]) <= seq {
			return false, nil
		}
		c, err := conversions().readKey(u.tx, id)
		if err != nil || !c.Undone.IsZero() || c.ID == except || c.Account == subject {
			return true, err
		}
		return false, fmt.Errorf("%w: conversion %s of %s stands in the way: it made a contact of %s; undo it first", crm.ErrRefused, c.ID,
			c.At.Format(dayFormat), u.called(crm.MergePeople, c.Contact))
	})
}

// unjoined refuses to delete somebody whom others are part of by a merge that could be undone: they would be lost.
func (u *unit) unjoined(id string) error {
	if err := u.flush(); err != nil {
		return err
	}
	return joinsOf(u.tx, idOf(id), joinMerge, nil, func(_, key []byte) (bool, error) {
		m, err := merges().readKey(u.tx, key)
		if err != nil || !m.Undone.IsZero() || m.Blank || m.Winner != id {
			return true, err
		}
		undo := "merge " + m.ID
		if c, err := u.conversionOf(&m); err != nil {
			return false, err
		} else if c != "" {
			undo = "conversion " + c
		}
		return false, fmt.Errorf("%w: %s is part of it since %s and would be lost; undo %s first", crm.ErrRefused, m.loserName(),
			m.At.In(u.s.loc).Format(dayFormat), undo)
	})
}

// conversionOf is the id of the conversion that a merge is part of; "" if it is of none that stands.
func (u *unit) conversionOf(m *merge) (id string, err error) {
	err = joinsOf(u.tx, idOf(m.Winner), joinConversion, nil, func(_, key []byte) (bool, error) {
		c, err := conversions().readKey(u.tx, key)
		if err == nil && c.Merge == m.ID && c.Undone.IsZero() {
			id = c.ID
		}
		return id == "", err
	})
	return id, err
}

const dayFormat = "2006-01-02"

// loserName is how the loser was called.
func (m *merge) loserName() string {
	switch {
	case m.Person != nil:
		return quoted(m.Person.Name)
	case m.Account != nil:
		return quoted(m.Account.Name)
	}
	return m.Loser
}

// called is how a record is called in a sentence; its id if it is not there.
func (u *unit) called(kind crm.MergeKind, id string) string {
	if kind == crm.MergeAccounts {
		if a, err := readAccount(u.tx, id); err == nil {
			return quoted(a.Name)
		}
		return id
	}
	if p, err := readPerson(u.tx, id); err == nil {
		return quoted(p.Name)
	}
	return id
}

func quoted(name string) string { return fmt.Sprintf("%q", name) }

// readMerge reads a merge that is to be undone.
func (u *unit) readMerge(id string) (merge, error) {
	m, err := merges().read(u.tx, id)
	switch {
	case err != nil:
		return m, fmt.Errorf("merge %s: %w", id, err)
	case !m.Undone.IsZero():
		return m, fmt.Errorf("%w: merge %s was undone already", crm.ErrRefused, id)
	case m.Blank:
		return m, fmt.Errorf("%w: somebody whom merge %s knew was erased, and what it kept with them", crm.ErrRefused, id)
	}
	return m, nil
}

// isThere says whether an error is anything but that there is no such record.
func isThere(err error) (bool, error) {
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
