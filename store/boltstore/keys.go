package boltstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// id16 is an id as it stands in keys: the raw bytes of the 32 hexadecimal characters that ids usually are,
// or a hash of an id of any other shape.
type id16 [16]byte

func idOf(id string) id16 {
	if out, ok := hexID(id); ok {
		return out
	}
	var out id16
	sum := sha256.Sum256([]byte("id\x00" + id))
	copy(out[:], sum[:])
	return out
}

// hexID reads an id of 32 lower-case hexadecimal characters.
func hexID(id string) (out id16, ok bool) {
	if len(id) != 2*len(out) {
		return out, false
	}
	for i := range out {
		high, low := hexDigit(id[2*i]), hexDigit(id[2*i+1])
		if high|low > 15 {
			return out, false
		}
		out[i] = high<<4 | low
	}
	return out, true
}

// hexDigit is the value of a lower-case hexadecimal digit; 255 if c is none.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// ownerScope is the scope of an owner's timeline; it cannot be that of a person.
func ownerScope(owner string) id16 { return idOf("owner\x00" + owner) }

// meetingScope is the scope of an owner's meetings.
func meetingScope(owner string) id16 { return idOf("meetings\x00" + owner) }

// timeKey makes eight bytes that sort like times. Years outside of 1678–2262 sort as the nearest inside.
func timeKey(t time.Time) [8]byte {
	var out [8]byte
	var n int64
	switch year := t.UTC().Year(); {
	case year < 1678:
		n = math.MinInt64
	case year > 2261:
		n = math.MaxInt64
	default:
		n = t.UnixNano()
	}
	binary.BigEndian.PutUint64(out[:], uint64(n)^1<<63)
	return out
}

func keyTime(b []byte) time.Time {
	n := int64(binary.BigEndian.Uint64(b) ^ 1<<63)
	if n == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// appendSeq appends a number as it ends the keys of layered indexes: the count of its bytes, then the bytes. It
// sorts as the number does.
func appendSeq(b []byte, n uint64) []byte {
	length := (bits.Len64(n) + 7) / 8
	b = append(b, byte(length))
	for i := length - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

// maxSeq is how many bytes appendSeq appends at most.
const maxSeq = 1 + 8

// numbered is a key of a layered index: some bytes and a number.
func (a *arena) numbered(b []byte, n uint64) []byte {
	return appendSeq(append(a.make(len(b)+maxSeq), b...), n)
}

func (a *arena) u64(n uint64) []byte { return binary.BigEndian.AppendUint64(a.make(8), n) }

// cutSeq reads what appendSeq appended, and gives what stands behind it.
func cutSeq(b []byte) (n uint64, rest []byte, ok bool) {
	if len(b) == 0 || b[0] > 8 || len(b) < 1+int(b[0]) {
		return 0, nil, false
	}
	for _, c := range b[1 : 1+b[0]] {
		n = n<<8 | uint64(c)
	}
	return n, b[1+b[0]:], true
}

// seqOf is the number at the end of a key of which the first skip bytes are something else; 0 if there is none.
func seqOf(key []byte, skip int) uint64 {
	if len(key) < skip {
		return 0
	}
	n, _, _ := cutSeq(key[skip:])
	return n
}

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// getU64 reads a number; what is missing is 0.
func getU64(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// The verdicts in keys. A retired row has retiredBit added.
const retiredBit = 0x80

func verdictByte(v crm.Verdict, retired bool) byte {
	n := byte(0x7f)
	for i, known := range crm.Verdicts() {
		if known == v {
			n = byte(i)
		}
	}
	if retired {
		n |= retiredBit
	}
	return n
}

// successor is the smallest key that is greater than all keys with the prefix; nil if there is none.
func successor(prefix []byte) []byte {
	out := append([]byte(nil), prefix...)
	for i := len(out) - 1; i >= 0; i-- {
		out[i]++
		if out[i] != 0 {
			return out[:i+1]
		}
	}
	return nil
}
