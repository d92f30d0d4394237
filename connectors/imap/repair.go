package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const emailKind = crm.KindEmail

// The bounds of patience with a server.
const (
	maxBreaks   = 24 // lost connections in one reading
	maxHopeless = 5  // unreadable messages, if nothing else was read: then the server is at fault, not they
)

// errRevalidated means that the folder was replaced while it was read.
var errRevalidated = errors.New("UIDVALIDITY changed while the folder was read")

// run reads uids until each is accounted for, the budget is used up or the connection cannot be had any more.
// Ranges that broke the connection are cut in two, the first message alone if those before it came through,
// because a server answers in order; then only the front range is asked for until one succeeds. A
// single message that fails is asked for raw, and given up when that fails too.
func (r *reading) run(ctx context.Context, uids, beyond []uint32) error {
	work := slices.Collect(slices.Chunk(uids, r.src.chunk()))
	careful := false
	for breaks := 0; len(work) > 0; {
		batch := r.batch(work, careful)
		before := len(r.open(uids))
		err := r.attempt(ctx, batch, beyond)
		beyond = nil
		if err == nil {
			err = r.reconcile(ctx, batch)
		}
		switch {
		case ctx.Err() != nil, err != nil && !isLost(err), breaks >= maxBreaks:
			return r.fault(ctx, err)
		case err == nil:
			careful = false
			work = append(r.divide(batch), work[len(batch):]...)
		default:
			breaks++
			careful = true
			if err := r.reopen(ctx); err != nil {
				return err
			}
			work = r.isolate(work, len(r.open(uids)) < before)
		}
		if r.hopeless() {
			return r.fault(ctx, errUnreadable)
		}
	}
	return r.unpark(ctx)
}

func (r *reading) fault(ctx context.Context, err error) error {
	return r.src.fault(ctx, "read folder "+r.folder, err)
}

// unpark tries the messages on which the connection was lost for the last time. They are given up only if it is
// sure that the connection itself works: something was read over it, or the server answers a harmless
// question about the message.
func (r *reading) unpark(ctx context.Context) error {
	for _, uid := range r.parked {
		err := r.raw(ctx, uid)
		if err == nil {
			err = r.reconcile(ctx, [][]uint32{{uid}})
		}
		if err != nil && (ctx.Err() != nil || !isLost(err)) {
			return r.fault(ctx, err)
		}
		if len(r.open([]uint32{uid})) == 0 {
			continue
		}
		if err != nil {
			if err := r.reopen(ctx); err != nil {
				return err
			}
			if !r.anyRead() && !r.answers(ctx, uid) {
				return r.fault(ctx, err)
			}
		}
		r.giveUp(uid)
	}
	return nil
}

// anyRead says whether a message was read.
func (r *reading) anyRead() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reads > 0
}

// answers says whether the server answers for a message when it is not asked for contents.
func (r *reading) answers(ctx context.Context, uid uint32) bool {
	sess := r.src.sess
	defer sess.guard(ctx)()
	ends, err := sess.tap.send([]string{fmt.Sprintf("UID FETCH %d (UID FLAGS)", uid)})
	return err == nil && <-ends[0] == nil
}

func isLost(err error) bool {
	var l lost
	return errors.As(err, &l)
}

// batch takes the ranges to ask for next: all, up to the first single message that gave trouble.
func (r *reading) batch(work [][]uint32, careful bool) [][]uint32 {
	if careful || r.troubled(work[0]) {
		return work[:1]
	}
	for i, uids := range work {
		if r.troubled(uids) {
			return work[:i]
		}
	}
	return work
}

func (r *reading) troubled(uids []uint32) bool { return len(uids) == 1 && r.tries[uids[0]] > 0 }

// attempt asks for ranges.
func (r *reading) attempt(ctx context.Context, batch [][]uint32, beyond []uint32) error {
	if r.troubled(batch[0]) {
		return r.raw(ctx, batch[0][0])
	}
	return r.pipeline(ctx, batch, beyond)
}

