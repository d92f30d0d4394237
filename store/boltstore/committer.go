package boltstore

import (
	"context"
	"errors"
	"runtime"

	"go.etcd.io/bbolt"
)

// maxGroup bounds how many writes share a transaction, so that none waits long.
const maxGroup = 64

// op is a write that waits for the committer. apply may be called more than once, each time in a new
// transaction, and must do the same each time.
type op struct {
	ctx   context.Context
	apply func(u *unit) error
	done  chan error
}

// update runs apply in a write transaction that it may share with others, and returns once the outcome is
// durable. apply sees the effects of the writes that came before it in the transaction, and nothing of
// writes that failed.
func (s *Store) update(ctx context.Context, apply func(u *unit) error) error {
	o := &op{ctx: ctx, apply: apply, done: make(chan error, 1)}
	select {
	case s.ops <- o:
		return <-o.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
}

// commitLoop is the only writer. While one group is being made durable the next gathers.
func (s *Store) commitLoop() {
	defer close(s.stopped)
	for {
		select {
		case first := <-s.ops:
			s.commitGroup(s.gather(first))
		case <-s.closing:
			return
		}
	}
}

// gather takes the writes that wait. Those whose writes were in the group before have just been woken, and most of
// them come again at once: they are let run first, or they would just miss this group and make it a small one.
func (s *Store) gather(first *op) []*op {
	const patience = 3
	group := []*op{first}
	for waited := 0; len(group) < maxGroup && waited < patience; {
		select {
		case next := <-s.ops:
			group, waited = append(group, next), 0
		default:
			runtime.Gosched()
			waited++
		}
	}
	return group
}

// commitGroup makes the writes durable together. One that fails after it changed something is taken out
// and the others are done again; if the transaction as a whole fails they are tried one by one.
func (s *Store) commitGroup(group []*op) {
	for len(group) > 0 {
		results, culprit, err := s.tryGroup(group)
		switch {
		case culprit >= 0:
			group[culprit].done <- classify(err)
			group = append(group[:culprit:culprit], group[culprit+1:]...)
		case err != nil && len(group) > 1:
			for _, o := range group {
				s.commitGroup([]*op{o})
			}
			return
		case err != nil:
			group[0].done <- classify(err)
			return
		default:
			for i, o := range group {
				o.done <- classify(results[i])
			}
			return
		}
	}
}

// errCulprit aborts a transaction that one write spoilt.
var errCulprit = errors.New("a write of the group failed")

// tryGroup applies all writes in one transaction. results holds the errors of writes that changed nothing;
// culprit is the index of a write that failed half way, or -1.
func (s *Store) tryGroup(group []*op) (results []error, culprit int, err error) {
	results = make([]error, len(group))
	at := 0
	applying := true
	err = func() (err error) {
		defer contain(&err, s.log)
		defer faultsPanic()()
		s.writer.Lock()
		defer s.writer.Unlock()
		return s.db.Update(func(tx *bbolt.Tx) error {
			s.spare.arena.empty()
			for i, o := range group {
				at = i
				if results[i] = o.ctx.Err(); results[i] != nil {
					continue
				}
				u := newUnit(s, tx)
				results[i] = o.apply(u)
				if results[i] == nil {
					results[i] = u.finish()
				}
				if results[i] != nil && u.dirty {
					return errCulprit
				}
			}
			applying = false
			return nil
		})
	}()
	switch {
	case errors.Is(err, errCulprit):
		return nil, at, results[at]
	case err != nil && applying && len(group) > 0: // a panic
		return nil, at, err
	}
	return results, -1, err
}

// view runs fn in a read transaction. Nothing of the transaction may be used afterwards.
func (s *Store) view(ctx context.Context, fn func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	return classify(s.contained(fn))
}

func (s *Store) contained(fn func(tx *bbolt.Tx) error) (err error) {
	defer contain(&err, s.log)
	defer faultsPanic()()
	return s.db.View(fn)
}
