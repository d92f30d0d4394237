package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// tick is how coarse the change times of a file system may be, in nanoseconds: a message changed within it of
// another may be listed only after it.
const tick = 20e6

// place is what a cursor holds.
type place struct {
	Version int                   `json:"v"`
	High    mark                  `json:"high"`             // the newest single message read or left to history
	Recent  []string              `json:"recent,omitempty"` // hashes of the messages known within a tick below High
	Low     mark                  `json:"low"`              // history is read down to here
	Done    bool                  `json:"done"`             // history of single messages is read
	Mbox    map[string]*mboxPlace `json:"mbox,omitempty"`   // by path
	Read    int64                 `json:"read"`             // messages of history read
	Total   int64                 `json:"total"`            // messages of history in all

	known map[string]bool // Recent and what became known since
}

// mark is a place in the order of single messages.
type mark struct {
	At int64  `json:"at"` // changed
	ID string `json:"id"`
}

func (m mark) compare(other mark) int {
	if m.At != other.At {
		if m.At < other.At {
			return -1
		}
		return 1
	}
	switch {
	case m.ID < other.ID:
		return -1
	case m.ID > other.ID:
		return 1
	}
	return 0
}

// mboxPlace is how far one mbox was read.
type mboxPlace struct {
	First string `json:"first"` // hash of the first message: another one means another file
	High  int64  `json:"high"`  // offset of the last message that is known; -1 for none
	End   int64  `json:"end"`   // where that message ended: it may have been half-written
	Low   int64  `json:"low"`   // messages from this offset on are read
}

func (p *mboxPlace) done() bool { return p.Low <= 0 }

// parseCursor reads a cursor. "" is a place before everything; what cannot be read is a fault.
func parseCursor(cur connectors.Cursor) (*place, error) {
	p := &place{Mbox: make(map[string]*mboxPlace), known: make(map[string]bool)}
	if cur == "" {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(cur)))
	d.DisallowUnknownFields()
	err := d.Decode(p)
	if err == nil && (p.Version != 1 || d.More()) {
		err = fmt.Errorf("version %d is not known", p.Version)
	}
	for path, m := range p.Mbox {
		if m == nil {
			err = errors.Join(err, fmt.Errorf("%s has no place", path))
		}
	}
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	if p.Mbox == nil {
		p.Mbox = make(map[string]*mboxPlace)
	}
	for _, h := range p.Recent {
		p.known[h] = true
	}
	return p, nil
}

// cursor writes the place. listed is what was listed, in order: of the known messages only those within a tick
// below High need to be remembered.
func (p *place) cursor(listed []entry) connectors.Cursor {
	p.Version = 1
	p.Recent = nil
	for i := len(listed) - 1; i >= 0 && listed[i].changed >= p.High.At-tick; i-- {
		if h := hashID(listed[i].id); p.known[h] {
			p.Recent = append(p.Recent, h)
		}
	}
	out, err := json.Marshal(p)
	if err != nil {
		return "" // cannot happen: the type has plain values only
	}
	return connectors.Cursor(out)
}

// start sets the place before a first reading: all that is listed is history.
func (p *place) start(entries []entry) {
	if len(entries) > 0 {
		p.High = entries[len(entries)-1].mark()
	}
	for i := len(entries) - 1; i >= 0 && entries[i].changed >= p.High.At-tick; i-- {
		p.known[hashID(entries[i].id)] = true
	}
	p.Low = mark{At: p.High.At, ID: p.High.ID + "\x00"}
	p.Total = int64(len(entries))
}

// fresh says whether a message is neither read nor part of history.
func (p *place) fresh(e *entry) bool {
	if e.mark().compare(p.High) > 0 {
		return true
	}
	return e.changed >= p.High.At-tick && !p.known[hashID(e.id)]
}

// know takes a fresh message that was read into the place.
func (p *place) know(e *entry) {
	p.known[hashID(e.id)] = true
	if e.mark().compare(p.High) > 0 {
		p.High = e.mark()
	}
}

func hashID(id string) string {
	h := fnv.New64a()
	h.Write([]byte(id))
	return strconv.FormatUint(h.Sum64(), 36)
}
