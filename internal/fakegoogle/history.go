package fakegoogle

import (
	"net/http"
	"slices"
	"sort"
	"strconv"
)

type changeKind uint8

const (
	messageAdded changeKind = iota
	messageDeleted
	labelAdded
	labelRemoved
)

// change is one history record.
type change struct {
	history    uint64
	kind       changeKind
	id, thread string
	labels     []string
}

// history is a mailbox's log. Ids grow with gaps; those below floor are forgotten.
type history struct {
	last, floor uint64
	changes     []change
}

// record logs a change and moves the mail, if it is still there, to the new history id. The lock is held.
func (b *Mailbox) record(c change, m *message) {
	b.history.last += 1 + hash64(b.email, c.id)%37
	c.history = b.history.last
	if m != nil {
		m.history = c.history
	}
	b.history.changes = append(b.history.changes, c)
	if b.watched != "" && b.now().Before(b.expires) {
		b.pubsub.notify(b.watched, b.email, b.history.last)
	}
}

// ExpireHistory forgets the history: every history id that was handed out so far is answered 404.
func (b *Mailbox) ExpireHistory() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.history.last += 17
	b.history.floor = b.history.last
	b.history.changes = nil
}

// HistoryID is the mailbox's newest history id.
func (b *Mailbox) HistoryID() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.history.last
}

type messageRef struct {
	ID     string `json:"id"`
	Thread string `json:"threadId"`
}

type addedJSON struct {
	Message messageRef `json:"message"`
}

type relabelJSON struct {
	Message messageRef `json:"message"`
	Labels  []string   `json:"labelIds"`
}

// historyJSON follows the vendor's documentation: messages carry only id and threadId.
type historyJSON struct {
	ID       uint64        `json:"id,string"`
	Messages []messageRef  `json:"messages,omitempty"`
	Added    []addedJSON   `json:"messagesAdded,omitempty"`
	Deleted  []addedJSON   `json:"messagesDeleted,omitempty"`
	LabelsOn []relabelJSON `json:"labelsAdded,omitempty"`
	LabelOff []relabelJSON `json:"labelsRemoved,omitempty"`
}

type historyAnswer struct {
	History []historyJSON `json:"history,omitempty"`
	Next    string        `json:"nextPageToken,omitempty"`
	ID      uint64        `json:"historyId,string"`
}

// listHistory is gmail.users.history.list. A page token is the last history id that was sent, sealed with
// the question it belongs to.
func (s *Server) listHistory(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	start, err := strconv.ParseUint(c.params.Get("startHistoryId"), 10, 64)
	if err != nil {
		c.fail(apiError{status: http.StatusBadRequest, reason: "invalidArgument", message: "Invalid startHistoryId"})
		return
	}
	limit, ok := c.number("maxResults", 100, 500)
	if !ok {
		return
	}
	types, label := c.params["historyTypes"], c.params.Get("labelId")
	question := seal(append(types, c.user, strconv.FormatUint(start, 10), label)...)
	from := start
	if token := c.params.Get("pageToken"); token != "" {
		position, ok := openToken(token, question)
		from, err = strconv.ParseUint(position, 10, 64)
		if !ok || err != nil {
			c.fail(badRequest("Invalid pageToken"))
			return
		}
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if from < b.history.floor || start > b.history.last {
		c.fail(entityNotFound())
		return
	}
	answer := historyAnswer{ID: b.history.last}
	changes := b.history.changes
	i := sort.Search(len(changes), func(i int) bool { return changes[i].history > from })
	for ; i < len(changes); i++ {
		if !b.wanted(&changes[i], types, label) {
			continue
		}
		if len(answer.History) == limit {
			answer.Next = sealToken(strconv.FormatUint(answer.History[limit-1].ID, 10), question)
			break
		}
		answer.History = append(answer.History, changes[i].json())
	}
	c.answer(answer)
}

// wanted applies the filters of the call. The lock is held.
func (b *Mailbox) wanted(c *change, types []string, label string) bool {
	if len(types) > 0 && !slices.Contains(types, [...]string{"messageAdded", "messageDeleted", "labelAdded", "labelRemoved"}[c.kind]) {
		return false
	}
	if label == "" {
		return true
	}
	m := b.byID[c.id]
	return slices.Contains(c.labels, label) || m != nil && slices.Contains(m.labels, label)
}

func (c *change) json() historyJSON {
	ref := messageRef{c.id, c.thread}
	h := historyJSON{ID: c.history, Messages: []messageRef{ref}}
	switch c.kind {
	case messageAdded:
		h.Added = []addedJSON{{ref}}
	case messageDeleted:
		h.Deleted = []addedJSON{{ref}}
	case labelAdded:
		h.LabelsOn = []relabelJSON{{ref, c.labels}}
	case labelRemoved:
		h.LabelOff = []relabelJSON{{ref, c.labels}}
	}
	return h
}
