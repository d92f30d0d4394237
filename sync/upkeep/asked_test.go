package upkeep_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/storetest"
)

// TestAskedInAnyOrder does random things in a small world: mail comes in conversations and vanishes, questions are answered and
// answers taken back, people are merged and taken apart, get and lose addresses, and are erased. After each of them every mail
// must stand where a plain look at who has which address, and what was decided, puts it, and a question must be open if and
// only if something waits for it.
func TestAskedInAnyOrder(t *testing.T) {
	sequences := 25
	if os.Getenv("TSUNAGU_SOAK") != "" {
		sequences = 2000
	}
	for n := range sequences {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := &askedWorld{rig: newRigOf(t, mapping.PolicyWhenWeWroteFirst), rng: rand.New(rand.NewPCG(7, uint64(n))), erased: map[string]bool{}}
			w.run()
		})
	}
}

type askedWorld struct {
	*rig
	rng    *rand.Rand
	trace  []string
	merges []string
	erased map[string]bool
	clock  int
}

const shared, alone, nobody, office = "shared@one.example", "alone@two.example", "nobody@three.example", "desk@account.example"

func (w *askedWorld) run() {
	w.must(w.store.SaveAccounts(w.ctx, "admin", []crm.Account{{ID: "account", Name: "Account", Domains: []string{"account.example"}}}))
	w.save("p1", shared, office)
	w.save("p2", shared, office)
	w.save("p3", alone)
	steps := []func(){w.mail, w.mail, w.mail, w.mail, w.answer, w.answer, w.answer, w.takeBack, w.takeBack, w.merge, w.unmerge, w.address, w.vanish, w.erase}
	for range 20 {
		steps[w.rng.IntN(len(steps))]()
		w.read()
		if _, err := w.CatchUp(w.ctx); err != nil {
			w.failf("%v", err)
		}
		w.check()
		if w.t.Failed() {
			return
		}
	}
}

func (w *askedWorld) logf(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

func (w *askedWorld) failf(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(w.trace, "\n"))
}

func (w *askedWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, strings.Join(w.trace, "\n"))
	}
}

func (w *askedWorld) now() time.Time {
	w.clock++
	return time.Date(2026, 11, 20, 9, 0, w.clock, 0, time.UTC)
}

func (w *askedWorld) save(id string, emails ...string) {
	now := w.now()
	w.must(w.store.SavePeople(w.ctx, "admin", []crm.Person{{ID: id, Kind: crm.Lead, Name: id, Emails: emails, Created: now, Updated: now}}))
}

func (w *askedWorld) addresses() []string { return []string{shared, alone, nobody, office} }

func (w *askedWorld) pick(list []string) string { return list[w.rng.IntN(len(list))] }

func (w *askedWorld) mail() {
	them, n := w.pick(w.addresses()), len(w.box.mails)
	from, to := them, "sato@ours.example"
	if w.rng.IntN(2) == 0 {
		from, to = to, from
	}
	var refs []string
	if n > 0 && w.rng.IntN(2) == 0 {
		refs = []string{messageID(w.rng.IntN(n))}
	}
	w.box.mail(from, to, fmt.Sprint("mail ", n), refs...)
	if other := w.pick(w.addresses()); w.rng.IntN(3) == 0 && other != them {
		w.box.mails[n].Message.Cc = []crm.Mailbox{{Address: other}}
		to += "," + other
	}
	w.logf("mail %d from %s to %s answers %v", n, from, to, refs)
}

func (w *askedWorld) vanish() {
	if n := len(w.box.mails); n > 0 {
		n = w.rng.IntN(n)
		w.box.gone[n] = true
		w.logf("mail %d vanishes", n)
	}
}

func (w *askedWorld) reviews(state crm.ReviewState) []crm.Review {
	list, _, err := w.store.ListReviews(w.ctx, state, "", 100)
	w.must(err)
	return list
}

