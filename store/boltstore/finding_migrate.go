package boltstore

import "go.etcd.io/bbolt"

// indexing makes segments without the list of recent entries; what is left over goes there.
type indexing struct {
	x    findIndex
	from uint32
	docs []findDoc
}

// newIndexing goes on behind what is indexed already, which are whole segments.
func newIndexing(tx *bbolt.Tx, space byte) *indexing {
	x := findIndex{tx, space}
	return &indexing{x: x, from: x.count()}
}

func (i *indexing) add(d findDoc) error {
	i.docs = append(i.docs, d)
	if len(i.docs) < segmentSize {
		return nil
	}
	docs, terms := make([]byte, 0, segmentSize*entrySize), newSegmentBuilder()
	for place, d := range i.docs {
		docs = append(docs, d.entry[:]...)
		terms.add(place, d.text)
	}
	if err := i.x.putSegment(i.x.key(i.from), docs, terms.encode()); err != nil {
		return err
	}
	i.from += segmentSize
	i.docs = i.docs[:0]
	return i.x.tx.Bucket(bucketMeta).Put(i.x.countName(), u64(uint64(i.from)))
}

func (i *indexing) end() error {
	for _, d := range i.docs {
		if err := i.x.add(d); err != nil {
			return err
		}
	}
	return nil
}
