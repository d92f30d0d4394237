package boltstore

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Numbers are sums over facts. A fact stands in several tables, one for each dimension by which it can be told apart, for
// days and for months; and in two tables of months from which restrictions to several of them are answered: one that tells
// channel and campaign apart, and one that tells owners apart too, where a fact of two owners stands twice. In a table the keys
// are ordered by period and the dimension's value, so that a question is one walk over a range; what is stored there are the
// numbers of all details, one behind the other (numbers_list.go).
//
// A key: metric 0 grain(1) table(1) period 0 value 0; the value of tablePair is channel 0 campaign, that of tableAll owner 0
// channel 0 campaign.
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
	key    []byte
	detail string
	tally
}

// addends are what sums of facts change in the tables, in the order of their keys and details, each once.
func addends(room *arena, facts map[factKey]tally) []addend {
	s := newSpreading(facts)
	for key, t := range facts {
		if t != (tally{}) {
			s.spread(&key, t)
		}
	}
	slices.SortFunc(s.all, func(a, b spreadFact) int { return a.compare(&b.spreadKey) })
	var out []addend
	for i := 0; i < len(s.all); {
		k := &s.all[i].spreadKey
		var sum tally
		for ; i < len(s.all) && s.all[i].spreadKey == *k; i++ {
			sum.count, sum.sum = sum.count+s.all[i].count, sum.sum+s.all[i].sum
		}
		if sum == (tally{}) {
			continue
		}
		detail := s.words[k.value[3]]
		if n := len(s.last); n > 0 && k.sameList(&s.before) {
			out = append(out, addend{s.last, detail, sum})
			continue
		}
		s.before, s.last = *k, s.key(room, k)
		out = append(out, addend{s.last, detail, sum})
	}
	return out
}

// eachList calls fn with those addends that belong to one list of numbers.
func eachList(all []addend, fn func(key []byte, some []addend) error) error {
	for len(all) > 0 {
		n := 1
		for n < len(all) && bytes.Equal(all[n].key, all[0].key) {
			n++
		}
		if err := fn(all[0].key, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// dayText writes a day as 2026-11-21.
func dayText(day int32) (out [len("2026-11-21")]byte) {
	for i := len(out) - 1; i >= 0; i-- {
		if i == len("2026") || i == len("2026-11") {
			out[i] = '-'
			continue
		}
		out[i], day = byte('0'+day%10), day/10
	}
	return out
}

// flushNumbers adds what was counted to the stored numbers.
func (u *unit) flushNumbers() error {
	if len(u.life.facts) == 0 {
		return nil
	}
	b := u.bucket(bucketNumbers)
	err := eachList(addends(&u.arena, u.life.facts), func(key []byte, some []addend) error {
		val, err := addNumbers(&u.arena, b.Get(key), some)
		if err != nil {
			return err
		}
		return u.keep(entry(bucketNumbers, key, val))
	})
	if err != nil {
		return err
	}
	u.life.facts = emptied(u.life.facts)
	return nil
}
