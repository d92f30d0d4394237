package quota

import (
	"cmp"
	"container/list"
	"slices"
)

// The lanes of a limit.
const (
	news = iota
	history
)

// waiter is somebody who wants to spend.
type waiter struct {
	cost   int
	lane   int
	group  string // the first limit named
	number uint64 // who came first has the lower one
	limits []*limit
	at     *limit        // where he is parked; nil when he is not
	ready  chan struct{} // closed when he may go
}

// lane holds who is parked: the groups in the order of their turns, and in each its waiters by number.
type lane struct {
	turns  *list.List // of []*waiter; nil while nobody is parked
	groups map[string]*list.Element
}

func (l *lane) first() *waiter {
	if l.turns == nil {
		return nil
	}
	return waiters(l.turns.Front())[0]
}

// add parks w behind those of its group who came before, and a new group behind all others.
func (l *lane) add(w *waiter) {
	if l.turns == nil {
		l.turns, l.groups = list.New(), make(map[string]*list.Element)
	}
	e := l.groups[w.group]
	if e == nil {
		l.groups[w.group] = l.turns.PushBack([]*waiter{w})
		return
	}
	group := waiters(e)
	at, _ := slices.BinarySearchFunc(group, w.number, func(o *waiter, n uint64) int { return cmp.Compare(o.number, n) })
	e.Value = slices.Insert(group, at, w)
}

// remove takes w out; the others of its group keep their turn.
func (l *lane) remove(w *waiter) {
	e := l.groups[w.group]
	if e == nil {
		return
	}
	group := slices.DeleteFunc(waiters(e), func(o *waiter) bool { return o == w })
	if e.Value = group; len(group) > 0 {
		return
	}
	l.turns.Remove(e)
	delete(l.groups, w.group)
	if len(l.groups) == 0 {
		l.turns, l.groups = nil, nil
	}
}

// serve takes w out and gives the turn to the next group.
func (l *lane) serve(w *waiter) {
	if e := l.groups[w.group]; e != nil {
		l.turns.MoveToBack(e)
		l.remove(w)
	}
}

func waiters(e *list.Element) []*waiter {
	group, _ := e.Value.([]*waiter)
	return group
}
