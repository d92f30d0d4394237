package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func decodePrivate(b []byte) (crm.PrivateThread, error) {
	return decodeRecord[crm.PrivateThread](b, "a private conversation")
}

func (u *unit) putPrivate(place []byte, t crm.PrivateThread) error {
	raw, err := encodeRecord(t)
	if err != nil {
		return err
	}
	return u.put(bucketPrivateThreads, place, raw)
}

// repScope is the scope of what a rep keeps to themselves.
func repScope(rep string) id16 { return idOf("private\x00" + strings.ToLower(rep)) }

// MarkPrivate takes a conversation out of the store; see storetest.Withheld.
func (s *Store) MarkPrivate(ctx context.Context, actor, rep, activityID, note string, now time.Time) (out crm.PrivateThread, err error) {
	err = s.update(ctx, func(u *unit) error {
		out = crm.PrivateThread{}
		raw, a, err := findActivity(u.tx, idOf(activityID), false)
		switch {
		case err != nil:
			return err
		case raw == nil:
			return crm.ErrNotFound
		case a.Kind != crm.KindEmail && a.Kind != crm.KindMeeting || !creditedTo(&a.Activity, rep):
			return crm.ErrPrivate
		}
		out, err = u.markPrivate(rep, &a.Activity, note, now)
		if err != nil {
			return err
		}
		return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "mark thread private", Object: "private/" + out.ID,
			After: fmt.Sprintf("%d items", out.Items)})
	})
	if err == nil {
		err = s.Scrub(context.WithoutCancel(ctx))
	}
	if err != nil {
		return crm.PrivateThread{}, fmt.Errorf("mark thread private: %w", err)
	}
	return out, nil
}

// creditedTo says whether an activity is a rep's.
func creditedTo(a *crm.Activity, rep string) bool {
	return rep != "" && slices.ContainsFunc(a.Owners, func(owner string) bool { return strings.EqualFold(owner, rep) })
}

func (u *unit) markPrivate(rep string, a *crm.Activity, note string, now time.Time) (crm.PrivateThread, error) {
	when, what, scope := timeKey(now), u.s.privateHash(a.Key), repScope(rep)
	id := slices.Concat(when[:], what[:8])
	t := crm.PrivateThread{ID: hex.EncodeToString(id), By: strings.ToLower(rep), At: now.UTC(), Note: note}
	place := slices.Concat(scope[:], id)
	if err := u.putPrivate(place, t); err != nil {
		return t, err
	}
	err := u.takeConversation(place, messagesOf(a))
	if err != nil {
		return t, err
	}
	return decodePrivate(u.bucket(bucketPrivateThreads).Get(place))
}

// messagesOf are the messages by which an activity belongs to a conversation.
func messagesOf(a *crm.Activity) []crm.Key {
	out := append([]crm.Key{a.Key}, a.Messages...)
	if a.Thread != "" {
		out = append(out, crm.Key(a.Thread))
	}
	return out
}

// takeConversation excludes the rows of everything that is one of the messages, or belongs to a conversation that one of them
// started, and so on for what those belong to. crm.ErrTooBig for more of them than a mark may reach: half a conversation that
// is called private would be worse than one that is refused.
func (u *unit) takeConversation(place []byte, queue []crm.Key) error {
	seen := map[crm.Key]bool{"": true}
	for len(queue) > 0 {
		key := queue[0]
		queue = queue[1:]
		if seen[key] {
			continue
		}
		if len(seen) > maxConversation {
			return crm.ErrTooBig
		}
		seen[key] = true
		if _, err := u.addPrivateKey(place, key); err != nil {
			return err
		}
		found, err := u.conversation(key)
		if err != nil {
			return err
		}
		for i := range found {
			queue = append(queue, messagesOf(&found[i])...)
			if err := u.takePrivate(place, &found[i]); err != nil {
				return err
			}
		}
		if err := u.takeRows(place, key); err != nil {
			return err
		}
		if err := u.flush(); err != nil { // the next look-up shall not find it again
			return err
		}
	}
	return nil
}

