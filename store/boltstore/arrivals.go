package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// bucketArrivals counts what came from each source, hour by hour: source number(4), hours since 1970(4) → counts. It is written
// in the transaction that writes the rows, and holds crm.HoursKept of a source at most.
var bucketArrivals = []byte("arrivals")

func arrivalBuckets() [][]byte { return [][]byte{bucketArrivals} }

// arrival names an hour of a source.
type arrival struct {
	src  uint32
	hour uint32
}

// arrivalCount is what is gathered for an hour in a unit.
type arrivalCount struct {
	seen, live int64
	last       time.Time
}

const keptHours = uint32(crm.HoursKept / time.Hour)

// countArrival counts a row that is new.
func (u *unit) countArrival(st *rowState) {
	e := &st.cur.entry
	unix := e.SeenAt.Unix()
	if st.old != nil || e.Retired || unix < 0 {
		return
	}
	key := arrival{st.id.src, uint32(unix / 3600)}
	if u.arrivals == nil {
		u.arrivals = map[arrival]arrivalCount{}
	}
	c := u.arrivals[key]
	c.seen++
	if e.ItemTime.IsZero() || e.SeenAt.Sub(e.ItemTime) <= crm.LiveWithin {
		c.live++
		if e.SeenAt.After(c.last) {
			c.last = e.SeenAt
		}
	}
	u.arrivals[key] = c
}

// flushArrivals adds what was gathered to what is stored. An hour that is new takes those away that are too old.
func (u *unit) flushArrivals() error {
	for at, c := range u.arrivals {
		key := arrivalKey(at.src, at.hour)
		raw := u.bucket(bucketArrivals).Get(key)
		was, err := decodeArrival(raw, at.hour)
		if err != nil {
			return err
		}
		c.seen, c.live = c.seen+was.seen, c.live+was.live
		if was.last.After(c.last) {
			c.last = was.last
		}
		if err := u.put(bucketArrivals, key, encodeArrival(c, at.hour)); err != nil {
			return err
		}
		if raw == nil && at.hour > keptHours {
			if err := u.forgetArrivals(at.src, at.hour-keptHours); err != nil {
				return err
			}
		}
	}
	clear(u.arrivals)
	return nil
}

// forgetArrivals removes the hours of a source before one.
func (u *unit) forgetArrivals(src, before uint32) error {
	var old [][]byte
	cursor, end := u.bucket(bucketArrivals).Cursor(), arrivalKey(src, before)
	for k, _ := cursor.Seek(arrivalKey(src, 0)); k != nil && bytes.Compare(k, end) < 0; k, _ = cursor.Next() {
		old = append(old, slices.Clone(k))
	}
	for _, k := range old {
		if err := u.delete(bucketArrivals, k); err != nil {
			return err
		}
	}
	return nil
}

func arrivalKey(src, hour uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 0, 8), src), hour)
}

func encodeArrival(c arrivalCount, hour uint32) []byte {
	return encodeAdmin(func(e *encoder) {
		e.uint(uint64(c.seen))
		e.uint(uint64(c.live))
		if c.live > 0 {
			e.uint(uint64(max(0, c.last.Unix()-int64(hour)*3600)))
		}
	})
}

// decodeArrival reads the counts of an hour; nothing is none.
func decodeArrival(raw []byte, hour uint32) (arrivalCount, error) {
	if raw == nil {
		return arrivalCount{}, nil
	}
	return decodeAdmin(raw, "an hour of a source", func(d *decoder) arrivalCount {
		c := arrivalCount{seen: int64(d.uint()), live: int64(d.uint())}
		if c.live > 0 {
			c.last = time.Unix(int64(hour)*3600+int64(min(d.uint(), 3599)), 0).UTC()
		}
		return c
	})
}

// SourceHours gives the counted hours of a source from the one that since lies in, in their order; hours without anything are
// left out.
func (s *Store) SourceHours(ctx context.Context, id string, since time.Time) (out []crm.SourceHour, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		src, err := readSource(tx, id)
		if err != nil {
			return err
		}
		from := arrivalKey(src.num, uint32(max(0, since.Unix()/3600)))
		cursor := tx.Bucket(bucketArrivals).Cursor()
		for k, v := cursor.Seek(from); len(k) == 8 && bytes.Equal(k[:4], from[:4]); k, v = cursor.Next() {
			hour := binary.BigEndian.Uint32(k[4:])
			c, err := decodeArrival(v, hour)
			if err != nil {
				return err
			}
			out = append(out, crm.SourceHour{Hour: time.Unix(int64(hour)*3600, 0).UTC(), Seen: c.seen, Live: c.live, Last: c.last})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the hours of source %s: %w", id, err)
	}
	return out, nil
}
