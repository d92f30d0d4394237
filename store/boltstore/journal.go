package boltstore

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// SaveMapping appends a version of the mapping and returns its number; see storetest.Mapping.
func (s *Store) SaveMapping(ctx context.Context, v crm.MappingVersion) (number int, err error) {
	err = s.update(ctx, func(u *unit) error {
		latest, err := latestMapping(u.tx)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
		if err == nil && latest.Document == v.Document {
			number = latest.Number
			return nil
		}
		fresh := v
		fresh.Number = latest.Number + 1
		number = fresh.Number
		if err := u.put(bucketMappings, u64(uint64(number)), encodeMapping(fresh)); err != nil {
			return err
		}
		return u.audit(crm.AuditRecord{At: v.At, Actor: v.Author, Action: "save mapping", Object: fmt.Sprintf("mapping/%d", number)})
	})
	if err != nil {
		return 0, fmt.Errorf("save mapping: %w", err)
	}
	return number, nil
}

// LatestMapping gives the newest version; crm.ErrNotFound if there is none.
func (s *Store) LatestMapping(ctx context.Context) (v crm.MappingVersion, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		v, err = latestMapping(tx)
		return err
	})
	if err != nil {
		return crm.MappingVersion{}, fmt.Errorf("read mapping: %w", err)
	}
	return v, nil
}

func latestMapping(tx *bbolt.Tx) (crm.MappingVersion, error) {
	k, v := tx.Bucket(bucketMappings).Cursor().Last()
	if k == nil {
		return crm.MappingVersion{}, crm.ErrNotFound
	}
	return decodeMapping(v)
}

// ListMappings gives all versions, oldest first.
func (s *Store) ListMappings(ctx context.Context) ([]crm.MappingVersion, error) {
	return listAll(ctx, s, bucketMappings, "mapping versions", decodeMapping)
}

// MappingApplied marks that history follows the exclusions of version n.
func (s *Store) MappingApplied(ctx context.Context, n int) error {
	err := s.update(ctx, func(u *unit) error {
		raw := u.bucket(bucketMappings).Get(u64(uint64(n)))
		if raw == nil {
			return crm.ErrNotFound
		}
		v, err := decodeMapping(raw)
		if err != nil {
			return err
		}
		v.Applied = true
		return u.put(bucketMappings, u64(uint64(n)), encodeMapping(v))
	})
	if err != nil {
		return fmt.Errorf("mark mapping %d as applied: %w", n, err)
	}
	return nil
}

// AppendAudit appends a record; a zero At becomes now.
func (s *Store) AppendAudit(ctx context.Context, r crm.AuditRecord) error {
	if err := s.update(ctx, func(u *unit) error { return u.audit(r) }); err != nil {
		return fmt.Errorf("append audit record: %w", err)
	}
	return nil
}

func (u *unit) audit(r crm.AuditRecord) error {
	if r.At.IsZero() {
		r.At = u.s.now()
	}
	seq, err := u.bucket(bucketAudit).NextSequence()
	if err != nil {
		return err
	}
	when := timeKey(r.At)
	return u.put(bucketAudit, append(when[:], u64(seq)...), encodeAudit(r))
}

// ListAudit gives a page of audit records, newest first.
func (s *Store) ListAudit(ctx context.Context, after string, limit int) (out []crm.AuditRecord, next string, err error) {
	limit = atMost(limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		var stop []byte
		if key, err := hex.DecodeString(after); err == nil && len(key) == 16 {
			stop = key
		}
		cursor := tx.Bucket(bucketAudit).Cursor()
		last := ""
		for k, v := before(cursor, stop); k != nil; k, v = cursor.Prev() {
			if len(out) == limit {
				next = last
				return nil
			}
			r, err := decodeAudit(v)
			if err != nil {
				return err
			}
			out, last = append(out, r), hex.EncodeToString(k)
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list audit records: %w", err)
	}
	return out, next, nil
}

// EnableOutbox says whether changes of activities are kept for the targets from now on.
func (s *Store) EnableOutbox(on bool) { s.outbox.Store(on) }

// ListOutbox gives rows with a number greater than after, ascending.
func (s *Store) ListOutbox(ctx context.Context, after uint64, limit int) (out []crm.OutboxRow, err error) {
	limit = atMost(limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketOutbox).Cursor()
		for k, v := cursor.Seek(u64(after + 1)); k != nil && len(out) < limit; k, v = cursor.Next() {
			r, err := decodeOutbox(v)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", err)
	}
	return out, nil
}

// OutboxDone takes the rows up to a number off, that one included.
func (s *Store) OutboxDone(ctx context.Context, upTo uint64) error {
	err := s.update(ctx, func(u *unit) error {
		_, err := u.deleteUntil(bucketOutbox, u64(upTo), true)
		return err
	})
	if err != nil {
		return fmt.Errorf("clear outbox: %w", err)
	}
	return nil
}

// deleteUntil removes the keys up to a bound and says how many there were.
func (u *unit) deleteUntil(bucket, bound []byte, inclusive bool) (n int, err error) {
	var keys [][]byte
	cursor := u.bucket(bucket).Cursor()
	for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
		if string(k) > string(bound) || !inclusive && string(k) == string(bound) {
			break
		}
		keys = append(keys, append([]byte(nil), k...))
	}
	for _, k := range keys {
		if err := u.delete(bucket, k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// PutSealed stores a ciphertext under a name.
func (s *Store) PutSealed(ctx context.Context, name string, ciphertext []byte) error {
	err := s.update(ctx, func(u *unit) error { return u.put(bucketSealed, []byte(name), ciphertext) })
	if err != nil {
		return fmt.Errorf("store sealed %s: %w", name, err)
	}
	return nil
}

// GetSealed gives the ciphertext under a name.
func (s *Store) GetSealed(ctx context.Context, name string) (out []byte, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucketSealed).Get([]byte(name))
		if raw == nil {
			return crm.ErrNotFound
		}
		out = append([]byte{}, raw...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sealed %s: %w", name, err)
	}
	return out, nil
}

// DeleteSealed takes a ciphertext away and scrubs what it leaves.
func (s *Store) DeleteSealed(ctx context.Context, name string) error {
	err := s.update(ctx, func(u *unit) error { return u.delete(bucketSealed, []byte(name)) })
	if err == nil {
		err = s.Scrub(ctx)
	}
	if err != nil {
		return fmt.Errorf("delete sealed %s: %w", name, err)
	}
	return nil
}

// auditChange records a change of a record; before or after is nil for one that was not or is no more.
func (u *unit) auditChange(actor, what, id string, before, after any) error {
	r := crm.AuditRecord{Actor: actor, Action: "change " + what, Object: what + "/" + id}
	var err error
	if r.Before, err = asJSON(before); err != nil {
		return err
	}
	if r.After, err = asJSON(after); err != nil {
		return err
	}
	switch {
	case r.Before == "":
		r.Action = "create " + what
	case r.After == "":
		r.Action = "delete " + what
	}
	return u.audit(r)
}

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil { // a time, in what is not stored yet
		b, err = json.Marshal(writable(v))
	}
	if err != nil {
		return "", fmt.Errorf("encode audit record: %w", err)
	}
	if string(b) == "null" {
		return "", nil
	}
	return string(b), nil
}
