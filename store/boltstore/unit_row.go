package boltstore

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// row loads a ledger row, once. What is not there has old and cur nil.
func (u *unit) row(id rowID) (*rowState, error) {
	if st := u.rows[id]; st != nil {
		return st, nil
	}
	st := &rowState{id: id}
	if seq := u.bucket(bucketRowID).Get(rowIDKey(id.src, id.ext)); seq != nil {
		st.seq = getU64(seq)
		raw := u.bucket(bucketRows).Get(seq)
		r, err := decodeRow(raw)
		if err != nil {
			return nil, err
		}
		cur := r
		st.raw, st.old, st.cur = raw, &r, &cur
	}
	u.rows[id] = st
	u.rowOrder = append(u.rowOrder, st)
	return st, nil
}

// rowOf loads a ledger row by the name of its source; nil if there is no such source.
func (u *unit) rowOf(sourceID, ext string) (*rowState, error) {
	src, err := u.source(sourceID)
	if err != nil || src == nil {
		return nil, err
	}
	return u.row(rowID{src.cur.num, ext})
}

// rowBySeq loads a ledger row by its number.
func (u *unit) rowBySeq(seq uint64) (*rowState, error) {
	r, err := decodeRow(u.bucket(bucketRows).Get(u64(seq)))
	if err != nil {
		return nil, err
	}
	return u.row(rowID{r.src, r.entry.ExternalID})
}

func rowIDKey(src uint32, ext string) []byte {
	key := make([]byte, 0, 4+len(ext))
	return append(binary.BigEndian.AppendUint32(key, src), ext...)
}

func (u *unit) flushRows() error {
	for _, st := range u.rowOrder {
		if err := u.flushRow(st); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) flushRow(st *rowState) error {
	if st.cur == nil {
		return nil
	}
	st.cur.src, st.cur.entry.ExternalID = st.id.src, st.id.ext
	raw := encodeRow(*st.cur)
	if bytes.Equal(raw, st.raw) {
		return nil
	}
	if st.raw == nil {
		seq, err := u.bucket(bucketRows).NextSequence()
		if err != nil {
			return err
		}
		st.seq, u.dirty = seq, true
	}
	u.reindex(rowKeys(st.old, st.seq, nil), rowKeys(st.cur, st.seq, raw))
	return u.countRow(st)
}

// countRow moves the tally of the source.
func (u *unit) countRow(st *rowState) error {
	name, err := u.sourceName(st.id.src)
	if err != nil {
		return err
	}
	src, err := u.source(name)
	if err != nil {
		return err
	}
	if st.old != nil && !st.old.entry.Retired {
		src.cur.Tally.Add(st.old.entry.Verdict, -1)
	}
	if !st.cur.entry.Retired {
		src.cur.Tally.Add(st.cur.entry.Verdict, 1)
	}
	return nil
}

// rowKeys are all entries that a ledger row has in the buckets; none if r is nil.
func rowKeys(r *row, seq uint64, raw []byte) []change {
	if r == nil {
		return nil
	}
	if raw == nil {
		raw = nothing
	}
	s, when, src := u64(seq), timeKey(r.entry.SeenAt), u32(r.src)
	verdict, code := verdictByte(r.entry.Verdict, r.entry.Retired), reasonCode(r.entry.Reason)
	out := make([]change, 0, 6+len(r.pending))
	out = append(out,
		entry(bucketRows, s, raw),
		entry(bucketRowID, rowIDKey(r.src, r.entry.ExternalID), s),
		entry(bucketRowTime, rowTimeKey(nil, verdict, when, s), append(src, code...)),
		entry(bucketRowSource, rowTimeKey(u32(r.src), verdict, when, s), []byte(code)),
	)
	if r.entry.Key != "" && r.entry.Verdict != crm.Logged {
		key := idOf(string(r.entry.Key))
		out = append(out, entry(bucketRowKey, appendSeq(key[:8:8], seq), nothing))
	}
	if r.entry.Verdict == crm.Failed && !r.entry.Retired && !r.entry.NextTry.IsZero() {
		next := timeKey(r.entry.NextTry)
		out = append(out, entry(bucketRetry, append(append(u32(r.src), next[:]...), s...), nothing))
	}
	for _, p := range r.pending {
		out = append(out, entry(bucketPending, append(appendSeq(p[:16:16], seq), verdict), nothing))
	}
	return out
}

func rowTimeKey(prefix []byte, verdict byte, when [8]byte, seq []byte) []byte {
	key := append(make([]byte, 0, 21), prefix...)
	key = append(key, verdict)
	key = append(key, when[:]...)
	return append(key, seq...)
}

// reasonCode is a reason without its detail.
func reasonCode(r crm.Reason) string {
	code, _, _ := strings.Cut(string(r), ":")
	return code
}

// source loads a source, once; nil if there is none of this id.
func (u *unit) source(id string) (*sourceState, error) {
	if st := u.sources[id]; st != nil {
		return st, nil
	}
	raw := u.bucket(bucketSources).Get([]byte(id))
	if raw == nil {
		return nil, nil
	}
	s, err := decodeSource(raw)
	if err != nil {
		return nil, err
	}
	st := &sourceState{raw: raw, old: s, cur: s}
	u.sources[id] = st
	return st, nil
}

func (u *unit) sourceName(num uint32) (string, error) {
	if name, ok := u.srcNames[num]; ok {
		return name, nil
	}
	raw := u.bucket(bucketSourceNum).Get(u32(num))
	if raw == nil {
		return "", corrupt("the number of a source")
	}
	name := string(raw)
	u.srcNames[num] = name
	return name, nil
}

// addSource gives a new source its number.
func (u *unit) addSource(s crm.Source) (*sourceState, error) {
	seq, err := u.bucket(bucketSourceNum).NextSequence()
	if err != nil {
		return nil, err
	}
	num := uint32(seq)
	if err := u.put(bucketSourceNum, u32(num), []byte(s.ID)); err != nil {
		return nil, err
	}
	st := &sourceState{cur: source{Source: s, num: num}}
	u.sources[s.ID] = st
	return st, nil
}

func (u *unit) flushSources() error {
	for id, st := range u.sources {
		raw := encodeSource(st.cur)
		if bytes.Equal(raw, st.raw) {
			continue
		}
		before, after := dueKeys(st.old), dueKeys(st.cur)
		u.reindex(before, append(after, entry(bucketSources, []byte(id), raw)))
	}
	clear(u.sources)
	return nil
}

// dueKeys: a source stands in the order of its due time, leased or not.
func dueKeys(s source) []change {
	if s.ID == "" || s.Due.IsZero() {
		return nil
	}
	when := timeKey(s.Due)
	return []change{entry(bucketDue, append(when[:], s.ID...), nothing)}
}
