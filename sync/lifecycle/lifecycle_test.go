package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// queue is a store that keeps no more than the queue and what followed. It can fail on cue.
type queue struct {
	mu       sync.Mutex
	people   map[string]crm.Person
	marks    map[string]mark
	next     uint64
	followed []crm.Followed
	records  map[string]string
	all      int // how often everybody was marked
	fail     error
	away     error            // what storing anything fails with
	refuse   map[string]error // what storing somebody fails with, unless they are kept
	unread   map[string]error // what reading somebody fails with
}

type mark struct {
	n  uint64
	at time.Time
}

func newQueue(people ...crm.Person) *queue {
	q := &queue{people: map[string]crm.Person{}, marks: map[string]mark{}, records: map[string]string{}}
	for _, p := range people {
		q.people[p.ID] = p
	}
	return q
}

func (q *queue) mark(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next++
	q.marks[id] = mark{q.next, time.Now()}
}

func (q *queue) NextFollowing(_ context.Context, _, markedBefore time.Time, limit int, but map[string]bool) (out []crm.Following, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail != nil {
		return nil, q.fail
	}
	for id, m := range q.marks {
		if m.at.Before(markedBefore) && !but[id] {
			if err := q.unread[id]; err != nil {
				out = append(out, crm.Following{ID: id, Mark: m.n, Err: err})
				continue
			}
			p := q.people[id]
			out = append(out, crm.Following{ID: id, Mark: m.n, Person: &p})
		}
	}
	slices.SortFunc(out, func(a, b crm.Following) int { return cmp.Compare(a.Mark, b.Mark) })
	return out[:min(limit, len(out))], nil
}

func (q *queue) Follow(_ context.Context, list []crm.Followed) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away != nil {
		return q.away
	}
	for _, f := range list {
		if err := q.refuse[f.ID]; err != nil && !f.Keep {
			return err
		}
	}
	for _, f := range list {
		q.followed = append(q.followed, f)
		if q.marks[f.ID].n == f.Mark {
			delete(q.marks, f.ID)
		}
	}
	return nil
}

func (q *queue) MarkAll(context.Context, time.Time) error {
	q.mu.Lock()
	q.all++
	q.mu.Unlock()
	for id := range q.people {
		q.mark(id)
	}
	return nil
}

func (q *queue) Loads(context.Context) (map[string]crm.Load, error) {
	return map[string]crm.Load{}, nil
}

func (q *queue) PutSealed(_ context.Context, name string, value []byte) error {
	q.records[name] = string(value)
	return nil
}

func (q *queue) GetSealed(_ context.Context, name string) ([]byte, error) {
	if value, ok := q.records[name]; ok {
		return []byte(value), nil
	}
	return nil, crm.ErrNotFound
}

func (q *queue) done() (ids []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.followed {
		ids = append(ids, f.ID)
	}
	return ids
}

func rulesOf(t *testing.T, section life.Document) *life.Rules {
	t.Helper()
	m, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}}, mapping.Document{Lifecycle: section})
	if len(problems) > 0 {
		t.Fatalf("make rules: %v", problems)
	}
	return m.Life()
}

func lead(name string) crm.Person {
	now := time.Now().UTC()
	return crm.Person{ID: crm.DerivedID("test", name), Kind: crm.Lead, Name: name, Status: crm.StatusNew, Created: now, Updated: now}
}

func TestEverybodyIsFollowedOnceForNewRules(t *testing.T) {
	q := newQueue(lead("会田"), lead("青木"))
	rules := rulesOf(t, life.Document{})
	config := Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x"}
	if n, err := New(config).CatchUp(t.Context()); err != nil || n != 2 {
		t.Fatalf("followed %d, %v; want both", n, err)
	}
	if n, err := New(config).CatchUp(t.Context()); err != nil || n != 0 || q.all != 1 {
		t.Errorf("after a restart %d were followed (%v), everybody was marked %d times; want nobody, once", n, err, q.all)
	}
	rules = rulesOf(t, life.Document{FollowUp: life.FollowUp{After: "10d"}})
	if n, err := New(config).CatchUp(t.Context()); err != nil || n != 2 {
		t.Errorf("under other rules %d were followed (%v); want both", n, err)
	}
}

func TestAMarkRestsAMomentAndIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(lead("会田"))
		var id string
		for id = range q.people {
		}
		rules := rulesOf(t, life.Document{})
		q.records["x"] = rules.Hash()
		var seen []string
		f := New(Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x", Changed: func(ids []string) { seen = append(seen, ids...) }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		q.mark(id)
		time.Sleep(settling / 2)
		synctest.Wait()
		if got := q.done(); len(got) != 0 {
			t.Errorf("followed %v before the mark had rested", got)
		}
		time.Sleep(2 * look)
		synctest.Wait()
		if got := q.done(); !slices.Equal(got, []string{id}) || !slices.Equal(seen, got) {
			t.Errorf("followed %v, told of %v; want the one", got, seen)
		}
		q.mu.Lock()
		q.fail = errors.New("the disk is away")
		q.mu.Unlock()
		q.mark(id)
		time.Sleep(3 * look)
		q.mu.Lock()
		q.fail = nil
		q.mu.Unlock()
		time.Sleep(2 * afterBad)
		synctest.Wait()
		if got := q.done(); len(got) != 2 {
			t.Errorf("followed %d times, want twice: the failure must not end it", len(got))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run ended with %v", err)
		}
	})
}

