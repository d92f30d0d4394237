package imap

import (
	"slices"
	"sync"
	"time"
)

// The width of the flow: how many ranges are on their way at the same time. Three answers of texts keep a server
// busy over a line of 20 ms and more; the structures go as far ahead of them.
const (
	textsAhead      = 3
	structuresAhead = 3
)

// carryLimit is how long what is on its way waits for the next reading. A source that is not read on after a
// batch gives its memory back then.
const carryLimit = 2 * time.Second

// flow is what is on its way from the server out of the open folder. It outlives a reading: while the last texts
// of one batch come, the first of the next are asked for, so that the line is never idle between batches.
// Nothing depends on it: what no reading adopts is forgotten and asked for again.
type flow struct {
	tap *tap

	mu      sync.Mutex
	waiting map[uint32]*message // asked for, being filled
	phases  []*phase            // of the reading under way, or left over from the last one; in the order asked
	sent    int                 // commands sent so far, which orders phases
	alone   uint32              // asked for whole, by itself; 0 for none
	running bool                // a reading has it
	forget  *time.Timer
}

// stage is how far a range is.
type stage int

const (
	stageStructures stage = iota // asked for
	stageKnown                   // here
	stageTexts                   // asked for
)

// phase is a range of messages on its way.
type phase struct {
	uids     []uint32
	stage    stage
	order    int // of its last command
	ends     []<-chan error
	messages []*message // those of uids whose texts were asked for
	limits   map[string]int64
	cost     int64 // bytes of the texts, as announced
	own      bool  // it belongs to the reading under way, not to the one that follows
}

func newFlow(t *tap) *flow { return &flow{tap: t, waiting: make(map[uint32]*message)} }

// begin hands the flow to a reading and adopts what is on its way of uids, the messages that are to be read in
// this order; own of them belong to the reading itself. It gives the number of messages adopted. What does not
// fit is forgotten.
func (f *flow) begin(uids []uint32, own int) (adopted int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forget != nil {
		f.forget.Stop()
	}
	f.running = true
	fit := 0
	for _, p := range f.phases {
		end := adopted + len(p.uids)
		if end > len(uids) || adopted < own && end > own || !slices.Equal(p.uids, uids[adopted:end]) {
			break
		}
		p.own = adopted < own
		adopted = end
		fit++
	}
	f.cut(fit)
	f.tap.listen(f.receive)
	return adopted
}

// beginAlone hands the flow to a reading that asks for one message whole. The rest stays on its way.
func (f *flow) beginAlone(uid uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forget != nil {
		f.forget.Stop()
	}
	f.running, f.alone = true, uid
	f.waiting[uid] = &message{uid: uid}
	f.tap.listen(f.receive)
}

// pause ends a reading. What is left of the flow is kept for the next one, but not for long.
func (f *flow) pause() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running, f.alone = false, 0
	if len(f.phases) == 0 {
		f.tap.listen(nil)
		return
	}
	f.forget = time.AfterFunc(carryLimit, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.running {
			f.cut(0)
			f.tap.listen(nil)
		}
	})
}

// drop forgets everything that is on its way. Answers that still come find nobody who waits for them.
func (f *flow) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forget != nil {
		f.forget.Stop()
	}
	f.cut(0)
	if !f.running {
		f.tap.listen(nil)
	}
}

// cut forgets the phases from index n on.
func (f *flow) cut(n int) {
	for _, p := range f.phases[n:] {
		for _, uid := range p.uids {
			delete(f.waiting, uid)
		}
	}
	clear(f.phases[n:])
	f.phases = f.phases[:n]
}

// receive takes a FETCH answer in. It runs on the reading goroutine of the connection.
func (f *flow) receive(got fetched) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.waiting[got.uid]
	if got.uid == 0 && got.whole() { // a server that forgets to repeat the UID
		m = f.waiting[f.alone]
	}
	if m != nil {
		m.merge(got)
	}
}

// expect makes room for answers about uids.
func (f *flow) expect(uids []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, uid := range uids {
		f.waiting[uid] = &message{uid: uid}
	}
}

// take ends the waiting for uids and gives what has come of them, in order.
func (f *flow) take(uids []uint32) []*message {
	f.mu.Lock()
	defer f.mu.Unlock()
	messages := make([]*message, 0, len(uids))
	for _, uid := range uids {
		if m := f.waiting[uid]; m != nil {
			messages = append(messages, m)
			delete(f.waiting, uid)
		}
	}
	return messages
}

// split cuts the phase at index i, whose structures are here, in two before its message k.
func (f *flow) split(i, k int) {
	p := f.phases[i]
	if k > 0 {
		rest := &phase{uids: p.uids[k:], stage: stageKnown, own: p.own}
		p.uids = p.uids[:k]
		f.phases = slices.Insert(f.phases, i+1, rest)
	}
}

// ask sends for the structures of a range that comes after all others.
func (f *flow) ask(uids []uint32, own bool) error {
	f.expect(uids)
	p := &phase{uids: uids, own: own}
	f.phases = append(f.phases, p)
	return f.send(p, []string{structureCommand(uids)})
}

// askTexts sends for the texts of a range whose structures are here and which was planned.
func (f *flow) askTexts(p *phase) error {
	var commands []string
	commands, p.limits = textCommands(p.messages)
	p.stage = stageTexts
	return f.send(p, commands)
}

func (f *flow) send(p *phase, commands []string) (err error) {
	f.sent++
	p.order = f.sent
	p.ends, err = f.tap.send(commands)
	return err
}

// next gives the phase whose answer comes first; nil if none is due.
func (f *flow) next() *phase {
	var first *phase
	for _, p := range f.phases {
		if p.stage != stageKnown && (first == nil || p.order < first.order) {
			first = p
		}
	}
	return first
}
