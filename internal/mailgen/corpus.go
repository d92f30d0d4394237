package mailgen

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"
)

// Corpus is a mailbox's worth of mail. Its zero value is not useful: N, World and End must be set.
type Corpus struct {
	Seed   uint64
	N      int       // how many mails
	Rep    int       // whose mailbox it is, an index into World.Reps
	World  *World    //
	End    time.Time // the last mail's time; the mails before lie about half an hour apart
	Shares Shares
}

// Shares says with whom the mails are exchanged that people write to each other; the rest is with strangers.
type Shares struct{ Known, Domain, Internal float64 }

// DefaultShares are those of Generate.
func DefaultShares() Shares { return Shares{Known: 0.7, Domain: 0.1, Internal: 0.08} }

// Generate writes n mails between the first rep of DefaultWorld and everybody else, oldest first. The last
// one comes in at 2026-11-01.
func Generate(seed uint64, n int) iter.Seq[Mail] {
	return Corpus{
		Seed: seed, N: n, World: DefaultWorld(), Shares: DefaultShares(),
		End: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	}.Mails()
}

// DefaultWorld is the world of Generate: 200 accounts with five contacts each.
func DefaultWorld() *World { return NewWorld(1, 200, 5) }

// Mails writes the mails, oldest first. Every call starts anew and gives the same.
func (c Corpus) Mails() iter.Seq[Mail] {
	return func(yield func(Mail) bool) {
		w := &writer{c: c, deck: newDeck(c.Seed)}
		for i := range c.N {
			if !yield(w.mail(i, w.deck.next())) {
				return
			}
		}
	}
}

// Sample writes one mail of each feature, in the order of Features.
func (c Corpus) Sample() iter.Seq[Mail] {
	return func(yield func(Mail) bool) {
		features := allFeatures()
		c.N = len(features)
		w := &writer{c: c}
		for i, f := range features {
			if !yield(w.mail(i, f)) {
				return
			}
		}
	}
}

// Feature is a way of writing a mail down, and how many mails of a thousand have it.
type Feature struct {
	Name     string
	PerMille int
}

// Features lists all features.
func Features() []Feature {
	var out []Feature
	for _, f := range allFeatures() {
		out = append(out, Feature{f.name, f.perMille})
	}
	return out
}

// writer remembers the threads that are under way.
type writer struct {
	c       Corpus
	deck    *deck
	threads []thread // at most maxThreads, the oldest is overwritten first
	written int
}

const maxThreads = 64

type thread struct {
	tongue   tongue
	subject  string // without Re:
	other    Person
	relation Relation
	chain    []string // message ids
}

// mail writes the i-th mail. Each has random numbers of its own, so that one mail's making does not change
// the next.
func (w *writer) mail(i int, f feature) Mail {
	rng := rand.New(rand.NewPCG(w.c.Seed, uint64(i)))
	d := &draft{rng: rng, world: w.c.World, cs: utf8Charset(), override: map[string][]string{}}
	d.tongue = f.tongue(rng)
	step := 30 * time.Minute
	d.date = w.c.End.Add(-time.Duration(w.c.N-1-i) * step).Add(-time.Duration(rng.IntN(1700)) * time.Second).Truncate(time.Second)
	d.messageID = fmt.Sprintf("%08X.%016X@mail.%s", i, rng.Uint64(), w.c.World.OwnDomain)
	d.outgoing = !f.incoming && rng.Float64() < 0.26
	w.address(d)
	if f.threaded() && rng.Float64() < 0.4 {
		w.reply(d)
	}
	d.write()
	f.build(d)
	m := d.finish(f.name)
	m.Folder = folderFor(rng, d.outgoing)
	if f.threaded() && m.Truth.MessageID != "" && m.Truth.Relation != Internal {
		w.remember(d)
	}
	return m
}

// address chooses who writes to whom.
func (w *writer) address(d *draft) {
	rep, world := w.c.World.Reps[w.c.Rep], w.c.World
	other, relation := w.counterpart(d)
	rep, other = rep.writing(d.tongue), other.writing(d.tongue)
	d.truth.Relation = relation
	d.from, d.to = other, rep
	if d.outgoing {
		d.from, d.to = rep, other
	}
	if d.rng.Float64() < 0.2 {
		d.cc = append(d.cc, world.Reps[(w.c.Rep+1)%len(world.Reps)].writing(d.tongue))
	}
}

func (w *writer) counterpart(d *draft) (Person, Relation) {
	world, rng := w.c.World, d.rng
	roll := rng.Float64()
	s := w.c.Shares
	switch {
	case roll < s.Known && len(world.Contacts) > 0:
		return matching(rng, world.Contacts, d.tongue), Known
	case roll < s.Known+s.Domain && len(world.Accounts) > 0:
		a := matching(rng, world.Contacts, d.tongue).Account
		p := makePerson(rng, world.Accounts[a], a, 0)
		p.Email = "new." + p.Email
		return p, Domain
	case roll < s.Known+s.Domain+s.Internal:
		return world.Reps[(w.c.Rep+1+rng.IntN(len(world.Reps)-1))%len(world.Reps)], Internal
	default:
		a := Account{Domain: fmt.Sprintf("stranger%d.example", rng.IntN(100_000)), Japanese: d.tongue == inJapanese}
		return makePerson(rng, a, -1, 0), Unknown
	}
}

// matching picks somebody who would write in the language; names in the extended charsets go with Japanese.
func matching(rng *rand.Rand, people []Person, t tongue) Person {
	for range 20 {
		if p := pick(rng, people); p.Japanese == (t == inJapanese) {
			return p
		}
	}
	return pick(rng, people)
}

// reply makes the draft an answer in a thread of the same language, if there is one.
func (w *writer) reply(d *draft) {
	if len(w.threads) == 0 {
		return
	}
	t := &w.threads[d.rng.IntN(len(w.threads))]
	if t.tongue != d.tongue {
		return
	}
	d.truth.Relation = t.relation
	if d.outgoing {
		d.to = t.other
	} else {
		d.from = t.other
	}
	d.subject = "Re: " + t.subject
	d.references = append([]string(nil), t.chain[max(0, len(t.chain)-10):]...)
}

func (w *writer) remember(d *draft) {
	other := d.from
	if d.outgoing {
		other = d.to
	}
	t := thread{
		tongue: d.tongue, subject: strings.TrimPrefix(d.subject, "Re: "), other: other, relation: d.truth.Relation,
		chain: append(append([]string(nil), d.references...), d.messageID),
	}
	if len(w.threads) < maxThreads {
		w.threads = append(w.threads, t)
	} else {
		w.threads[w.written%maxThreads] = t
	}
	w.written++
}

func folderFor(rng *rand.Rand, outgoing bool) string {
	roll := rng.Float64()
	switch {
	case outgoing && roll < 0.7:
		return Sent
	case outgoing || roll > 0.95:
		return Japanese
	default:
		return Inbox
	}
}
