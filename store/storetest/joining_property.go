package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testJoiningOrders does sequences of random things in a small world: mails come and are read again, people and accounts are merged
// and taken apart, leads are converted, conversions are undone, records are saved, in any order. After each of them no mail may be
// lost or doubled, and everybody on one must be whoever has the address. At the end all is undone in reverse order: the
// world must be the one of the start.
func testJoiningOrders(t *testing.T, open func(t *testing.T) Store) {
	sequences, perStore := 200, 40
	if os.Getenv("TSUNAGU_SOAK") != "" {
		sequences = 10_000
	}
	for from := 0; from < sequences && !t.Failed(); from += perStore {
		t.Run(fmt.Sprint("from ", from), func(t *testing.T) {
			w := newWorld(t, open(t))
			for n := from; n < min(from+perStore, sequences) && !t.Failed(); n++ {
				newJoinWorld(w, n).run()
			}
			Check(t, w.s)
		})
	}
}

// joinWorld is a small world in a store that others share.
type joinWorld struct {
	*world
	n        int
	rng      *rand.Rand
	trace    []string
	people   map[string]crm.Person  // at the start
	accounts map[string]crm.Account // at the start
	notes    map[string]string      // what was saved last of a record
	mails    map[string][]string    // addresses on each
	done     []joinDone             // not undone yet, in the order they were done
	stays    map[string]bool        // accounts of conversions that may stay
	founded  []string               // accounts that conversions made
}

// joinDone is a merge or a conversion.
type joinDone struct {
	id         string
	conversion bool
	account    string // that the conversion made
}

func newJoinWorld(w *world, n int) *joinWorld {
	j := &joinWorld{world: w, n: n, rng: rand.New(rand.NewPCG(4, uint64(n))), people: map[string]crm.Person{}, accounts: map[string]crm.Account{},
		notes: map[string]string{}, mails: map[string][]string{}, stays: map[string]bool{}}
	account := func(name, parent string) {
		a := crm.Account{ID: j.id(name), Name: "株式会社" + name, Domains: []string{j.domain(name)}, Created: w.now, Updated: w.now}
		if parent != "" {
			a.Parent = j.id(parent)
		}
		j.accounts[a.ID] = a
		w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{a}))
	}
	person := func(name, account string, addresses ...string) {
		p := crm.Person{ID: j.id(name), Kind: crm.Lead, Name: "人 " + name, Company: "会社 " + name, Status: crm.StatusNew, Created: w.now, Updated: w.now}
		if account != "" {
			p.Kind, p.Company, p.Status = crm.Contact, "", ""
			if account != "-" {
				p.AccountID = j.id(account)
			}
		}
		for _, address := range addresses {
			p.Emails = append(p.Emails, name+"@"+j.domain(address))
		}
		if j.rng.IntN(2) == 0 {
			p.Title, p.Kana = "課長 "+name, "カナ"
		}
		if j.rng.IntN(3) == 0 {
			p.Custom = map[string]string{"size": name}
		}
		j.people[p.ID] = p
		w.savePeople(p)
	}
	account("x", "")
	account("y", "x")
	account("z", "y")
	person("a", "", "x")
	person("b", "", "y", "free")
	person("c", "", "free")
	person("d", "x", "x")
	person("e", "y", "y", "z")
	person("f", "-", "free")
	return j
}

func (j *joinWorld) id(name string) string     { return crm.DerivedID("joining", fmt.Sprint(j.n), name) }
func (j *joinWorld) domain(name string) string { return fmt.Sprintf("%s%d.example.jp", name, j.n) }

func (j *joinWorld) logf(format string, args ...any) {
	j.trace = append(j.trace, fmt.Sprintf(format, args...))
}

func (j *joinWorld) failf(format string, args ...any) {
	j.t.Helper()
	j.t.Fatalf("sequence %d: %s\n%s", j.n, fmt.Sprintf(format, args...), j.readable(strings.Join(j.trace, "\n")))
}

// readable puts names in the place of ids.
func (j *joinWorld) readable(text string) string {
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "x", "y", "z"} {
		text = strings.ReplaceAll(text, j.id(name), name)
	}
	return text
}

func (j *joinWorld) run() {
	for range 6 + j.rng.IntN(14) {
		steps := []func(){j.log, j.log, j.log, j.mergeTwo, j.mergeTwo, j.mergeTwoAccounts, j.convert, j.undoAny, j.undoAny, j.save}
		steps[j.rng.IntN(len(steps))]()
		j.check()
	}
	j.checkNumbers() // while merges stand
	for len(j.done) > 0 {
		last := j.done[len(j.done)-1]
		if err := j.undo(last); err != nil {
			j.failf("the last one cannot be undone: %v", err)
		}
		j.done = j.done[:len(j.done)-1]
		j.check()
	}
	j.checkStart()
}

