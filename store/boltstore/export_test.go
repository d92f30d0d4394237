package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// CheckIndexes rebuilds every index entry from the records and compares: nothing may be missing, nothing
// left over.
func CheckIndexes(t testing.TB, s *Store) {
	t.Helper()
	want := map[string]map[string]string{}
	add := func(changes []change) {
		for _, c := range changes {
			if want[string(c.bucket)] == nil {
				want[string(c.bucket)] = map[string]string{}
			}
			want[string(c.bucket)][string(c.key)] = string(c.val)
		}
	}
	people, accounts := int64(0), int64(0)
	err := s.contained(func(tx *bbolt.Tx) error {
		each := func(bucket []byte, fn func(k, v []byte) error) {
			if err := tx.Bucket(bucket).ForEach(fn); err != nil {
				t.Fatal(err)
			}
		}
		each(bucketActivities, func(k, v []byte) error {
			a, err := decodeActivity(v, false)
			u := newUnit(s, tx)
			indexed, _ := u.indexedAccounts(&a)
			if fmt.Sprint(indexed) != fmt.Sprint(a.indexed) {
				t.Errorf("activity %s is indexed under %v instead of %v", a.ID, a.indexed, indexed)
			}
			add(activityKeys(nil, nil, &a, getU64(k), v))
			return err
		})
		each(bucketRows, func(k, v []byte) error {
			r, err := decodeRow(v)
			add(rowKeys(nil, nil, &r, getU64(k), v))
			return err
		})
		each(bucketPeople, func(_, v []byte) error {
			p, err := decodePerson(v)
			people++
			company, _ := companyOf(tx, &p)
			add(personKeys(&p, company, nil))
			return err
		})
		each(bucketAccounts, func(_, v []byte) error {
			a, err := decodeAccount(v)
			accounts++
			add(accountKeys(&a))
			return err
		})
		checkSubmissions(t, tx, add)
		checkRecords(t, tx)
		each(bucketSources, func(_, v []byte) error {
			src, err := decodeSource(v)
			add(dueKeys(src))
			return err
		})
		each(bucketReviews, func(_, v []byte) error {
			r, err := decodeReview(v)
			add([]change{entry(bucketReviewTime, reviewTimeKey(r.State, timeKey(r.Raised), idOf(r.ID)), nil)})
			return err
		})
		for _, bucket := range [][]byte{bucketActivities, bucketActID, bucketTimeline, bucketRows, bucketRowID, bucketRowTime,
			bucketRowSource, bucketRowKey, bucketRetry, bucketPending, bucketThreads, bucketPeopleName, bucketMembers, bucketAddresses,
			bucketAcctName, bucketDomains, bucketDue, bucketReviewTime, bucketPhones, bucketNames, bucketSubmissions,
			bucketQuarantine, bucketSubmission, bucketSubmitted} {
			entries := want[string(bucket)]
			walk := func(fn func(k, v []byte) error) { each(bucket, fn) }
			if isLayered(bucket) {
				walk = func(fn func(k, v []byte) error) { eachLayered(t, tx, bucket, fn) }
			}
			walk(func(k, v []byte) error {
				val, ok := entries[string(k)]
				if !ok {
					t.Errorf("bucket %s: entry %x belongs to nothing", bucket, k)
				} else if !bytes.Equal([]byte(val), v) {
					t.Errorf("bucket %s: entry %x is %q instead of %q", bucket, k, v, val)
				}
				delete(entries, string(k))
				return nil
			})
			for k := range entries {
				t.Errorf("bucket %s: entry %x is missing", bucket, k)
			}
		}
		for err := range tx.Check() {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{string(metaPeople): people, string(metaAccounts): accounts} {
		if n, _ := s.count(context.Background(), []byte(name)); n != want {
			t.Errorf("%s: %d counted, %d kept", name, want, n)
		}
	}
}

// checkSubmissions gives the entries that the submissions should have, and recounts their states.
func checkSubmissions(t testing.TB, tx *bbolt.Tx, add func([]change)) {
	t.Helper()
	boxes, counts := map[string]*letterbox{}, map[crm.SubmissionState]int64{}
	for i := range 2 {
		err := tx.Bucket(submissionBuckets(i)).ForEach(func(k, v []byte) error {
			s, err := decodeSubmission(v)
			if err != nil {
				return err
			}
			s.Seq = getU64(k)
			if boxes[s.ID] == nil {
				boxes[s.ID] = &letterbox{}
			}
			if counts[s.State]++; i == 0 {
				boxes[s.ID].admitted = &s
			} else {
				boxes[s.ID].held = &s
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, box := range boxes {
		add(box.keys())
	}
	for _, state := range []crm.SubmissionState{crm.SubmissionAccepted, crm.SubmissionQuarantined, crm.SubmissionReleased,
		crm.SubmissionRejected, crm.SubmissionExcluded} {
		if n := int64(getU64(tx.Bucket(bucketMeta).Get(submissionCount(state)))); n != counts[state] {
			t.Errorf("submissions that are %s: %d counted, %d kept", state, counts[state], n)
		}
	}
}

// eachLayered calls fn with every key of a layered index, and checks the layers: each key lies within the
// bounds of its block, and the sizes are what they say.
func eachLayered(t testing.TB, tx *bbolt.Tx, name []byte, fn func(k, v []byte) error) {
	t.Helper()
	x, err := openLayered(tx, name)
	if err != nil {
		t.Fatal(err)
	}
	sizes, all := make([]int64, maxLayers), 0
	cursor := x.b.Cursor()
	for k, v := cursor.First(); k != nil; {
		next, val := cursor.Next()
		sizes[k[0]] += int64(len(v))
		if len(v) == 0 || len(v) > maxBlock {
			t.Errorf("index %s: block %x has %d bytes", name, k, len(v))
		}
		if err := checkBlock(v); err != nil {
			t.Errorf("index %s: block %x: %v", name, k, err)
		}
		var keys keyList
		if err := keys.decode(v); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys.all(nil) {
			if bytes.Compare(key, k[1:]) < 0 || next != nil && next[0] == k[0] && bytes.Compare(key, next[1:]) >= 0 {
				t.Errorf("index %s: key %x does not belong into block %x", name, key, k)
			}
			if err := fn(key, nil); err != nil {
				t.Fatal(err)
			}
			all++
		}
		k, v = next, val
	}
	for n, size := range sizes {
		if n < len(x.layers) && x.layers[n].size != size || n >= len(x.layers) && size != 0 {
			t.Errorf("index %s: layer %d has %d bytes", name, n, size)
		}
	}
	up, down := 0, 0
	for w := x.ascend(nil, nil); w.key() != nil; w.next() {
		up++
	}
	for w := x.descend(nil, bytes.Repeat([]byte{0xff}, 40)); w.key() != nil; w.next() {
		down++
	}
	if up != all || down != all {
		t.Errorf("index %s: %d keys, of which walks find %d and %d", name, all, up, down)
	}
}

// OpenOld makes a store as a program with only the first n migrations would, with the given further steps.
func OpenOld(t testing.TB, path string, names ...string) error {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	steps := migrations()
	for _, name := range names {
		steps = append(steps, migration{name, atOnce(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("steps"))
			if err != nil {
				return err
			}
			return b.Put(u64(uint64(b.Stats().KeyN)), []byte(name))
		})})
	}
	return migrate(db, steps)
}

// Steps lists the marks that OpenOld's steps left.
func Steps(t testing.TB, path string) (out []string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("steps")).ForEach(func(_, v []byte) error {
			out = append(out, string(v))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(out)
	return out
}

// Decoders are all decoders of stored values.
func Decoders() map[string]func([]byte) error { return decoders() }

// SampleValues is one stored value for each kind, to begin fuzzing with.
func SampleValues() [][]byte {
	a := activity{Activity: crm.Activity{ID: "x", Subject: "s", People: []crm.Participant{{ID: "ab", Address: "a@b"}}, Observed: []crm.Observation{{Source: "s"}}}, indexed: []string{"acc"}}
	return [][]byte{
		{0, 3, 'a', 'b', 'c', 2, 1, 'd', 0, 1, 'x'}, // a block
		encoded(a),
		encodedRow(row{src: 1, entry: crm.Entry{ExternalID: "1", Verdict: crm.Failed}, pending: []id16{{1}}, reviews: []string{"ab"}}),
		encodeSource(source{Source: crm.Source{ID: "a"}, num: 1}),
		encodePerson(crm.Person{ID: "p", Emails: []string{"a@b"}, Phones: []crm.Phone{{Number: "1"}}}),
		encodeAccount(crm.Account{ID: "a", Domains: []string{"b"}}),
		encodeReview(review{Review: crm.Review{ID: "r", Candidates: []crm.Candidate{{ID: "p"}}}}),
		encodePerson(crm.Person{ID: "p", Custom: map[string]string{"a": "b"}, Filled: []crm.Provenance{{Field: "kana", Activity: "ab"}}}),
		encodeSubmission(&crm.Submission{ID: "ab", Form: "f", Fields: []crm.FormField{{Name: "n", Values: []string{"v"}}}}),
		encoded(activity{Activity: crm.Activity{ID: "x", Form: "f", Custom: map[string]string{"a": "b"},
			Revisions: []crm.Revision{{Text: "t", Fields: []crm.FormField{{Name: "n", Values: []string{"v"}}}}}}}),
		encoded(activity{Activity: crm.Activity{ID: "x", Kind: crm.KindMeeting, Messages: []crm.Key{"ab"}, Observed: []crm.Observation{{Source: "s", Withdrawn: true}},
			People: []crm.Participant{{Optional: true, Type: crm.TypeRoom}}, Revisions: []crm.Revision{{Location: "l"}}, Outcome: &crm.Outcome{Result: "held"},
			Meeting: &crm.Meeting{UID: "u", Replies: []crm.Reply{{Address: "a@b"}}, Memory: &crm.MeetingMemory{Answers: []crm.Reply{{Address: "a@b"}},
				Overruled: []crm.Overruled{{Role: crm.RoleAttendee}}, States: []crm.Revision{{Subject: "s"}}}}}}),
	}
}

func encoded(a activity) []byte {
	var e encoder
	e.activity(&a)
	return e.b
}

func encodedRow(r row) []byte {
	var e encoder
	e.row(&r)
	return e.b
}

// Read runs fn as every read of the store runs.
func Read(s *Store, fn func(tx *bbolt.Tx) error) error { return s.contained(fn) }

// TakeConversation marks a conversation of these messages as MarkPrivate does.
func TakeConversation(ctx context.Context, s *Store, messages []crm.Key) error {
	scope, id := repScope("sato@example.co.jp"), id16{1}
	return s.update(ctx, func(u *unit) error { return u.takeConversation(append(scope[:], id[:]...), messages) })
}

// CountPrivate is how much the store knows of private conversations.
func CountPrivate(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.contained(func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{bucketPrivateKeys, bucketPrivateParts, bucketPrivateThreads} {
			n += tx.Bucket(bucket).Stats().KeyN
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
