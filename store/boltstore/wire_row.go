package boltstore

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const rowVersion = 1

// row is a ledger row as it is stored.
type row struct {
	src     uint32 // number of the source
	entry   crm.Entry
	pending []id16   // hash of domain and hash of address, eight bytes each, of the unknown on the item; sorted
	reviews []string // ids of the reviews that the item raised
}

func (e *encoder) row(r *row) {
	e.uint(rowVersion)
	e.uint(uint64(r.src))
	e.str(r.entry.ExternalID)
	e.id(string(r.entry.Key))
	e.time(r.entry.SeenAt)
	e.time(r.entry.ItemTime)
	e.b = append(e.b, verdictByte(r.entry.Verdict, false))
	e.str(string(r.entry.Reason))
	if r.entry.Activity == string(r.entry.Key) {
		e.bool(r.entry.Activity != "")
		e.str("")
	} else {
		e.bool(false)
		e.str(r.entry.Activity)
	}
	e.int(int64(r.entry.Attempts))
	e.time(r.entry.NextTry)
	e.bool(r.entry.Retired)
	e.uint(uint64(len(r.pending)))
	for _, p := range r.pending {
		e.b = append(e.b, p[:]...)
	}
	e.ids(r.reviews)
}

// decodeRow reads a row; the name of its source is the caller's to fill in.
func decodeRow(b []byte) (row, error) {
	d := decoder{s: string(b)}
	var r row
	if d.uint() != rowVersion {
		return r, corrupt("a ledger row")
	}
	r.src = uint32(d.uint())
	r.entry.ExternalID = d.str()
	r.entry.Key = crm.Key(d.id())
	r.entry.SeenAt, r.entry.ItemTime = d.time(), d.time()
	r.entry.Verdict = d.verdict()
	r.entry.Reason = crm.Reason(d.str())
	if d.bool() {
		r.entry.Activity = string(r.entry.Key)
	}
	if id := d.str(); id != "" {
		r.entry.Activity = id
	}
	r.entry.Attempts = int(d.int())
	r.entry.NextTry = d.time()
	r.entry.Retired = d.bool()
	r.pending = listOf(&d, 16, func(d *decoder) (p id16) {
		copy(p[:], d.take(16))
		return p
	})
	r.reviews = d.ids()
	if d.bad {
		return row{}, corrupt("a ledger row")
	}
	return r, nil
}

func (d *decoder) verdict() crm.Verdict {
	b := d.take(1)
	if b == "" || int(b[0]) >= len(crm.Verdicts()) {
		d.fail()
		return ""
	}
	return crm.Verdicts()[b[0]]
}

const sourceVersion = 1

// source is a source as it is stored.
type source struct {
	crm.Source
	num   uint32    // stands for the source in keys
	woken time.Time // somebody asked for a pass while one was under way; zero if nobody did
}

func encodeSource(s source) []byte {
	var e encoder
	e.uint(sourceVersion)
	e.uint(uint64(s.num))
	for _, text := range []string{s.ID, s.Kind, s.Owner, string(s.State), s.Fingerprint} {
		e.str(text)
	}
	for _, t := range []time.Time{s.Due, s.LastTry, s.LastSuccess, s.LastItem, s.FailingFrom} {
		e.time(t)
	}
	e.int(int64(s.Attempts))
	e.str(s.Error)
	e.str(s.Hint)
	for _, n := range []int64{s.Progress.Done, s.Progress.Total, s.Tally.Seen, s.Tally.Logged, s.Tally.Excluded,
		s.Tally.Unmatched, s.Tally.Waiting, s.Tally.Failed} {
		e.int(n)
	}
	e.uint(s.Epoch)
	e.time(s.LeaseUntil)
	e.str(s.Cursor)
	e.time(s.woken)
	return e.b
}

func decodeSource(b []byte) (source, error) {
	d := decoder{s: string(b)}
	var s source
	if d.uint() != sourceVersion {
		return s, corrupt("a source")
	}
	s.num = uint32(d.uint())
	s.ID, s.Kind, s.Owner, s.State, s.Fingerprint = d.str(), d.str(), d.str(), crm.SourceState(d.str()), d.str()
	s.Due, s.LastTry, s.LastSuccess, s.LastItem, s.FailingFrom = d.time(), d.time(), d.time(), d.time(), d.time()
	s.Attempts = int(d.int())
	s.Error, s.Hint = d.str(), d.str()
	s.Progress.Done, s.Progress.Total = d.int(), d.int()
	s.Tally = crm.Tally{Seen: d.int(), Logged: d.int(), Excluded: d.int(), Unmatched: d.int(), Waiting: d.int(), Failed: d.int()}
	s.Epoch, s.LeaseUntil, s.Cursor, s.woken = d.uint(), d.time(), d.str(), d.time()
	if d.bad {
		return source{}, corrupt("a source")
	}
	return s, nil
}
