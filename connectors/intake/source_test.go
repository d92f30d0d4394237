package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/intake"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// queue is a Spool in memory. Its pages hold at most three.
type queue struct {
	mu   sync.Mutex
	list []crm.Submission
	last uint64
	more chan struct{}
	err  error
}

// put adds a submission at the end; one of the same id goes.
func (q *queue) put(s crm.Submission) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(other crm.Submission) bool { return other.ID == s.ID })
	q.last++
	s.Seq = q.last
	q.list = append(q.list, s)
	if q.more != nil {
		close(q.more)
		q.more = nil
	}
}

func (q *queue) ListSubmissions(_ context.Context, after uint64, limit int) ([]crm.Submission, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []crm.Submission
	for _, s := range q.list {
		if s.Seq > after && len(out) < min(limit, 3) {
			out = append(out, s)
		}
	}
	return out, q.err
}

func (q *queue) WaitSubmission(ctx context.Context, after uint64) error {
	for {
		q.mu.Lock()
		if q.last > after || q.err != nil {
			defer q.mu.Unlock()
			return q.err
		}
		if q.more == nil {
			q.more = make(chan struct{})
		}
		more := q.more
		q.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (q *queue) AdmittedSubmission(_ context.Context, id string) (crm.Submission, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.list {
		if s.ID == id {
			return s, q.err
		}
	}
	return crm.Submission{}, errors.Join(crm.ErrNotFound, q.err)
}

// submission is the nth of a form.
func submission(n int, answer string) crm.Submission {
	response := fmt.Sprint(n)
	return crm.Submission{ID: crm.SubmissionID("contact", response), Form: "contact", Response: response, Version: 1,
		At: time.Date(2026, 11, 21, 18, n, 0, 0, time.FixedZone("JST", 9*3600)), State: crm.SubmissionAccepted,
		Fields: []crm.FormField{{Name: "message", Values: []string{answer}}}}
}

func filled() *queue {
	q := &queue{}
	for n := range 10 {
		q.put(submission(n, fmt.Sprint("answer ", n)))
	}
	q.put(crm.Submission{ID: crm.NewID(), Form: "contact", At: time.Unix(1, 0), State: crm.SubmissionExcluded, Reason: "internal", Version: 1})
	return q
}

func TestSource(t *testing.T) {
	q := filled()
	sourcetest.Run(t, func(*testing.T) connectors.Source { return intake.Open(q, connectors.Limits{BatchItems: 4}) })
}

// answers are what the items of a batch say.
func answers(items []connectors.Item) (out []string) {
	for _, item := range items {
		text := string(item.Submission.State) + " " + item.Submission.Reason
		if len(item.Submission.Fields) > 0 {
			text = item.Submission.Fields[0].Values[0]
		}
		out = append(out, text)
	}
	return out
}

func TestFetch(t *testing.T) {
	q := &queue{}
	source := intake.Open(q, connectors.Limits{})
	first, second := submission(1, "one"), submission(2, "two")
	q.put(first)
	q.put(second)
	items, cur := sourcetest.Drain(t, source, "")
	if diff := cmp.Diff([]string{"one", "two"}, answers(items)); diff != "" {
		t.Fatalf("items (-want +got):\n%s", diff)
	}
	first.Seq = 1
	want := connectors.Item{ExternalID: first.ID, Key: crm.SubmissionKey(first), Kind: crm.KindForm, Folder: "contact",
		Received: first.At.UTC(), Size: items[0].Size, Submission: &first}
	if diff := cmp.Diff(want, items[0]); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	edit := submission(1, "one, edited")
	edit.Version = 2
	q.put(edit)
	q.put(crm.Submission{ID: "shell", Form: "contact", At: time.Unix(1, 0), State: crm.SubmissionExcluded, Reason: "domain: spam.example"})
	items, cur = sourcetest.Drain(t, source, cur)
	if diff := cmp.Diff([]string{"one, edited", "excluded domain: spam.example"}, answers(items)); diff != "" {
		t.Errorf("after an edit (-want +got):\n%s", diff)
	}
	if items[0].ExternalID != first.ID || items[0].Key != want.Key {
		t.Errorf("an edit is another item: %+v", items[0])
	}
	if batch, err := source.Fetch(t.Context(), cur); err != nil || batch.Next != cur || len(batch.Items) != 0 {
		t.Errorf("nothing new: %+v, %v", batch, err)
	}
}

func TestLimits(t *testing.T) {
	q := &queue{}
	for n := range 300 {
		q.put(submission(n, strings.Repeat("x", 1000)))
	}
	for name, test := range map[string]struct {
		limits connectors.Limits
		want   int
	}{
		"items": {connectors.Limits{BatchItems: 7}, 7},
		"bytes": {connectors.Limits{BatchBytes: 4500}, 4},
		"none":  {connectors.Limits{}, 100},
		"many":  {connectors.Limits{BatchItems: 1000}, 100},
	} {
		batch, err := intake.Open(q, test.limits).Fetch(t.Context(), "")
		if err != nil || len(batch.Items) != test.want || !batch.More {
			t.Errorf("%s: %d items, more %v, %v", name, len(batch.Items), batch.More, err)
		}
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := filled()
		source := intake.Open(q, connectors.Limits{})
		waiter := source.(connectors.Waiter)
		_, cur := sourcetest.Drain(t, source, "")
		if err := waiter.Wait(t.Context(), ""); err != nil {
			t.Errorf("there is something, but: %v", err)
		}
		ended := make(chan error, 1)
		go func() { ended <- waiter.Wait(t.Context(), cur) }()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Fatalf("returned although nothing came: %v", err)
		default:
		}
		q.put(submission(50, "late"))
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := waiter.Wait(ctx, "99"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := waiter.Wait(t.Context(), "x"); connectors.Classify(err).Kind != connectors.CursorInvalid {
			t.Errorf("bad cursor: %v", err)
		}
	})
}

func TestQueueFails(t *testing.T) {
	q := filled()
	q.err = errors.New("disk on fire")
	source := intake.Open(q, connectors.Limits{})
	_, fetched := source.Fetch(t.Context(), "")
	_, got := source.(connectors.Getter).Get(t.Context(), []string{q.list[0].ID})
	for name, err := range map[string]error{"fetch": fetched, "get": got, "wait": source.(connectors.Waiter).Wait(t.Context(), "99"),
		"census": source.(connectors.Census).Census(t.Context(), func([]string) error { return nil })} {
		if !errors.Is(err, q.err) || connectors.Classify(err).Kind != connectors.Retryable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
