package boltstore

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// recountLife counts anew what is kept of lives: numbers, loads, and how long lists are.
func (s *Store) recountLife(tx *bbolt.Tx, found *differences) error {
	numbers, err := s.countedNumbers(tx)
	if err != nil {
		return err
	}
	number := func(key string, stored []byte) {
		if counted := numbers[key]; !bytes.Equal(stored, counted) {
			found.lines = append(found.lines, numberLines(key, stored, counted)...)
			found.rollups = append(found.rollups, entry(bucketNumbers, []byte(key), counted))
		}
		delete(numbers, key)
	}
	err = tx.Bucket(bucketNumbers).ForEach(func(k, v []byte) error {
		number(string(k), v)
		return nil
	})
	if err != nil {
		return err
	}
	for key := range numbers {
		number(key, nil)
	}
	counts, err := countedLists(tx)
	if err != nil {
		return err
	}
	count := func(name string, stored int64) {
		c := entry(bucketCounts, []byte(name), nil)
		if counts[name] != 0 {
			c.val = u64(uint64(counts[name]))
		}
		if stored != counts[name] {
			found.lines = append(found.lines, fmt.Sprintf("%s %q: stored %d, counted %d", bucketCounts, name, stored, counts[name]))
			found.rollups = append(found.rollups, c)
		}
		delete(counts, name)
	}
	err = tx.Bucket(bucketCounts).ForEach(func(k, v []byte) error {
		count(string(k), int64(getU64(v)))
		return nil
	})
	for name := range counts {
		count(name, 0)
	}
	if err != nil {
		return err
	}
	return s.recountListed(tx, found)
}

// countedNumbers are the lists of numbers as all facts give them; nil for one of which nothing is left.
func (s *Store) countedNumbers(tx *bbolt.Tx) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := s.eachFact(tx, func(sums map[factKey]tally) error {
		return eachList(addends(nil, sums), func(key []byte, some []addend) (err error) {
			out[string(key)], err = addNumbers(nil, out[string(key)], some)
			return err
		})
	})
	return out, err
}

// eachFact adds up all that is counted, and calls take with sums of some thousands of facts at a time.
func (s *Store) eachFact(tx *bbolt.Tx, take func(map[factKey]tally) error) error {
	const most = 20_000
	l := lifeSpare{facts: map[factKey]tally{}}
	flush := func() error {
		if len(l.facts) < most {
			return nil
		}
		err := take(l.facts)
		clear(l.facts)
		return err
	}
	err := tx.Bucket(bucketActivities).ForEach(func(_, v []byte) error {
		light, err := withoutTexts(v)
		if err != nil {
			return err
		}
		a, err := decodeActivity(light, false)
		if err != nil {
			return err
		}
		facts := crm.ActivityFacts(a.Activity, a.channel, a.campaign)
		for i := range facts {
			l.countFact(&facts[i], s.loc, 1)
		}
		return flush()
	})
	if err != nil {
		return err
	}
	err = tx.Bucket(bucketFacts).ForEach(func(_, v []byte) error {
		facts, err := decodeFacts(v)
		for i := range facts {
			l.countFact(&facts[i], s.loc, 1)
		}
		if err != nil {
			return err
		}
		return flush()
	})
	if err != nil {
		return err
	}
	err = s.eachRecordFact(tx, func(f crm.Fact) error {
		l.countFact(&f, s.loc, 1)
		return flush()
	})
	if err != nil {
		return err
	}
	return take(l.facts)
}

// countedLists are the counts as people and their standings give them.
func countedLists(tx *bbolt.Tx) (map[string]int64, error) {
	out := map[string]int64{}
	standings := tx.Bucket(bucketStandings)
	err := tx.Bucket(bucketPeople).ForEach(func(k, v []byte) error {
		p, err := decodePerson(v)
		if err != nil {
			return err
		}
		if p.Kind == crm.Lead {
			out[loadCount(p.Owner, p.Status)]++
		}
		raw := standings.Get(k)
		if raw == nil {
			return nil
		}
		st, err := decodeStanding(raw)
		for _, name := range listCounts(p.Owner, &st) {
			out[name]++
		}
		return err
	})
	return out, err
}
