package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The bounds of a search.
const (
	defaultHits = 20
	maxHits     = 100
	maxLooked   = 400    // records that are read for a rank
	maxSifted   = 4000   // the same for somebody who may not see all
	maxWeighed  = 50_000 // entries of which these are the first by name
)

// ranks are the marks by which what begins with a query is looked for first, then what has a word that does, then the rest.
var ranks = [...]byte{markPart, markWord, 0}

// Search finds people and accounts; see storetest.Finding. Of several words the first decides the rank.
func (s *Store) Search(ctx context.Context, q crm.SearchQuery) (out crm.Found, err error) {
	words := findWords(q.Query)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultHits
	}
	limit = min(limit, maxHits)
	if len(words) == 0 {
		return out, ctx.Err()
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		r := ranking{tx: tx, words: words, limit: limit, looked: maxLooked, seen: map[id16]bool{}, sees: q.Seen}
		if q.Seen != nil {
			r.looked = maxSifted
		}
		if err := r.run(q.Kind); err != nil {
			return err
		}
		out = r.result()
		return nil
	})
	if err != nil {
		return crm.Found{}, fmt.Errorf("search: %w", err)
	}
	return out, nil
}

// ranking gathers the hits of a search, rank by rank, until there are enough.
type ranking struct {
	tx     *bbolt.Tx
	words  []findWord
	limit  int
	looked int // records that are read for a rank
	seen   map[id16]bool
	sees   func(*crm.Hit) bool // nil for all
	hits   []rankedHit
	more   bool
}

type rankedHit struct {
	rank int
	key  []byte
	hit  crm.Hit
}

func (r *ranking) run(kind string) error {
	people, accounts := kind != "account", kind == "" || kind == "account"
	var fields []field
	if people {
		fields = append(fields, newField(r, spacePeople, personKindByte(crm.PersonKind(kind)), peopleNames(r.tx), personFinder(r.tx, r.words),
			func(p *crm.Person) crm.Hit { return crm.Hit{Kind: string(p.Kind), ID: p.ID, Person: p} }))
	}
	if accounts {
		fields = append(fields, newField(r, spaceAccounts, 0, accountNames(r.tx), accountFinder(r.tx, r.words),
			func(a *crm.Account) crm.Hit { return crm.Hit{Kind: "account", ID: a.ID, Account: a} }))
	}
	for _, f := range fields {
		if err := f.begins(); err != nil {
			return err
		}
	}
	for rank := range ranks {
		if len(r.hits) > r.limit {
			r.more = true
			return nil
		}
		for _, f := range fields {
			if err := f.look(rank); err != nil {
				return err
			}
		}
	}
	r.more = r.more || len(r.hits) > r.limit
	return nil
}

// field is where a search looks: people or accounts.
type field interface {
	begins() error       // takes those whose names begin with the first word
	look(rank int) error // takes those of a rank
}

// records is the field of one kind of record.
type records[T any] struct {
	*ranking
	space, kind byte
	names       names
	find        finder[T]
	hit         func(*T) crm.Hit
	match       *match // nil until it is needed
}

func newField[T any](r *ranking, space, kind byte, n names, find finder[T], hit func(*T) crm.Hit) field {
	return &records[T]{ranking: r, space: space, kind: kind, names: n, find: find, hit: hit}
}

// take reads a candidate and keeps it if it has the rank, or a better one for which it was not looked at.
func (f *records[T]) take(c *candidate, rank int) error {
	if f.seen[c.id] || f.ranksLower(c, rank) {
		return nil
	}
	found, ok, err := f.find(c)
	if err != nil || !ok || f.kind != 0 && found.doc.entry[entryKind] != f.kind {
		return err
	}
	is := rankOf(found.doc.text, f.words[0])
	if is > rank {
		return nil
	}
	f.seen[c.id] = true
	if hit := f.hit(&found.record); f.sees == nil || f.sees(&hit) {
		f.hits = append(f.hits, rankedHit{is, found.key, hit})
	}
	return nil
}

// ranksLower says of a candidate, as far as the index of names tells, that it has the words and its rank is behind one. The
// index of names has all of the text but telephone numbers, and costs less than the record: neighbours lie together in it.
func (f *records[T]) ranksLower(c *candidate, rank int) bool {
	if c.any || c.long() || rank == len(ranks)-1 {
		return false
	}
	name, _, _ := bytes.Cut(c.sort[:], []byte{0})
	text, ok := f.names.text(f.names.b.Get(slices.Concat(name, []byte{0}, c.id[:])), 0)
	return ok && hasAll(text, f.words) && rankOf(string(text), f.words[0]) > rank
}

// begins goes over the names that begin with the first word, some of them.
func (f *records[T]) begins() error {
	prefix := f.words[0][0]
	before := len(f.hits)
	c := f.names.b.Cursor()
	steps := 0
	for k, v := c.Seek(prefix); hasPrefix(k, prefix) && len(f.hits)-before <= f.limit && steps < denseSteps; k, v = c.Next() {
		steps++
		text, ok := f.names.text(v, f.kind)
		if !ok || len(k) < 17 || len(f.words) > 1 && !hasAll(text, f.words) {
			continue
		}
		if err := f.take(&candidate{id: id16(k[len(k)-16:]), any: true}, 0); err != nil {
			return err
		}
	}
	return nil
}

// look takes those of a rank, until there are more than are wanted.
func (f *records[T]) look(rank int) (err error) {
	if f.match == nil {
		if f.match, err = (findIndex{f.tx, f.space}).match(f.words); err != nil {
			return err
		}
		f.match.kind = f.kind
	}
	m := f.match
	if ranks[rank] != 0 {
		if m, err = m.marked(f.words[0], rank); err != nil {
			return err
		}
	}
	before := len(f.hits)
	enough := func() bool { return len(f.hits)-before > f.limit }
	if m.isDense(f.words) {
		fits := func(text []byte) bool {
			return hasAll(text, f.words) && rankOf(string(text), f.words[0]) == rank
		}
		found, err := f.names.first(nil, f.kind, fits, func(key []byte) (bool, error) {
			err := f.take(&candidate{id: id16(key[len(key)-16:]), any: true}, rank)
			return !enough(), err
		})
		if found || err != nil {
			return err
		}
	}
	cut := m.cut(maxWeighed)
	batch, more := m.least(nil, f.looked)
	more = more || cut
	for i := range batch {
		if enough() {
			more = true
			break
		}
		if err := f.take(&batch[i], rank); err != nil {
			return err
		}
	}
	f.more = f.more || more && rank == len(ranks)-1
	return nil
}

// rankOf is how a word stands in a text: 0 at the beginning of a part, 1 at that of a word, 2 elsewhere.
func rankOf(text string, word findWord) int {
	best := len(ranks) - 1
	for _, writing := range word {
		w := string(writing)
		for from := 0; ; {
			at := strings.Index(text[from:], w)
			if at < 0 {
				break
			}
			at += from
			switch {
			case at == 0 || text[at-1] == '\n':
				return 0
			case text[at-1] == ' ' || parts(text[at-1]):
				best = 1
			}
			from = at + 1
		}
	}
	return best
}

func (r *ranking) result() crm.Found {
	slices.SortFunc(r.hits, func(a, b rankedHit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.key, b.key), strings.Compare(a.hit.Kind, b.hit.Kind))
	})
	out := crm.Found{Hits: []crm.Hit{}, More: r.more}
	for _, h := range r.hits[:min(len(r.hits), r.limit)] {
		out.Hits = append(out.Hits, h.hit)
	}
	return out
}
