package fakegoogle

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxWait bounds a pull that waits for the first message.
const maxWait = 20 * time.Second

// pubsub keeps topics and their pull subscriptions. Delivery is at least once: a message that is not
// acknowledged within the deadline comes again.
type pubsub struct {
	mu            sync.Mutex
	topics        map[string][]*subscription
	subscriptions map[string]*subscription
	serial        int
	now           func() time.Time
}

type subscription struct {
	name, topic string
	waiting     []*pubsubMessage
	arrived     chan struct{} // closed and replaced when a message comes
}

type pubsubMessage struct {
	id, data  string
	published time.Time
	hidden    time.Time // not delivered again before
	ack       string
	delivered int
}

const ackDeadline = 10 * time.Second

func newPubsub(now func() time.Time) *pubsub {
	return &pubsub{now: now, topics: map[string][]*subscription{}, subscriptions: map[string]*subscription{}}
}

// Topic makes a topic, "projects/p/topics/t", with pull subscriptions, "projects/p/subscriptions/s", that
// Gmail may publish to.
func (s *Server) Topic(topic string, subscriptions ...string) {
	p := s.pubsub
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.topics[topic]; !ok {
		p.topics[topic] = nil
	}
	for _, name := range subscriptions {
		if p.subscriptions[name] == nil {
			sub := &subscription{name: name, topic: topic, arrived: make(chan struct{})}
			p.subscriptions[name] = sub
			p.topics[topic] = append(p.topics[topic], sub)
		}
	}
}

func (p *pubsub) hasTopic(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.topics[topic]
	return ok
}

// notify publishes what Gmail says about a mailbox: its address and its newest history id.
func (p *pubsub) notify(topic, email string, history uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	data := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"emailAddress":%q,"historyId":%d}`, email, history))
	for _, sub := range p.topics[topic] {
		p.serial++
		sub.waiting = append(sub.waiting, &pubsubMessage{id: fmt.Sprint(10_000_000_000 + p.serial), data: data, published: p.now()})
		close(sub.arrived)
		sub.arrived = make(chan struct{})
	}
}

func (c *call) subscription() *subscription {
	p := c.server.pubsub
	name := "projects/" + c.vars[0] + "/subscriptions/" + c.vars[1]
	p.mu.Lock()
	defer p.mu.Unlock()
	sub := p.subscriptions[name]
	if sub == nil {
		c.fail(apiError{status: http.StatusNotFound, reason: "notFound", message: "Resource not found (resource=" + c.vars[1] + ")."})
	}
	return sub
}

func (s *Server) getSubscription(c *call) {
	sub := c.subscription()
	if sub == nil {
		return
	}
	c.answer(map[string]any{
		"name": sub.name, "topic": sub.topic, "pushConfig": struct{}{}, "ackDeadlineSeconds": int(ackDeadline / time.Second),
		"messageRetentionDuration": "604800s", "state": "ACTIVE",
	})
}

type receivedJSON struct {
	AckID   string `json:"ackId"`
	Message struct {
		Data      string `json:"data"`
		ID        string `json:"messageId"`
		Published string `json:"publishTime"`
	} `json:"message"`
}

// pull answers at once with returnImmediately or when there is something; else it waits for the first
// message, at most maxWait.
func (s *Server) pull(c *call) {
	sub := c.subscription()
	if sub == nil {
		return
	}
	var request struct {
		Max         int  `json:"maxMessages"`
		Immediately bool `json:"returnImmediately"`
	}
	if !c.decode(&request) {
		return
	}
	if request.Max <= 0 {
		c.fail(invalidArgument("You have passed a non-positive value for max_messages (max_messages=0)."))
		return
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	for {
		got, arrived := s.pubsub.take(sub, min(request.Max, 1000))
		if len(got) > 0 {
			c.answer(map[string][]receivedJSON{"receivedMessages": got})
			return
		}
		if request.Immediately {
			c.answer(struct{}{})
			return
		}
		select {
		case <-arrived:
		case <-timer.C:
			request.Immediately = true
		case <-s.stop.Done():
			request.Immediately = true
		case <-c.r.Context().Done():
			request.Immediately = true
		}
	}
}

func (p *pubsub) take(sub *subscription, limit int) ([]receivedJSON, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var got []receivedJSON
	for _, m := range sub.waiting {
		if len(got) == limit {
			break
		}
		if now.Before(m.hidden) {
			continue
		}
		m.delivered++
		m.hidden, m.ack = now.Add(ackDeadline), fmt.Sprintf("ack-%s-%d", m.id, m.delivered)
		r := receivedJSON{AckID: m.ack}
		r.Message.Data, r.Message.ID, r.Message.Published = m.data, m.id, m.published.UTC().Format(time.RFC3339Nano)
		got = append(got, r)
	}
	return got, sub.arrived
}

func (s *Server) acknowledge(c *call) {
	c.eachAck(func(sub *subscription, acks map[string]bool, _ int) {
		kept := sub.waiting[:0]
		for _, m := range sub.waiting {
			if m.ack == "" || !acks[m.ack] {
				kept = append(kept, m)
			}
		}
		clear(sub.waiting[len(kept):])
		sub.waiting = kept
	})
}

func (s *Server) modifyAckDeadline(c *call) {
	c.eachAck(func(sub *subscription, acks map[string]bool, seconds int) {
		for _, m := range sub.waiting {
			if m.ack != "" && acks[m.ack] {
				m.hidden = c.at.Add(time.Duration(seconds) * time.Second)
			}
		}
	})
}

func (c *call) eachAck(do func(*subscription, map[string]bool, int)) {
	sub := c.subscription()
	if sub == nil {
		return
	}
	var request struct {
		AckIDs  []string `json:"ackIds"`
		Seconds int      `json:"ackDeadlineSeconds"`
	}
	if !c.decode(&request) {
		return
	}
	if len(request.AckIDs) == 0 {
		c.fail(invalidArgument("No ack ids specified."))
		return
	}
	acks := map[string]bool{}
	for _, id := range request.AckIDs {
		if !strings.HasPrefix(id, "ack-") {
			c.fail(invalidArgument("Some acknowledgement ids in the request were invalid."))
			return
		}
		acks[id] = true
	}
	p := c.server.pubsub
	p.mu.Lock()
	do(sub, acks, request.Seconds)
	p.mu.Unlock()
	c.answer(struct{}{})
}
