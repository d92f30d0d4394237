package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// metaListed says by which time zone's days the index of facts is; while it is made, also how far that got: a zero byte, a
// bucket's name, another, and the last of its keys.
var metaListed = []byte("listed")

// listedAtOnce is how many records a transaction of listCounted looks at.
const listedAtOnce = 20_000

// listCounted makes the index of what was stored before there was one, a piece at a time, and anew where days begin
// elsewhere now.
func (s *Store) listCounted() error {
	zone := zoneName(s.loc)
	var at []byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		at = bytes.Clone(tx.Bucket(bucketMeta).Get(metaListed))
		return nil
	})
	for err == nil && string(at) != zone {
		err = s.db.Update(func(tx *bbolt.Tx) error {
			at, err = s.listPiece(tx, zone, at)
			if err != nil {
				return err
			}
			return tx.Bucket(bucketMeta).Put(metaListed, at)
		})
	}
	return err
}

// listPiece lists the next records, and says how far it got.
func (s *Store) listPiece(tx *bbolt.Tx, zone string, at []byte) ([]byte, error) {
	sources := s.listedSources()
	done, rest, going := bytes.Cut(at, []byte{0})
	if !going || string(done) != zone {
		if err := tx.DeleteBucket(bucketCounted); err != nil {
			return nil, err
		}
		if _, err := tx.CreateBucket(bucketCounted); err != nil {
			return nil, err
		}
		rest = append(bytes.Clone(sources[0].bucket), 0)
	}
	name, after, _ := bytes.Cut(rest, []byte{0})
	i := slices.IndexFunc(sources, func(src listedSource) bool { return bytes.Equal(src.bucket, name) })
	if i < 0 {
		return nil, corrupt("the place in what was counted")
	}
	cursor, index := tx.Bucket(name).Cursor(), tx.Bucket(bucketCounted)
	k, v := cursor.First()
	if len(after) > 0 {
		if k, v = cursor.Seek(after); bytes.Equal(k, after) {
			k, v = cursor.Next()
		}
	}
	for n := 0; k != nil; k, v = cursor.Next() {
		id, facts, err := sources[i].facts(k, v)
		if err != nil {
			return nil, err
		}
		for _, c := range s.listedKeys(nil, sources[i].of, id, facts) {
			if err := index.Put(c.key, nothing); err != nil {
				return nil, err
			}
		}
		if n++; n == listedAtOnce {
			return slices.Concat([]byte(zone), []byte{0}, name, []byte{0}, k), nil
		}
	}
	if i+1 == len(sources) {
		return []byte(zone), nil
	}
	return slices.Concat([]byte(zone), []byte{0}, sources[i+1].bucket, []byte{0}), nil
}

// listedSource is a bucket from which the index follows.
type listedSource struct {
	of     countedOf
	bucket []byte
	facts  func(k, v []byte) (id16, []crm.Fact, error)
}

func (s *Store) listedSources() []listedSource {
	return []listedSource{
		{countedActivity, bucketActivities, func(_, v []byte) (id16, []crm.Fact, error) {
			if kindOf(v) == crm.KindEmail {
				return id16{}, nil, nil // nobody types one
			}
			light, err := withoutTexts(v)
			if err != nil {
				return id16{}, nil, err
			}
			a, err := decodeActivity(light, false)
			return idOf(a.ID), listedFacts(&a), err
		}},
		{countedPerson, bucketFacts, func(k, v []byte) (id16, []crm.Fact, error) {
			if len(k) < len(id16{}) {
				return id16{}, nil, corrupt("what is counted of a person")
			}
			facts, err := decodeFacts(v)
			return id16(k[:len(id16{})]), facts, err
		}},
		{countedDeal, bucketOpportunities, func(k, v []byte) (id16, []crm.Fact, error) {
			o, err := opportunities().decode(v)
			return id16(k), crm.OpportunityFacts(&o, s.loc), err
		}},
	}
}

// recountListed says what the index lacks, and what it has that nothing was counted of.
func (s *Store) recountListed(tx *bbolt.Tx, found *differences) error {
	index := tx.Bucket(bucketCounted)
	note := func(key, val []byte, what string) {
		found.lines = append(found.lines, fmt.Sprintf("%s %x: %s", bucketCounted, key, what))
		found.rollups = append(found.rollups, entry(bucketCounted, bytes.Clone(key), val))
	}
	for _, src := range s.listedSources() {
		err := tx.Bucket(src.bucket).ForEach(func(k, v []byte) error {
			id, facts, err := src.facts(k, v)
			for _, c := range s.listedKeys(nil, src.of, id, facts) {
				if index.Get(c.key) == nil {
					note(c.key, nothing, "missing")
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return index.ForEach(func(k, _ []byte) error {
		stands, err := s.isCounted(tx, k)
		if err == nil && !stands {
			note(k, nil, "nothing was counted of it")
		}
		return err
	})
}

// isCounted says whether a record has a fact that an entry of the index stands for.
func (s *Store) isCounted(tx *bbolt.Tx, key []byte) (bool, error) {
	metrics := countedMetrics()
	if len(key) != countedSize || key[0] == 0 || int(key[0]) > len(metrics) {
		return false, nil
	}
	w := countedWalk{s: s, tx: tx, q: &countedQuery{CountedQuery: crm.CountedQuery{Metric: metrics[key[0]-1]}}}
	facts, _, err := w.factsBehind(id16(key[countedID:]), binary.BigEndian.Uint32(key[countedDay:]))
	if err != nil {
		return false, err
	}
	id := id16(key[countedID:])
	return slices.ContainsFunc(facts, func(f crm.Fact) bool {
		return listedOf(&f) != countedNone && bytes.Equal(countedKey(nil, &f, id, s.loc), key)
	}), nil
}