// conversation are the activities that have a message, or that follow it.
func (u *unit) conversation(key crm.Key) (out []crm.Activity, err error) {
	id := idOf(string(key))
	raw, a, err := findActivity(u.tx, id, false)
	if err != nil {
		return nil, err
	}
	if raw != nil {
		out = append(out, a.Activity)
	}
	x, err := openLayered(u.tx, bucketThreads)
	if err != nil {
		return nil, err
	}
	var seqs []uint64
	err = x.eachKey(id[:8], func(k []byte) bool {
		seqs = append(seqs, seqOf(k, 8))
		return true
	})
	if err != nil {
		return nil, err
	}
	for _, seq := range seqs {
		a, err := decodeActivity(u.bucket(bucketActivities).Get(u64(seq)), false)
		if err != nil {
			return nil, err
		}
		if a.Thread == string(key) {
			out = append(out, a.Activity)
		}
	}
	return out, nil
}

// takePrivate excludes the rows of an activity, which goes with the last of them.
func (u *unit) takePrivate(place []byte, a *crm.Activity) error {
	if a.By != "" { // logged by hand: it rests on no source
		return nil
	}
	for _, o := range a.Observed {
		r, err := u.rowOf(o.Source, o.ExternalID)
		if err != nil {
			return err
		}
		if r == nil || r.cur == nil || r.cur.entry.Verdict != crm.Logged {
			continue
		}
		if err := u.excludePrivate(place, r, o.Source); err != nil {
			return err
		}
	}
	st, err := u.activity(a.ID)
	if err == nil && st.cur != nil {
		st.cur = nil // it was seen in rows that are not there any more
	}
	return err
}

// takeRows excludes the rows of a message that are not logged: those that wait, or matched nobody.
func (u *unit) takeRows(place []byte, key crm.Key) error {
	id := idOf(string(key))
	x, err := openLayered(u.tx, bucketRowKey)
	if err != nil {
		return err
	}
	var seqs []uint64
	err = x.eachKey(id[:8], func(k []byte) bool {
		seqs = append(seqs, seqOf(k, 8))
		return true
	})
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		r, err := u.rowBySeq(seq)
		if err != nil {
			return err
		}
		if r.cur.entry.Key != key || r.cur.entry.Verdict != crm.Waiting && r.cur.entry.Verdict != crm.Unmatched {
			continue
		}
		name, err := u.sourceName(r.id.src)
		if err != nil {
			return err
		}
		if err := u.excludePrivate(place, r, name); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) excludePrivate(place []byte, r *rowState, source string) error {
	if err := u.addPrivateRow(place, r.id, r.cur.entry.ItemTime); err != nil {
		return err
	}
	return u.exclude(r, source, crm.ReasonPrivateThread)
}

// LiftPrivate takes a mark back; see storetest.Withheld.
func (s *Store) LiftPrivate(ctx context.Context, actor, rep, id string, now time.Time) (sources []string, err error) {
	place, err := privatePlaceOf(rep, id)
	if err == nil {
		err = s.update(ctx, func(u *unit) error {
			sources, err = u.liftPrivate(place, now)
			if err != nil {
				return err
			}
			return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "lift private thread", Object: "private/" + id})
		})
	}
	if err != nil {
		return nil, fmt.Errorf("lift private thread: %w", err)
	}
	return sources, nil
}

func privatePlaceOf(rep, id string) ([]byte, error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 16 {
		return nil, crm.ErrNotFound
	}
	scope := repScope(rep)
	return slices.Concat(scope[:], raw), nil
}

func (u *unit) liftPrivate(place []byte, now time.Time) (sources []string, err error) {
	if u.bucket(bucketPrivateThreads).Get(place) == nil {
		return nil, crm.ErrNotFound
	}
	var parts [][]byte
	c := u.bucket(bucketPrivateParts).Cursor()
	for k, _ := c.Seek(place); hasPrefix(k, place); k, _ = c.Next() {
		parts = append(parts, slices.Clone(k))
	}
	for _, part := range parts {
		rest := part[len(place)+1:]
		switch {
		case part[len(place)] == partKey:
			err = u.delete(bucketPrivateKeys, rest)
		case len(rest) > 4:
			var name string
			if name, err = u.readAgain(rowID{uint32(getU64(append(make([]byte, 4), rest[:4]...))), string(rest[4:])}, crm.ReasonPrivateThread, now); name != "" && !slices.Contains(sources, name) {
				sources = append(sources, name)
			}
		}
		if err != nil {
			return nil, err
		}
		if err := u.delete(bucketPrivateParts, part); err != nil {
			return nil, err
		}
	}
	slices.Sort(sources)
	return sources, u.delete(bucketPrivateThreads, place)
}

