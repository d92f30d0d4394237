package boltstore_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// TestTooLongAConversation holds that a mark which cannot reach a whole conversation says so, and leaves nothing behind.
func TestTooLongAConversation(t *testing.T) {
	s := open(t)
	messages := make([]crm.Key, 20_001)
	for i := range messages {
		messages[i] = crm.Key(fmt.Sprintf("mail:<%d@example.com>", i))
	}
	if err := boltstore.TakeConversation(t.Context(), s, messages); !errors.Is(err, crm.ErrTooBig) {
		t.Errorf("20,001 messages: %v", err)
	}
	if n := boltstore.CountPrivate(t, s); n != 0 {
		t.Errorf("a mark that was refused left %d entries", n)
	}
	if err := boltstore.TakeConversation(t.Context(), s, messages[:20_000]); err != nil {
		t.Errorf("20,000 messages: %v", err)
	}
	if n := boltstore.CountPrivate(t, s); n < 20_000 {
		t.Errorf("a mark that holds left %d entries", n)
	}
}
