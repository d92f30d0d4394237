package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Amending changes records that somebody has read before. The change is made of the record as it is when it is stored
// (crm.Amendment), in one step with the look at it, so that whatever came between the reading and the saving is either kept or
// makes the change crm.ErrConflict, and nothing is stored. Updated of a record rises with every change. crm.ErrNotFound
// if the record is gone by now: it is not made again. What Save says of a record holds for the changed one.
type Amending interface {
	// ChangePerson also makes the moves, decisions about the person's status, owner and stage like those of AddChange, all or nothing.
	ChangePerson(ctx context.Context, actor string, a crm.Amendment[crm.Person], moves ...crm.Change) (crm.Person, error)
	ChangeAccount(ctx context.Context, actor string, a crm.Amendment[crm.Account]) (crm.Account, error)
	ChangeOpportunity(ctx context.Context, actor string, a crm.Amendment[crm.Opportunity]) (crm.Opportunity, error)
	ChangeContract(ctx context.Context, actor string, a crm.Amendment[crm.Contract]) (crm.Contract, error)
	ChangeCampaign(ctx context.Context, actor string, a crm.Amendment[crm.Campaign]) (crm.Campaign, error)
	ChangeProduct(ctx context.Context, actor string, a crm.Amendment[crm.Product]) (crm.Product, error)
	// ChangePeople and ChangeAccounts make many changes, all or nothing, audited like SavePeople; one whose Was is nobody is a
	// new record.
	ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error
	ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error
	// ChangeTask does not ask for Base, since tasks have no version.
	ChangeTask(ctx context.Context, actor string, a crm.Amendment[crm.Task]) (crm.Task, error)
}

// runAmending holds a store to what Amending says.
func runAmending(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"a person is changed by two", testAmendPerson},
		{"a status is decided with it", testAmendMoves},
		{"every record is changed by two", testAmendRecords},
		{"a record that is gone", testAmendGone},
		{"many are changed", testAmendMany},
		{"many change one person", testAmendRace},
		{"nothing names who is gone", testGone},
		{"tasks of who is gone", testGoneTasks},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

func (w *world) amended() crm.Person {
	w.t.Helper()
	p := crm.Person{ID: "p", Kind: crm.Lead, Name: "田中", Status: crm.StatusNew, Owner: sato, Emails: []string{"tanaka@x.jp"}, Created: w.now, Updated: w.now}
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p}))
	read, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	return read
}

func testAmendPerson(t *testing.T, w *world) {
	read := w.amended()
	title, company := read, read
	title.Title, company.Company = "部長", "サンプル商事"
	_, err := w.s.ChangePerson(w.ctx, sato, crm.Amendment[crm.Person]{Was: read, Is: title})
	w.ok(err)
	w.ok(w.s.Follow(w.ctx, []crm.Followed{{ID: "p", Mark: 1 << 40, Status: crm.StatusWorking, StatusAt: w.now, Standing: crm.Standing{ID: "p"}}}))
	got, err := w.s.ChangePerson(w.ctx, suzuki, crm.Amendment[crm.Person]{Was: read, Is: company})
	w.ok(err)
	if got.Title != "部長" || got.Company != "サンプル商事" || got.Status != crm.StatusWorking {
		t.Errorf("what somebody else said is lost: %+v", got)
	}
	if !got.Updated.After(read.Updated) {
		t.Errorf("the change is of %s, what it changed of %s", got.Updated, read.Updated)
	}
	stale := crm.Amendment[crm.Person]{Was: read, Is: company, Base: read.Updated}
	if _, err := w.s.ChangePerson(w.ctx, sato, stale); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a version that is gone: %v", err)
	}
	again := got
	again.Company = "別の会社"
	last, err := w.s.ChangePerson(w.ctx, sato, crm.Amendment[crm.Person]{Was: got, Is: again, Base: got.Updated})
	w.ok(err)
	stored, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if diff := cmp.Diff(last, stored); diff != "" || last.Company != "別の会社" {
		t.Errorf("(-given +stored):\n%s", diff)
	}
}

