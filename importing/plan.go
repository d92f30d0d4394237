package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// plan is what an import would write. Nothing is written while it is made.
type plan struct {
	ctx   context.Context
	store peopleStore
	index *index
	own   func(domain string) bool // belongs to the organisation
	now   time.Time

	custom map[crm.FieldTarget][]crm.FieldDef // declared fields
	zone   *time.Location                     // of their times

	forgotten map[string]bool // normalised addresses of the file whose owners asked for it

	people   map[string]*planned[crm.Person]
	accounts map[string]*planned[crm.Account]
	order    []string // ids of people, as they came
	firms    []string // ids of accounts, as they came

	duplicates []string
	bad        []badRow
	notes      noteList
}

// planned is a record as it will be, and as it is stored.
type planned[T any] struct {
	record T
	before T
	stored bool
	row    int // that mentioned it first
}

// badRow is a row that cannot be imported.
type badRow struct {
	number int
	why    string
}

func newPlan(ctx context.Context, store peopleStore, own func(string) bool) (*plan, error) {
	ix, err := newIndex(ctx, store)
	if err != nil {
		return nil, err
	}
	return &plan{ctx: ctx, store: store, index: ix, own: own, now: time.Now().UTC().Truncate(time.Second),
		people: map[string]*planned[crm.Person]{}, accounts: map[string]*planned[crm.Account]{}}, nil
}

// addRows takes some rows; see add.
func (p *plan) addRows(rows []record, kind string) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if err := p.askForgotten(rows); err != nil {
		return err
	}
	for _, r := range rows {
		if err := p.add(r, kind); err != nil {
			return err
		}
	}
	return nil
}

// add takes a row. The error is the store's; what is wrong with the row goes into the plan.
func (p *plan) add(r record, kind string) error {
	if kind == "accounts" {
		account, err := r.account(&p.notes)
		if err != nil {
			p.refuse(r, err.Error())
			return nil
		}
		account.Custom = r.declared(p.custom[crm.OnAccount], p.zone, &p.notes)
		return p.addAccount(r, account)
	}
	personKind := crm.Contact
	if kind == "leads" {
		personKind = crm.Lead
	}
	person, err := r.person(personKind, &p.notes)
	if err != nil {
		p.refuse(r, err.Error())
		return nil
	}
	person.Custom = r.declared(p.custom[targetOf(kind)], p.zone, &p.notes)
	return p.addPerson(r, person)
}

func (p *plan) refuse(r record, why string) { p.bad = append(p.bad, badRow{r.number, why}) }

// person gives a record that is planned or stored.
func (p *plan) person(id string) (*planned[crm.Person], error) {
	if known := p.people[id]; known != nil {
		return known, nil
	}
	stored, err := p.store.GetPerson(p.ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	known := &planned[crm.Person]{record: clonePerson(stored), before: stored, stored: true}
	p.people[id] = known
	p.order = append(p.order, id)
	return known, nil
}

// look gives a person without planning to write them.
func (p *plan) look(id string) (crm.Person, error) {
	if known := p.people[id]; known != nil {
		return known.record, nil
	}
	stored, err := p.store.GetPerson(p.ctx, id)
	if err != nil {
		return crm.Person{}, fmt.Errorf("read person: %w", err)
	}
	return stored, nil
}

// employ gives a contact its account: by the company's name, else by the domain of an address; a company that
// is not there yet is added.
func (p *plan) employ(r record, person *crm.Person) {
	var domain string
	for _, e := range person.Emails {
		if d := crm.AddressDomain(e); domain == "" && !mapping.IsFreeMail(d) {
			domain = d
		}
	}
	company := person.Company
	person.Company = ""
	if company == "" {
		person.AccountID = p.index.domain(domain)
		return
	}
	id, several := p.index.account(company)
	if several {
		if id = p.index.domain(domain); id == "" {
			p.notes.add("several accounts are called "+company+", so none is set", r.number)
			return
		}
	}
	if id == "" {
		account := crm.Account{ID: crm.NewID(), Name: company, Origin: "import", Owner: person.Owner, Created: p.now, Updated: p.now}
		if domain != "" && p.index.domain(domain) == "" {
			account.Domains = []string{domain}
		}
		p.plant(account, r.number)
		id = account.ID
	}
	person.AccountID = id
}

func (p *plan) plant(a crm.Account, row int) {
	p.accounts[a.ID] = &planned[crm.Account]{record: a, row: row}
	p.firms = append(p.firms, a.ID)
	p.index.addAccount(a)
}

// addAccount finds the account that the row is about by name or domain, or adds it.
func (p *plan) addAccount(r record, account crm.Account) error {
	id, several := p.index.account(account.Name)
	if several {
		p.refuse(r, "several accounts have this name")
		return nil
	}
	for _, d := range account.Domains {
		if p.own(d) {
			p.refuse(r, d+" is your own domain")
			return nil
		}
		if mapping.IsFreeMail(d) {
			p.refuse(r, d+" is free mail, which tells nothing about a company")
			return nil
		}
		if owner, _ := only(p.index.byDomain[d]); owner != "" && id == "" {
			id = owner
		} else if owner != "" && owner != id {
			p.refuse(r, "another account has the domain "+d)
			return nil
		}
	}
	if id == "" {
		account.ID, account.Created, account.Updated = crm.NewID(), p.now, p.now
		p.plant(account, r.number)
		return nil
	}
	known := p.accounts[id]
	if known == nil {
		stored, err := p.store.GetAccount(p.ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read account: %w", err)
		}
		known = &planned[crm.Account]{record: stored, before: stored, stored: true}
		known.record.Domains, known.record.Phones = slices.Clone(stored.Domains), slices.Clone(stored.Phones)
		p.accounts[id] = known
		p.firms = append(p.firms, id)
		p.duplicates = append(p.duplicates, fmt.Sprintf("row %d is %s, which is stored already", r.number, stored.Name))
		known.row = r.number
	} else {
		p.duplicates = append(p.duplicates, fmt.Sprintf("row %d is the same account as row %d (%s): joined", r.number, known.row, known.record.Name))
	}
	joinAccount(&known.record, account)
	p.index.addAccount(known.record)
	return nil
}

// changed says whether a planned record differs from the stored one.
func (x *planned[T]) changed() bool { return !x.stored || !reflect.DeepEqual(x.before, x.record) }
