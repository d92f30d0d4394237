package boltstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// queueAddress queues late work for an address that became known, if a row waits for it.
func (u *unit) queueAddress(address string) error {
	hash := u.s.pendingHash(address)
	if waits, err := u.anyPending(hash[:]); err != nil || !waits {
		return err
	}
	return u.queue(late{address: address})
}

// queueDomain is the same for a domain.
func (u *unit) queueDomain(domain string) error {
	hash := u.s.domainHash(domain)
	if waits, err := u.anyPending(hash[:8]); err != nil || !waits {
		return err
	}
	return u.queue(late{domain: domain})
}

// queue appends a piece of work unless the same one is queued and not begun. Only the first piece can
// have been begun.
func (u *unit) queue(l late) error {
	b := u.bucket(bucketLate)
	raw := encodeLate(l)
	if u.queued[l] { // nobody can have begun it before this transaction ends
		return nil
	}
	u.queued[l] = true
	const lookBack = 100 // enough against a batch that asks for the same thing again and again
	cursor := b.Cursor()
	first, _ := cursor.First()
	head := getU64(first)
	k, v := cursor.Last()
	for n := 0; n < lookBack && k != nil && getU64(k) != head; n++ {
		if string(v) == string(raw) {
			return nil
		}
		k, v = cursor.Prev()
	}
	return u.queueLast(l)
}

// queueLast appends a piece of work behind everything that is queued.
func (u *unit) queueLast(l late) error {
	seq, err := u.bucket(bucketLate).NextSequence()
	if err != nil {
		return err
	}
	u.queued[l] = true
	return u.put(bucketLate, u64(seq), encodeLate(l))
}

