package engine

import (
	"container/heap"
	"sync"
	"time"
)

// queue holds what this process knows better than the store: sources that told of news, sources that want
// to go on with history, and alarms. It loses nothing that matters when the process dies, since every
// source also has its due time in the store.
type queue struct {
	mu      sync.Mutex
	ready   []string        // told of news, in order
	history []string        // gave up their place, in order
	listed  map[string]bool // in ready
	behind  map[string]bool // in history
	passing map[string]int  // passes under way
	again   map[string]bool // got news while a pass was under way
	alarms  alarms
	poke    chan struct{} // holds one token when there may be something to do
}

func (q *queue) init() {
	q.listed, q.behind = make(map[string]bool), make(map[string]bool)
	q.passing, q.again = make(map[string]int), make(map[string]bool)
	q.poke = make(chan struct{}, 1)
}

func (q *queue) nudge() {
	select {
	case q.poke <- struct{}{}:
	default:
	}
}

// push says that a source may have news.
func (q *queue) push(id string) {
	q.mu.Lock()
	q.add(id)
	q.mu.Unlock()
	q.nudge()
}

func (q *queue) add(id string) {
	switch {
	case q.passing[id] > 0:
		q.again[id] = true
	case !q.listed[id]:
		q.listed[id] = true
		q.ready = append(q.ready, id)
	}
}

// alarm is push at a later time; never if at is zero.
func (q *queue) alarm(id string, at time.Time) {
	if at.IsZero() {
		return
	}
	q.mu.Lock()
	heap.Push(&q.alarms, alarm{id, at})
	q.mu.Unlock()
	q.nudge()
}

// postpone puts a source behind all that has news or is due. It is listed once, however often it comes to its
// turn by its due time before the list gets to it.
func (q *queue) postpone(id string) {
	q.mu.Lock()
	if !q.behind[id] {
		q.behind[id] = true
		q.history = append(q.history, id)
	}
	q.mu.Unlock()
	q.nudge()
}

// begin and end frame a pass. News that came in between makes the source ready again.
func (q *queue) begin(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.passing[id]++
}

func (q *queue) end(id string) {
	q.mu.Lock()
	if q.passing[id]--; q.passing[id] <= 0 {
		delete(q.passing, id)
		if q.again[id] {
			delete(q.again, id)
			q.add(id)
		}
	}
	q.mu.Unlock()
	q.nudge()
}

// takeReady takes the source that told of news first. Alarms that have come count as news.
func (q *queue) takeReady(now time.Time) (string, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.alarms) > 0 && !q.alarms[0].at.After(now) {
		q.add(q.alarms[0].id)
		heap.Pop(&q.alarms)
	}
	id, ok := take(&q.ready)
	delete(q.listed, id)
	return id, ok
}

func (q *queue) takeHistory() (string, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id, ok := take(&q.history)
	delete(q.behind, id)
	return id, ok
}

// pending says whether a source waits that told of news or reads history.
func (q *queue) pending() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ready)+len(q.history) > 0
}

// nextAlarm is when the next alarm rings; zero if there is none.
func (q *queue) nextAlarm() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.alarms) == 0 {
		return time.Time{}
	}
	return q.alarms[0].at
}

func take(ids *[]string) (string, bool) {
	if len(*ids) == 0 {
		return "", false
	}
	id := (*ids)[0]
	if *ids = (*ids)[1:]; len(*ids) == 0 {
		*ids = nil // lets go of what was taken
	}
	return id, true
}

type alarm struct {
	id string
	at time.Time
}

type alarms []alarm

func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a alarms) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)        { *a = append(*a, x.(alarm)) } //nolint:errcheck,forcetypeassert // only alarm pushes
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}