func (w *askedWorld) answer() {
	open := w.reviews(crm.ReviewOpen)
	if len(open) == 0 {
		return
	}
	r := open[w.rng.IntN(len(open))]
	var made *crm.Person
	r.State, r.DecidedBy, r.DecidedAt = crm.ReviewAccepted, "sato", w.now()
	switch holders := w.holders(r.Address); {
	case w.rng.IntN(3) == 0:
		r.State, r.Person = crm.ReviewDismissed, ""
	case r.Kind == crm.ReviewAmbiguous:
		r.Person = w.pick(holders)
	default:
		now := w.now()
		made = &crm.Person{ID: crm.DerivedID("person", "review", r.ID), Kind: crm.Contact, Name: "made", Emails: []string{r.Address}, Origin: "review", Created: now, Updated: now}
		r.Person = made.ID
	}
	w.logf("%s %s about %s: %s", r.State, r.Kind, r.Address, r.Person)
	w.must(w.store.Decide(w.ctx, "sato", r, made))
	if err := w.store.Decide(w.ctx, "suzuki", r, made); !errors.Is(err, crm.ErrConflict) {
		w.failf("answered twice: %v", err)
	}
}

func (w *askedWorld) takeBack() {
	list := append(w.reviews(crm.ReviewAccepted), w.reviews(crm.ReviewDismissed)...)
	if len(list) == 0 {
		return
	}
	r := list[w.rng.IntN(len(list))]
	r.State = crm.ReviewOpen
	err := w.store.Decide(w.ctx, "suzuki", r, nil)
	w.logf("take back %s about %s: %v", r.Kind, r.Address, err)
	if err != nil && !errors.Is(err, crm.ErrRefused) {
		w.failf("take back: %v", err)
	}
}

func (w *askedWorld) merge() {
	winner, loser := w.pick([]string{"p1", "p2", "p3"}), w.pick([]string{"p1", "p2", "p3"})
	r, err := w.store.Merge(w.ctx, "sato", crm.MergePeople, winner, loser, w.now())
	if err == nil {
		w.merges = append(w.merges, r.ID)
		w.logf("merge %s into %s", loser, winner)
	}
}

func (w *askedWorld) unmerge() {
	if n := len(w.merges); n > 0 {
		_, err := w.store.Unmerge(w.ctx, "sato", w.merges[n-1], w.now())
		w.logf("undo the last merge: %v", err)
		w.merges = w.merges[:n-1]
	}
}

// address gives somebody an address or takes it off.
func (w *askedWorld) address() {
	p, err := w.store.GetPerson(w.ctx, w.pick([]string{"p1", "p2", "p3"}))
	if err != nil {
		return
	}
	address := w.pick(w.addresses())
	if w.erased[address] {
		return
	}
	if at := slices.Index(p.Emails, address); at >= 0 {
		p.Emails = slices.Delete(slices.Clone(p.Emails), at, at+1)
	} else {
		p.Emails = append(slices.Clone(p.Emails), address)
	}
	p.Updated = w.now()
	w.must(w.store.SavePeople(w.ctx, "admin", []crm.Person{p}))
	w.logf("%s has %v", p.ID, p.Emails)
}

func (w *askedWorld) erase() {
	if w.rng.IntN(3) > 0 {
		return
	}
	address := w.pick(w.addresses())
	_, _, err := w.store.Erase(w.ctx, "it", address, w.now())
	w.must(err)
	w.erased[address] = true
	w.logf("erase %s", address)
}

func (w *askedWorld) known(address string) crm.AddressAnswer {
	answer, err := w.store.Lookup(w.ctx, crm.Question{Addresses: []string{address}})
	w.must(err)
	return answer.Addresses[address]
}

func (w *askedWorld) holders(address string) (ids []string) {
	for _, ref := range w.known(address).People {
		ids = append(ids, ref.ID)
	}
	return ids
}