// raw reads one message whole, up to a limit.
func (r *reading) raw(ctx context.Context, uid uint32) error {
	sess := r.src.sess
	defer sess.guard(ctx)()
	f, uids := sess.flow, []uint32{uid}
	f.beginAlone(uid)
	defer f.pause()
	ends, err := sess.tap.send([]string{rawCommand(uid)})
	if err == nil {
		err = <-ends[0]
	}
	messages := f.take(uids)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		if f := busyFault("read folder "+r.folder, &imap.Error{Type: "NO", Text: refused.text}); f != nil {
			return f
		}
		return nil
	case err != nil:
		return err
	}
	if len(messages) == 1 && messages[0].raw != nil && len(messages[0].raw.data) > 0 {
		r.budget -= int64(len(messages[0].raw.data))
		r.hand(messages)
	}
	return nil
}

// reconcile compares what was asked for with what came, and finds out which of the missing are gone.
func (r *reading) reconcile(ctx context.Context, batch [][]uint32) error {
	missing := r.open(slices.Concat(batch...))
	if len(missing) == 0 {
		return nil
	}
	sess := r.src.sess
	defer sess.guard(ctx)()
	var set imap.UIDSet
	for _, uid := range missing {
		set.AddNum(imap.UID(uid))
	}
	present, err := sess.search(&imap.SearchCriteria{UID: []imap.UIDSet{set}})
	if err != nil {
		var refused *imap.Error
		if errors.As(err, &refused) {
			return nil // cannot know: all are taken to be there still
		}
		return lost{err}
	}
	for _, uid := range missing {
		if _, ok := slices.BinarySearch(present, uid); !ok {
			r.gone[uid] = true
		}
	}
	return nil
}

// divide makes new ranges of what is still open in a batch that the server answered. Where most of a range is
// missing, one message spoiled it: it is halved. Otherwise the missing ones are asked for raw, one by one.
func (r *reading) divide(batch [][]uint32) [][]uint32 {
	var work [][]uint32
	for _, uids := range batch {
		left := r.open(uids)
		switch {
		case len(left) == 0:
		case len(left) == 1:
			work = append(work, r.tried(left[0], false)...)
		case 2*len(left) > len(uids):
			work = append(work, left[:len(left)/2], left[len(left)/2:])
		default:
			for _, uid := range left {
				work = append(work, r.tried(uid, false)...)
			}
		}
	}
	return work
}

// isolate makes new ranges after the connection was lost in the first incomplete range of work.
func (r *reading) isolate(work [][]uint32, progress bool) [][]uint32 {
	var rest [][]uint32
	for _, uids := range work {
		if left := r.open(uids); len(left) > 0 {
			rest = append(rest, left)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	suspect := rest[0]
	cut := len(suspect) / 2
	if progress {
		suspect, cut = firstAsked(suspect), 1
	}
	if len(suspect) == 1 {
		return append(r.tried(suspect[0], true), rest[1:]...)
	}
	return append([][]uint32{suspect[:cut], suspect[cut:]}, rest[1:]...)
}

// firstAsked moves the lowest UID, which a server comes to first, to the front.
func firstAsked(uids []uint32) []uint32 {
	lowest := slices.Index(uids, slices.Min(uids))
	moved := make([]uint32, 0, len(uids))
	moved = append(moved, uids[lowest])
	moved = append(moved, uids[:lowest]...)
	return append(moved, uids[lowest+1:]...)
}

// tried counts a failure of a single message, in which the connection was lost or not. It gives the range for
// another try, if there is to be one now.
func (r *reading) tried(uid uint32, connectionLost bool) [][]uint32 {
	r.tries[uid]++
	switch {
	case r.tries[uid] < 2:
		return [][]uint32{{uid}}
	case connectionLost:
		r.parked = append(r.parked, uid)
	default:
		r.giveUp(uid)
	}
	return nil
}

// giveUp makes a message an item with Err.
func (r *reading) giveUp(uid uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(uid, r.failed(uid, errUnreadable))
	r.given++
}

// hopeless says whether several messages were given up while none could be read. They are then none the worse
// for it.
func (r *reading) hopeless() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reads > 0 || r.given+len(r.parked) < maxHopeless {
		return false
	}
	clear(r.have)
	return true
}

// reopen connects again and opens the folder.
func (r *reading) reopen(ctx context.Context) error {
	s := r.src
	s.drop()
	sess, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer sess.guard(ctx)()
	if err := sess.examine(r.folder); err != nil {
		return s.fault(ctx, "open folder", err)
	}
	if sess.validity != r.validity {
		return &connectors.Fault{Kind: connectors.Retryable, Op: "read folder " + r.folder, Err: fmt.Errorf("%w", errRevalidated)}
	}
	return nil
}