// readAgain makes a row that was kept out for a reason one that is read again with the next pass of its source, which it
// names; "" if the row has another reason by now.
func (u *unit) readAgain(id rowID, reason crm.Reason, now time.Time) (source string, err error) {
	r, err := u.row(id)
	if err != nil || r.cur == nil || r.cur.entry.Verdict != crm.Excluded || r.cur.entry.Reason != reason || r.cur.entry.Retired {
		return "", err
	}
	fresh := *r.cur
	e := &fresh.entry
	e.Verdict, e.Reason, e.Attempts, e.NextTry = crm.Failed, crm.ReasonReadAgain, 0, now.UTC()
	r.cur = &fresh
	return u.sourceName(id.src)
}

// ListPrivate gives a rep's private conversations; see storetest.Withheld.
func (s *Store) ListPrivate(ctx context.Context, rep, after string, limit int) (out []crm.PrivateThread, next string, err error) {
	limit = atMost(limit)
	scope := repScope(rep)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketPrivateThreads).Cursor()
		end := successor(scope[:])
		if from, err := privatePlaceOf(rep, after); err == nil {
			end = from
		}
		for k, v := before(c, end); hasPrefix(k, scope[:]); k, v = c.Prev() {
			if len(out) == limit {
				next = out[limit-1].ID
				return nil
			}
			t, err := decodePrivate(v)
			if err != nil {
				return err
			}
			out = append(out, t)
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list private threads: %w", err)
	}
	return out, next, nil
}

// forgetWithheld takes the person out of what reps noted: rules for the address, which is kept out for everybody from now on,
// and words of notes.
func (e *erasure) forgetWithheld() error {
	words := wordsOf(e.spelled, e.names)
	err := e.u.rewrite(bucketPrivateThreads, func(v []byte) ([]byte, error) {
		t, err := decodePrivate(v)
		if err != nil || !words.MatchString(t.Note) {
			return v, err
		}
		t.Note = words.ReplaceAllString(t.Note, erasedMark)
		return encodeRecord(t)
	})
	if err != nil {
		return err
	}
	return e.u.rewrite(bucketOwnRules, func(v []byte) ([]byte, error) {
		own, err := decodeOwn(v)
		if err != nil {
			return nil, err
		}
		kept := slices.DeleteFunc(slices.Clone(own.Rules), func(r crm.OwnRule) bool {
			return r.Kind == crm.OwnAddress && e.owns(r.Text) || r.Kind == crm.OwnSubject && words.MatchString(r.Text)
		})
		if len(kept) == len(own.Rules) {
			return v, nil
		}
		own.Rules = kept
		return encodeRecord(own)
	})
}

var errNoRep = errors.New("nobody is named whose it is")

// sourcesOf are the sources of a rep, by number.
func (u *unit) sourcesOf(rep string) (out []uint32, err error) {
	err = u.bucket(bucketSources).ForEach(func(_, v []byte) error {
		src, err := decodeSource(v)
		if err == nil && strings.EqualFold(src.Owner, rep) {
			out = append(out, src.num)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

// rowsAfter are the numbers of rows of a source and a verdict, from behind a place on, at most limit; the place is that of the
// last of them, nil at the end.
func (u *unit) rowsAfter(src uint32, verdict crm.Verdict, after []byte, limit int) (seqs []uint64, last []byte) {
	prefix := append(u32(src), verdictByte(verdict, false))
	c := u.bucket(bucketRowSource).Cursor()
	k, _ := c.Seek(append(slices.Clone(prefix), after...))
	for ; hasPrefix(k, prefix); k, _ = c.Next() {
		place := k[len(prefix):]
		if bytes.Equal(place, after) {
			continue
		}
		if len(seqs) == limit {
			return seqs, last
		}
		seqs, last = append(seqs, getU64(place[8:])), slices.Clone(place)
	}
	return seqs, nil
}
