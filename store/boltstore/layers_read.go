package boltstore

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// walk goes over the keys of a layered index that have a prefix, in order, whichever layer they are in.
type walk struct {
	prefix []byte
	down   bool // from the greatest to the smallest
	layers []layerWalk
	err    error
}

// layerWalk is the position of a walk in one layer: a block and a key in it.
type layerWalk struct {
	c    *bbolt.Cursor
	n    byte
	keys keyList
	at   int
	key  []byte // nil at the end
}

// ascend walks from the first key with the prefix that is not less than from; nil means the first at all.
func (x *layered) ascend(prefix, from []byte) *walk {
	if from == nil {
		from = prefix
	}
	w := &walk{prefix: prefix, layers: make([]layerWalk, 0, len(x.layers))}
	for n, l := range x.layers {
		if l.size > 0 {
			w.layers = append(w.layers, layerWalk{c: x.b.Cursor(), n: byte(n)})
			w.start(&w.layers[len(w.layers)-1], from)
		}
	}
	return w
}

// descend walks down from the last key with the prefix that is less than until; nil means the last at all.
func (x *layered) descend(prefix, until []byte) *walk {
	if until == nil {
		until = successor(prefix)
	}
	w := &walk{prefix: prefix, down: true, layers: make([]layerWalk, 0, len(x.layers))}
	for n, l := range x.layers {
		if l.size > 0 {
			w.layers = append(w.layers, layerWalk{c: x.b.Cursor(), n: byte(n)})
			w.start(&w.layers[len(w.layers)-1], until)
		}
	}
	return w
}

// start puts a layer to the bound: the first key that is not less, or going down the last one that is less.
func (w *walk) start(l *layerWalk, bound []byte) {
	sought := blockKey(int(l.n), bound)
	k, v := floor(l.c, l.n, sought)
	if k == nil {
		k, v = l.c.Seek(sought) // the bound lies before the first block
	}
	w.load(l, k, v)
	if l.key == nil {
		return
	}
	l.at = 0
	for l.at < l.keys.len() && bytes.Compare(l.keys.at(l.at), bound) < 0 {
		l.at++
	}
	if w.down {
		l.at--
	}
	w.settle(l)
}

// load unpacks a block; a nil key, or one of another layer, is the end.
func (w *walk) load(l *layerWalk, k, v []byte) {
	l.key = nil
	if k == nil || k[0] != l.n {
		return
	}
	if err := l.keys.decode(v); err != nil {
		w.err = err
		return
	}
	l.key, l.at = k, 0
	if w.down {
		l.at = l.keys.len() - 1
	}
}

// settle goes on to the neighbouring block if this one is through, and ends the layer outside of the prefix.
func (w *walk) settle(l *layerWalk) {
	for l.at < 0 || l.at >= l.keys.len() {
		step := l.c.Next
		if w.down {
			step = l.c.Prev
		}
		k, v := step()
		w.load(l, k, v)
		if l.key == nil {
			return
		}
	}
	l.key = l.keys.at(l.at)
	if !hasPrefix(l.key, w.prefix) {
		l.key = nil
	}
}

// key is where the walk is; nil at the end. It is good until the next step.
func (w *walk) key() []byte {
	var out []byte
	for i := range w.layers {
		k := w.layers[i].key
		if k == nil || out != nil && (bytes.Compare(k, out) < 0) == w.down {
			continue
		}
		out = k
	}
	return out
}

// next takes one step and gives the key there.
func (w *walk) next() []byte {
	now := w.key()
	for i := range w.layers {
		l := &w.layers[i]
		if l.key == nil || !bytes.Equal(l.key, now) {
			continue
		}
		if w.down {
			l.at--
		} else {
			l.at++
		}
		w.settle(l)
		break
	}
	return w.key()
}

// eachKey calls yield with every key that has the prefix, layer by layer, until it returns false. It costs less
// than a walk where the order does not matter and few keys are expected. A key is good until yield returns; yield may
// not look anything up in the same index.
func (x *layered) eachKey(prefix []byte, yield func(key []byte) bool) error {
	if len(x.layers) == 0 {
		return nil
	}
	if x.room == nil {
		x.room = make([]byte, maxKey)
	}
	c := x.cursor()
	for n, l := range x.layers {
		if l.size == 0 {
			continue
		}
		x.sought = append(append(x.sought[:0], byte(n)), prefix...)
		more, err := eachInLayer(c, byte(n), x.sought, x.room, yield)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func eachInLayer(c *bbolt.Cursor, n byte, sought, room []byte, yield func(key []byte) bool) (more bool, err error) {
	k, v := floor(c, n, sought)
	if k == nil {
		k, v = c.Seek(sought)
	}
	for prefix := sought[1:]; k != nil && k[0] == n; k, v = c.Next() {
		more, through, err := eachInBlock(v, prefix, room, yield)
		if err != nil || !more || through {
			return more, err
		}
	}
	return true, nil
}

// eachInBlock calls yield with the keys of a block that have the prefix, which are unpacked into room. through says
// that a greater key came.
func eachInBlock(block, prefix, room []byte, yield func(key []byte) bool) (more, through bool, err error) {
	length := 0
	agreed := 0 // how much the last key, which was less, has in common with the prefix
	for len(block) > 0 {
		if len(block) < 2 || len(block) < 2+int(block[1]) || int(block[0]) > length || int(block[0])+int(block[1]) > len(room) {
			return false, false, corrupt("a block of an index")
		}
		shared, rest := int(block[0]), block[2:2+int(block[1])]
		copy(room[shared:], rest)
		length = shared + len(rest)
		block = block[2+len(rest):]
		key := room[:length]
		if shared > agreed && agreed < len(prefix) {
			continue // it is less for the same reason
		}
		agreed = commonPrefix(key[:min(length, len(prefix))], prefix)
		switch c := bytes.Compare(key[agreed:min(length, len(prefix))], prefix[agreed:]); {
		case c > 0:
			return true, true, nil
		case c == 0 && length >= len(prefix):
			if !yield(key) {
				return false, false, nil
			}
		}
	}
	return true, false, nil
}
