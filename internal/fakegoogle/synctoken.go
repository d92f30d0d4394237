package fakegoogle

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
)

// syncPage is a position in a list that can be followed: what page and sync tokens carry.
type syncPage struct {
	Question   string `json:"q"`           // who asks for what
	Filter     string `json:"r,omitempty"` // the restrictions, which a page token must repeat
	Generation int    `json:"g"`           // tokens of earlier ones are dead
	Delta      bool   `json:"d,omitempty"` // an incremental sync
	Since      uint64 `json:"s,omitempty"` // of changes after this one
	Until      uint64 `json:"u"`           // newest change when the first page was made
	Index      uint64 `json:"i,omitempty"` // the page begins at this entry
	After      string `json:"a,omitempty"` // and after this occurrence of it
	Number     int    `json:"n,omitempty"` // pages before this one
	From       int64  `json:"f,omitempty"` // bounds of the first sync, seconds since 1970
	To         int64  `json:"t,omitempty"`
	Sync       bool   `json:"y,omitempty"` // a sync token, not a page token
}

func (p syncPage) encode() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func decodeSync(token string) (syncPage, bool) {
	var p syncPage
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return p, err == nil && json.Unmarshal(raw, &p) == nil
}

// pageToken names the page that begins at an entry, after an occurrence of it.
func (p *syncPage) pageToken(index uint64, after string) string {
	next := *p
	next.Index, next.After, next.Number = index, after, p.Number+1
	return next.encode()
}

// syncToken asks for what changed after the first page of this listing was made, so that a change while
// paging is not lost.
func (p *syncPage) syncToken() string {
	return syncPage{Question: p.Question, Generation: p.Generation, Since: p.Until, From: p.From, To: p.To, Sync: true}.encode()
}

// openSync reads pageToken and syncToken. The parameters named restrict the list; a page token must come
// with the same. It answers the call when a token is no good or dead.
func (c *call) openSync(generation int, seq uint64, restrictions ...string) (*syncPage, bool) {
	p := syncPage{Question: seal(append(c.vars, c.user, strconv.FormatBool(c.flag("singleEvents")))...), Generation: generation, Until: seq}
	for _, name := range restrictions {
		if v := c.params[name]; len(v) > 0 {
			p.Filter = seal(append(v, p.Filter, name)...)
		}
	}
	token, sync := c.params.Get("pageToken"), false
	if token == "" {
		if token, sync = c.params.Get("syncToken"), true; token == "" {
			return &p, true
		}
	}
	old, ok := decodeSync(token)
	switch {
	case !ok || old.Sync != sync || !sync && old.Filter != p.Filter:
		c.fail(apiError{status: http.StatusBadRequest, reason: "invalid", location: "pageToken", message: "Invalid page token value."})
		return nil, false
	case old.Question != p.Question:
		c.fail(badRequest("The token was made for another request."))
		return nil, false
	case old.Generation != generation:
		c.fail(fullSync())
		return nil, false
	case sync:
		p.Since, p.Delta, p.From, p.To = old.Since, true, old.From, old.To
		return &p, true
	}
	return &old, true
}
