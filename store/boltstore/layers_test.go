package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sort"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// layerTest is a layered index beside a map that should have the same keys.
type layerTest struct {
	t    *testing.T
	db   *bbolt.DB
	r    *rand.Rand
	want map[string]bool
	n    uint64
}

func newLayerTest(t *testing.T) *layerTest {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "layers.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	l := &layerTest{t: t, db: db, r: rand.New(rand.NewPCG(1, 2)), want: map[string]bool{}}
	l.update(func(tx *bbolt.Tx) error { return makeBuckets(tx) })
	return l
}

func (l *layerTest) update(fn func(tx *bbolt.Tx) error) {
	l.t.Helper()
	if err := l.db.Update(fn); err != nil {
		l.t.Fatal(err)
	}
}

// change adds and removes keys in one transaction.
func (l *layerTest) change(add, remove [][]byte) {
	l.t.Helper()
	l.update(func(tx *bbolt.Tx) error {
		x, err := openLayered(tx, bucketTimeline)
		if err != nil {
			return err
		}
		x.scratch = &scratch{}
		slices.SortFunc(add, bytes.Compare)
		if err := errors.Join(x.remove(remove), x.add(add)); err != nil {
			return err
		}
		return x.save(tx)
	})
	for _, key := range remove {
		delete(l.want, string(key))
	}
	for _, key := range add {
		l.want[string(key)] = true
	}
}

// fresh is a key of one of three kinds: anywhere, behind all of its kind, or before all of its kind.
func (l *layerTest) fresh() []byte {
	l.n++
	key := make([]byte, 17, 34)
	switch l.n % 3 {
	case 0:
		binary.BigEndian.PutUint64(key, l.r.Uint64())
	case 1:
		key[0] = 0x40
		binary.BigEndian.PutUint64(key[9:], l.n)
	default:
		key[0] = 0x80
		binary.BigEndian.PutUint64(key[9:], ^l.n)
	}
	return appendSeq(key, l.n)
}

func (l *layerTest) sorted() []string {
	out := make([]string, 0, len(l.want))
	for key := range l.want {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}

// check compares all that can be read with the map, and gives how many layers there are.
func (l *layerTest) check() (layers int) {
	l.t.Helper()
	want := l.sorted()
	err := l.db.View(func(tx *bbolt.Tx) error {
		found := 0
		eachLayered(l.t, tx, bucketTimeline, func(k, _ []byte) error {
			if found++; !l.want[string(k)] {
				l.t.Errorf("key %x belongs to nothing", k)
			}
			return nil
		})
		x, err := openLayered(tx, bucketTimeline)
		if err != nil {
			return err
		}
		layers = len(x.layers)
		if found != len(want) {
			l.t.Errorf("%d keys, want %d", found, len(want))
		}
		for range 50 {
			l.checkRange(x, want)
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return layers
}

// checkRange walks both ways from a random bound, and looks a random prefix up.
func (l *layerTest) checkRange(x *layered, want []string) {
	bound := l.fresh()
	if len(want) > 0 && l.r.IntN(2) == 0 {
		bound = []byte(want[l.r.IntN(len(want))])
	}
	at := sort.SearchStrings(want, string(bound))
	up := x.ascend(nil, bound)
	for i, key := at, up.key(); i < min(at+300, len(want)); i, key = i+1, up.next() {
		if string(key) != want[i] {
			l.t.Fatalf("up from %x: %x, want %x", bound, key, want[i])
		}
	}
	down := x.descend(nil, bound)
	for i, key := at-1, down.key(); i >= max(0, at-300); i, key = i-1, down.next() {
		if string(key) != want[i] {
			l.t.Fatalf("down from %x: %x, want %x", bound, key, want[i])
		}
	}
	prefix := bound[:1+l.r.IntN(len(bound)-1)]
	n, seen := 0, 0
	for _, key := range want[sort.SearchStrings(want, string(prefix)):] {
		if !hasPrefix([]byte(key), prefix) {
			break
		}
		n++
	}
	if err := x.eachKey(prefix, func(key []byte) bool {
		if seen++; !hasPrefix(key, prefix) {
			l.t.Errorf("key %x does not begin with %x", key, prefix)
		}
		return true
	}); err != nil || n != seen {
		l.t.Errorf("%d keys begin with %x, found %d, %v", n, prefix, seen, err)
	}
	walked := 0
	for w := x.ascend(prefix, nil); w.key() != nil; w.next() {
		walked++
	}
	for w := x.descend(prefix, nil); successor(prefix) != nil && w.key() != nil; w.next() {
		walked--
	}
	if successor(prefix) != nil && walked != 0 {
		l.t.Errorf("walks over %x differ by %d keys", prefix, walked)
	}
}

func TestLayers(t *testing.T) {
	l := newLayerTest(t)
	layers := 0
	for round := range 120 {
		var add, remove [][]byte
		for range 1 + l.r.IntN(1500) {
			add = append(add, l.fresh())
		}
		for key := range l.want {
			if len(remove) >= l.r.IntN(300) {
				break
			}
			remove = append(remove, []byte(key))
		}
		remove = append(remove, l.fresh()) // is not there
		l.change(add, remove)
		if round%20 == 19 {
			layers = l.check()
		}
	}
	if layers < 3 {
		t.Errorf("only %d layers were used", layers)
	}
	for len(l.want) > 0 {
		var remove [][]byte
		for key := range l.want {
			if remove = append(remove, []byte(key)); len(remove) == 10_000 {
				break
			}
		}
		l.change(nil, remove)
	}
	l.check()
}

func TestBlockRefuses(t *testing.T) {
	for name, block := range map[string][]byte{
		"cut off in the lengths":     {0},
		"cut off in the key":         {0, 3, 'a'},
		"the first one shares":       {1, 1, 'a'},
		"shares more than there is":  {0, 1, 'a', 2, 1, 'b'},
		"not in order":               {0, 1, 'b', 0, 1, 'a'},
		"the same key twice":         {0, 1, 'b', 1, 0},
		"a key that is far too long": append([]byte{0, 255}, append(make([]byte, 255), 255, 1, 1)...),
	} {
		if err := checkBlock(block); !errors.Is(err, crm.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