// queueKnown queues those pending addresses of writes that became known while the writes were under way.
func (u *unit) queueKnown(writes []crm.Write) error {
	if err := u.flush(); err != nil { // the rows must be there to be found waiting
		return err
	}
	l, asked := newLookup(u.tx, u.s), map[string]bool{}
	for _, w := range writes {
		for _, address := range w.Pending {
			if asked[address] {
				continue
			}
			asked[address] = true
			answer, err := l.address(address)
			if err != nil {
				return err
			}
			if answer != nil {
				if err := u.queueAddress(address); err != nil {
					return err
				}
			}
			domain := domainOf(address)
			refs, err := l.domain(domain)
			if err != nil {
				return err
			}
			if len(refs) > 0 && answer == nil && !asked["@"+domain] {
				asked["@"+domain] = true
				if err := u.queueDomain(domain); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// queueAwaited queues the messages that rows wait for and that were logged: those of fresh, which this commit
// logged, and those that the writes await although somebody logged them since they were looked up. Mostly
// nothing waits for any message, which one look at the pending index tells.
func (u *unit) queueAwaited(writes []crm.Write, fresh []crm.Key) error {
	var awaited []crm.Key
	for _, w := range writes {
		if w.Entry.Verdict != crm.Excluded {
			awaited = append(awaited, w.Awaits...)
		}
	}
	if len(awaited) == 0 {
		if len(fresh) == 0 {
			return nil
		}
		half := u.s.domainHash("")
		if waits, err := u.anyPending(half[:8]); err != nil || !waits {
			return err
		}
	}
	if err := u.flush(); err != nil { // the rows must be there to be found waiting
		return err
	}
	fresh, err := u.logged(awaited, fresh)
	if err != nil {
		return err
	}
	waiting, err := openLayered(u.tx, bucketPending)
	if err != nil {
		return err
	}
	hasher := u.s.pendingHasher()
	for _, key := range fresh {
		address := awaitedMessage(key)
		hash := hasher.of(address)
		waits, err := waiting.has(hash[:])
		if err != nil {
			return err
		}
		if waits {
			if err := u.queue(late{address: address}); err != nil {
				return err
			}
		}
	}
	return nil
}

// logged appends those keys to list that an activity has on which somebody known or an account stands.
func (u *unit) logged(keys, list []crm.Key) ([]crm.Key, error) {
	if len(keys) == 0 {
		return list, nil
	}
	byID, err := openLayered(u.tx, bucketActID)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		_, raw, a, err := byID.findActivity(u.tx, idOf(string(key)), true)
		if err != nil {
			return nil, err
		}
		if raw != nil && tells(&a.Activity) {
			list = append(list, key)
		}
	}
	return list, nil
}

// tells says whether whose an activity is tells whose its answers are.
func tells(a *crm.Activity) bool { return len(a.Accounts) > 0 || firstKnown(a) != "" }

// NextLate gives the piece of work that waits longest; see storetest.Late.
func (s *Store) NextLate(ctx context.Context, from string, limit int) (work crm.LateWork, ok bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		k, v := tx.Bucket(bucketLate).Cursor().First()
		if k == nil {
			return nil
		}
		l, err := decodeLate(v)
		if err != nil {
			return err
		}
		ok = true
		work = crm.LateWork{ID: strconv.FormatUint(getU64(k), 10), Address: l.address, Domain: l.domain, Person: l.person}
		if l.person != "" {
			work.Entries, work.Next, err = filedEntries(tx, l, work.ID, from, atMost(limit))
			return err
		}
		work.Entries, work.Next, err = s.lateEntries(tx, l, work.ID, from, atMost(limit))
		return err
	})
	if err != nil {
		return crm.LateWork{}, false, fmt.Errorf("read late work: %w", err)
	}
	return work, ok, nil
}

// lateEntries walks over the pending index. A cursor names its piece; that of another piece starts anew.
func (s *Store) lateEntries(tx *bbolt.Tx, l late, id, from string, limit int) (out []crm.Entry, next string, err error) {
	prefix := s.pendingHash(l.address)
	length := 16
	if l.address == "" {
		prefix, length = s.domainHash(l.domain), 8
	}
	var start []byte
	if piece, rest, found := strings.Cut(from, "."); found && piece == id {
		if key, err := hex.DecodeString(rest); err == nil && hasPrefix(key, prefix[:length]) {
			key = append(key, 0)
			start = key
		}
	}
	x, err := openLayered(tx, bucketPending)
	if err != nil {
		return nil, "", err
	}
	names := sourceNames{}
	seen := map[uint64]bool{}
	w := x.ascend(prefix[:length], start)
	for key := w.key(); key != nil; key = w.next() {
		seq, retired, err := pendingKey(key)
		if err != nil {
			return nil, "", err
		}
		if retired || seen[seq] {
			continue
		}
		if len(out) == limit {
			return out, next, nil
		}
		r, err := readRow(tx, u64(seq), names)
		if err != nil {
			return nil, "", err
		}
		seen[seq] = true
		out, next = append(out, r.entry), id+"."+hex.EncodeToString(key)
	}
	return out, "", w.err
}

// filedEntries walks over what a decision about an address filed on a person, newest first: an entry for each activity, which
// may have several rows in the ledger.
func filedEntries(tx *bbolt.Tx, l late, id, from string, limit int) (out []crm.Entry, next string, err error) {
	var end []byte
	if piece, rest, found := strings.Cut(from, "."); found && piece == id {
		if key, err := hex.DecodeString(rest); err == nil && len(key) > 8 {
			end = key
		}
	}
	lines, err := timelines(tx, idOf(l.person), end)
	if err != nil {
		return nil, "", err
	}
	for walked := 0; ; walked++ {
		place := lines.newest()
		if place == nil {
			return out, "", lines.err()
		}
		if walked == limit {
			return out, next, nil
		}
		a, err := decodeActivity(tx.Bucket(bucketActivities).Get(u64(seqOf(place, 8))), false)
		if err != nil {
			return nil, "", err
		}
		if _, filed := crm.Undecided(a.Activity, l.person, l.address); filed {
			out = append(out, crm.Entry{Verdict: crm.Logged, Activity: a.ID})
		}
		next = id + "." + hex.EncodeToString(place)
		lines.pass(place)
	}
}

// LateDone takes the piece of work off the queue; one that is not there is no error. An open review of its address is done
// with it if no row waits for the answer.
func (s *Store) LateDone(ctx context.Context, id string) error {
	seq, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return fmt.Errorf("finish late work %q: %w", id, crm.ErrNotFound)
	}
	return s.update(ctx, func(u *unit) error {
		raw := u.bucket(bucketLate).Get(u64(seq))
		if raw == nil {
			return nil
		}
		l, err := decodeLate(raw)
		if err != nil {
			return err
		}
		if l.address != "" && l.person == "" {
			u.mayBeSettled(l.address)
		}
		return u.delete(bucketLate, u64(seq))
	})
}

// RetryDue gives failed rows of a source whose NextTry has come, the most overdue first.
func (s *Store) RetryDue(ctx context.Context, sourceID string, now time.Time, limit int) (out []crm.Entry, err error) {
	limit = atMost(limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		src, err := readSource(tx, sourceID)
		if err != nil {
			return err
		}
		end := timeKey(now)
		names, prefix := sourceNames{}, u32(src.num)
		cursor := tx.Bucket(bucketRetry).Cursor()
		for k, _ := cursor.Seek(prefix); k != nil && hasPrefix(k, prefix) && len(out) < limit; k, _ = cursor.Next() {
			if string(k[4:12]) > string(end[:]) {
				break
			}
			r, err := readRow(tx, k[12:], names)
			if err != nil {
				return err
			}
			out = append(out, r.entry)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read failed items of %s: %w", sourceID, err)
	}
	return out, nil
}
