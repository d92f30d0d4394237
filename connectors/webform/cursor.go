package webform

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// place is what a cursor holds.
type place struct {
	Version      int    `json:"v"`
	Shape        string `json:"shape"`              // hash of the settings that decide what is asked and how rows are read
	Reshaped     bool   `json:"reshaped,omitempty"` // Shape changed, and no walk was finished since
	Mark         int64  `json:"mark,omitempty"`     // the next walk starts at this time less the overlap; Unix seconds
	After        string `json:"after,omitempty"`    // or after this id
	Done         bool   `json:"done,omitempty"`     // a walk has reached its end
	Forgot       bool   `json:"forgot,omitempty"`   // rows were forgotten: see forget
	Read         int64  `json:"read,omitempty"`     // items of the first reading
	Request      string `json:"request,omitempty"`  // hash of the request that the validators below belong to
	ETag         string `json:"etag,omitempty"`     // RFC 9110, 8.8.3
	LastModified string `json:"modified,omitempty"` // RFC 9110, 8.8.2
	Restarts     int    `json:"restarts,omitempty"` // walks in a row that the endpoint broke off
	Again        int    `json:"again,omitempty"`    // walks in a row that had to be done once more
	Packed       []byte `json:"known,omitempty"`    // see pack
	Walk         *walk  `json:"walk,omitempty"`     // the walk under way

	known knownRows // by hash of the external id
}

// walk is a place in a walk.
type walk struct {
	Began  int64  `json:"began"`            // Unix seconds
	Page   int    `json:"page"`             // number of the page to ask for
	Offset int    `json:"offset,omitempty"` // rows before it
	Next   string `json:"next,omitempty"`   // token or URL of it
	Pages  int    `json:"pages"`            // read to their end
	Last   string `json:"last,omitempty"`   // hash of the page before
	News   bool   `json:"news,omitempty"`   // something was yielded, or the list shifted
	Total  int64  `json:"total,omitempty"`  // rows that the list had in all at its first page
	Max    int64  `json:"max,omitempty"`    // newest time seen
	MaxID  string `json:"max_id,omitempty"` // greatest id seen
}

// entry is a row that is known.
type entry struct {
	says    uint64 // low 48 bits of the hash of its content
	at      uint32 // Unix seconds
	version uint8
	flags   uint8
}

const (
	flagSeen    = 1 // in the walk under way
	flagUntimed = 2 // the row does not say when; at is when it was first read so

	saysMask  = 1<<48 - 1
	entrySize = 8 + 6 + 4 + 1 + 1
)

// parsePlace reads a cursor. "" is a place before everything; what cannot be read is a fault.
func parsePlace(cur connectors.Cursor, shape string) (*place, error) {
	p := &place{Version: 1, Shape: shape, known: make(knownRows)}
	if cur == "" {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(cur)))
	d.DisallowUnknownFields()
	err := d.Decode(p)
	switch {
	case err != nil:
	case p.Version != 1 || d.More():
		err = fmt.Errorf("version %d is not known", p.Version)
	case p.Walk != nil && (p.Walk.Page < 0 || p.Walk.Offset < 0 || p.Walk.Pages < 0):
		err = errors.New("its walk stands before the start")
	default:
		err = p.unpack()
	}
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	if p.Shape != shape {
		p.reshape(shape)
	}
	return p, nil
}

// reshape starts again after the settings changed, without forgetting what is known.
func (p *place) reshape(shape string) {
	p.Shape, p.Reshaped, p.Mark, p.After, p.Walk = shape, true, 0, "", nil
	p.Request, p.ETag, p.LastModified, p.Restarts, p.Again = "", "", "", 0, 0
}

// cursor writes the place.
func (p *place) cursor() connectors.Cursor {
	p.Packed = p.pack()
	out, err := json.Marshal(p)
	if err != nil {
		return "" // cannot happen: the type has plain values only
	}
	return connectors.Cursor(out)
}

// pack writes the known rows, sorted: eight bytes of the id's hash, six of the content's, the time, the version
// and the flags.
func (p *place) pack() []byte {
	ids := make([]uint64, 0, len(p.known))
	for id := range p.known {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]byte, 0, len(ids)*entrySize)
	for _, id := range ids {
		e := p.known[id]
		out = binary.BigEndian.AppendUint64(out, id)
		out = binary.BigEndian.AppendUint64(out, e.says<<16)[:len(out)+6]
		out = binary.BigEndian.AppendUint32(out, e.at)
		out = append(out, e.version, e.flags)
	}
	return out
}

func (p *place) unpack() error {
	if len(p.Packed)%entrySize != 0 {
		return errors.New("its known rows are cut off")
	}
	for raw := p.Packed; len(raw) > 0; raw = raw[entrySize:] {
		says := uint64(binary.BigEndian.Uint16(raw[8:]))<<32 | uint64(binary.BigEndian.Uint32(raw[10:]))
		p.known[binary.BigEndian.Uint64(raw)] = entry{says: says, at: binary.BigEndian.Uint32(raw[14:]), version: raw[18], flags: raw[19]}
	}
	p.Packed = nil
	return nil
}

// begin starts a walk.
func (p *place) begin(first int, now time.Time) {
	p.Walk = &walk{Began: now.Unix(), Page: first}
	for id, e := range p.known {
		e.flags &^= flagSeen
		p.known[id] = e
	}
}

// forget drops rows that no walk needs any more, oldest first, until keep are left: those that the last walk
// has not seen and, with a cursor by time, the next will not ask for because they lie before. What could be
// forgotten at once is kept a while, because a late edit of it then has the right version.
func (p *place) forget(by string, before int64, keep int) {
	var spare []uint64
	for id, e := range p.known {
		if e.flags&flagSeen == 0 && (by != byTime || int64(e.at) < before) {
			spare = append(spare, id)
		}
		e.flags &^= flagSeen
		p.known[id] = e
	}
	excess := min(len(p.known)-keep, len(spare))
	if excess <= 0 {
		return
	}
	slices.SortFunc(spare, func(a, b uint64) int { return cmp.Or(cmp.Compare(p.known[a].at, p.known[b].at), cmp.Compare(a, b)) })
	for _, id := range spare[:excess] {
		delete(p.known, id)
	}
	p.Forgot = true
}