func testAmendMoves(t *testing.T, w *world) {
	read := w.amended()
	is := read
	is.Title = "部長"
	move := crm.Change{Person: "p", Field: crm.ChangeStatus, To: string(crm.StatusWorking), At: w.now}
	got, err := w.s.ChangePerson(w.ctx, suzuki, crm.Amendment[crm.Person]{Was: read, Is: is}, move)
	w.ok(err)
	history, err := w.s.ListChanges(w.ctx, "p")
	w.ok(err)
	if got.Status != crm.StatusWorking || got.Title != "部長" || len(history) != 1 || history[0].By != suzuki {
		t.Errorf("%+v, history %+v", got, history)
	}
	is.Title, move.Field = "社長", "name"
	if _, err := w.s.ChangePerson(w.ctx, suzuki, crm.Amendment[crm.Person]{Was: got, Is: is}, move); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("a move that cannot be: %v", err)
	}
	if stored, err := w.s.GetPerson(w.ctx, "p"); err != nil || stored.Title != "部長" {
		t.Errorf("half of it was stored: %s, %v", stored.Title, err)
	}
}

// amendTwice has two people change a record that both read, each in a field of their own, and a third who insists on what
// they read.
func amendTwice[T any](t *testing.T, read T, updated func(T) time.Time, first, second func(*T), change func(crm.Amendment[T]) (T, error), get func() T) {
	t.Helper()
	one, two, both := read, read, read
	first(&one)
	second(&two)
	first(&both)
	second(&both)
	for _, is := range []T{one, two} {
		if _, err := change(crm.Amendment[T]{Was: read, Is: is}); err != nil {
			t.Fatal(err)
		}
	}
	got := get()
	blank := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Updated" }, cmp.Ignore())
	if diff := cmp.Diff(both, got, blank); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stale := crm.Amendment[T]{Was: read, Is: one, Base: updated(read)}
	if stale.Base.IsZero() {
		return
	}
	if _, err := change(stale); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a version that is gone: %v", err)
	}
	if _, err := change(crm.Amendment[T]{Was: got, Is: got, Base: updated(got)}); err != nil {
		t.Errorf("the version that is there: %v", err)
	}
}

func testAmendRecords(t *testing.T, w *world) {
	w.customer("acc")
	get := func(err error) { w.t.Helper(); w.ok(err) }
	account := func() crm.Account { a, err := w.s.GetAccount(w.ctx, "acc"); get(err); return a }
	amendTwice(t, account(), func(a crm.Account) time.Time { return a.Updated }, func(a *crm.Account) { a.Kana = "サンプル" }, func(a *crm.Account) { a.Owner = suzuki },
		func(a crm.Amendment[crm.Account]) (crm.Account, error) { return w.s.ChangeAccount(w.ctx, sato, a) }, account)

	w.opportunity("o", nil)
	deal := func() crm.Opportunity { o, err := w.s.GetOpportunity(w.ctx, "o"); get(err); return o }
	amendTwice(t, deal(), func(o crm.Opportunity) time.Time { return o.Updated }, func(o *crm.Opportunity) { o.Note = "値引き" }, func(o *crm.Opportunity) { o.Amount = 500 },
		func(a crm.Amendment[crm.Opportunity]) (crm.Opportunity, error) {
			return w.s.ChangeOpportunity(w.ctx, sato, a)
		}, deal)

	_, err := w.s.SaveContract(w.ctx, sato, crm.Contract{ID: "c", Name: "保守", Account: "acc", Start: "2026-12-01"})
	w.ok(err)
	contract := func() crm.Contract { c, err := w.s.GetContract(w.ctx, "c"); get(err); return c }
	amendTwice(t, contract(), func(c crm.Contract) time.Time { return c.Updated }, func(c *crm.Contract) { c.End = "2027-11-30" }, func(c *crm.Contract) { c.Notice = 30 },
		func(a crm.Amendment[crm.Contract]) (crm.Contract, error) { return w.s.ChangeContract(w.ctx, sato, a) }, contract)

	w.ok(w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "k", Code: "expo", Name: "展示会", Created: w.now, Updated: w.now}))
	campaign := func() crm.Campaign { c, err := w.s.GetCampaign(w.ctx, "k"); get(err); return c }
	amendTwice(t, campaign(), func(c crm.Campaign) time.Time { return c.Updated }, func(c *crm.Campaign) { c.Budget = 1000 }, func(c *crm.Campaign) { c.Channel = "event" },
		func(a crm.Amendment[crm.Campaign]) (crm.Campaign, error) { return w.s.ChangeCampaign(w.ctx, sato, a) }, campaign)

	w.ok(w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "x", Name: "月額", Price: 100, Created: w.now, Updated: w.now}))
	product := func() crm.Product {
		list, err := w.s.ListProducts(w.ctx)
		get(err)
		return list[slices.IndexFunc(list, func(p crm.Product) bool { return p.ID == "x" })]
	}
	amendTwice(t, product(), func(p crm.Product) time.Time { return p.Updated }, func(p *crm.Product) { p.Price = 200 }, func(p *crm.Product) { p.Unit = "台" },
		func(a crm.Amendment[crm.Product]) (crm.Product, error) { return w.s.ChangeProduct(w.ctx, sato, a) }, product)

	w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: "t", Kind: crm.TaskCall, Account: "acc", Owner: sato, Due: "2026-11-24", What: "電話", Origin: "person", Created: w.now}))
	task := func() crm.Task { k, err := w.s.GetTask(w.ctx, "t"); get(err); return k }
	amendTwice(t, task(), func(crm.Task) time.Time { return time.Time{} }, func(k *crm.Task) { k.Due = "2026-11-25" }, func(k *crm.Task) { k.Done, k.DoneBy = w.now, suzuki },
		func(a crm.Amendment[crm.Task]) (crm.Task, error) { return w.s.ChangeTask(w.ctx, sato, a) }, task)
}

