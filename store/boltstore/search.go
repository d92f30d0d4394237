package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Lists of people and accounts without a query walk over an index in the order of the folded names; those with one
// rest on the index for searching (finding_index.go).

const (
	defaultLimit  = 50
	maxLimit      = 1000
	maxNameKey    = 400 // bytes of a folded name that take part in the order
	maxQueryWords = 16
)

func atMost(limit int) int {
	switch {
	case limit <= 0:
		return defaultLimit
	case limit > maxLimit:
		return maxLimit
	}
	return limit
}

// nameKey sorts by folded name, then by id.
func nameKey(name string, id id16) []byte {
	folded := strings.ReplaceAll(crm.Fold(name), "\x00", " ")
	if len(folded) > maxNameKey {
		folded = folded[:maxNameKey]
	}
	return append(append([]byte(folded), 0), id[:]...)
}

// personText is what a query is looked for in; parts are kept apart by a line end, which no query has. A
// name is there with and without its space: 田中 太郎 is looked for as 田中太郎 too.
func personText(p crm.Person) string {
	parts := append([]string{p.Name, p.Kana, p.Company}, p.Emails...)
	if p.FamilyName != "" {
		parts = append(parts, p.FamilyName+p.GivenName)
	}
	return searchText(parts)
}

func accountText(a crm.Account) string {
	return searchText(append([]string{a.Name, a.Kana}, a.Domains...))
}

func searchText(parts []string) string {
	var out []string
	for _, part := range parts {
		folded := crm.Fold(part)
		if folded == "" {
			continue
		}
		out = append(out, folded)
		if joined := strings.ReplaceAll(folded, " ", ""); joined != folded {
			out = append(out, joined)
		}
	}
	return strings.Join(out, "\n")
}

// queryWords folds a query and splits it.
func queryWords(query string) [][]byte {
	var out [][]byte
	for _, word := range strings.Fields(crm.Fold(query)) {
		if len(out) < maxQueryWords {
			out = append(out, []byte(word))
		}
	}
	return out
}

// walkNames calls yield with the id of each entry of an index of names that lies under the prefix, comes
// after the cursor and fits, until yield returns false. It gives the cursor of the last one yielded.
func walkNames(b *bbolt.Bucket, prefix []byte, after string, fits func(v []byte) bool, yield func(id []byte) (bool, error)) error {
	start := prefix
	if key, err := hex.DecodeString(after); err == nil && after != "" {
		start = append(append(append([]byte(nil), prefix...), key...), 0)
	}
	cursor := b.Cursor()
	for k, v := cursor.Seek(start); k != nil && hasPrefix(k, prefix); k, v = cursor.Next() {
		if len(k) < len(prefix)+17 || !fits(v) {
			continue
		}
		if more, err := yield(k[len(prefix):]); err != nil || !more {
			return err
		}
	}
	return nil
}

// listNames reads a page: load reads the record of an id.
func listNames(b *bbolt.Bucket, prefix []byte, after string, limit int, fits func(v []byte) bool, load func(id []byte) error) (next string, err error) {
	n, last := 0, ""
	err = walkNames(b, prefix, after, fits, func(key []byte) (bool, error) {
		if n == limit {
			next = last
			return false, nil
		}
		n, last = n+1, hex.EncodeToString(key)
		return true, load(key[len(key)-16:])
	})
	return next, err
}

// ListPeople gives a page of people, ordered by folded name; see storetest.People.
func (s *Store) ListPeople(ctx context.Context, f crm.PeopleFilter) (out []crm.Person, next string, err error) {
	words := findWords(f.Query)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		switch {
		case f.Account != "":
			out, next, err = listMembers(tx, f, words)
		case len(words) > 0:
			m, err := findIndex{tx, spacePeople}.match(words)
			if err != nil {
				return err
			}
			m.kind = personKindByte(f.Kind)
			if m.isDense(words) {
				people := tx.Bucket(bucketPeople)
				list, cursor, ok, err := densePage(peopleNames(tx), m.kind, words, f.After, atMost(f.Limit), func(id []byte) (crm.Person, error) { return decodePerson(people.Get(id)) })
				if ok || err != nil {
					out, next = list, cursor
					return err
				}
			}
			out, next, err = page(m, f.After, atMost(f.Limit), personFinder(tx, words))
			return err
		default:
			out, next, err = listAllPeople(tx, f)
		}
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list people: %w", err)
	}
	return out, next, nil
}

func listAllPeople(tx *bbolt.Tx, f crm.PeopleFilter) (out []crm.Person, next string, err error) {
	people := tx.Bucket(bucketPeople)
	fits := func(v []byte) bool {
		kind, _, ok := bytes.Cut(v, []byte{0})
		return ok && (f.Kind == "" || string(kind) == string(f.Kind))
	}
	next, err = listNames(tx.Bucket(bucketPeopleName), nil, f.After, atMost(f.Limit), fits, func(id []byte) error {
		p, err := decodePerson(people.Get(id))
		out = append(out, p)
		return err
	})
	return out, next, err
}

// listMembers walks over the members of an account.
func listMembers(tx *bbolt.Tx, f crm.PeopleFilter, words []findWord) (out []crm.Person, next string, err error) {
	people, account := tx.Bucket(bucketPeople), idOf(f.Account)
	var p crm.Person
	n, last, limit := 0, "", atMost(f.Limit)
	all := func([]byte) bool { return true }
	err = walkNames(tx.Bucket(bucketMembers), account[:], f.After, all, func(key []byte) (bool, error) {
		if p, err = decodePerson(people.Get(key[len(key)-16:])); err != nil {
			return false, err
		}
		if f.Kind != "" && p.Kind != f.Kind || len(words) > 0 && !allIn(personDoc(&p).text, words) {
			return true, nil
		}
		if n == limit {
			next = last
			return false, nil
		}
		n, last = n+1, hex.EncodeToString(key)
		out = append(out, p)
		return true, nil
	})
	return out, next, err
}

// ListAccounts gives a page of accounts, ordered by folded name.
func (s *Store) ListAccounts(ctx context.Context, f crm.AccountFilter) (out []crm.Account, next string, err error) {
	words := findWords(f.Query)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if len(words) > 0 {
			m, err := findIndex{tx, spaceAccounts}.match(words)
			if err != nil {
				return err
			}
			out, next, err = page(m, f.After, atMost(f.Limit), accountFinder(tx, words))
			return err
		}
		accounts := tx.Bucket(bucketAccounts)
		next, err = listNames(tx.Bucket(bucketAcctName), nil, f.After, atMost(f.Limit), func([]byte) bool { return true }, func(id []byte) error {
			a, err := decodeAccount(accounts.Get(id))
			out = append(out, a)
			return err
		})
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list accounts: %w", err)
	}
	return out, next, nil
}
