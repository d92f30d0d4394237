package importing

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Plan is what an import would write. Nothing is written while it is made.
type Plan struct {
	ctx   context.Context
	store Store
	index *index
	opts  Options
	kind  string
	now   time.Time

	near      map[string]crm.Person // the people who have addresses of the rows at hand, as they are stored
	forgotten map[string]bool       // normalised addresses of the rows at hand whose owners asked for it
	explicit  bool                  // the column of keys was named, not guessed
	apart     *Duplicate            // what is to be said of the row at hand if it becomes a record beside another with its address

	people   map[string]*planned[crm.Person]
	accounts map[string]*planned[crm.Account]
	order    []string // ids of people, as they came
	firms    []string // ids of accounts, as they came
	parents  []parentOf

	report     Report
	duplicates []Duplicate
	held       []Held
	skipped    int
	bad        []BadRow
	notes      noteList
}

// planned is a record as it will be, and as it is stored.
type planned[T any] struct {
	record T
	before T
	stored bool
	row    int // that mentioned it first
}

func newPlan(ctx context.Context, store Store, o Options) (*Plan, error) {
	ix, err := newIndex(ctx, store)
	if err != nil {
		return nil, err
	}
	if o.Own == nil {
		o.Own = func(string) bool { return false }
	}
	if o.Duplicates == "" {
		o.Duplicates = Ask
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	return &Plan{ctx: ctx, store: store, index: ix, opts: o, now: o.Now.UTC().Truncate(time.Second),
		people: map[string]*planned[crm.Person]{}, accounts: map[string]*planned[crm.Account]{}}, nil
}

// addRows takes some rows. The error is the store's; what is wrong with a row goes into the plan.
func (p *Plan) addRows(rows []record, kind string) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if kind == "accounts" {
		for _, r := range rows {
			if err := p.addAccountRow(r); err != nil {
				return err
			}
		}
		return nil
	}
	personKind := crm.Contact
	if kind == "leads" {
		personKind = crm.Lead
	}
	people, errs := make([]crm.Person, len(rows)), make([]error, len(rows))
	for i, r := range rows {
		if people[i], errs[i] = r.person(personKind, &p.opts, &p.notes); errs[i] == nil {
			people[i].Custom = r.declared(p.opts.Custom[TargetOf(kind)], p.opts.Zone, &p.notes)
		}
	}
	if err := p.lookUp(people, errs); err != nil {
		return err
	}
	for i, r := range rows {
		if errs[i] != nil {
			p.refuseFor(r, errs[i])
			continue
		}
		if r.columns[fieldName] == "" && r.columns[fieldFamily] == "" && r.columns[fieldGiven] == "" {
			p.notes.add(sentence("names_missing"), r.number)
		}
		if err := p.addPerson(r, people[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) addAccountRow(r record) error {
	account, err := r.account(&p.opts, &p.notes)
	if err != nil {
		p.refuseFor(r, err)
		return nil
	}
	account.Custom = r.declared(p.opts.Custom[crm.OnAccount], p.opts.Zone, &p.notes)
	return p.addAccount(r, account)
}

func (p *Plan) refuse(r record, code string, args ...any) { p.refuseFor(r, wrongRow(code, args...)) }

// refuseFor leaves a row out for an error.
func (p *Plan) refuseFor(r record, err error) {
	bad := BadRow{Row: r.number, Why: err.Error()}
	if cell := (*cellError)(nil); errors.As(err, &cell) {
		bad.Column, bad.Said = cell.column, cell.said
	}
	if row := (*rowError)(nil); errors.As(err, &row) {
		bad.Said = row.said
	}
	p.bad = append(p.bad, bad)
}

// person gives a record that is planned or stored.
func (p *Plan) person(id string) (*planned[crm.Person], error) {
	if known := p.people[id]; known != nil {
		return known, nil
	}
	stored, err := p.stored(id)
	if err != nil {
		return nil, err
	}
	known := &planned[crm.Person]{record: clonePerson(stored), before: stored, stored: true}
	p.people[id] = known
	p.order = append(p.order, id)
	return known, nil
}

// look gives a person without planning to write them.
func (p *Plan) look(id string) (crm.Person, error) {
	if known := p.people[id]; known != nil {
		return known.record, nil
	}
	return p.stored(id)
}

// stored gives a person as they are stored.
func (p *Plan) stored(id string) (crm.Person, error) {
	if known, ok := p.near[id]; ok {
		return known, nil
	}
	known, err := p.store.GetPerson(p.ctx, id)
	if err != nil {
		return crm.Person{}, fmt.Errorf("read person: %w", err)
	}
	return known, nil
}

// employ gives a contact its account: by the company's name, else by the domain of an address; a company that
// is not there yet is added.
func (p *Plan) employ(r record, person *crm.Person) {
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
			p.notes.add(sentence("accounts_called", company), r.number)
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

func (p *Plan) plant(a crm.Account, row int) {
	p.accounts[a.ID] = &planned[crm.Account]{record: a, row: row}
	p.firms = append(p.firms, a.ID)
	p.index.addAccount(a)
}

// addAccount finds the account that the row is about by key, name or domain, or adds it.
func (p *Plan) addAccount(r record, account crm.Account) error {
	id, why := p.whichAccount(account)
	if why != nil {
		p.refuseFor(r, why)
		return nil
	}
	if parent := r.one(fieldParent); parent != "" {
		defer func() { p.parents = append(p.parents, parentOf{r.number, id, parent}) }()
	}
	if id == "" {
		account.ID, account.Created, account.Updated = crm.NewID(), p.now, p.now
		id = account.ID
		p.plant(account, r.number)
		p.likeAccounts(r, account)
		return nil
	}
	known := p.accounts[id]
	stored := known == nil
	if stored {
		var err error
		if known, err = p.account(id); errors.Is(err, crm.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	switch {
	case stored && p.opts.Duplicates == Skip:
		p.skip(r, Duplicate{Row: r.number, Name: known.record.Name, ID: id, Said: sentence("dup_account_left", r.number, known.record.Name)})
		return nil
	case stored || known.row == 0:
		p.say(Duplicate{Row: r.number, Name: known.record.Name, ID: id, Said: sentence("dup_account", r.number, known.record.Name)})
		known.row = r.number
	default:
		p.say(Duplicate{Row: r.number, Name: known.record.Name, Said: sentence("dup_row_account", r.number, known.row, known.record.Name)})
	}
	if account.ExternalKey != "" && account.Name != "" && known.record.ExternalKey == account.ExternalKey {
		known.record.Name = account.Name
	}
	if p.opts.ClearEmpty {
		clearAccount(&known.record, r)
	}
	joinAccount(&known.record, account)
	p.index.addAccount(known.record)
	return nil
}

// account gives an account that is planned or stored, and plans it.
func (p *Plan) account(id string) (*planned[crm.Account], error) {
	if known := p.accounts[id]; known != nil {
		return known, nil
	}
	stored, err := p.store.GetAccount(p.ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	known := &planned[crm.Account]{record: stored, before: stored, stored: true}
	known.record.Domains, known.record.Phones = slices.Clone(stored.Domains), slices.Clone(stored.Phones)
	p.accounts[id] = known
	p.firms = append(p.firms, id)
	return known, nil
}

// whichAccount finds the account of a row, "" if there is none; why says that the row cannot be taken.
func (p *Plan) whichAccount(account crm.Account) (id string, why error) {
	if account.ExternalKey != "" {
		id = p.index.firmByKey[account.ExternalKey]
		if id != "" && !p.explicit && crm.NormalizeCompany(p.index.names[id]).Base != crm.NormalizeCompany(account.Name).Base {
			return "", wrongRow("key_account", account.ExternalKey, p.index.names[id])
		}
	}
	if id == "" {
		var several bool
		if id, several = p.index.account(account.Name); several {
			return "", wrongRow("accounts_same")
		}
	}
	for _, d := range account.Domains {
		if p.opts.Own(d) {
			return "", wrongRow("own_domain", d)
		}
		if mapping.IsFreeMail(d) {
			return "", wrongRow("free_mail", d)
		}
		if owner, _ := only(p.index.byDomain[d]); owner != "" && id == "" {
			id = owner
		} else if owner != "" && owner != id {
			return "", wrongRow("domain_taken", d)
		}
	}
	return id, nil
}

// likeAccounts reports accounts whose names are alike but for the legal form.
func (p *Plan) likeAccounts(r record, account crm.Account) {
	if p.opts.Duplicates == Create {
		return
	}
	_, base, _ := companyKey(account.Name)
	for _, id := range p.index.byBase[base] {
		if id == account.ID {
			continue
		}
		other := crm.Account{ID: id, Name: p.index.names[id]}
		if l := crm.CompareAccounts(other, account); l.Score > 0 {
			p.say(Duplicate{Row: r.number, Name: other.Name, ID: id, Score: l.Score, Evidence: l.Evidence,
				Said: sentence("dup_account_like", r.number, other.Name, l.Score, strings.Join(l.Evidence, "; "))})
		}
	}
}

// parentOf is a row that names a parent account.
type parentOf struct {
	row        int
	id, parent string
}

// tieParents sets the parents when all accounts of the file are known.
func (p *Plan) tieParents() error {
	for _, t := range p.parents {
		parent := p.index.firmByKey[t.parent]
		if parent == "" {
			parent, _ = p.index.account(t.parent)
		}
		switch {
		case parent == "":
			p.notes.add(sentence("parent_unknown", t.parent), t.row)
			continue
		case parent == t.id || p.isAbove(t.id, parent):
			p.notes.add(sentence("parent_circle", t.parent), t.row)
			continue
		}
		known, err := p.account(t.id)
		if err != nil {
			return err
		}
		known.record.Parent = parent
	}
	return nil
}

// isAbove says whether an account is above another, or would be by then.
func (p *Plan) isAbove(id, below string) bool {
	for range 100 {
		var a crm.Account
		if known := p.accounts[below]; known != nil {
			a = known.record
		} else if stored, err := p.store.GetAccount(p.ctx, below); err == nil {
			a = stored
		}
		if below = a.Parent; below == "" {
			return false
		}
		if below == id {
			return true
		}
	}
	return true
}

// changed says whether a planned record differs from the stored one.
func (x *planned[T]) changed() bool { return !x.stored || !reflect.DeepEqual(x.before, x.record) }
