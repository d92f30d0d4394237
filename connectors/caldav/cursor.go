package caldav

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// place is what a cursor holds: how far each calendar was read, by key.
type place struct {
	Version   int              `json:"v"`
	Calendars map[string]*mark `json:"calendars"`
}

// mark is how far one calendar was read.
type mark struct {
	Full    bool   `json:"full,omitempty"`    // it is being read in full
	Token   string `json:"token,omitempty"`   // changes are those since; "" if the server has no tokens
	Next    string `json:"next,omitempty"`    // replaces Token when the changes under way are read
	After   string `json:"after,omitempty"`   // of the reading under way, the resource that was read last
	CTag    string `json:"ctag,omitempty"`    // when it was last read to its end
	Day     string `json:"day,omitempty"`     // on which this mark last moved for nothing but a new token
	Since   int    `json:"since,omitempty"`   // how many days back it was read, as the settings were then
	Horizon string `json:"horizon"`           // day at which the part of the window ends that was read
	Ahead   string `json:"ahead,omitempty"`   // of the days after it under way, the resource that was read last
	Part    string `json:"part,omitempty"`    // of the resource that is read next, how far it was read; see rest
	Compare bool   `json:"compare,omitempty"` // the server refuses its sync tokens: etags are compared
	Gone    bool   `json:"gone,omitempty"`    // it cannot be reached; all else stays for when it can
	Known   []byte `json:"known,omitempty"`   // without tokens: resources and etags, see pack
	Done    int64  `json:"done,omitempty"`    // resources read of the full reading
	Total   int64  `json:"total,omitempty"`   // and in all
}

const dayForm = "2006-01-02"

// end is where the part of the window ends that was read.
func (m *mark) end() time.Time {
	t, err := time.Parse(dayForm, m.Horizon)
	if err != nil {
		return time.Time{} // was checked
	}
	return t
}

// parsePlace reads a cursor. What cannot be read is a fault.
func parsePlace(cur connectors.Cursor) (*place, error) {
	p := &place{Version: 1, Calendars: make(map[string]*mark)}
	if cur == "" {
		return p, nil
	}
	p.Version = 0
	d := json.NewDecoder(bytes.NewReader([]byte(cur)))
	d.DisallowUnknownFields()
	err := d.Decode(p)
	switch {
	case err != nil:
	case p.Version != 1 || p.Calendars == nil || d.More():
		err = fmt.Errorf("version %d is not known", p.Version)
	default:
		for key, m := range p.Calendars {
			if m == nil {
				err = errors.New("it has no mark of " + key)
			} else if _, timeErr := time.Parse(dayForm, m.Horizon); timeErr != nil {
				err = timeErr
			}
		}
	}
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	return p, nil
}

// cursor writes the place.
func (p *place) cursor() connectors.Cursor {
	out, err := json.Marshal(p)
	if err != nil {
		return "" // cannot happen: the type has plain values only
	}
	return connectors.Cursor(out)
}

// maxKnown is how large a packed list may become when it is unpacked.
const maxKnown = 64 << 20

// pack writes etags by resource, compressed.
func pack(known map[string]string) []byte {
	if len(known) == 0 {
		return nil
	}
	text, err := json.Marshal(known)
	if err != nil {
		return nil // cannot happen: the map has strings only
	}
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.DefaultCompression) // the level is valid
	_, _ = w.Write(text)                                    // a Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

// unpack reads what pack wrote.
func unpack(packed []byte) (map[string]string, error) {
	known := make(map[string]string)
	if len(packed) == 0 {
		return known, nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxKnown))
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	return known, nil
}
