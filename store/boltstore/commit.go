package boltstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxExternalID bounds external ids, in bytes; the contract of connectors allows 1,000.
const maxExternalID = 4096

func (s *Store) now() time.Time { return time.Now().UTC() }

// Commit stores a batch whole or not at all; see storetest.Sources.
func (s *Store) Commit(ctx context.Context, c crm.Commit) error {
	for _, w := range c.Writes {
		if err := checkWrite(w); err != nil {
			return fmt.Errorf("commit to %s: %w", c.Source, err)
		}
	}
	hashed := s.hashPending(c.Writes)
	names := nameKeys{}
	for _, w := range c.Writes {
		names.add(w.People)
	}
	taken := false
	err := s.update(ctx, func(u *unit) error {
		u.names, u.taken = names, false
		err := u.commit(c, hashed)
		taken = u.taken
		return err
	})
	if err == nil && taken {
		err = s.Scrub(context.WithoutCancel(ctx)) // it is committed, whoever goes away now
	}
	if err != nil {
		return fmt.Errorf("commit to %s: %w", c.Source, err)
	}
	return nil
}

func checkWrite(w crm.Write) error {
	switch {
	case w.Entry.ExternalID == "" || len(w.Entry.ExternalID) > maxExternalID:
		return fmt.Errorf("external id of %d bytes", len(w.Entry.ExternalID))
	case !slices.Contains(crm.Verdicts(), w.Entry.Verdict):
		return fmt.Errorf("item %s: unknown verdict %q", w.Entry.ExternalID, w.Entry.Verdict)
	case (w.Entry.Verdict == crm.Logged) != (w.Activity != nil):
		return fmt.Errorf("item %s: verdict %s and activity do not go together", w.Entry.ExternalID, w.Entry.Verdict)
	case w.Activity != nil && w.Activity.ID == "" && w.Activity.Key == "":
		return fmt.Errorf("item %s: its activity has no key", w.Entry.ExternalID)
	}
	return nil
}

// hashPending hashes what the writes wait for before the committer takes over: it has one processor only.
func (s *Store) hashPending(writes []crm.Write) [][]id16 {
	out, hasher := make([][]id16, len(writes)), s.pendingHasher()
	for i, w := range writes {
		if w.Entry.Verdict != crm.Excluded {
			out[i] = hasher.all(waitsFor(w))
		}
	}
	return out
}

// waitsFor are the addresses and messages that make the item of a write late work when they become known.
func waitsFor(w crm.Write) []string {
	if len(w.Awaits) == 0 {
		return w.Pending
	}
	out := append(make([]string, 0, len(w.Pending)+len(w.Awaits)), w.Pending...)
	for _, key := range w.Awaits {
		out = append(out, awaitedMessage(key))
	}
	return out
}

func (u *unit) commit(c crm.Commit, hashed [][]id16) error {
	src, err := u.source(c.Source)
	switch {
	case err != nil:
		return err
	case src == nil:
		return crm.ErrNotFound
	case src.cur.Epoch != c.Epoch:
		return crm.ErrFenced
	}
	hashed, joined, err := u.withhold(&c, hashed, src.cur.Owner)
	if err != nil {
		return err
	}
	for _, prefix := range c.Retired {
		if err := u.retire(src.cur.num, prefix); err != nil {
			return err
		}
	}
	var fresh []crm.Key
	var newest time.Time
	num := src.cur.num
	for i, w := range c.Writes {
		if fresh, err = u.write(c, num, w, hashed[i], fresh); err != nil {
			return err
		}
		if w.Entry.ItemTime.After(newest) {
			newest = w.Entry.ItemTime
		}
	}
	if err := u.reachFurther(joined); err != nil {
		return err
	}
	if err := u.fillPeople(c); err != nil {
		return err
	}
	if err := u.withdraw(c, num); err != nil {
		return err
	}
	if src, err = u.source(c.Source); err != nil { // it was flushed perhaps
		return err
	}
	if newest.After(src.cur.LastItem) {
		src.cur.LastItem = newest
	}
	if c.MoveCursor {
		src.cur.Cursor, src.cur.Progress = c.Cursor, c.Progress
	}
	if err := u.queueAwaited(c.Writes, fresh); err != nil {
		return err
	}
	if getU64(u.bucket(bucketMeta).Get(metaGeneration)) != c.Generation {
		return u.queueKnown(c.Writes)
	}
	return nil
}

