package boltstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// activity loads an activity by id or key, once; not by the key of a message that is part of it, which can be an
// activity itself. What is not there has old and cur nil.
func (u *unit) activity(id string) (*actState, error) {
	key := idOf(id)
	if st := u.acts[key]; st != nil {
		return st, nil
	}
	st := &actState{}
	if u.byID == nil {
		x, err := openLayered(u.tx, bucketActID)
		if err != nil {
			return nil, err
		}
		u.byID = x
	}
	seq, raw, found, err := u.byID.findActivity(u.tx, key, false)
	if err != nil {
		return nil, err
	}
	if raw != nil && isNamed(&found, key) {
		a := found // on the heap only if there is one
		st.seq = seq
		for _, known := range []id16{idOf(a.ID), idOf(string(a.Key))} {
			if other := u.acts[known]; other != nil {
				return other, nil
			}
		}
		cur := a
		st.raw, st.old, st.cur = raw, &a, &cur
	}
	u.remember(st, key)
	return st, nil
}

func (u *unit) remember(st *actState, keys ...id16) {
	for _, key := range keys {
		u.acts[key] = st
	}
	u.actOrder = append(u.actOrder, st)
}

// setActivity gives a state its activity; a new one is found under its id and its key from now on.
func (u *unit) setActivity(st *actState, a activity) {
	st.cur = &a
	u.acts[idOf(a.ID)] = st
	if a.Key != "" {
		u.acts[idOf(string(a.Key))] = st
	}
}

// unobserve takes observations off an activity: the one of the row, and those of the same source whose rows
// are retired. An activity that nobody observes any more goes.
func (u *unit) unobserve(activityID, sourceID, externalID string) error {
	st, err := u.activity(activityID)
	if err != nil || st.cur == nil {
		return err
	}
	if err := u.dropObservations(st, sourceID, func(ext string) bool { return ext == externalID }); err != nil {
		return err
	}
	if len(st.cur.Observed) == 0 && st.cur.By == "" { // what a person logged rests on no source
		st.cur = nil
	}
	return nil
}

// dropObservations drops those of a source that are chosen or whose rows are retired. The owners follow.
func (u *unit) dropObservations(st *actState, sourceID string, chosen func(ext string) bool) error {
	var kept []crm.Observation
	for _, o := range st.cur.Observed {
		drop := o.Source == sourceID && chosen(o.ExternalID)
		if o.Source == sourceID && !drop {
			r, err := u.rowOf(sourceID, o.ExternalID)
			if err != nil {
				return err
			}
			drop = r == nil || r.cur == nil || r.cur.entry.Retired
		}
		if !drop {
			kept = append(kept, o)
		}
	}
	if len(kept) == len(st.cur.Observed) {
		return nil
	}
	gone := st.cur.Observed
	st.cur.Observed = kept
	st.cur.Owners = slices.DeleteFunc(slices.Clone(st.cur.Owners), func(owner string) bool {
		by := func(o crm.Observation) bool { return o.Owner == owner }
		return slices.ContainsFunc(gone, by) && !slices.ContainsFunc(kept, by)
	})
	st.cur.Letters = crm.WithoutLetters(st.cur.Letters, gone, kept)
	if st.cur.Meeting != nil { // whether it is on depends on who sees it
		st.cur.Activity = crm.Merge(st.cur.Activity, st.cur.Activity)
	}
	return nil
}

