package gmail

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// cursorVersion changes when older cursors can no longer be read.
const cursorVersion = 1

// maxSpans bounds the spans of a cursor; more are joined.
const maxSpans = 8

// position is what a cursor holds.
type position struct {
	Version int    `json:"v"`
	History uint64 `json:"h"`                // everything up to this history id was read or is part of a span
	Within  string `json:"within,omitempty"` // of the record after History, messages up to this id were read
	Good    int64  `json:"good"`             // when History was the newest there was, Unix seconds
	Since   int64  `json:"since,omitempty"`  // where history begins, Unix seconds; 0: at the beginning
	Spans   []span `json:"spans,omitempty"`  // of history still to be read, first one first
	Done    int64  `json:"done,omitempty"`   // messages of history read
	Total   int64  `json:"total,omitempty"`  // and in all, as Gmail estimates
}

// span is a piece of time whose messages are to be read, newest first. It is read in windows, of which one at a time is
// under way: the last seconds of the span.
type span struct {
	From   int64    `json:"from,omitempty"`   // Unix seconds; 0: from the beginning
	To     int64    `json:"to,omitempty"`     // not part of it; 0: no end
	Begin  int64    `json:"begin,omitempty"`  // of the window under way
	Length int64    `json:"length,omitempty"` // of the window under way, seconds as planned; 0 if none is
	Next   int64    `json:"next,omitempty"`   // planned length of the one after it
	Read   []string `json:"read,omitempty"`   // what was read in it so far
}

// decode reads a cursor.
func decode(cur connectors.Cursor) (position, error) {
	var pos position
	err := json.Unmarshal([]byte(cur), &pos)
	switch {
	case err != nil:
	case pos.Version != cursorVersion:
		err = fmt.Errorf("its version is %d", pos.Version)
	case pos.History == 0 || pos.Good < 0 || pos.Since < 0 || pos.Done < 0 || pos.Total < 0 || len(pos.Spans) > maxSpans || slices.ContainsFunc(pos.Spans, impossible):
		err = errors.New("it holds what cannot be")
	}
	if err != nil {
		return position{}, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	return pos, nil
}

func impossible(s span) bool {
	return s.From < 0 || s.To < 0 || s.Begin < 0 || s.Length < 0 || s.Next < 0
}

// encode writes a cursor; equal positions give equal cursors.
func (p position) encode() (connectors.Cursor, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write cursor: %w", err)
	}
	return connectors.Cursor(b), nil
}

// before puts a span in front of the others. Too many become one.
func (p *position) before(s span) {
	p.Spans = append([]span{s}, p.Spans...)
	if len(p.Spans) <= maxSpans {
		return
	}
	whole := p.Spans[0]
	for _, s := range p.Spans[1:] {
		whole.From = min(whole.From, s.From)
		if s.To == 0 || whole.To == 0 {
			whole.To = 0
		} else {
			whole.To = max(whole.To, s.To)
		}
	}
	p.Spans = []span{{From: whole.From, To: whole.To}}
}
