package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLostEventsAreTold(t *testing.T) {
	var h hub
	events, stop := h.subscribe()
	defer stop()
	for range eventBuffer + 1 { // one more than there is room for
		h.publish(Event{Source: "a"})
	}
	for n := range eventBuffer {
		if ev := <-events; ev.Many {
			t.Fatalf("event %d says that events before it were lost", n)
		}
	}
	h.publish(Event{Source: "b"})
	h.publish(Event{Source: "c"})
	got := []Event{<-events, <-events}
	if diff := cmp.Diff([]Event{{Source: "b", Many: true}, {Source: "c"}}, got); diff != "" {
		t.Errorf("after a loss (-want +got):\n%s", diff)
	}
}

func TestHistoryListsASourceOnce(t *testing.T) {
	var q queue
	q.init()
	for range 3 {
		q.postpone("a")
		q.postpone("b")
	}
	var got []string
	for id, ok := q.takeHistory(); ok; id, ok = q.takeHistory() {
		got = append(got, id)
	}
	q.postpone("a")
	if id, ok := q.takeHistory(); ok {
		got = append(got, id)
	}
	if diff := cmp.Diff([]string{"a", "b", "a"}, got); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}