// flushActivities compares each touched activity with what was stored.
func (u *unit) flushActivities() error {
	for _, st := range u.actOrder {
		if err := u.flushActivity(st); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) flushActivity(st *actState) error {
	var raw []byte
	if st.cur != nil {
		if err := u.resolve(st.cur); err != nil {
			return err
		}
		if err := u.followFiling(st.cur); err != nil {
			return err
		}
		indexed, err := u.indexedAccounts(st.cur)
		if err != nil {
			return err
		}
		st.cur.indexed = indexed
		if err := u.stamp(st.cur); err != nil {
			return err
		}
		u.encoder.reset()
		u.encoder.activity(st.cur)
		raw = u.encoder.b
	}
	if bytes.Equal(raw, st.raw) {
		return nil
	}
	if st.cur != nil {
		raw = u.arena.copy(raw)
	}
	if st.raw == nil {
		seq, err := u.bucket(bucketActivities).NextSequence()
		if err != nil {
			return err
		}
		st.seq, u.dirty = seq, true
	}
	u.before = activityKeys(&u.arena, u.before[:0], st.old, st.seq, nil)
	u.after = activityKeys(&u.arena, u.after[:0], st.cur, st.seq, raw)
	u.reindex(u.before, u.after)
	u.countActivity(st.old, -1)
	u.countActivity(st.cur, 1)
	if err := u.activityChanged(st.old, st.cur); err != nil {
		return err
	}
	switch {
	case !u.noting || sameButOrigin(st.old, st.cur):
	case st.cur != nil:
		u.outbox = append(u.outbox, crm.OutboxRow{Activity: st.cur.ID, Op: "put"})
	default:
		u.outbox = append(u.outbox, crm.OutboxRow{Activity: st.old.ID, Op: "delete"})
	}
	return nil
}

// indexedAccounts are the accounts under which an activity is found: its own and those of its contacts.
func (u *unit) indexedAccounts(a *activity) ([]string, error) {
	out := slices.Clone(a.Accounts)
	for _, p := range a.People {
		if p.ID == "" {
			continue
		}
		account, err := u.accountOf(p.ID)
		if err != nil {
			return nil, err
		}
		if account != "" {
			out = append(out, account)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// accountOf is the account of a person; "" if there is none.
func (u *unit) accountOf(person string) (string, error) {
	key := idOf(person)
	if account, ok := u.accounts[key]; ok {
		return account, nil
	}
	account := ""
	if u.people == nil {
		u.people = u.bucket(bucketPeople).Cursor()
	}
	if k, raw := u.people.Seek(key[:]); bytes.Equal(k, key[:]) {
		p, err := decodePerson(raw)
		if err != nil {
			return "", err
		}
		account = p.AccountID
	}
	u.accounts[key] = account
	return account, nil
}

// The classes of an activity in the timeline of a scope.
const (
	classOther   = iota // neither of the two below
	classFrom           // they wrote to us
	classTo             // we wrote to them
	timelineEnds        // how many classes there are
)

// activityKeys appends all entries that an activity has in the buckets; none if a is nil.
func activityKeys(m *arena, out []change, a *activity, seq uint64, raw []byte) []change {
	if a == nil {
		return out
	}
	if raw == nil {
		raw = nothing
	}
	id, key := idOf(a.ID), idOf(string(a.Key))
	out = append(out, entry(bucketActivities, m.u64(seq), raw), entry(bucketActID, m.numbered(id[:8], seq), nothing))
	if a.Key != "" && key != id {
		out = append(out, entry(bucketActID, m.numbered(key[:8], seq), nothing))
	}
	for _, message := range a.Messages {
		if part := idOf(string(message)); part != key && part != id {
			out = append(out, entry(bucketActID, m.numbered(part[:8], seq), nothing))
		}
	}
	if a.Thread != "" && a.Thread != string(a.Key) { // what started a conversation is found by its own key
		thread := idOf(a.Thread)
		out = append(out, entry(bucketThreads, m.numbered(thread[:8], seq), nothing))
	}
	when := timeKey(a.Time)
	line := func(scope id16, class byte) {
		out = append(out, entry(bucketTimeline, timelineKey(m, scope, class, when, seq), nothing))
	}
	line(id16{}, classOther)
	for _, owner := range a.Owners {
		line(ownerScope(owner), classOther)
		if a.Kind == crm.KindMeeting {
			line(meetingScope(owner), classOther)
		}
	}
	for i, p := range a.People {
		if p.ID != "" && !slices.ContainsFunc(a.People[:i], func(q crm.Participant) bool { return q.ID == p.ID }) {
			line(idOf(p.ID), personClass(a, p.ID))
		}
	}
	for _, account := range a.indexed {
		line(idOf(account), accountClass(a))
	}
	return out
}

func timelineKey(m *arena, scope id16, class byte, when [8]byte, seq uint64) []byte {
	key := m.make(16 + 1 + 8 + maxSeq)
	key = append(key, scope[:]...)
	key = append(key, class)
	key = append(key, when[:]...)
	return appendSeq(key, seq)
}

// personClass says who wrote: a person who merely got a copy of what somebody else wrote to us did not.
func personClass(a *activity, id string) byte {
	switch a.Direction {
	case crm.DirectionOut:
		return classTo
	case crm.DirectionIn:
		for _, p := range a.People {
			if p.ID == id && authored(p.Role) {
				return classFrom
			}
		}
	}
	return classOther
}

func accountClass(a *activity) byte {
	switch a.Direction {
	case crm.DirectionOut:
		return classTo
	case crm.DirectionIn:
		return classFrom
	}
	return classOther
}

func authored(r crm.Role) bool {
	return r == crm.RoleFrom || r == crm.RoleOrganizer || r == crm.RoleSubmitter
}

// countActivity adds an activity to the roll-ups, or takes it off: once for each owner.
func (u *unit) countActivity(a *activity, n int64) {
	if a == nil {
		return
	}
	for _, key := range rollupKeys(a.Activity, u.s.loc) {
		u.rollups[key] += n
	}
}

// rollupKeys are the roll-ups that count an activity.
func rollupKeys(a crm.Activity, loc *time.Location) []string {
	owners := a.Owners
	if len(owners) == 0 {
		owners = []string{""}
	}
	day := a.Time.In(loc).Format(time.DateOnly)
	out := make([]string, 0, len(owners))
	for _, owner := range owners {
		out = append(out, strings.Join([]string{day, owner, string(a.Kind), string(a.Direction)}, "\x00"))
	}
	return out
}

func (u *unit) flushRollups() error {
	if len(u.rollups) == 0 {
		return nil
	}
	b := u.bucket(bucketRollups)
	for key, n := range u.rollups {
		if n == 0 {
			continue
		}
		count := int64(getU64(b.Get([]byte(key)))) + n
		c := entry(bucketRollups, []byte(key), nil)
		if count != 0 {
			c.val = binary.BigEndian.AppendUint64(nil, uint64(count))
		}
		u.gather(c)
	}
	clear(u.rollups)
	return nil
}

// flushOutbox appends the rows while somebody will take them off.
func (u *unit) flushOutbox() error {
	rows := u.outbox
	u.outbox = nil
	for _, r := range rows {
		seq, err := u.bucket(bucketOutbox).NextSequence()
		if err != nil {
			return err
		}
		u.dirty = true
		r.Seq, r.At = seq, u.s.now()
		u.gather(change{bucket: bucketOutbox, key: u64(seq), val: encodeOutbox(r)})
	}
	return nil
}
