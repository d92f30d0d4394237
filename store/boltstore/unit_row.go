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
	if seq := u.rowSeq(id); seq != nil {
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

// rowSeq is the number of a ledger row as it is stored; nil if there is no such row. One cursor serves all look-ups,
// of which a commit has many.
func (u *unit) rowSeq(id rowID) []byte {
	if u.rowIDs == nil {
		u.rowIDs = u.bucket(bucketRowID).Cursor()
	}
	u.rowKey = appendRowID(u.rowKey[:0], id.src, id.ext)
	if k, v := u.rowIDs.Seek(u.rowKey); bytes.Equal(k, u.rowKey) {
		return v
	}
	return nil
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
	return appendRowID(make([]byte, 0, 4+len(ext)), src, ext)
}

func appendRowID(b []byte, src uint32, ext string) []byte {
	return append(binary.BigEndian.AppendUint32(b, src), ext...)
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
	u.encoder.reset()
	u.encoder.row(st.cur)
	if bytes.Equal(u.encoder.b, st.raw) {
		return nil
	}
	raw := u.arena.copy(u.encoder.b)
	if st.raw == nil {
		seq, err := u.bucket(bucketRows).NextSequence()
		if err != nil {
			return err
		}
		st.seq, u.dirty = seq, true
	}
	u.before = rowKeys(&u.arena, u.before[:0], st.old, st.seq, nil)
	u.after = rowKeys(&u.arena, u.after[:0], st.cur, st.seq, raw)
	u.reindex(u.before, u.after)
	u.countArrival(st)
	u.noteUnasked(st)
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

// rowKeys appends all entries that a ledger row has in the buckets; none if r is nil.
func rowKeys(m *arena, out []change, r *row, seq uint64, raw []byte) []change {
	if r == nil {
		return out
	}
	if raw == nil {
		raw = nothing
	}
	s, when := m.u64(seq), timeKey(r.entry.SeenAt)
	verdict, code := verdictByte(r.entry.Verdict, r.entry.Retired), reasonCode(r.entry.Reason)
	sourceAndCode := append(binary.BigEndian.AppendUint32(m.make(4+len(code)), r.src), code...)
	rowSource := rowTimeKey(binary.BigEndian.AppendUint32(m.make(4+1+8+8), r.src), verdict, when, s)
	out = append(out,
		entry(bucketRows, s, raw),
		entry(bucketRowID, appendRowID(m.make(4+len(r.entry.ExternalID)), r.src, r.entry.ExternalID), s),
		entry(bucketRowTime, rowSource[4:], sourceAndCode),
		entry(bucketRowSource, rowSource, sourceAndCode[4:]),
	)
	if r.entry.Key != "" && r.entry.Verdict != crm.Logged {
		key := idOf(string(r.entry.Key))
		out = append(out, entry(bucketRowKey, m.numbered(key[:8], seq), nothing))
	}
	if r.entry.Verdict == crm.Failed && !r.entry.Retired && !r.entry.NextTry.IsZero() {
		next := timeKey(r.entry.NextTry)
		out = append(out, entry(bucketRetry, append(append(u32(r.src), next[:]...), s...), nothing))
	}
	for _, p := range r.pending {
		out = append(out, entry(bucketPending, append(appendSeq(append(m.make(16+maxSeq+1), p[:]...), seq), verdict), nothing))
	}
	return out
}

// rowTimeKey completes a key whose room was made beforehand.
func rowTimeKey(key []byte, verdict byte, when [8]byte, seq []byte) []byte {
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
