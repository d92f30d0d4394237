package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// SaveUser inserts or replaces a user by e-mail address. The audit tells that there is a second factor, and nothing of it
// or of the password. One who only signed in is audited as that.
func (s *Store) SaveUser(ctx context.Context, actor string, user crm.User) error {
	if user.Email == "" {
		return errors.New("save user: there is no e-mail address")
	}
	err := s.update(ctx, func(u *unit) error {
		var before *crm.User
		if raw := u.bucket(bucketUsers).Get([]byte(user.Email)); raw != nil {
			old, err := decodeUser(raw)
			if err != nil {
				return err
			}
			before = &old
		}
		if err := u.put(bucketUsers, []byte(user.Email), encodeUser(user)); err != nil {
			return err
		}
		return u.auditUser(actor, before, &user)
	})
	if err != nil {
		return fmt.Errorf("save user %s: %w", user.Email, err)
	}
	return nil
}

// auditedUser is a user as the audit tells of them.
type auditedUser struct {
	*crm.User
	Password     string `json:"password,omitempty"`      // the beginning of its hash's hash, by which a change of it is seen
	SecondFactor bool   `json:"second_factor,omitempty"` //
}

func auditedAs(u *crm.User) any {
	if u == nil {
		return nil
	}
	out := auditedUser{User: u, SecondFactor: len(u.TOTP) > 0}
	if u.PasswordHash != "" {
		hash := idOf("password\x00" + u.PasswordHash)
		out.Password = hex.EncodeToString(hash[:4])
	}
	return out
}

func (u *unit) auditUser(actor string, before, after *crm.User) error {
	if before != nil && (len(before.TOTP) > 0) == (len(after.TOTP) > 0) {
		was := *before
		was.SignedIn, was.TOTP, was.Created = after.SignedIn, after.TOTP, after.Created
		switch same := reflect.DeepEqual(was, *after); {
		case same && !before.SignedIn.Equal(after.SignedIn):
			return u.audit(crm.AuditRecord{Actor: actor, Action: "sign in", Object: "user/" + after.Email})
		case same && !bytes.Equal(before.TOTP, after.TOTP):
			return nil // a code was used up
		}
	}
	return u.auditChange(actor, "user", after.Email, auditedAs(before), auditedAs(after))
}

// GetUser gives a user by e-mail address.
func (s *Store) GetUser(ctx context.Context, email string) (user crm.User, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucketUsers).Get([]byte(email))
		if raw == nil {
			return crm.ErrNotFound
		}
		user, err = decodeUser(raw)
		return err
	})
	if err != nil {
		return crm.User{}, fmt.Errorf("read user %s: %w", email, err)
	}
	return user, nil
}

// ListUsers gives all users, ordered by e-mail address.
func (s *Store) ListUsers(ctx context.Context) ([]crm.User, error) {
	return listAll(ctx, s, bucketUsers, "users", decodeUser)
}

// SaveToken inserts or replaces an API token by ID.
func (s *Store) SaveToken(ctx context.Context, actor string, t crm.Token) error {
	if t.ID == "" || len(t.Hash) == 0 {
		return errors.New("save token: there is no id or no hash")
	}
	err := s.update(ctx, func(u *unit) error {
		var before *crm.Token
		if raw := u.bucket(bucketTokens).Get([]byte(t.ID)); raw != nil {
			old, err := decodeToken(raw)
			if err != nil {
				return err
			}
			before = &old
			if err := u.delete(bucketTokenHash, old.Hash); err != nil {
				return err
			}
		}
		if err := u.put(bucketTokens, []byte(t.ID), encodeToken(t)); err != nil {
			return err
		}
		if err := u.put(bucketTokenHash, t.Hash, []byte(t.ID)); err != nil {
			return err
		}
		return u.auditChange(actor, "token", t.ID, before, &t)
	})
	if err != nil {
		return fmt.Errorf("save token %s: %w", t.ID, err)
	}
	return nil
}

// TokenByHash gives the token with this hash, revoked or not.
func (s *Store) TokenByHash(ctx context.Context, hash []byte) (t crm.Token, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		id := tx.Bucket(bucketTokenHash).Get(hash)
		if id == nil {
			return crm.ErrNotFound
		}
		t, err = decodeToken(tx.Bucket(bucketTokens).Get(id))
		return err
	})
	if err != nil {
		return crm.Token{}, fmt.Errorf("read token: %w", err)
	}
	return t, nil
}

// ListTokens gives all tokens, ordered by ID.
func (s *Store) ListTokens(ctx context.Context) ([]crm.Token, error) {
	return listAll(ctx, s, bucketTokens, "tokens", decodeToken)
}

func listAll[T any](ctx context.Context, s *Store, bucket []byte, what string, decode func([]byte) (T, error)) (out []T, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, v []byte) error {
			one, err := decode(v)
			out = append(out, one)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	return out, nil
}

// SaveSession stores a web session; the id is kept as a hash.
func (s *Store) SaveSession(ctx context.Context, id string, data []byte, expiry time.Time) error {
	when := timeKey(expiry)
	value := append(when[:], data...)
	err := s.update(ctx, func(u *unit) error { return u.put(bucketSessions, sessionKey(id), value) })
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// FindSession gives a session's data, or false if there is none or it is expired.
func (s *Store) FindSession(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucketSessions).Get(sessionKey(id))
		if len(raw) < 8 || !keyTime(raw).After(now) {
			return nil
		}
		data, ok = append([]byte{}, raw[8:]...), true
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read session: %w", err)
	}
	return data, ok, nil
}

// DeleteSession ends a session; one that is not there is no error.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	err := s.update(ctx, func(u *unit) error { return u.delete(bucketSessions, sessionKey(id)) })
	if err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

func sessionKey(id string) []byte {
	hash := idOf("session\x00" + id)
	return []byte(hex.EncodeToString(hash[:]))
}
