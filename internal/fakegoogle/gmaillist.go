package fakegoogle

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
)

type messagesAnswer struct {
	Messages []messageRef `json:"messages,omitempty"`
	Next     string       `json:"nextPageToken,omitempty"`
	Estimate int          `json:"resultSizeEstimate"`
}

type threadRef struct {
	ID      string `json:"id"`
	Snippet string `json:"snippet"`
	History uint64 `json:"historyId,string"`
}

type threadsAnswer struct {
	Threads  []threadRef `json:"threads,omitempty"`
	Next     string      `json:"nextPageToken,omitempty"`
	Estimate int         `json:"resultSizeEstimate"`
}

// listMessages is gmail.users.messages.list: newest first. A page token names the last mail that was sent,
// so that mails arriving meanwhile shift nothing.
func (s *Server) listMessages(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	found, next, ok := c.searchPage(b)
	if !ok {
		return
	}
	answer := messagesAnswer{Next: next, Estimate: len(found)}
	if next != "" {
		answer.Estimate = len(found)*2 + 1
	}
	for _, m := range found {
		answer.Messages = append(answer.Messages, messageRef{m.id, m.thread})
	}
	c.answer(answer)
}

// searchPage runs the query of a list call and cuts out its page.
func (c *call) searchPage(b *Mailbox) ([]*message, string, bool) {
	limit, ok := c.number("maxResults", 100, 500)
	if !ok {
		return nil, "", false
	}
	q, labels := c.params.Get("q"), c.params["labelIds"]
	if q != "" && c.metadataOnly() {
		c.fail(apiError{status: http.StatusForbidden, reason: "forbidden", message: "Metadata scope does not support 'q' parameter"})
		return nil, "", false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	query := b.compile(q)
	hidden := c.flag("includeSpamTrash") || query.namesHidden || slices.Contains(labels, "SPAM") || slices.Contains(labels, "TRASH")
	question := seal(append(labels, c.user, q, strconv.FormatBool(hidden))...)
	end := len(b.dated)
	if token := c.params.Get("pageToken"); token != "" {
		position, ok := openToken(token, question)
		var at int64
		var serial uint64
		if _, err := fmt.Sscanf(position, "%d-%d", &at, &serial); !ok || err != nil {
			c.fail(badRequest("Invalid pageToken"))
			return nil, "", false
		}
		end = sort.Search(len(b.dated), func(i int) bool { return !b.dated[i].before(at, serial) })
	}
	var found []*message
	for i := end - 1; i >= 0; i-- {
		m := b.dated[i]
		if !hidden && (slices.Contains(m.labels, "SPAM") || slices.Contains(m.labels, "TRASH")) {
			continue
		}
		if !containsAll(m.labels, labels) || !query.match(m) {
			continue
		}
		if len(found) == limit {
			last := found[limit-1]
			return found, sealToken(fmt.Sprintf("%d-%d", last.at.UnixMilli(), last.serial), question), true
		}
		found = append(found, m)
	}
	return found, "", true
}

// before orders by internal date and then by arrival.
func (m *message) before(at int64, serial uint64) bool {
	if own := m.at.UnixMilli(); own != at {
		return own < at
	}
	return m.serial < serial
}

func containsAll(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// listThreads pages like listMessages; a thread is listed where its newest matching mail of the page stands.
func (s *Server) listThreads(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	found, next, ok := c.searchPage(b)
	if !ok {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	answer := threadsAnswer{Next: next}
	seen := map[string]bool{}
	for _, m := range found {
		if t := b.threads[m.thread]; !seen[m.thread] && len(t) > 0 {
			seen[m.thread] = true
			last := t[len(t)-1]
			answer.Threads = append(answer.Threads, threadRef{m.thread, last.snippet(), last.history})
		}
	}
	answer.Estimate = len(answer.Threads)
	c.answer(answer)
}

func (s *Server) getThread(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	format, ok := c.format()
	if !ok {
		return
	}
	if format == "raw" {
		c.fail(invalidArgument("Invalid value for format"))
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.threads[c.vars[1]]
	if len(t) == 0 {
		c.fail(entityNotFound())
		return
	}
	answer := struct {
		ID       string        `json:"id"`
		History  uint64        `json:"historyId,string"`
		Messages []messageJSON `json:"messages"`
	}{ID: c.vars[1]}
	for _, m := range t {
		answer.History = max(answer.History, m.history)
		answer.Messages = append(answer.Messages, m.json(format, c.params["metadataHeaders"], s.answers.Add(1)))
	}
	c.answer(answer)
}