func TestOneWhoMakesUsFailHoldsUpNobody(t *testing.T) {
	q := newQueue(lead("会田"), lead("青木"))
	for id := range q.people {
		q.mark(id)
	}
	rules := rulesOf(t, life.Document{})
	q.records["x"] = rules.Hash()
	f := New(Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x"})
	f.ask = func(r *life.Rules, one crm.Following, around *life.Around) crm.Followed {
		if one.Person.Name == "会田" {
			panic("a mistake of ours")
		}
		return r.Follow(one, around)
	}
	if n, err := f.CatchUp(t.Context()); err != nil || n != 2 {
		t.Fatalf("followed %d, %v; want both", n, err)
	}
	kept := 0
	for _, got := range q.followed {
		if got.Keep {
			kept++
		}
		if got.Keep && !got.Standing.Look.After(time.Now()) {
			t.Errorf("%s is not looked at again", got.ID)
		}
	}
	if kept != 1 {
		t.Errorf("%d were left as they are, want the one", kept)
	}
}

func TestOneWhoCannotBeReadOrStoredHoldsUpNobody(t *testing.T) {
	bad, broken := lead("会田"), lead("井上")
	q := newQueue(bad, broken, lead("青木"), lead("上田"))
	q.refuse = map[string]error{bad.ID: errors.New("encode audit record: year outside of range")}
	q.unread = map[string]error{broken.ID: crm.ErrCorrupt}
	for id := range q.people {
		q.mark(id)
	}
	rules := rulesOf(t, life.Document{})
	q.records["x"] = rules.Hash()
	f := New(Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x"})
	q.away = errors.New("the disk is away")
	if _, err := f.CatchUp(t.Context()); !errors.Is(err, q.away) || len(q.marks) != 4 {
		t.Errorf("with the store away: %v, %d are marked", err, len(q.marks))
	}
	q.away = nil
	if n, err := f.CatchUp(t.Context()); err != nil || n != 4 || len(q.marks) != 0 {
		t.Fatalf("followed %d, %v, %d are left; want all", n, err, len(q.marks))
	}
	for _, got := range q.followed {
		if want := got.ID == bad.ID || got.ID == broken.ID; got.Keep != want || want && !got.Standing.Look.After(time.Now()) {
			t.Errorf("%s: kept %v, looked at again %s", q.people[got.ID].Name, got.Keep, got.Standing.Look)
		}
	}
}

// slowQueue is a queue on which somebody changes something between the reading and the storing of a piece.
type slowQueue struct {
	*queue
	storing func()
}

func (q *slowQueue) Follow(ctx context.Context, list []crm.Followed) error {
	q.storing()
	return q.queue.Follow(ctx, list)
}

func TestWhoeverIsReadAheadIsFollowedOnceAndByTheLatestKnowledge(t *testing.T) {
	var people []crm.Person
	for i := range 2*wholesale + 7 {
		people = append(people, lead(fmt.Sprint("lead ", i)))
	}
	q := &slowQueue{queue: newQueue(people...)}
	rules := rulesOf(t, life.Document{})
	q.records["x"] = rules.Hash()
	for i := range people {
		q.mark(people[i].ID)
	}
	late := people[wholesale+3].ID // of the second piece, which is read while the first is stored
	once := false
	q.storing = func() {
		if !once {
			once = true
			q.mark(late)
		}
	}
	n, err := New(Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x"}).CatchUp(t.Context())
	if err != nil || len(q.marks) != 0 {
		t.Fatalf("followed %d, %v, %d are left", n, err, len(q.marks))
	}
	times := map[string]int{}
	for _, id := range q.done() {
		times[id]++
	}
	for i := range people {
		if got := times[people[i].ID]; got != 1 && people[i].ID != late || got == 0 {
			t.Errorf("%s was followed %d times", people[i].Name, got)
		}
	}
}

func TestWaitingForOthersWhoFollowEnds(t *testing.T) {
	q := newQueue(lead("会田"))
	rules := rulesOf(t, life.Document{})
	f := New(Config{Store: q, Rules: func() *life.Rules { return rules }, Record: "x"})
	if err := f.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.CatchUp(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ended with %v", err)
	}
	f.end()
	if n, err := f.CatchUp(t.Context()); err != nil || n != 1 {
		t.Errorf("afterwards %d were followed, %v", n, err)
	}
}
