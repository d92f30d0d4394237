package boltstore

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// An index whose keys are random by nature would touch a page for every key that is added once it is big,
// and bbolt unpacks, copies and writes that page. Such an index is kept in layers instead. Each layer is a
// sorted set of keys, packed into blocks (block.go), and each is layerRatio times as big as the one above.
// New keys go into layer 0, which is small. When a layer has outgrown its size, a run of its neighbouring
// keys moves into the layer below, so that many keys meet the same blocks there; the next run begins where
// the last one ended. The work follows what is added: a commit moves about as much as it brings, layer by
// layer. A key stands in one layer only, so that removing it is taking it out of its block, and all of it
// happens in the transaction of the commit.
//
// In the bucket a block stands under its layer (one byte) and its lower bound; the first block of a layer
// has the layer alone as its key. Keys end with a number, see appendSeq. The sizes of the layers stand in
// the bucket layers, under the name of the index.

const (
	layerSize  = 64 << 10 // bytes of blocks in layer 0
	layerRatio = 10
	maxLayers  = 12       // of which the last has no limit: more than any disk holds
	minMove    = 16 << 10 // bytes that move at a time
)

// layered is such an index in a transaction. Changing it needs scratch.
type layered struct {
	name   []byte
	b      *bbolt.Bucket
	layers []layer
	c      *bbolt.Cursor // for look-ups; nil if there was none yet
	room   []byte        // in which look-ups unpack a key
	sought []byte
	arena  *arena // for blocks; nil means memory of their own
	*scratch
}

// scratch is memory that changes of layers use again and again.
type scratch struct {
	old, merged, run keyList
	block            []byte
	moved            [][]byte
}

type layer struct {
	size int64  // bytes of all blocks
	next []byte // the key at which the next run to move down begins; nil for the first
}

// layeredBuckets are the indexes that are kept in layers.
func layeredBuckets() [][]byte {
	return [][]byte{bucketActID, bucketTimeline, bucketRowKey, bucketPending, bucketThreads}
}

func isLayered(name []byte) bool {
	for _, l := range layeredBuckets() {
		if bytes.Equal(l, name) {
			return true
		}
	}
	return false
}

func openLayered(tx *bbolt.Tx, name []byte) (*layered, error) {
	x := &layered{name: name, b: tx.Bucket(name), layers: make([]layer, 0, 6)}
	raw := tx.Bucket(bucketLayers).Get(name)
	for len(raw) > 0 {
		size, n := binary.Uvarint(raw)
		if n <= 0 || len(raw) == n || len(raw)-n-1 < int(raw[n]) || len(x.layers) == maxLayers {
			return nil, corrupt("the sizes of an index")
		}
		l := layer{size: int64(size)}
		if length := int(raw[n]); length > 0 {
			l.next = raw[n+1 : n+1+length : n+1+length]
		}
		x.layers = append(x.layers, l)
		raw = raw[n+1+int(raw[n]):]
	}
	return x, nil
}

// save keeps the sizes.
func (x *layered) save(tx *bbolt.Tx) error {
	var raw []byte
	for _, l := range x.layers {
		raw = binary.AppendUvarint(raw, uint64(l.size))
		raw = append(raw, byte(len(l.next)))
		raw = append(raw, l.next...)
	}
	return tx.Bucket(bucketLayers).Put(x.name, raw)
}

