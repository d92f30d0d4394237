package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fakeStore keeps the contract of storetest for what the engine uses, in memory, and can fail on cue.
type fakeStore struct {
	mu         sync.Mutex
	sources    map[string]*crm.Source
	rows       map[crm.ItemRef]crm.Entry
	activities map[string]crm.Activity
	commits    int
	claims     int
	onCommit   func(n int, c crm.Commit) error // n counts from 1; nil error stores
	onCall     func(ctx context.Context, method string)
}

func newFakeStore() *fakeStore {
	return &fakeStore{sources: map[string]*crm.Source{}, rows: map[crm.ItemRef]crm.Entry{}, activities: map[string]crm.Activity{}}
}

func (f *fakeStore) enter(ctx context.Context, method string) func() {
	if f.onCall != nil {
		f.onCall(ctx, method)
	}
	f.mu.Lock()
	return f.mu.Unlock
}

func (f *fakeStore) DeclareSources(ctx context.Context, sources []crm.Source, now time.Time) error {
	defer f.enter(ctx, "declare")()
	declared := map[string]bool{}
	for _, s := range sources {
		declared[s.ID] = true
		old := f.sources[s.ID]
		if old == nil {
			f.sources[s.ID] = &crm.Source{ID: s.ID, Kind: s.Kind, Owner: s.Owner, Fingerprint: s.Fingerprint, State: crm.SourceNeverRun, Due: now}
			continue
		}
		if old.Fingerprint != s.Fingerprint && old.Due.IsZero() {
			old.Due = now
		}
		old.Fingerprint = s.Fingerprint
	}
	for id, s := range f.sources {
		if !declared[id] {
			s.State, s.Due = crm.SourceDisabled, time.Time{}
		}
	}
	return nil
}

func (f *fakeStore) ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]crm.Claim, error) {
	defer f.enter(ctx, "claim")()
	var due []*crm.Source
	for _, s := range f.sources {
		if !s.Due.IsZero() && !s.Due.After(now) && !s.LeaseUntil.After(now) {
			due = append(due, s)
		}
	}
	slices.SortFunc(due, func(a, b *crm.Source) int { return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID)) })
	var claims []crm.Claim
	for _, s := range due[:min(limit, len(due))] {
		claims = append(claims, f.claim(s, now, lease))
	}
	return claims, nil
}

func (f *fakeStore) claim(s *crm.Source, now time.Time, lease time.Duration) crm.Claim {
	f.claims++
	s.Epoch++
	s.LeaseUntil, s.LastTry = now.Add(lease), now
	return crm.Claim{Source: *s, Until: s.LeaseUntil}
}

func (f *fakeStore) ClaimSource(ctx context.Context, id string, now time.Time, lease time.Duration) (crm.Claim, bool, error) {
	defer f.enter(ctx, "claim")()
	s := f.sources[id]
	if s == nil || s.State == crm.SourceDisabled || s.LeaseUntil.After(now) {
		return crm.Claim{}, false, nil
	}
	return f.claim(s, now, lease), true, nil
}

func (f *fakeStore) Renew(ctx context.Context, id string, epoch uint64, until time.Time) error {
	defer f.enter(ctx, "renew")()
	s := f.sources[id]
	if s.Epoch != epoch {
		return crm.ErrFenced
	}
	s.LeaseUntil = until
	return nil
}

func (f *fakeStore) Commit(ctx context.Context, c crm.Commit) error {
	defer f.enter(ctx, "commit")()
	if err := ctx.Err(); err != nil {
		return err
	}
	s := f.sources[c.Source]
	if s.Epoch != c.Epoch {
		return crm.ErrFenced
	}
	f.commits++
	if f.onCommit != nil {
		if err := f.onCommit(f.commits, c); err != nil {
			return err
		}
	}
	for _, w := range c.Writes {
		ref := crm.ItemRef{Source: c.Source, ExternalID: w.Entry.ExternalID}
		if old, ok := f.rows[ref]; ok {
			s.Tally.Add(old.Verdict, -1)
		}
		s.Tally.Add(w.Entry.Verdict, 1)
		w.Entry.Source = c.Source
		f.rows[ref] = w.Entry
		if w.Activity != nil {
			f.activities[w.Activity.ID] = *w.Activity
		}
	}
	if c.MoveCursor {
		s.Cursor, s.Progress = c.Cursor, c.Progress
	}
	return nil
}

func (f *fakeStore) Settle(ctx context.Context, t crm.Settlement) error {
	defer f.enter(ctx, "settle")()
	if err := ctx.Err(); err != nil {
		return err
	}
	s := f.sources[t.Source]
	if s.Epoch != t.Epoch || s.LeaseUntil.IsZero() {
		return crm.ErrFenced
	}
	s.LeaseUntil, s.Error, s.Hint = time.Time{}, t.Error, t.Hint
	if t.Error != "" {
		s.Attempts++
	} else {
		s.Attempts = 0
	}
	if t.Success {
		s.LastSuccess = t.At
	}
	s.State, s.Due = t.State, t.Due
	return nil
}

func (f *fakeStore) Wake(ctx context.Context, id string, now time.Time) error {
	defer f.enter(ctx, "wake")()
	s := f.sources[id]
	if s == nil {
		return crm.ErrNotFound
	}
	s.Due = now
	return nil
}

func (f *fakeStore) NextDue(ctx context.Context) (next time.Time, err error) {
	defer f.enter(ctx, "due")()
	for _, s := range f.sources {
		at := s.Due
		if at.IsZero() {
			continue
		}
		if s.LeaseUntil.After(at) {
			at = s.LeaseUntil
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, nil
}

func (f *fakeStore) ResetCursor(ctx context.Context, id string) error {
	defer f.enter(ctx, "reset")()
	f.sources[id].Cursor = ""
	return nil
}

func (f *fakeStore) GetSource(ctx context.Context, id string) (crm.Source, error) {
	defer f.enter(ctx, "get")()
	s := f.sources[id]
	if s == nil {
		return crm.Source{}, crm.ErrNotFound
	}
	return *s, nil
}

func (f *fakeStore) ListSources(ctx context.Context) (sources []crm.Source, err error) {
	defer f.enter(ctx, "list")()
	for _, id := range slices.Sorted(maps.Keys(f.sources)) {
		sources = append(sources, *f.sources[id])
	}
	return sources, nil
}

func (f *fakeStore) GetEntry(ctx context.Context, source, id string) (crm.Entry, error) {
	defer f.enter(ctx, "get")()
	entry, ok := f.rows[crm.ItemRef{Source: source, ExternalID: id}]
	if !ok {
		return crm.Entry{}, crm.ErrNotFound
	}
	return entry, nil
}

func (f *fakeStore) RetryDue(ctx context.Context, source string, now time.Time, limit int) (due []crm.Entry, err error) {
	defer f.enter(ctx, "retry")()
	if f.sources[source].Tally.Failed == 0 {
		return nil, nil
	}
	for ref, entry := range f.rows {
		if ref.Source == source && entry.Verdict == crm.Failed && !entry.NextTry.After(now) && len(due) < limit {
			due = append(due, entry)
		}
	}
	slices.SortFunc(due, func(a, b crm.Entry) int { return a.NextTry.Compare(b.NextTry) })
	return due, nil
}
