package fakegoogle

import (
	"net/http"
	"time"
)

// watch is gmail.users.watch: seven days of notifications to a Pub/Sub topic.
func (s *Server) watch(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	var request struct {
		Topic    string   `json:"topicName"`
		LabelIDs []string `json:"labelIds"`
	}
	if !c.decode(&request) {
		return
	}
	if !s.pubsub.hasTopic(request.Topic) {
		c.fail(apiError{
			status: http.StatusBadRequest, reason: "invalidArgument",
			message: "Error sending test message to Cloud PubSub " + request.Topic + " : Resource not found (resource=" + request.Topic + ").",
		})
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watched, b.expires = request.Topic, s.now().Add(7*24*time.Hour)
	b.pubsub.notify(b.watched, b.email, b.history.last)
	c.answer(struct {
		History    uint64 `json:"historyId,string"`
		Expiration int64  `json:"expiration,string"`
	}{b.history.last, b.expires.UnixMilli()})
}

func (s *Server) stopWatch(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	b.mu.Lock()
	b.watched = ""
	b.mu.Unlock()
	c.send(http.StatusNoContent, "text/html", nil)
}
