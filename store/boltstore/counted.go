package boltstore

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// What stands behind numbers. Numbers are sums and say nothing of the records that they were counted of; whoever asks for those is
// answered from an index of facts by metric, day and detail. It has the facts of people and of opportunities, and of activities
// those few that are more than an exchange that came by itself: calls, products that were asked for, what was typed. The
// exchanges, which are nearly all, stand in the timeline of everybody by their time already (counted_walk.go).
//
// A key: metric(1), day(4), hash of the detail(1), id16 of the record. Several facts of a record, metric, day and detail
// share a key: the record tells them.

var bucketCounted = []byte("counted") // see above → nothing

const countedDay, countedHash, countedID, countedSize = 1, 5, 6, 22

func countedBuckets() [][]byte { return [][]byte{bucketCounted, bucketViews} }

// countedMetrics are the metrics in the index; in keys each is its place from 1. None is ever taken out or moved.
func countedMetrics() [10]crm.Metric {
	return [...]crm.Metric{crm.MetricLeads, crm.MetricReached, crm.MetricStatus, crm.MetricReasons, crm.MetricResponse,
		crm.MetricCalls, crm.MetricManual, crm.MetricProducts, crm.MetricWon, crm.MetricLost}
}

// countedByte stands for a metric in keys; 0 for one that is not indexed.
func countedByte(m crm.Metric) byte {
	metrics := countedMetrics()
	return byte(slices.Index(metrics[:], m) + 1)
}

func detailHash(detail string) byte {
	h := fnv.New32a()
	_, _ = h.Write([]byte(detail))
	sum := h.Sum32()
	return byte(sum ^ sum>>8 ^ sum>>16 ^ sum>>24)
}

// dayNumber is the day of a time in decimal: 20261121. Years that no day can be written with are as in countFact.
func dayNumber(at time.Time, loc *time.Location) uint32 {
	year, month, day := at.In(loc).Date()
	if year < 0 || year > 9999 {
		year, month, day = 0, 1, 1
	}
	return uint32(year*10000 + int(month)*100 + day)
}

func dayOfNumber(n uint32) time.Time {
	return time.Date(int(n/10000), time.Month(n/100%100), int(n%100), 0, 0, 0, 0, time.UTC)
}

func countedKey(room *arena, f *crm.Fact, id id16, loc *time.Location) []byte {
	key := append(room.make(countedSize), countedByte(f.Metric))
	key = binary.BigEndian.AppendUint32(key, dayNumber(f.At, loc))
	return append(append(key, detailHash(f.Detail)), id[:]...)
}

// countedOf is a kind of record that facts are of.
type countedOf byte

const (
	countedNone countedOf = iota
	countedPerson
	countedActivity
	countedDeal
)

// listedOf is the kind of record of which a fact stands in the index.
func listedOf(f *crm.Fact) countedOf {
	switch b := countedByte(f.Metric); {
	case b == 0 || f.Metric == crm.MetricManual && f.Detail == crm.ManualAutomatic:
		return countedNone
	case b <= countedByte(crm.MetricResponse):
		return countedPerson
	case b <= countedByte(crm.MetricProducts):
		return countedActivity
	}
	return countedDeal
}

// listedKeys are the entries of a record's facts, in order and each once.
func (s *Store) listedKeys(room *arena, of countedOf, id id16, facts []crm.Fact) []change {
	var out []change
	for i := range facts {
		if listedOf(&facts[i]) == of {
			out = append(out, entry(bucketCounted, countedKey(room, &facts[i], id, s.loc), nothing))
		}
	}
	if len(out) < 2 {
		return out
	}
	slices.SortFunc(out, compareChanges)
	return slices.CompactFunc(out, func(a, b change) bool { return compareChanges(a, b) == 0 })
}

// listFacts makes the index follow: what was counted of a record before, and is now.
func (u *unit) listFacts(of countedOf, id id16, was, is []crm.Fact) {
	u.reindex(u.s.listedKeys(&u.arena, of, id, was), u.s.listedKeys(&u.arena, of, id, is))
}

// listActivity is listFacts for an activity, nil for one that was not or is no more. Nearly all have nothing to be listed.
func (u *unit) listActivity(before, after *activity) {
	was, is := listedFacts(before), listedFacts(after)
	if was == nil && is == nil {
		return
	}
	a := after
	if a == nil {
		a = before
	}
	u.listFacts(countedActivity, idOf(a.ID), was, is)
}

// listedFacts are the facts of an activity if any of them stands in the index.
func listedFacts(a *activity) []crm.Fact {
	if a == nil || a.Call == nil && a.By == "" && a.Product == "" && (a.Outcome == nil || a.Outcome.By == "") {
		return nil
	}
	return crm.ActivityFacts(a.Activity, a.channel, a.campaign)
}

// wants says whether a fact is one that a question asks for, but for its day.
func (q *countedQuery) wants(f *crm.Fact) bool {
	return f.Metric == q.Metric && (q.Details == nil || slices.Contains(q.Details, f.Detail)) &&
		(q.Owner == nil || ownedBy(f.Owners, *q.Owner)) &&
		(q.Channel == nil || keyPart(f.Channel) == keyPart(*q.Channel)) &&
		(q.Campaign == nil || crm.CampaignCode(keyPart(f.Campaign)) == q.campaign)
}

// ownedBy says whether a fact is credited to an owner, "" for nobody.
func ownedBy(owners []string, owner string) bool {
	if len(owners) == 0 {
		return owner == ""
	}
	return slices.ContainsFunc(owners, func(o string) bool { return keyPart(o) == keyPart(owner) })
}

// countedQuery is a question with what is worked out once.
type countedQuery struct {
	crm.CountedQuery
	first, last uint32 // days
	campaign    string // folded
	hashes      []byte // of the details, ascending; nil for all
}

func newCountedQuery(q crm.CountedQuery) (*countedQuery, error) {
	out := &countedQuery{CountedQuery: q}
	for _, day := range []struct {
		text string
		to   *uint32
	}{{q.From, &out.first}, {q.To, &out.last}} {
		t, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return nil, refused("%q is not a day such as 2026-11-21", day.text)
		}
		*day.to = dayNumber(t, time.UTC)
	}
	if q.Metric != crm.MetricActivities && countedByte(q.Metric) == 0 {
		return nil, refused("what stands behind %q is not listed", q.Metric)
	}
	if q.Campaign != nil {
		out.campaign = crm.CampaignCode(keyPart(*q.Campaign))
	}
	for _, d := range q.Details {
		out.hashes = append(out.hashes, detailHash(d))
	}
	slices.SortFunc(out.hashes, cmp.Compare[byte])
	out.hashes = slices.Compact(out.hashes)
	return out, nil
}
