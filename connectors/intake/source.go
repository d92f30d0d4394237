// Package intake is the source that reads what came in through our own form endpoint: the store's queue of
// submissions. It is not configured like others; the daemon adds it.
//
// The cursor is the place in the queue up to which everything was read. An edited submission, or one that was let
// out of quarantine, stands at the end of the queue and is yielded again under the same external id, so that it
// takes the place of what was there before. What a rule kept out when it came in is a shell in the queue, and is
// yielded too: the ledger counts it.
package intake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Kind is the kind of the source, and Schedule how often it is looked at although it tells of news by itself
// (robfig/cron syntax).
const (
	Kind     = "intake"
	Schedule = "@every 1m"
)

// Spool is the queue of submissions, oldest first.
type Spool interface {
	// ListSubmissions gives at most limit submissions above a place in the queue; none at its end.
	ListSubmissions(ctx context.Context, after uint64, limit int) ([]crm.Submission, error)
	// WaitSubmission returns nil once there is something above a place in the queue.
	WaitSubmission(ctx context.Context, after uint64) error
	// AdmittedSubmission gives the version of a submission that stands in the queue; crm.ErrNotFound if there is none.
	AdmittedSubmission(ctx context.Context, id string) (crm.Submission, error)
}

// source implements connectors.Source, Waiter, Getter and Census.
type source struct {
	spool  Spool
	limits connectors.Limits
	read   time.Time // when submissions were last found; zero if none were
}

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Waiter = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
)

// Open makes the source. Limits that are zero are those of connectors.DefaultLimits; a batch has at most 100 items.
func Open(spool Spool, limits connectors.Limits) connectors.Source {
	limits = limits.OrDefault()
	limits.BatchItems = min(limits.BatchItems, maxBatch)
	return &source{spool: spool, limits: limits}
}

// Close has nothing to give up: the queue is the store's.
func (s *source) Close() error { return nil }

// page is how many submissions are asked for at once: each can have a mebibyte. maxBatch bounds a batch however many
// items the limits allow: it is stored in one go, and whoever sends a form meanwhile waits for that.
const (
	page     = 125
	maxBatch = 100
)

// Fetch yields the next submissions of the queue. All of them are news: there is no history to read beside.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	after, err := parse(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	batch := connectors.Batch{Next: cur}
	for bytes := int64(0); ; {
		list, err := s.list(ctx, after, min(page, s.limits.BatchItems-len(batch.Items)))
		if err != nil {
			return connectors.Batch{}, err
		}
		if len(list) == 0 {
			return batch, nil
		}
		for i := range list {
			item := itemOf(&list[i])
			after, bytes = list[i].Seq, bytes+item.Size
			s.read = time.Now()
			batch.Items = append(batch.Items, item)
			batch.Next = connectors.Cursor(strconv.FormatUint(after, 10))
			if len(batch.Items) == s.limits.BatchItems || bytes >= s.limits.BatchBytes {
				batch.More = true
				return batch, nil
			}
		}
	}
}

func (s *source) list(ctx context.Context, after uint64, limit int) ([]crm.Submission, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read submissions: %w", err)
	}
	list, err := s.spool.ListSubmissions(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read submissions: %w", err)
	}
	return list, nil
}

// While many submissions come, they are gathered: reading a few at a time costs senders more waiting than it saves
// anybody. The first after a pause is read at once.
const (
	busyFor   = 300 * time.Millisecond
	gatherFor = 100 * time.Millisecond
)

// Wait returns as soon as the queue goes on behind the cursor, or a moment later when much comes.
func (s *source) Wait(ctx context.Context, cur connectors.Cursor) error {
	after, err := parse(cur)
	if err != nil {
		return err
	}
	if err := s.spool.WaitSubmission(ctx, after); err != nil {
		return fmt.Errorf("wait for submissions: %w", err)
	}
	if time.Since(s.read) > busyFor {
		return nil
	}
	gather := time.NewTimer(gatherFor)
	defer gather.Stop()
	select {
	case <-gather.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Get gives submissions as they stand in the queue. What is in quarantine is absent.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	var out []connectors.Item
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read submission: %w", err)
		}
		sub, err := s.spool.AdmittedSubmission(ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read submission: %w", err)
		}
		out = append(out, itemOf(&sub))
	}
	return out, nil
}

// Census lists everything that stands in the queue.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	for after := uint64(0); ; {
		list, err := s.list(ctx, after, page)
		if err != nil || len(list) == 0 {
			return err
		}
		ids := make([]string, len(list))
		for i := range list {
			ids[i], after = list[i].ID, list[i].Seq
		}
		if err := yield(ids); err != nil {
			return err
		}
	}
}

func itemOf(s *crm.Submission) connectors.Item {
	return connectors.Item{ExternalID: s.ID, Key: crm.SubmissionKey(*s), Kind: crm.KindForm, Folder: s.Form,
		Received: s.At.UTC(), Size: sizeOf(s), Submission: s}
}

// sizeOf is about how many bytes a submission holds.
func sizeOf(s *crm.Submission) int64 {
	n := 200
	for _, f := range s.Fields {
		n += len(f.Name) + len(f.Label)
		for _, v := range f.Values {
			n += len(v)
		}
	}
	return int64(n)
}

// parse reads a cursor.
func parse(cur connectors.Cursor) (uint64, error) {
	if cur == "" {
		return 0, nil
	}
	after, err := strconv.ParseUint(string(cur), 10, 64)
	if err == nil && after == math.MaxUint64 {
		err = strconv.ErrRange
	}
	if err != nil {
		return 0, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
	}
	return after, nil
}