// who is whose an address is by a plain look; several is true if it is in doubt.
func (w *askedWorld) who(address string) (id string, several bool) {
	known := w.known(address)
	holders := w.holders(address)
	switch {
	case known.Decision != nil && slices.Contains(holders, known.Decision.Person):
		return known.Decision.Person, false
	case len(holders) == 1:
		return holders[0], false
	}
	return "", len(holders) > 1 && known.Decision == nil
}

func (w *askedWorld) check() {
	w.t.Helper()
	storetest.Check(w.t, w.store)
	open := map[string]bool{}
	for _, r := range w.reviews(crm.ReviewOpen) {
		open[r.Address] = true
		n, err := w.store.CountPending(w.ctx, r.Address)
		w.must(err)
		id, several := w.who(r.Address)
		if n == 0 || id != "" || several != (r.Kind == crm.ReviewAmbiguous) || w.erased[r.Address] {
			w.failf("the %s question about %s is open: %d items wait, it is %q, in doubt %v", r.Kind, r.Address, n, id, several)
		}
	}
	for n := range w.box.mails {
		w.checkMail(n, open)
	}
}

// outside are the addresses outside of a mail.
func (w *askedWorld) outside(n int) (list []string) {
	m := w.box.mails[n].Message
	for _, box := range slices.Concat(m.From, m.To, m.Cc) {
		if box.Address != "sato@ours.example" {
			list = append(list, box.Address)
		}
	}
	return list
}

func (w *askedWorld) checkMail(n int, open map[string]bool) {
	entry, err := w.store.GetEntry(w.ctx, "a", fmt.Sprint(n))
	w.must(err)
	var on, held, definite []string // who is on it, who has one of its addresses, and who must be on it
	var a crm.Activity
	if entry.Activity != "" {
		a, err = w.store.GetActivity(w.ctx, entry.Activity)
		w.must(err)
		for _, p := range a.People {
			if p.ID != "" {
				on = append(on, p.ID)
			}
		}
	}
	asked := false
	for _, address := range w.outside(n) {
		id, several := w.who(address)
		held = append(held, w.holders(address)...)
		if id != "" {
			definite = append(definite, id)
		}
		if several && entry.Verdict != crm.Excluded && !w.box.gone[n] && !open[address] && !w.settled(&a, address) {
			w.failf("mail %d: %s could be several, and nobody is asked", n, address)
		}
		asked = asked || open[address]
		if d := w.known(address).Decision; a.Match.Rule == crm.RuleDecision && a.Match.Evidence == address && (d == nil || d.Person == "") {
			w.failf("mail %d rests on a decision about %s that was taken back", n, address)
		}
	}
	switch {
	case entry.Verdict == crm.Excluded:
		if len(w.erased) == 0 { // what the erased wrote goes, whoever they were
			w.failf("mail %d is excluded: %s", n, entry.Reason)
		}
	case entry.Verdict == crm.Waiting && !asked:
		w.failf("mail %d waits, and nobody is asked", n)
	case w.box.gone[n] && entry.Verdict != crm.Logged:
	case a.Match.Rule != crm.RuleDecision && slices.ContainsFunc(on, func(id string) bool { return a.Match.Rule == crm.RuleThread || slices.Contains(held, id) }):
		// what a conversation told stays, and so does what was theirs alone before others had the address, too
	case len(definite) > 0 && (entry.Verdict != crm.Logged || !slices.ContainsFunc(definite, func(id string) bool { return slices.Contains(on, id) })):
		w.failf("mail %d is %s (%s) on %v, want it on %v", n, entry.Verdict, entry.Reason, on, definite)
	case entry.Verdict == crm.Logged && len(on) == 0 && len(a.Accounts) == 0 && a.Match.Rule == "" && !w.box.gone[n]:
		w.failf("mail %d is logged on nobody, and its source still has it", n)
	}
}

// settled says whether the conversation, or what was known before, tells who of several has the address.
func (w *askedWorld) settled(a *crm.Activity, address string) bool {
	return slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.Address == address && p.ID != "" })
}
