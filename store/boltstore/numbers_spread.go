package boltstore

import (
	"cmp"
	"slices"
	"strings"
)

// A fact is spread over a dozen numbers, and a commit can bring thousands: before any key is made they are sorted and added up
// as small numbers, in which texts are numbered in their order.

// spreading is where facts are spread.
type spreading struct {
	words []string // ascending, as they stand in keys
	at    map[string]int32
	all   []spreadFact

	before spreadKey // the last list that a key was made for
	last   []byte    // that key
}

// spreadFact is what is added to the number of one detail in one table.
type spreadFact struct {
	spreadKey
	tally
}

// spreadKey sorts as the key of a number and its detail do.
type spreadKey struct {
	metric       int32
	grain, table byte
	day          int32    // of months the first
	value        [4]int32 // up to three parts, and the detail; what has fewer parts has the same in the others
}

func (k *spreadKey) compare(other *spreadKey) int {
	if c := cmp.Compare(k.metric, other.metric); c != 0 {
		return c
	}
	if c := cmp.Compare(int(k.grain)<<8|int(k.table), int(other.grain)<<8|int(other.table)); c != 0 {
		return c
	}
	if c := cmp.Compare(k.day, other.day); c != 0 {
		return c
	}
	return slices.Compare(k.value[:], other.value[:])
}

// sameList reports whether only the details differ.
func (k *spreadKey) sameList(other *spreadKey) bool {
	a, b := *k, *other
	a.value[3], b.value[3] = 0, 0
	return a == b
}

func newSpreading(facts map[factKey]tally) *spreading {
	s := &spreading{at: make(map[string]int32), all: make([]spreadFact, 0, 11*len(facts))}
	for key := range facts {
		for _, text := range []string{string(key.metric), key.channel, key.campaign, key.detail} {
			s.at[text] = 0
		}
		for owner := range strings.SplitSeq(key.owners, "\x00") {
			s.at[owner] = 0
		}
	}
	for text := range s.at {
		s.words = append(s.words, keyPart(text))
	}
	slices.Sort(s.words)
	s.words = slices.Compact(s.words)
	for text := range s.at {
		at, _ := slices.BinarySearch(s.words, keyPart(text))
		s.at[text] = int32(at)
	}
	return s
}

// spread adds a sum of facts to every table.
func (s *spreading) spread(k *factKey, t tally) {
	metric, channel, campaign, detail := s.at[string(k.metric)], s.at[k.channel], s.at[k.campaign], s.at[k.detail]
	add := func(grain, table byte, parts ...int32) {
		one := spreadKey{metric: metric, grain: grain, table: table, day: k.day}
		if grain == grainMonth {
			one.day -= k.day % 100
		}
		copy(one.value[:3], parts)
		one.value[3] = detail
		s.all = append(s.all, spreadFact{one, t})
	}
	for _, grain := range [...]byte{grainDay, grainMonth} {
		add(grain, tableNone)
		add(grain, tableChannel, channel)
		add(grain, tableCampaign, campaign)
	}
	add(grainMonth, tablePair, channel, campaign)
	for name := range strings.SplitSeq(k.owners, "\x00") {
		owner := s.at[name]
		add(grainDay, tableOwner, owner)
		add(grainMonth, tableOwner, owner)
		add(grainMonth, tableAll, owner, channel, campaign)
	}
}

// key is the key of a list.
func (s *spreading) key(room *arena, k *spreadKey) []byte {
	day := dayText(k.day)
	period, metric := day[:], s.words[k.metric]
	if k.grain == grainMonth {
		period = day[:len("2026-11")]
	}
	parts := 1
	switch k.table {
	case tablePair:
		parts = 2
	case tableAll:
		parts = 3
	}
	size := len(metric) + len(period) + 4
	for _, part := range k.value[:parts] {
		size += len(s.words[part]) + 1
	}
	out := append(append(room.make(size), metric...), 0, k.grain, k.table)
	out = append(append(out, period...), 0)
	if k.table == tableNone {
		return append(out, 0)
	}
	for _, part := range k.value[:parts] {
		out = append(append(out, s.words[part]...), 0)
	}
	return out
}
