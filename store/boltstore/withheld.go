package boltstore

import (
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Withheld. What people keep out beside the mapping's rules is decided in the transaction of a commit, so that an item
// that was mapped before a mark or rule was made is stored according to it all the same: a write that is kept out becomes an
// excluded row before anything of it is written (withhold).
//
// A private conversation is the set of the keyed hashes of its messages. A message is part of it if it is one of them or
// answers one; then its own hash joins the set, and what answers it and was stored before follows (reachFurther). The rows
// that it keeps out are listed beside it, so that they are read again when the mark is lifted. private.go marks and lifts.
//
// A rep's own rules stand in one value for each rep. What they cover of what was stored before goes in steps that note how
// far they are; so does what is read again once a rule is gone (ownrules.go).
var (
	bucketThreads        = []byte("threads")        // layered: first eight bytes of id16 of a conversation's first message, seq of an activity that follows it
	bucketPrivateKeys    = []byte("privatekeys")    // keyed hash(16) of a message → place(32) of the private conversation
	bucketPrivateThreads = []byte("privatethreads") // place(32) = scope(16) of the rep, id16, which begins with the time → private conversation
	bucketPrivateParts   = []byte("privateparts")   // place(32), 'k', keyed hash(16) → nothing; place(32), 'r', source number(4), external id → nothing
	bucketOwnRules       = []byte("ownrules")       // rep's address → own rules
)

func withheldBuckets() [][]byte {
	return [][]byte{bucketThreads, bucketPrivateKeys, bucketPrivateThreads, bucketPrivateParts, bucketOwnRules}
}

// The parts of a private conversation.
const (
	partKey = 'k'
	partRow = 'r'
)

// maxConversation is how many messages one mark reaches at most.
const maxConversation = 20_000

// withhold turns the writes that people keep out into excluded rows, in copies: the batch is the caller's, and may be applied
// again. It gives the pending hashes of what is left, and the messages that are part of private conversations since now.
func (u *unit) withhold(c *crm.Commit, hashed [][]id16, owner string) (left [][]id16, joined []crm.Key, err error) {
	private := unlessEmpty(u.bucket(bucketPrivateKeys))
	rules, err := u.ownRules(owner)
	if err != nil || private == nil && len(rules) == 0 {
		return hashed, nil, err
	}
	copied := false
	for i := range c.Writes {
		w := &c.Writes[i]
		s := w.Screening
		if s == nil && w.Activity != nil {
			of := crm.ScreeningOf(w.Activity)
			s = &of
		}
		if s == nil || w.Entry.Verdict == crm.Excluded || w.Entry.Verdict == crm.Failed {
			continue
		}
		reason, fresh, err := u.keptOut(c, w, s, private, rules)
		if err != nil {
			return nil, nil, err
		}
		if reason == "" {
			continue
		}
		if !copied {
			c.Writes, hashed, copied = slices.Clone(c.Writes), slices.Clone(hashed), true
		}
		joined = append(joined, fresh...)
		e := w.Entry
		e.Verdict, e.Reason, e.Activity, e.Attempts, e.NextTry = crm.Excluded, reason, "", 0, time.Time{}
		c.Writes[i], hashed[i] = crm.Write{Entry: e}, nil
	}
	return hashed, joined, nil
}

// keptOut is the reason why a write may not be stored; "" if it may.
func (u *unit) keptOut(c *crm.Commit, w *crm.Write, s *crm.Screening, private *bbolt.Bucket, rules crm.OwnRules) (reason crm.Reason, joined []crm.Key, err error) {
	if private != nil {
		if place := u.privatePlace(private, s.Messages); place != nil {
			joined, err = u.joinPrivate(place, c.Source, w)
			return crm.ReasonPrivateThread, joined, err
		}
	}
	if rule := rules.Excludes(s); rule != nil {
		return rule.Reason(), nil, nil
	}
	return "", nil, nil
}

// privatePlace is that of the private conversation which one of the messages belongs to; nil for none.
func (u *unit) privatePlace(private *bbolt.Bucket, messages []crm.Key) []byte {
	for _, key := range messages {
		hash := u.s.privateHash(key)
		if place := private.Get(hash[:]); place != nil {
			return slices.Clone(place)
		}
	}
	return nil
}

// joinPrivate makes an item part of a private conversation.
func (u *unit) joinPrivate(place []byte, source string, w *crm.Write) (joined []crm.Key, err error) {
	own := []crm.Key{w.Entry.Key}
	if w.Activity != nil {
		own = append(own, w.Activity.Key)
	}
	for _, key := range own {
		fresh, err := u.addPrivateKey(place, key)
		if err != nil {
			return nil, err
		}
		if fresh {
			joined = append(joined, key)
		}
	}
	src, err := u.source(source)
	if err != nil || src == nil {
		return joined, err
	}
	return joined, u.addPrivateRow(place, rowID{src.cur.num, w.Entry.ExternalID}, w.Entry.ItemTime)
}

// addPrivateKey adds a message to a private conversation; false if it is part of one already.
func (u *unit) addPrivateKey(place []byte, key crm.Key) (bool, error) {
	if key == "" {
		return false, nil
	}
	hash := u.s.privateHash(key)
	if u.bucket(bucketPrivateKeys).Get(hash[:]) != nil {
		return false, nil
	}
	if err := u.put(bucketPrivateKeys, hash[:], place); err != nil {
		return false, err
	}
	return true, u.put(bucketPrivateParts, slices.Concat(place, []byte{partKey}, hash[:]), nothing)
}

// addPrivateRow lists a row that a private conversation keeps out.
func (u *unit) addPrivateRow(place []byte, id rowID, at time.Time) error {
	key := slices.Concat(place, []byte{partRow}, rowIDKey(id.src, id.ext))
	if u.bucket(bucketPrivateParts).Get(key) != nil {
		return nil
	}
	if err := u.put(bucketPrivateParts, key, nothing); err != nil {
		return err
	}
	t, err := decodePrivate(u.bucket(bucketPrivateThreads).Get(place))
	if err != nil {
		return err
	}
	t.Items++
	t.Last = u.s.now()
	if !at.IsZero() && (t.From.IsZero() || at.Before(t.From)) {
		t.From = at.UTC()
	}
	if at.After(t.Until) {
		t.Until = at.UTC()
	}
	return u.putPrivate(place, t)
}

// reachFurther takes away what was stored of conversations that the messages joined, since it answers them.
func (u *unit) reachFurther(joined []crm.Key) error {
	if len(joined) == 0 {
		return nil
	}
	if err := u.flush(); err != nil { // what came with them must be there to be found
		return err
	}
	u.taken = true
	for _, key := range joined {
		hash := u.s.privateHash(key)
		place := slices.Clone(u.bucket(bucketPrivateKeys).Get(hash[:]))
		if place == nil {
			continue
		}
		// What a mark may reach ends there; the mails that come in are kept out in any case, and no batch fails for it.
		if err := u.takeConversation(place, []crm.Key{key}); err != nil && !errors.Is(err, crm.ErrTooBig) {
			return err
		}
	}
	return nil
}

// privateHash is what a message of a private conversation is known by.
func (s *Store) privateHash(key crm.Key) id16 { return s.hmac("private", string(key)) }

// addThreads indexes the conversations of the activities that are there already, a piece at a time.
func addThreads(tx *bbolt.Tx, limit int) (more bool, err error) {
	if err := makeBuckets(tx); err != nil {
		return false, err
	}
	meta := tx.Bucket(bucketMeta)
	cursor := tx.Bucket(bucketActivities).Cursor()
	var keys []change
	var last []byte
	n := 0
	for k, v := cursor.Seek(u64(getU64(meta.Get(metaThreads)) + 1)); k != nil && n < limit; k, v = cursor.Next() {
		a, err := decodeActivity(v, false)
		if err != nil {
			return false, err
		}
		for _, c := range activityKeys(nil, nil, &a, getU64(k), v) {
			if string(c.bucket) == string(bucketThreads) {
				keys = append(keys, c)
			}
		}
		last, n = slices.Clone(k), n+1
	}
	if len(keys) > 0 {
		x, err := openLayered(tx, bucketThreads)
		if err != nil {
			return false, err
		}
		x.scratch = &scratch{}
		var fresh [][]byte
		for _, c := range tidy(keys) {
			fresh = append(fresh, c.key)
		}
		if err := x.add(fresh); err != nil {
			return false, err
		}
		if err := x.save(tx); err != nil {
			return false, err
		}
	}
	if n == limit {
		return true, meta.Put(metaThreads, last)
	}
	return false, meta.Delete(metaThreads)
}

// metaThreads is how far addThreads got: the number of an activity.
var metaThreads = []byte("threads")
