package crm

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Subject is whom a proposal is about, as it is stored: nil for what it does not name.
type Subject struct {
	Person  *Person
	Account *Account
	Known   *Person // of ProposeSuccessor: who has the address already, nil for nobody
}

// Applied is what accepting a proposal, or taking that back, makes of the records. What is nil stays as it is.
type Applied struct {
	Person  *Person  // the subject
	Account *Account // the subject
	Made    *Person  // a new person
	Task    *Task    // to be done
	Result  string   // Proposal.Result
	Did     []Edit   // Proposal.Did
}

// OriginProposal is the Origin of people and tasks that an accepted proposal made.
const OriginProposal = "proposal"

// ApplyProposal says what accepting p at the time at does, but for a merge, which the store does. Accepting what came true
// otherwise changes nothing. Errors: ErrNotFound if the subject is not there any more, ErrConflict if the field says something else by now
// than when it was proposed, ErrRefused with words if the value cannot be taken.
func ApplyProposal(p *Proposal, on Subject, at time.Time) (Applied, error) {
	if on.Person == nil && on.Account == nil {
		return Applied{}, ErrNotFound
	}
	switch p.Kind {
	case ProposeTask:
		t := proposedTask(p, at)
		return Applied{Task: &t, Result: t.ID}, nil
	case ProposeContradicts, ProposeMerge:
		return Applied{}, nil
	}
	e := newEditor(on, at)
	var out Applied
	var err error
	switch p.Kind {
	case ProposeField:
		err = e.change(p)
	case ProposeBadAddress:
		err = e.badAddress(p.Value)
	case ProposeLeft:
		err = e.left(p.Raised)
	case ProposeDoNotContact:
		err = e.refused(p)
	case ProposeSuccessor:
		out, err = e.succeeded(p, on.Known)
	default:
		err = fmt.Errorf("%w: there is no kind of proposal %q", ErrRefused, p.Kind)
	}
	if err != nil {
		return Applied{}, err
	}
	e.fill(&out)
	return out, nil
}

// editor changes copies of the subject and notes what it changed.
type editor struct {
	person  *Person
	account *Account
	at      time.Time
	did     []Edit
}

func newEditor(on Subject, at time.Time) *editor {
	e := &editor{at: at.UTC()}
	if on.Person != nil {
		p := *on.Person
		e.person = &p
	} else {
		a := *on.Account
		e.account = &a
	}
	return e
}

// fill gives what was changed; nothing if nothing was.
func (e *editor) fill(out *Applied) {
	out.Did = e.did
	if len(e.did) == 0 {
		return
	}
	if e.person != nil {
		e.person.Updated = e.at
	} else {
		e.account.Updated = e.at
	}
	out.Person, out.Account = e.person, e.account
}

func (e *editor) note(field, before, after string) {
	e.did = append(e.did, Edit{Field: field, Before: before, After: after})
}

// whom is an error for an account: some things are only said of people.
func (e *editor) whom() error {
	if e.person == nil {
		return fmt.Errorf("%w: it is about a person, who is not there", ErrRefused)
	}
	return nil
}

func (e *editor) badAddress(value string) error {
	address, ok := NormalizeAddress(value)
	if !ok {
		return fmt.Errorf("%w: %q is not an address", ErrRefused, excerptOf(value))
	}
	if err := e.whom(); err != nil || slices.Contains(e.person.BadEmails, address) {
		return err
	}
	e.person.BadEmails = append(slices.Clone(e.person.BadEmails), address)
	slices.Sort(e.person.BadEmails)
	e.note("bad_emails", "", address)
	return nil
}

func (e *editor) left(when time.Time) error {
	if err := e.whom(); err != nil || !e.person.Left.IsZero() {
		return err
	}
	if when.IsZero() {
		when = e.at
	}
	e.person.Left = when.UTC()
	e.note("left", "", e.person.Left.Format(time.RFC3339Nano))
	return nil
}

// refused keeps the words by which they refused.
func (e *editor) refused(p *Proposal) error {
	if err := e.whom(); err != nil || e.person.DoNotContact != "" {
		return err
	}
	words := p.Value
	for _, evidence := range p.Evidence {
		if words == "" {
			words = evidence
		}
	}
	if words = strings.TrimSpace(words); words == "" {
		words = "連絡不要"
	}
	e.person.DoNotContact = cutTo(words, 300)
	e.note("do_not_contact", "", e.person.DoNotContact)
	return nil
}

func cutTo(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// succeeded makes the contact who follows, or takes the one who is known by that address, and says so in the record of the one who left.
func (e *editor) succeeded(p *Proposal, known *Person) (Applied, error) {
	if err := e.whom(); err != nil {
		return Applied{}, err
	}
	if e.person.Successor != "" {
		return Applied{Result: e.person.Successor}, nil
	}
	var out Applied
	if known != nil && known.ID != e.person.ID {
		out.Result = known.ID
	} else {
		made, err := e.successor(p)
		if err != nil {
			return Applied{}, err
		}
		out.Made, out.Result = &made, made.ID
	}
	e.person.Successor = out.Result
	e.note("successor", "", out.Result)
	return out, nil
}

func (e *editor) successor(p *Proposal) (Person, error) {
	made := Person{ID: DerivedID("successor", p.ID), Kind: e.person.Kind, Name: strings.TrimSpace(p.Name), AccountID: e.person.AccountID,
		Company: e.person.Company, Department: e.person.Department, Owner: e.person.Owner, Origin: OriginProposal, Created: e.at, Updated: e.at}
	if p.Value != "" {
		address, ok := NormalizeAddress(p.Value)
		if normal, _ := NormalizeAddress(firstOf(e.person.Emails)); !ok || normal == address {
			return made, fmt.Errorf("%w: %q is no address of a successor", ErrRefused, excerptOf(p.Value))
		}
		made.Emails = []string{strings.TrimSpace(p.Value)}
	}
	if made.Name == "" {
		made.Name = firstOf(made.Emails)
	}
	if made.Kind == Lead {
		made.Status = StatusNew
	}
	if made.Name == "" || !shortLine(made.Name, 300) {
		return made, fmt.Errorf("%w: there is neither a name nor an address", ErrRefused)
	}
	return made, nil
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// proposedTask is the task that a proposal asks for. Field may say of which kind.
func proposedTask(p *Proposal, at time.Time) Task {
	t := Task{ID: DerivedID("task", p.ID), Kind: TaskTodo, Person: p.Person, Account: p.Account, Owner: p.Owner, Due: p.Due, What: cutTo(p.Value, maxNextWhat),
		Whom: p.Name, Origin: OriginProposal, Cause: p.ID, Created: at.UTC()}
	if kind := TaskKind(p.Field); kind == TaskCall || kind == TaskMail {
		t.Kind = kind
	}
	return t
}

// MergeWinner says which of two people a merge keeps: a contact before a lead, else the older record.
func MergeWinner(a, b *Person) (winner, loser string) {
	if (a.Kind == Contact) != (b.Kind == Contact) {
		if a.Kind == Contact {
			return a.ID, b.ID
		}
		return b.ID, a.ID
	}
	return olderFirst(a.ID, b.ID, a.Created, b.Created)
}

// MergeWinnerAccount is the same for accounts: the older record.
func MergeWinnerAccount(a, b *Account) (winner, loser string) {
	return olderFirst(a.ID, b.ID, a.Created, b.Created)
}

func olderFirst(a, b string, createdA, createdB time.Time) (string, string) {
	if c := createdA.Compare(createdB); c < 0 || c == 0 && a < b {
		return a, b
	}
	return b, a
}
