package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Numbers are sums over facts. A fact stands in several tables, one for each dimension by which it can be told apart, for
// days and for months; and in two tables of months from which restrictions to several of them are answered: one that tells
// channel and campaign apart, and one that tells owners apart too, where a fact of two owners stands twice. In a table the keys are ordered by period, the dimension's value and the detail, so
// that a question is one walk over a range.
//
// The key of a number: metric 0 grain(1) table(1) period 0 value 0 detail; the value of tablePair is channel 0 campaign, that
// of tableAll owner 0 channel 0 campaign.
const (
	tableNone     = 'n'
	tableOwner    = 'o'
	tableChannel  = 'c'
	tableCampaign = 'p'
	tablePair     = 'y' // months only, as the next
	tableAll      = 'x'

	grainDay   = 'd'
	grainMonth = 'm'
)

// maxKeyPart bounds what comes from outside in a key, in bytes.
const maxKeyPart = 200

// keyPart is a text as it stands in keys whose parts are separated by zero bytes.
func keyPart(s string) string {
	if len(s) <= maxKeyPart && strings.IndexByte(s, 0) < 0 {
		return s
	}
	s = strings.ReplaceAll(s, "\x00", " ")
	for n := maxKeyPart; len(s) > maxKeyPart; n-- {
		if utf8.RuneStart(s[n]) || n == maxKeyPart-utf8.UTFMax {
			s = s[:n]
		}
	}
	return s
}

// factKey is a fact as far as numbers tell it from others.
type factKey struct {
	metric                            crm.Metric
	day                               int32 // year, month and day in decimal: 20261121
	owners, channel, campaign, detail string
}

// tally is how many there are, and what they add up to.
type tally struct{ count, sum int64 }

// countFacts counts the facts of an activity n times: 1 for one that is new, -1 for one that is no more; of none if it is nil.
func (u *unit) countFacts(a *activity, n int64) {
	if a == nil {
		return
	}
	facts := crm.ActivityFacts(a.Activity, a.channel, a.campaign)
	for i := range facts {
		u.life.countFact(&facts[i], u.s.loc, n)
	}
}

func (l *lifeSpare) countFact(f *crm.Fact, loc *time.Location, n int64) {
	year, month, day := f.At.In(loc).Date()
	if year < 0 || year > 9999 {
		year, month, day = 0, 1, 1
	}
	key := factKey{metric: f.Metric, day: int32(year*10000 + int(month)*100 + day), channel: f.Channel, campaign: f.Campaign, detail: f.Detail}
	switch len(f.Owners) {
	case 0:
	case 1:
		key.owners = f.Owners[0]
	default:
		owners := slices.Clone(f.Owners)
		slices.Sort(owners)
		key.owners = strings.Join(slices.Compact(owners), "\x00")
	}
	t := l.facts[key]
	t.count, t.sum = t.count+n, t.sum+n*f.Value
	l.facts[key] = t
}

// addend is what is to be added to a number.
type addend struct {
	key []byte
	tally
}

// addends are what sums of facts change in the tables, in the order of their keys and each key once.
func addends(room *arena, facts map[factKey]tally) []addend {
	var all []addend
	for key, t := range facts {
		if t != (tally{}) {
			all = key.appendTo(all, room, t)
		}
	}
	slices.SortFunc(all, func(a, b addend) int { return bytes.Compare(a.key, b.key) })
	out := all[:0]
	for _, a := range all {
		if n := len(out); n > 0 && bytes.Equal(out[n-1].key, a.key) {
			out[n-1].count, out[n-1].sum = out[n-1].count+a.count, out[n-1].sum+a.sum
			continue
		}
		out = append(out, a)
	}
	return out
}

func (k *factKey) appendTo(out []addend, room *arena, t tally) []addend {
	day := fmt.Sprintf("%04d-%02d-%02d", k.day/10000, k.day/100%100, k.day%100)
	channel, campaign := keyPart(k.channel), keyPart(k.campaign)
	owners := strings.Split(k.owners, "\x00")
	add := func(grain, table byte, value string) {
		period := day
		if grain == grainMonth {
			period = day[:len("2026-11")]
		}
		out = append(out, addend{numberKey(room, k.metric, grain, table, period, value, keyPart(k.detail)), t})
	}
	for _, grain := range []byte{grainDay, grainMonth} {
		add(grain, tableNone, "")
		add(grain, tableChannel, channel)
		add(grain, tableCampaign, campaign)
		for _, owner := range owners {
			add(grain, tableOwner, keyPart(owner))
		}
	}
	add(grainMonth, tablePair, channel+"\x00"+campaign)
	for _, owner := range owners {
		add(grainMonth, tableAll, keyPart(owner)+"\x00"+channel+"\x00"+campaign)
	}
	return out
}

func numberKey(room *arena, metric crm.Metric, grain, table byte, period, value, detail string) []byte {
	out := room.make(len(metric) + len(period) + len(value) + len(detail) + 5)
	out = append(append(out, metric...), 0, grain, table)
	out = append(append(out, period...), 0)
	out = append(append(out, value...), 0)
	return append(out, detail...)
}

// flushNumbers adds what was counted to the stored numbers.
func (u *unit) flushNumbers() error {
	if len(u.life.facts) == 0 {
		return nil
	}
	b := u.bucket(bucketNumbers)
	for _, a := range addends(&u.arena, u.life.facts) {
		if a.tally == (tally{}) {
			continue
		}
		old, err := decodeTally(b.Get(a.key))
		if err != nil {
			return err
		}
		old.count, old.sum = old.count+a.count, old.sum+a.sum
		if err := u.keep(entry(bucketNumbers, a.key, encodeTally(&u.arena, old))); err != nil {
			return err
		}
	}
	u.life.facts = emptied(u.life.facts)
	return nil
}

// encodeTally gives nil for nothing, which removes it.
func encodeTally(room *arena, t tally) []byte {
	if t == (tally{}) {
		return nil
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(room.make(16), uint64(t.count)), uint64(t.sum))
}

func decodeTally(raw []byte) (t tally, err error) {
	switch len(raw) {
	case 0:
	case 16:
		t.count, t.sum = int64(getU64(raw[:8])), int64(getU64(raw[8:]))
	default:
		err = corrupt("a number")
	}
	return t, err
}
