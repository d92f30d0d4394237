package imap

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// cursorVersion changes when older cursors can no longer be read.
const cursorVersion = 1

// position is what a cursor holds: how far each folder was read.
type position struct {
	Version int              `json:"v"`
	Folders map[string]place `json:"folders"`
	Reading string           `json:"reading,omitempty"` // folder whose history was read last; "" if none is being read
}

// place is how far one folder was read. UIDs are numbers of 32 bits; Next and Below may be one more than the
// largest.
type place struct {
	Validity uint32 `json:"val"`
	Next     uint64 `json:"next"`             // mail with this UID or a higher one is new
	Below    uint64 `json:"below,omitempty"`  // history with lower UIDs is still to be read; 0: none is
	Since    day    `json:"since,omitempty"`  // first day of history
	Before   day    `json:"before,omitempty"` // day before which history ends, if a change of since added some; 0: no such day
	Done     int64  `json:"done,omitempty"`   // items of history read
	Total    int64  `json:"total,omitempty"`  // items of history in all
}

// decode reads a cursor. "" is a position without folders.
func decode(cur connectors.Cursor) (position, error) {
	pos := position{Version: cursorVersion, Folders: map[string]place{}}
	if cur == "" {
		return pos, nil
	}
	err := json.Unmarshal([]byte(cur), &pos)
	if err == nil && pos.Version != cursorVersion {
		err = fmt.Errorf("its version is %d", pos.Version)
	}
	for name, p := range pos.Folders {
		if p.Next > 1<<32 || p.Below > 1<<32 || p.Next == 0 || p.Done < 0 || p.Total < 0 || name == "" {
			err = errors.Join(err, fmt.Errorf("its place in a folder is impossible"))
			break
		}
	}
	if err != nil {
		return position{}, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	if pos.Folders == nil {
		pos.Folders = map[string]place{}
	}
	return pos, nil
}

// encode writes a cursor; equal positions give equal cursors.
func (p position) encode() (connectors.Cursor, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write cursor: %w", err)
	}
	return connectors.Cursor(b), nil
}

// clone gives a copy that can be changed.
func (p position) clone() position {
	folders := make(map[string]place, len(p.Folders))
	for name, place := range p.Folders {
		folders[name] = place
	}
	return position{Version: p.Version, Folders: folders, Reading: p.Reading}
}