func pickOne[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// addresses are all that anybody has, and one that nobody has.
func (j *joinWorld) addresses() []string {
	var out []string
	for _, p := range j.people {
		out = append(out, p.Emails...)
	}
	slices.Sort(out)
	return append(out, "unknown@"+j.domain("x"), "unknown@"+j.domain("z"))
}

func (j *joinWorld) log() {
	name := fmt.Sprintf("%d/%d", j.n, j.rng.IntN(8))
	claim := pickOne(j.rng, []crm.Claim{j.a, j.b})
	if j.mails[name] == nil {
		from := []string{pickOne(j.rng, j.addresses())}
		if cc := pickOne(j.rng, j.addresses()); cc != from[0] && j.rng.IntN(2) == 0 {
			from = append(from, cc)
		}
		j.mails[name] = from
	}
	j.logf("mail %s from %v in %s", name, j.mails[name], claim.Source.ID)
	j.commit(claim, j.mail(claim, name, name, j.mails[name]...))
}

// livePeople are those who are there now, ordered by id.
func (j *joinWorld) livePeople() (out []crm.Person) {
	for id := range j.people {
		if p, err := j.s.GetPerson(j.ctx, id); err == nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b crm.Person) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (j *joinWorld) liveAccounts() (out []crm.Account) {
	ids := slices.Clone(j.founded)
	for id := range j.accounts {
		ids = append(ids, id)
	}
	for _, id := range ids {
		if a, err := j.s.GetAccount(j.ctx, id); err == nil {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b crm.Account) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}

// later is a moment after all before.
func (j *joinWorld) later() time.Time {
	j.now = j.now.Add(time.Second)
	return j.now
}

func (j *joinWorld) merged(kind crm.MergeKind, winner, loser string) {
	r, err := j.s.Merge(j.ctx, "sato", kind, winner, loser, j.later())
	j.logf("merge %s: %s <- %s = %s, %v", kind, winner, loser, r.ID, err)
	if err == nil {
		j.done = append(j.done, joinDone{id: r.ID})
	} else if !errors.Is(err, crm.ErrRefused) {
		j.failf("merge: %v", err)
	}
}

func (j *joinWorld) mergeTwo() {
	live := j.livePeople()
	winner, loser := pickOne(j.rng, live), pickOne(j.rng, live)
	if winner.ID != loser.ID {
		j.merged(crm.MergePeople, winner.ID, loser.ID)
	}
}

func (j *joinWorld) mergeTwoAccounts() {
	live := j.liveAccounts()
	winner, loser := pickOne(j.rng, live), pickOne(j.rng, live)
	if winner.ID != loser.ID {
		j.merged(crm.MergeAccounts, winner.ID, loser.ID)
	}
}

func (j *joinWorld) convert() {
	live := j.livePeople()
	plan := crm.ConversionPlan{Person: pickOne(j.rng, live).ID}
	switch j.rng.IntN(3) {
	case 0:
		plan.Account = pickOne(j.rng, j.liveAccounts()).ID
	case 1:
		plan.Contact = pickOne(j.rng, live).ID
	}
	if j.rng.IntN(2) == 0 {
		plan.Opportunity = &crm.Opportunity{Name: "商談"}
	}
	if plan.Contact == plan.Person {
		plan.Contact = ""
	}
	c, err := j.s.Convert(j.ctx, "sato", plan, j.later())
	j.logf("convert %s into account %q contact %q = %s, account %s, %v", plan.Person, plan.Account, plan.Contact, c.ID, c.Account, err)
	switch {
	case err == nil:
		done := joinDone{id: c.ID, conversion: true}
		if c.NewAccount {
			done.account = c.Account
			j.founded = append(j.founded, c.Account)
		}
		j.done = append(j.done, done)
	case !errors.Is(err, crm.ErrRefused):
		j.failf("convert: %v", err)
	}
}

func (j *joinWorld) undo(d joinDone) error {
	var err error
	if d.conversion {
		_, err = j.s.UndoConversion(j.ctx, "suzuki", d.id, j.later())
	} else {
		_, err = j.s.Unmerge(j.ctx, "suzuki", d.id, j.later())
	}
	j.logf("undo %s: %v", d.id, err)
	return err
}

// undoAny undoes anything; what stands in the way of it is named.
func (j *joinWorld) undoAny() {
	if len(j.done) == 0 {
		return
	}
	at := j.rng.IntN(len(j.done))
	d := j.done[at]
	err := j.undo(d)
	switch {
	case err == nil:
		if j.done = slices.Delete(j.done, at, at+1); at < len(j.done) && d.account != "" {
			j.stays[d.account] = true
		}
	case !errors.Is(err, crm.ErrRefused):
		j.failf("undo: %v", err)
	case at == len(j.done)-1:
		j.failf("nothing came after it: %v", err)
	}
}

// save notes something in a record, which stays whatever is undone.
func (j *joinWorld) save() {
	note := fmt.Sprint(len(j.trace))
	if j.rng.IntN(2) == 0 {
		p := pickOne(j.rng, j.livePeople())
		p.Custom = noted(p.Custom, note)
		j.notes[p.ID] = note
		j.logf("save %s with %s", p.ID, note)
		j.savePeople(p)
		return
	}
	a := pickOne(j.rng, j.liveAccounts())
	a.Custom = noted(a.Custom, note)
	j.notes[a.ID], j.stays[a.ID] = note, true
	j.logf("save %s with %s", a.ID, note)
	j.ok(j.s.SaveAccounts(j.ctx, "cli", []crm.Account{a}))
}

func noted(custom map[string]string, note string) map[string]string {
	out := map[string]string{"note": note}
	for name, v := range custom {
		if name != "note" {
			out[name] = v
		}
	}
	return out
}
