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
	maxLooked   = 400 // records that are read for a rank
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
		r := ranking{tx: tx, words: words, limit: limit, seen: map[string]bool{}}
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
	tx    *bbolt.Tx
	words []findWord
	limit int
	seen  map[string]bool
	hits  []rankedHit
	more  bool
}

type rankedHit struct {
	rank int
	key  []byte
	hit  crm.Hit
}

func (r *ranking) run(kind string) error {
	for rank, mark := range ranks {
		if kind != "account" {
			if err := r.people(rank, mark, personKindByte(crm.PersonKind(kind))); err != nil {
				return err
			}
		}
		if kind == "" || kind == "account" {
			if err := r.accounts(rank, mark); err != nil {
				return err
			}
		}
		if len(r.hits) > r.limit {
			r.more = true
			return nil
		}
	}
	return nil
}

func (r *ranking) people(rank int, mark, kind byte) error {
	m, err := findIndex{r.tx, spacePeople}.match(r.words, mark)
	if err != nil {
		return err
	}
	m.kind = kind
	return look(r, m, rank, personFinder(r.tx, r.words), func(p *crm.Person) crm.Hit {
		return crm.Hit{Kind: string(p.Kind), ID: p.ID, Person: p}
	})
}

func (r *ranking) accounts(rank int, mark byte) error {
	m, err := findIndex{r.tx, spaceAccounts}.match(r.words, mark)
	if err != nil {
		return err
	}
	return look(r, m, rank, accountFinder(r.tx, r.words), func(a *crm.Account) crm.Hit {
		return crm.Hit{Kind: "account", ID: a.ID, Account: a}
	})
}

// look takes the hits of a rank from a match, until there are more than are wanted.
func look[T any](r *ranking, m *match, rank int, find finder[T], hit func(*T) crm.Hit) error {
	batch, more := m.least(nil, maxLooked)
	taken := 0
	for i := range batch {
		if taken > r.limit {
			more = true
			break
		}
		f, ok, err := find(&batch[i])
		if err != nil {
			return err
		}
		if !ok || rankOf(f.doc.text, r.words[0]) != rank {
			continue
		}
		h := hit(&f.record)
		if key := h.Kind + h.ID; !r.seen[key] {
			r.seen[key] = true
			r.hits = append(r.hits, rankedHit{rank, f.key, h})
			taken++
		}
	}
	if more && ranks[rank] == 0 {
		r.more = true
	}
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
