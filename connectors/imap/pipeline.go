package imap

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// pipeline reads ranges in order, and gets what is beyond them on its way. Of each range the structures come
// first, then header and texts in one answer; several ranges are under way in both, so that neither
// side waits for the other. It returns an error only if the connection is lost or the server asks to be
// left alone; what the server refused or left out simply stays open. Messages that came whole before the loss
// are kept.
func (r *reading) pipeline(ctx context.Context, ranges [][]uint32, beyond []uint32) (err error) {
	sess := r.src.sess
	defer sess.guard(ctx)()
	f := sess.flow
	own := slices.Concat(ranges...)
	adopted := f.begin(slices.Concat(own, beyond), len(own))
	defer func() {
		if err != nil {
			r.salvage(f)
		}
		f.pause()
	}()
	for _, p := range f.phases {
		if p.own {
			r.budget -= p.cost
		}
	}
	r.todo = skipFirst(ranges, adopted)
	r.after = skipFirst(slices.Collect(slices.Chunk(beyond, r.src.chunk())), adopted-len(own))
	for {
		if err := r.fill(f); err != nil {
			return err
		}
		p := f.next()
		if p == nil || !r.wanted(f) {
			return nil
		}
		if err := settle(p.ends); err != nil {
			return err
		}
		if p.stage == stageStructures {
			p.stage = stageKnown
			continue
		}
		r.finish(f, p)
		f.phases = slices.DeleteFunc(f.phases, func(q *phase) bool { return q == p })
	}
}

// skipFirst drops the first n messages of ranges.
func skipFirst(ranges [][]uint32, n int) [][]uint32 {
	for len(ranges) > 0 && n >= len(ranges[0]) {
		n -= len(ranges[0])
		ranges = ranges[1:]
	}
	if n > 0 && len(ranges) > 0 {
		ranges = slices.Concat([][]uint32{ranges[0][n:]}, ranges[1:])
	}
	return ranges
}

// wanted says whether something is still to come for this reading.
func (r *reading) wanted(f *flow) bool {
	return len(r.todo) > 0 || slices.ContainsFunc(f.phases, func(p *phase) bool { return p.own })
}

// fill sends for as much as fits: texts of the ranges whose structures are here, then structures of more ranges.
func (r *reading) fill(f *flow) error {
	texts := 0
	for i := 0; i < len(f.phases) && texts < textsAhead; i++ {
		p := f.phases[i]
		if p.stage == stageKnown && r.plan(f, i) {
			if err := f.askTexts(p); err != nil {
				return err
			}
		}
		if p.stage != stageTexts {
			break
		}
		texts++
	}
	for len(f.phases) < texts+structuresAhead {
		from, own := &r.todo, true
		if len(*from) == 0 {
			from, own = &r.after, false
		}
		if len(*from) == 0 {
			break
		}
		uids := (*from)[0]
		*from = (*from)[1:]
		if err := f.ask(uids, own); err != nil {
			return err
		}
	}
	return nil
}

// plan decides what to read of the phase at index i, whose structures have come; false if nothing for now. When a
// budget ends among its messages, the rest becomes a phase of its own, which is the next reading's.
func (r *reading) plan(f *flow, i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.phases[i]
	for k, uid := range p.uids {
		m := f.waiting[uid]
		if m == nil || !m.plan(r.src.env.Limits.TextBytes) {
			continue
		}
		cost := m.cost()
		if !r.afford(p, uid, cost) {
			f.split(i, k)
			if p.own {
				r.end(f, i+min(k, 1))
			}
			return k > 0
		}
		p.cost += cost
		p.messages = append(p.messages, m)
	}
	return true
}

// afford takes the cost of a message off the budget, if that allows it.
func (r *reading) afford(p *phase, uid uint32, cost int64) bool {
	budget := &r.budget
	if !p.own {
		budget = &r.ahead
	}
	if cost > *budget && (!p.own || uid != r.first) {
		if !p.own {
			r.ahead = 0
		}
		return false
	}
	*budget -= cost
	return true
}

// end ends the reading for want of budget: what comes from index i on is left to the next one.
func (r *reading) end(f *flow, i int) {
	for _, p := range f.phases[i:] {
		p.own = false
		r.leave(p.uids)
	}
	for _, uids := range r.todo {
		r.leave(uids)
	}
	r.todo, r.after = nil, slices.Concat(r.todo, r.after)
}

// leave puts messages off to another reading.
func (r *reading) leave(uids []uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, uid := range uids {
		r.left[uid] = true
	}
}

// finish hands on what is complete of a range and forgets the rest.
func (r *reading) finish(f *flow, p *phase) {
	f.take(p.uids)
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
}

// salvage hands on what has come whole when the connection is lost, and forgets the rest.
func (r *reading) salvage(f *flow) {
	for _, p := range f.phases {
		if p.own {
			r.finish(f, p)
		}
	}
	f.drop()
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
