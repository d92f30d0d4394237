package boltstore

import "sync"

// spare is memory that units use one after the other, so that a commit of many small things makes little
// garbage. Only the committer has it.
type spare struct {
	changes map[string]*gathered
	order   []sortKey
	before  []change
	after   []change
	acts    map[id16]*actState
	rows    map[rowID]*rowState
	encoder encoder
	gone    [][]byte
	fresh   [][]byte
	scratch scratch
	arena   arena
	life    lifeSpare
}

// gathered are the changes of a bucket that wait for flushChanges.
type gathered struct{ list []change }

// maxSpare is how many changes of a bucket, or loaded records, are worth keeping room for; maxEncoder is the same
// for the bytes of one record.
const (
	maxSpare   = 20_000
	maxEncoder = 1 << 20
)

// empty makes everything ready for a new unit; one that failed has left its own.
func (s *spare) empty() {
	if s.changes == nil {
		s.changes = map[string]*gathered{}
	}
	for _, g := range s.changes {
		clear(g.list)
		g.list = roomOf(g.list)
	}
	clear(s.before)
	clear(s.after)
	s.before, s.after = roomOf(s.before), roomOf(s.after)
	s.gone, s.fresh = roomOf(s.gone), roomOf(s.fresh)
	s.order = roomOf(s.order)
	s.life.empty()
	s.forget()
}

// forget drops the loaded records.
func (s *spare) forget() {
	s.acts, s.rows = emptied(s.acts), emptied(s.rows)
	if cap(s.encoder.b) > maxEncoder {
		s.encoder.b = nil
	}
}

// roomOf is a list without its elements, or none if it is not worth keeping.
func roomOf[T any](list []T) []T {
	if cap(list) > maxSpare {
		return nil
	}
	return list[:0]
}

func emptied[K comparable, V any](m map[K]V) map[K]V {
	if m == nil || len(m) > maxSpare {
		return map[K]V{}
	}
	clear(m)
	return m
}

// arena hands out pieces of memory that are all good until the arena is emptied: the keys and values that a
// transaction puts, which bbolt reads until it has written them. A nil arena allocates.
type arena struct {
	pool   sync.Pool // of chunks; what nobody needs for a while is given back
	chunks []*chunk
	used   int // bytes of the last chunk
}

// A chunk is many times as big as what is asked for; maxChunks bounds what one transaction takes, so that a long
// one, much of whose memory is of no use before its end, leaves the rest to the garbage collector.
const (
	chunkSize = 64 << 10
	maxChunks = 128
)

type chunk [chunkSize]byte

// empty takes all memory back. No transaction may be using it any more.
func (a *arena) empty() {
	for i, c := range a.chunks {
		a.pool.Put(c)
		a.chunks[i] = nil
	}
	a.chunks, a.used = a.chunks[:0], chunkSize
}

// make gives room for n bytes, with a length of 0.
func (a *arena) make(n int) []byte {
	if a == nil || n > chunkSize/8 {
		return make([]byte, 0, n)
	}
	if len(a.chunks) == 0 || a.used+n > chunkSize {
		if len(a.chunks) == maxChunks {
			return make([]byte, 0, n)
		}
		c, ok := a.pool.Get().(*chunk)
		if !ok {
			c = new(chunk)
		}
		a.chunks, a.used = append(a.chunks, c), 0
	}
	out := a.chunks[len(a.chunks)-1][a.used : a.used : a.used+n]
	a.used += n
	return out
}

// copy keeps a copy of b; an empty one is not nil.
func (a *arena) copy(b []byte) []byte { return append(a.make(len(b)), b...) }
