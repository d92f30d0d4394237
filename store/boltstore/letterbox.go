package boltstore

import (
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// letterbox is what the store holds of one submission: the version that was let in and stands in the queue, and
// the one that is or was in quarantine. An edit that looks suspicious does not push out the version that was let
// in before it, whose activity stays until somebody decides.
type letterbox struct {
	admitted *crm.Submission // accepted, released or excluded; nil for none
	held     *crm.Submission // quarantined or rejected; nil for none
}

// newest is the version that came last; nil for none.
func (l letterbox) newest() *crm.Submission {
	if l.admitted == nil || l.held != nil && l.held.Version > l.admitted.Version {
		return l.held
	}
	return l.admitted
}

// holding is a version with the same fields; nil if there is none.
func (l letterbox) holding(fields []crm.FormField) *crm.Submission {
	for _, s := range []*crm.Submission{l.newest(), l.admitted, l.held} {
		if s != nil && sameAnswers(s.Fields, fields) {
			return s
		}
	}
	return nil
}

// sameAnswers compares what was sent. Labels are the form's, not the sender's.
func sameAnswers(a, b []crm.FormField) bool {
	return slices.EqualFunc(a, b, func(x, y crm.FormField) bool { return x.Name == y.Name && slices.Equal(x.Values, y.Values) })
}

// keys are all entries of a letterbox in the buckets; none if it is empty.
func (l letterbox) keys() []change {
	if l.admitted == nil && l.held == nil {
		return nil
	}
	var out []change
	var seqs [2]uint64
	for i, s := range []*crm.Submission{l.admitted, l.held} {
		if s == nil {
			continue
		}
		seqs[i] = s.Seq
		out = append(out, entry(submissionBuckets(i), u64(s.Seq), encodeSubmission(s)))
		if n, ok := submissionState(s.State); ok {
			when := timeKey(s.At)
			out = append(out, entry(bucketSubmitted, append(append([]byte{n}, when[:]...), u64(s.Seq)...), nothing))
		}
	}
	id := idOf(l.newest().ID)
	return append(out, entry(bucketSubmission, id[:], append(u64(seqs[0]), u64(seqs[1])...)))
}

// submissionBuckets is where the two versions of a letterbox are.
func submissionBuckets(i int) []byte {
	if i == 0 {
		return bucketSubmissions
	}
	return bucketQuarantine
}

// decidable are the states that are listed for people.
func decidable() []crm.SubmissionState {
	return []crm.SubmissionState{crm.SubmissionQuarantined, crm.SubmissionReleased, crm.SubmissionRejected}
}

// submissionState is a state in keys; ok is false for those that are not listed.
func submissionState(s crm.SubmissionState) (n byte, ok bool) {
	i := slices.Index(decidable(), s)
	return byte(i), i >= 0
}

func submissionCount(s crm.SubmissionState) []byte { return append([]byte("submissions "), s...) }

// readLetterbox reads all of a submission; an empty letterbox if it is not there.
func readLetterbox(tx *bbolt.Tx, id id16) (out letterbox, err error) {
	raw := tx.Bucket(bucketSubmission).Get(id[:])
	if raw == nil {
		return out, nil
	}
	if len(raw) != 16 {
		return out, corrupt("the place of a submission")
	}
	if out.admitted, err = readSubmission(tx, bucketSubmissions, raw[:8]); err != nil {
		return letterbox{}, err
	}
	if out.held, err = readSubmission(tx, bucketQuarantine, raw[8:]); err != nil {
		return letterbox{}, err
	}
	if out.newest() == nil {
		return letterbox{}, corrupt("the place of a submission")
	}
	return out, nil
}

// readSubmission gives nil for the number 0.
func readSubmission(tx *bbolt.Tx, bucket, seq []byte) (*crm.Submission, error) {
	n := getU64(seq)
	if n == 0 {
		return nil, nil
	}
	s, err := decodeSubmission(tx.Bucket(bucket).Get(seq))
	if err != nil {
		return nil, err
	}
	s.Seq = n
	return &s, nil
}

// saveLetterbox puts a letterbox in the place of what it was. The counts of the states follow.
func (u *unit) saveLetterbox(before, after letterbox) error {
	u.reindex(before.keys(), after.keys())
	counts := map[crm.SubmissionState]int64{}
	for _, s := range []*crm.Submission{before.admitted, before.held} {
		if s != nil {
			counts[s.State]--
		}
	}
	for _, s := range []*crm.Submission{after.admitted, after.held} {
		if s != nil {
			counts[s.State]++
		}
	}
	for state, n := range counts {
		if n == 0 {
			continue
		}
		if err := u.metaAdd(submissionCount(state), n); err != nil {
			return err
		}
	}
	return nil
}

// nextInQueue is the number of the next submission. Those in quarantine have numbers of the same row.
func (u *unit) nextInQueue() (uint64, error) {
	u.dirty = true
	return u.bucket(bucketSubmissions).NextSequence()
}
