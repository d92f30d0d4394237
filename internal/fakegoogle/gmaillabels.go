package fakegoogle

import (
	"slices"
	"strings"
)

type labelJSON struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Visibility string `json:"messageListVisibility,omitempty"`
	ListShow   string `json:"labelListVisibility,omitempty"`
	Type       string `json:"type"`
	Messages   *int   `json:"messagesTotal,omitempty"`
	Unread     *int   `json:"messagesUnread,omitempty"`
}

func (b *Mailbox) labelList() []labelJSON {
	var out []labelJSON
	for _, name := range systemLabels() {
		l := labelJSON{ID: name, Name: name, Type: "system"}
		if strings.HasPrefix(name, "CATEGORY_") {
			l.Visibility, l.ListShow = "hide", "labelHide"
		}
		out = append(out, l)
	}
	for _, l := range b.labels {
		out = append(out, labelJSON{ID: l.id, Name: l.name, Type: "user", Visibility: "show", ListShow: "labelShow"})
	}
	return out
}

func (s *Server) listLabels(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	b.mu.RLock()
	list := b.labelList()
	b.mu.RUnlock()
	c.answer(map[string][]labelJSON{"labels": list})
}

func (s *Server) getLabel(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, l := range b.labelList() {
		if l.ID != c.vars[1] {
			continue
		}
		total, unread := 0, 0
		for _, m := range b.dated {
			if slices.Contains(m.labels, l.ID) {
				total++
				if slices.Contains(m.labels, "UNREAD") {
					unread++
				}
			}
		}
		l.Messages, l.Unread = &total, &unread
		c.answer(l)
		return
	}
	c.fail(entityNotFound())
}
