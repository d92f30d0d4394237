package imap

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// phase is a sub-range on its way: its messages, and the commands whose ends are awaited.
type phase struct {
	uids     []uint32
	messages []*message
	ends     []<-chan error
	limits   map[string]int64
}

// pipeline reads ranges in order. While the bodies of one range are on their way the structures of the next two
// are asked for already, so neither side waits for the other. It returns an error only if the
// connection is lost; what the server refused or left out simply stays open. Messages that came whole
// before the loss are kept.
func (r *reading) pipeline(ctx context.Context, ranges [][]uint32) (err error) {
	sess := r.src.sess
	defer sess.guard(ctx)()
	sess.tap.listen(r.receive)
	defer sess.tap.listen(nil)

	asked := make([]phase, 0, len(ranges))
	var bodies phase // of the range before the current one
	var last int64   // cost of the range before
	defer func() {
		r.finish(&bodies)
		for _, p := range asked {
			r.take(p.uids)
		}
	}()
	for k := range ranges {
		for len(asked) < len(ranges) && len(asked) < k+3 && (len(asked) == k || last*int64(len(asked)-k+1) < r.budget) {
			p := phase{uids: ranges[len(asked)]}
			if p.ends, err = r.ask(p.uids); err != nil {
				return err
			}
			asked = append(asked, p)
		}
		if err = settle(asked[k].ends); err != nil {
			return err
		}
		before := r.budget
		next := r.plan(asked[k].uids)
		last = before - r.budget
		if next.ends, err = sess.tap.send(commandsOf(&next)); err != nil {
			return err
		}
		if err = settle(bodies.ends); err != nil {
			r.finish(&next)
			return err
		}
		r.finish(&bodies)
		bodies = next
		if r.full {
			r.leave(ranges[k+1:])
			break
		}
	}
	err = settle(bodies.ends)
	for _, p := range asked {
		err = errors.Join(err, settle(p.ends))
	}
	return err
}

// ask sends the first phase for some messages.
func (r *reading) ask(uids []uint32) ([]<-chan error, error) {
	r.expect(uids)
	return r.src.sess.tap.send([]string{structureCommand(uids)})
}

// plan decides what to read of the messages whose structure has come. When the budget ends among them, the rest
// is left for another time.
func (r *reading) plan(uids []uint32) phase {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := phase{uids: uids}
	for _, uid := range uids {
		if r.full && uid != r.first {
			r.left[uid] = true
			continue
		}
		m := r.waiting[uid]
		if m == nil || !m.plan(r.src.env.Limits.TextBytes) {
			continue
		}
		cost := m.cost()
		if cost > r.budget && uid != r.first {
			r.full, r.left[uid] = true, true
			continue
		}
		r.budget -= cost
		p.messages = append(p.messages, m)
	}
	return p
}

// leave puts ranges off to another reading.
func (r *reading) leave(ranges [][]uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, uid := range slices.Concat(ranges...) {
		if uid != r.first {
			r.left[uid] = true
		}
	}
}

// commandsOf gives the commands of the second phase.
func commandsOf(p *phase) []string {
	var commands []string
	commands, p.limits = bodyCommands(p.messages)
	return commands
}

// finish hands on what is complete of a range and forgets the rest.
func (r *reading) finish(p *phase) {
	if len(p.uids) == 0 {
		return
	}
	r.take(p.uids)
	var whole []*message
	for _, m := range p.messages {
		if !m.complete() {
			continue
		}
		for i := range m.bodies {
			b := &m.bodies[i]
			b.cut = b.cut || int64(len(b.data)) >= p.limits[b.path]
		}
		whole = append(whole, m)
	}
	if len(whole) > 0 {
		r.hand(whole)
	}
	*p = phase{}
}

// settle waits for commands to end, those that it was not called for before. A refusal is no error here, unless
// the server asks to be left alone.
func settle(ends []<-chan error) error {
	for i, end := range ends {
		if end == nil {
			continue
		}
		err := <-end
		ends[i] = nil
		var refused *refusal
		switch {
		case errors.As(err, &refused):
			if f := busyFault("read messages", &imap.Error{Type: "NO", Text: refused.text}); f != nil {
				return f
			}
		case err != nil:
			return err
		}
	}
	return nil
}