// add adds keys that the index does not have, ascending, and moves down what has become too much.
func (x *layered) add(keys [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	if err := x.merge(0, keys); err != nil {
		return err
	}
	limit := int64(layerSize)
	for n := 0; n < len(x.layers) && n < maxLayers-1; n++ {
		if over := x.layers[n].size - limit; over > 0 {
			if err := x.moveDown(n, max(over, minMove)); err != nil {
				return err
			}
		}
		limit *= layerRatio
	}
	return nil
}

// remove takes keys out of whichever layer has them.
func (x *layered) remove(keys [][]byte) error {
	for _, key := range keys {
		for n := range x.layers {
			found, err := x.removeFrom(n, key)
			if err != nil {
				return err
			}
			if found {
				break
			}
		}
	}
	return nil
}

func (x *layered) removeFrom(n int, key []byte) (bool, error) {
	at := x.locate(n, key)
	if at.key == nil {
		return false, nil
	}
	var old keyList
	if err := old.decode(at.val); err != nil {
		return false, err
	}
	var kept keyList
	for i := range old.len() {
		if k := old.at(i); !bytes.Equal(k, key) {
			kept.add(k)
		}
	}
	if kept.len() == old.len() {
		return false, nil
	}
	return true, x.replace(n, at, &kept)
}

// place is a block and where its keys end.
type place struct {
	key, val []byte // nil if the layer has no block that begins so early
	end      []byte // the lower bound of the next block; nil if there is none
}

// locate finds the block in which a key is, if the layer has it.
func (x *layered) locate(n int, key []byte) place {
	x.sought = append(append(x.sought[:0], byte(n)), key...)
	return locate(x.cursor(), byte(n), x.sought)
}

// cursor is the one for look-ups. Each seeks from the root, so that changes in between do no harm.
func (x *layered) cursor() *bbolt.Cursor {
	if x.c == nil {
		x.c = x.b.Cursor()
	}
	return x.c
}

func locate(c *bbolt.Cursor, n byte, sought []byte) place {
	var out place
	k, v := c.Seek(sought)
	if bytes.Equal(k, sought) {
		out.key, out.val = k, v
		k, _ = c.Next()
	} else {
		out.key, out.val = floorOf(c, n, sought, k)
	}
	if k != nil && k[0] == n {
		out.end = k[1:]
	}
	return out
}

// floor moves a cursor to the last block of a layer that begins at the sought key or before; nil if there is none,
// and the cursor is anywhere then.
func floor(c *bbolt.Cursor, n byte, sought []byte) (k, v []byte) {
	if k, v = c.Seek(sought); bytes.Equal(k, sought) {
		return k, v
	}
	return floorOf(c, n, sought, k)
}

// floorOf is floor for a cursor that stands at k, behind the sought key. In a transaction that removed much, pages
// without any key remain until its end. bbolt steps over them going forward; going back it says nil there, and
// goes on when it is asked again.
func floorOf(c *bbolt.Cursor, n byte, sought, at []byte) (k, v []byte) {
	back := func() ([]byte, []byte) {
		if at == nil {
			return c.Last()
		}
		return c.Prev()
	}
	if k, v = back(); k == nil {
		first, _ := c.First()
		if first == nil || bytes.Compare(first, sought) >= 0 {
			return nil, nil
		}
		c.Seek(sought)
		for k, v = back(); k == nil; { // ends at first, if not before
			k, v = c.Prev()
		}
	}
	if k[0] != n {
		return nil, nil
	}
	return k, v
}

func blockKey(n int, bound []byte) []byte {
	return append(append(make([]byte, 0, 1+len(bound)), byte(n)), bound...)
}

// merge adds ascending keys to a layer.
func (x *layered) merge(n int, keys [][]byte) error {
	for n >= len(x.layers) {
		x.layers = append(x.layers, layer{})
	}
	for len(keys) > 0 {
		at := x.locate(n, keys[0])
		count := len(keys)
		if at.end != nil {
			count = 1
			for count < len(keys) && bytes.Compare(keys[count], at.end) < 0 {
				count++
			}
		}
		if err := x.old.decode(at.val); err != nil {
			return err
		}
		x.merged.reset()
		x.merged.merge(&x.old, keys[:count])
		if err := x.replace(n, at, &x.merged); err != nil {
			return err
		}
		keys = keys[count:]
	}
	return nil
}

// replace puts keys in the place of a block, in as many blocks as they need.
func (x *layered) replace(n int, at place, keys *keyList) error {
	x.layers[n].size -= int64(len(at.val))
	bound := at.key // bbolt makes a copy of it
	if bound == nil {
		bound = []byte{byte(n)}
	}
	if keys.len() == 0 {
		return x.b.Delete(bound)
	}
	limit := keys.measure()
	for i := 0; i < keys.len(); {
		block, next := keys.encode(x.block[:0], i, limit)
		x.block = block
		if i > 0 {
			bound = blockKey(n, keys.at(i))
		}
		if err := x.b.Put(bound, x.arena.copy(block)); err != nil {
			return err
		}
		x.layers[n].size += int64(len(block))
		i = next
	}
	return nil
}

// moveDown moves a run of at least so many bytes of blocks, or the rest of the layer, to the layer below.
func (x *layered) moveDown(n int, atLeast int64) error {
	l := &x.layers[n]
	var bounds [][]byte
	x.run.reset()
	moved := int64(0)
	c := x.b.Cursor()
	at := locate(c, byte(n), blockKey(n, l.next))
	from := []byte{byte(n)}
	if at.key != nil {
		from = bytes.Clone(at.key)
	}
	k, v := c.Seek(from)
	for ; k != nil && k[0] == byte(n) && moved < atLeast; k, v = c.Next() {
		if err := x.run.extend(v); err != nil {
			return err
		}
		bounds, moved = append(bounds, bytes.Clone(k)), moved+int64(len(v))
	}
	l.next = nil
	if k != nil && k[0] == byte(n) {
		l.next = bytes.Clone(k[1:])
	}
	l.size -= moved
	for _, bound := range bounds {
		if err := x.b.Delete(bound); err != nil {
			return err
		}
	}
	x.moved = x.run.all(x.moved[:0])
	return x.merge(n+1, x.moved)
}