func testAmendGone(t *testing.T, w *world) {
	read := w.amended()
	is := read
	is.Title = "部長"
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	if _, err := w.s.ChangePerson(w.ctx, sato, crm.Amendment[crm.Person]{Was: read, Is: is}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a person who was deleted: %v", err)
	}
	if _, err := w.s.GetPerson(w.ctx, "p"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("they are there again: %v", err)
	}
}

func testAmendMany(t *testing.T, w *world) {
	w.customer("acc")
	read := w.amended()
	account, err := w.s.GetAccount(w.ctx, "acc")
	w.ok(err)
	theirs, mine := read, read
	theirs.Owner, mine.Title = suzuki, "部長"
	_, err = w.s.ChangePerson(w.ctx, suzuki, crm.Amendment[crm.Person]{Was: read, Is: theirs})
	w.ok(err)
	fresh := w.person("n", "n@x.jp")
	w.ok(w.s.ChangePeople(w.ctx, "cli", []crm.Amendment[crm.Person]{{Was: read, Is: mine}, {Is: fresh}}))
	got, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, "n"); err != nil || got.Owner != suzuki || got.Title != "部長" {
		t.Errorf("%+v, the new one: %v", got, err)
	}
	kana, owner := account, account
	kana.Kana, owner.Owner = "サンプル", sato
	w.ok(w.s.ChangeAccounts(w.ctx, "cli", []crm.Amendment[crm.Account]{{Was: account, Is: kana}}))
	w.ok(w.s.ChangeAccounts(w.ctx, "cli", []crm.Amendment[crm.Account]{{Was: account, Is: owner}}))
	if a, err := w.s.GetAccount(w.ctx, "acc"); err != nil || a.Kana != "サンプル" || a.Owner != sato {
		t.Errorf("%+v, %v", a, err)
	}
	mine.Title = "社長"
	stale := []crm.Amendment[crm.Person]{{Is: w.person("m", "m@x.jp")}, {Was: read, Is: mine, Base: read.Updated}}
	if err := w.s.ChangePeople(w.ctx, "cli", stale); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a version that is gone: %v", err)
	}
	if _, err := w.s.GetPerson(w.ctx, "m"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("half of it was stored: %v", err)
	}
}

// testAmendRace has many change a person whom all of them read before, at once: none of the changes is lost.
func testAmendRace(t *testing.T, w *world) {
	const each = 20
	read := w.amended()
	changes := []func(p *crm.Person){
		func(p *crm.Person) { p.Title = "部長" },
		func(p *crm.Person) { p.Kana = "タナカ" },
		func(p *crm.Person) { p.Department = "営業部" },
		func(p *crm.Person) { p.DoNotContact = "連絡不要" },
		func(p *crm.Person) { p.Company = "サンプル商事" },
	}
	for i := range each {
		changes = append(changes, func(p *crm.Person) { p.Emails = append(slices.Clone(p.Emails), fmt.Sprintf("tanaka%02d@x.jp", i)) },
			func(p *crm.Person) { p.Custom = map[string]string{fmt.Sprintf("field%02d", i): "x"} })
	}
	errs := make([]error, len(changes))
	var all sync.WaitGroup
	for i, change := range changes {
		all.Go(func() {
			is := read
			change(&is)
			_, errs[i] = w.s.ChangePerson(w.ctx, sato, crm.Amendment[crm.Person]{Was: read, Is: is})
		})
	}
	all.Wait()
	w.ok(errors.Join(errs...))
	got, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if got.Title != "部長" || got.Kana != "タナカ" || got.Department != "営業部" || got.DoNotContact != "連絡不要" || got.Company != "サンプル商事" ||
		len(got.Emails) != each+1 || len(got.Custom) != each {
		t.Errorf("changes were lost: %+v", got)
	}
}