// write stores what became of one item, and appends the messages to fresh of which an activity is known now and was not
// before.
func (u *unit) write(c crm.Commit, num uint32, w crm.Write, pending []id16, fresh []crm.Key) ([]crm.Key, error) {
	st, err := u.row(rowID{num, w.Entry.ExternalID})
	if err != nil {
		return nil, err
	}
	e := w.Entry
	e.Source, e.Retired = c.Source, false
	if e.SeenAt.IsZero() {
		e.SeenAt = c.At
	}
	before := st.cur
	if before != nil {
		e.SeenAt = before.entry.SeenAt
	}
	if w.Activity != nil {
		was := ""
		if before != nil {
			was = before.entry.Activity
		}
		if e.Activity, fresh, err = u.logActivity(c, w, was, fresh); err != nil {
			return nil, err
		}
	} else {
		e.Activity = ""
	}
	if e.Verdict == crm.Failed && before != nil {
		pending = before.pending // until it is read it waits for whom it waited for
	}
	st.cur = &row{entry: e, pending: pending}
	for _, r := range w.Reviews {
		st.cur.reviews = append(st.cur.reviews, r.ID)
		if err := u.raise(r, e.ExternalID); err != nil {
			return nil, err
		}
	}
	for _, p := range w.People {
		if err := u.createPerson(p); err != nil {
			return nil, err
		}
	}
	if err := u.keepReviews(c.Source, st, before); err != nil {
		return nil, err
	}
	if before != nil && before.entry.Activity != "" && before.entry.Activity != e.Activity {
		u.taken = u.taken || e.Verdict == crm.Excluded
		return fresh, u.unobserve(before.entry.Activity, c.Source, e.ExternalID)
	}
	return fresh, nil
}

// keepReviews lets a row that is written again know the reviews it raised before, so that they lose what it told them
// when it is excluded, now or later.
func (u *unit) keepReviews(source string, st *rowState, before *row) error {
	if before == nil {
		return nil
	}
	for _, id := range before.reviews {
		switch {
		case st.cur.entry.Verdict == crm.Excluded:
			u.taken = true
			if err := u.unraise(id, source, st.id.ext); err != nil {
				return err
			}
		case !slices.Contains(st.cur.reviews, id):
			over, err := u.asksNoMore(id, source, st)
			if err != nil {
				return err
			}
			if !over {
				st.cur.reviews = append(st.cur.reviews, id)
			}
		}
	}
	return nil
}

// logActivity merges the activity of a write with what the store has, and gives its id. It appends to fresh the key under
// which the store had none, and the messages that were no part of it. A different mail with the same Message-ID, or a
// different meeting with the same UID, gets a key of its own. was is the id of the activity that the row had, "" if none.
func (u *unit) logActivity(c crm.Commit, w crm.Write, was string, fresh []crm.Key) (string, []crm.Key, error) {
	a := *w.Activity
	if a.ID == "" {
		a.ID = string(a.Key)
	}
	observed := func(o crm.Observation) bool { return o.Source == c.Source && o.ExternalID == w.Entry.ExternalID }
	if !slices.ContainsFunc(a.Observed, observed) {
		a.Observed = append(slices.Clip(a.Observed), crm.Observation{Source: c.Source, ExternalID: w.Entry.ExternalID, Owner: c.Owner})
	}
	if a.Meeting != nil && w.Entry.Key != a.Key {
		viewOfMail(&a, w.Entry.Key, observed)
	}
	st, err := u.stored(&a, was, observed)
	if err != nil {
		return "", nil, err
	}
	if st.cur == nil {
		u.setActivity(st, activity{Activity: crm.Merge(a, a)})
		if a.Key != "" {
			fresh = append(fresh, w.Activity.Key)
		}
		return st.cur.ID, append(fresh, st.cur.Messages...), nil
	}
	a.ID = st.cur.ID
	known, hushed := st.cur.Messages, isHushed(st.cur.Meeting)
	st.cur.Activity = crm.Sight(st.cur.Activity, a, c.Source, w.Entry.ExternalID)
	u.taken = u.taken || !hushed && isHushed(st.cur.Meeting)
	for _, key := range st.cur.Messages {
		if !slices.Contains(known, key) {
			fresh = append(fresh, key)
		}
	}
	if len(st.cur.Observed) > 1 {
		if err := u.dropRetired(st, c.Source, w.Entry.ExternalID); err != nil {
			return "", nil, err
		}
	}
	return st.cur.ID, fresh, nil
}

// dropRetired drops the observations of a source whose rows are retired, now that the item was seen again.
func (u *unit) dropRetired(st *actState, sourceID, again string) error {
	var kept []crm.Observation
	for _, o := range st.cur.Observed {
		if o.Source == sourceID && o.ExternalID != again {
			r, err := u.rowOf(sourceID, o.ExternalID)
			if err != nil {
				return err
			}
			if r != nil && r.cur != nil && r.cur.entry.Retired {
				continue
			}
		}
		kept = append(kept, o)
	}
	st.cur.Observed = kept
	return nil
}

// retire marks the rows under a prefix as ones that the source no longer knows. It flushes now and then, so
// that a folder of a million mails needs little memory.
func (u *unit) retire(num uint32, prefix string) error {
	const chunk = 2000
	start := rowIDKey(num, prefix)
	for from := start; from != nil; {
		var seqs []uint64
		cursor := u.bucket(bucketRowID).Cursor()
		k, v := cursor.Seek(from)
		for ; k != nil && hasPrefix(k, start) && len(seqs) < chunk; k, v = cursor.Next() {
			seqs = append(seqs, getU64(v))
		}
		from = nil
		if k != nil && hasPrefix(k, start) {
			from = slices.Clone(k)
		}
		for _, seq := range seqs {
			st, err := u.rowBySeq(seq)
			if err != nil {
				return err
			}
			st.cur.entry.Retired = true
		}
		if err := u.flush(); err != nil {
			return err
		}
	}
	return nil
}

func hasPrefix(b, prefix []byte) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == string(prefix)
}
