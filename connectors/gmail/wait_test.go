package gmail_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const (
	topic        = "projects/tsunagu/topics/gmail"
	subscription = "projects/tsunagu/subscriptions/sato"
)

func toldOf(s *gmail.Settings) {
	s.PubSub = &gmail.PubSub{Topic: topic, Subscription: subscription}
}

func TestWait(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	server.Topic(topic, subscription)
	deliver(server, 1, 3)
	s := open(t, settings(toldOf), env(server, connectors.Limits{}))
	waiter, ok := s.(connectors.Waiter)
	if !ok {
		t.Fatal("a source with a subscription cannot wait")
	}
	_, cur := drain(t, s, "")
	quiet, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := waiter.Wait(quiet, cur); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for nothing gives %v", err)
	}
	heard := make(chan error, 1)
	go func() { heard <- waiter.Wait(t.Context(), cur) }()
	id := server.Mailbox(sato).Deliver(mail(100), time.Now())
	if err := <-heard; err != nil {
		t.Errorf("wait: %v", err)
	}
	batch := fetch(t, s, cur)
	if len(batch.Items) != 1 || batch.Items[0].ExternalID != id {
		t.Errorf("after the news: %v", ids(batch.Items))
	}
	if n := count(server, "gmail.users.watch"); n != 1 {
		t.Errorf("Gmail was asked to tell %d times, want once a day", n)
	}
	// What came before the cursor is no news, and a cursor that is behind needs no waiting.
	if err := waiter.Wait(t.Context(), "{}"); connectors.Classify(err).Kind != connectors.CursorInvalid {
		t.Errorf("a cursor that is none gives %v", err)
	}
	again, ok := open(t, settings(toldOf), env(server, connectors.Limits{})).(connectors.Waiter)
	if !ok {
		t.Fatal("a source with a subscription cannot wait")
	}
	if err := again.Wait(t.Context(), cur); err != nil {
		t.Errorf("a cursor that is behind gives %v", err)
	}
}

func TestWaitWithoutTopic(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	s := open(t, settings(toldOf), env(server, connectors.Limits{}))
	_, cur := drain(t, s, "")
	waiter, ok := s.(connectors.Waiter)
	if !ok {
		t.Fatal("a source with a subscription cannot wait")
	}
	if err := waiter.Wait(t.Context(), cur); err == nil {
		t.Error("a topic that does not exist gives no error")
	}
	if _, ok := open(t, settings(), env(server, connectors.Limits{})).(connectors.Waiter); ok {
		t.Error("a source without a subscription claims that it is told")
	}
}
