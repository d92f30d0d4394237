package boltstore

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// A stored value is a version byte followed by fields, without names. Fields are only ever added at the
// end: a decoder that comes to the end of an older value leaves the rest zero. Nothing that stands in a
// value is trusted: a length is compared with what is left before anything is allocated.

type encoder struct{ b []byte }

// reset makes an empty encoder that goes on in the memory of this one.
func (e *encoder) reset() { e.b = e.b[:0] }

func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }
func (e *encoder) int(v int64)   { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) str(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) bool(v bool) {
	n := byte(0)
	if v {
		n = 1
	}
	e.b = append(e.b, n)
}

// time keeps the instant, in UTC, to the nanosecond, of the years that can be written down (crm.ClampTime).
func (e *encoder) time(t time.Time) {
	t = crm.ClampTime(t)
	if t.IsZero() {
		e.b = append(e.b, 0)
		return
	}
	e.b = append(e.b, 1)
	e.int(t.Unix())
	e.uint(uint64(t.Nanosecond()))
}

// id keeps an id, in half the space if it is lower-case hexadecimal.
func (e *encoder) id(s string) {
	start := len(e.b)
	if len(s)%2 == 0 {
		e.uint(uint64(len(s)/2)<<1 | 1)
		if e.hex(s) {
			return
		}
	}
	e.b = e.b[:start]
	e.uint(uint64(len(s)) << 1)
	e.b = append(e.b, s...)
}

// hex appends the bytes that pairs of lower-case hexadecimal digits mean; false says that s is something else.
func (e *encoder) hex(s string) bool {
	for i := 0; i < len(s); i += 2 {
		high, low := hexDigit(s[i]), hexDigit(s[i+1])
		if high|low > 15 {
			return false
		}
		e.b = append(e.b, high<<4|low)
	}
	return true
}

func (e *encoder) strs(list []string) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		e.str(s)
	}
}

func (e *encoder) ids(list []string) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		e.id(s)
	}
}

// decoder reads what encoder wrote. It works on a string so that one copy serves all the strings of a
// record. Once something does not fit, bad is set and everything else is zero.
type decoder struct {
	s   string
	bad bool
}

func (d *decoder) fail() {
	d.s, d.bad = "", true
}

// ended says that an older program wrote the value, which knew no more fields.
func (d *decoder) ended() bool { return d.s == "" }

func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	out := d.s[:n]
	d.s = d.s[n:]
	return out
}

func (d *decoder) uint() uint64 {
	var v uint64
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		c := d.s[i]
		if i == binary.MaxVarintLen64-1 && c > 1 {
			break
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	u := d.uint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

func (d *decoder) str() string { return d.take(d.uint()) }

func (d *decoder) bool() bool {
	b := d.take(1)
	return b != "" && b[0] != 0
}

// time reads what encoder.time wrote. Older programs also kept times that cannot be written down.
func (d *decoder) time() time.Time {
	if !d.bool() {
		return time.Time{}
	}
	sec, nsec := d.int(), d.uint()
	if nsec >= 1e9 {
		d.fail()
	}
	if d.bad {
		return time.Time{}
	}
	return crm.ClampTime(time.Unix(sec, int64(nsec)))
}

func (d *decoder) id() string {
	n := d.uint()
	if n&1 == 0 {
		return d.take(n >> 1)
	}
	return hex.EncodeToString([]byte(d.take(n >> 1)))
}

// count reads the length of a list, each element of which takes at least so many bytes.
func (d *decoder) count(least int) int {
	n := d.uint()
	if n > uint64(len(d.s)/least) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) strs() []string {
	return listOf(d, 1, (*decoder).str)
}

func (d *decoder) ids() []string {
	return listOf(d, 1, (*decoder).id)
}

// listOf reads a list; an empty one is nil.
func listOf[T any](d *decoder, least int, read func(*decoder) T) []T {
	n := d.count(least)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = read(d)
	}
	return out
}
