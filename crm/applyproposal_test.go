package crm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func proposalPerson() crm.Person {
	return crm.Person{ID: "p", Kind: crm.Contact, Name: "田中 太郎", AccountID: "acc", Department: "営業部", Title: "課長", Owner: "sato",
		Emails: []string{"tanaka@a.jp"}, Phones: []crm.Phone{{Number: "03-1111-2222", E164: "+81311112222"}}, BadEmails: []string{"z@a.jp"},
		Created: dealTime(0), Updated: dealTime(0)}
}

func TestApplyProposal(t *testing.T) {
	at, raised := dealTime(9), dealTime(8)
	account := crm.Account{ID: "acc", Name: "サンプル", Domains: []string{"a.jp"}}
	for _, test := range []struct {
		name    string
		p       crm.Proposal
		account bool
		known   *crm.Person
		want    func(p *crm.Person, a *crm.Account)
		did     []crm.Edit
		result  string
	}{
		{name: "a bad address", p: crm.Proposal{Kind: crm.ProposeBadAddress, Value: "Tanaka@A.jp"},
			want: func(p *crm.Person, _ *crm.Account) { p.BadEmails = []string{"tanaka@a.jp", "z@a.jp"} }, did: []crm.Edit{{Field: "bad_emails", After: "tanaka@a.jp"}}},
		{name: "one that is known", p: crm.Proposal{Kind: crm.ProposeBadAddress, Value: "z@a.jp"}},
		{name: "left", p: crm.Proposal{Kind: crm.ProposeLeft}, want: func(p *crm.Person, _ *crm.Account) { p.Left = raised },
			did: []crm.Edit{{Field: "left", After: "2026-11-20T08:00:00Z"}}},
		{name: "a title", p: crm.Proposal{Kind: crm.ProposeField, Field: "title", Before: "課長", Value: "部長", Activity: "m"},
			want: func(p *crm.Person, _ *crm.Account) {
				p.Title, p.Filled = "部長", []crm.Provenance{{Field: "title", Activity: "m", At: raised}}
			}, did: []crm.Edit{{Field: "title", Before: "課長", After: "部長"}}},
		{name: "a title that came true", p: crm.Proposal{Kind: crm.ProposeField, Field: "title", Before: "係長", Value: "課長"}},
		{name: "a field of the admin", p: crm.Proposal{Kind: crm.ProposeField, Field: "custom.rank", Value: "A"},
			want: func(p *crm.Person, _ *crm.Account) { p.Custom = map[string]string{"rank": "A"} }, did: []crm.Edit{{Field: "custom.rank", After: "A"}}},
		{name: "a number", p: crm.Proposal{Kind: crm.ProposeField, Field: "phones", Value: "06-1234-5678"},
			want: func(p *crm.Person, _ *crm.Account) {
				p.Phones = append([]crm.Phone{{Number: "06-1234-5678", E164: "+81612345678"}}, p.Phones...)
			}, did: []crm.Edit{{Field: "phones", After: "06-1234-5678"}}},
		{name: "an address", p: crm.Proposal{Kind: crm.ProposeField, Field: "emails", Value: "new@a.jp"},
			want: func(p *crm.Person, _ *crm.Account) { p.Emails = []string{"new@a.jp", "tanaka@a.jp"} }, did: []crm.Edit{{Field: "emails", After: "new@a.jp"}}},
		{name: "an account's name", account: true, p: crm.Proposal{Kind: crm.ProposeField, Field: "name", Before: "サンプル", Value: "新サンプル"},
			want: func(_ *crm.Person, a *crm.Account) { a.Name = "新サンプル" }, did: []crm.Edit{{Field: "name", Before: "サンプル", After: "新サンプル"}}},
		{name: "an account's domain", account: true, p: crm.Proposal{Kind: crm.ProposeField, Field: "domains", Value: "B.JP"},
			want: func(_ *crm.Person, a *crm.Account) { a.Domains = []string{"a.jp", "b.jp"} }, did: []crm.Edit{{Field: "domains", After: "b.jp"}}},
		{name: "a refusal", p: crm.Proposal{Kind: crm.ProposeDoNotContact, Evidence: []string{"今後のご連絡は不要です"}},
			want: func(p *crm.Person, _ *crm.Account) { p.DoNotContact = "今後のご連絡は不要です" }, did: []crm.Edit{{Field: "do_not_contact", After: "今後のご連絡は不要です"}}},
		{name: "a successor who is known", p: crm.Proposal{Kind: crm.ProposeSuccessor, Name: "鈴木", Value: "suzuki@a.jp"}, known: &crm.Person{ID: "s"},
			want: func(p *crm.Person, _ *crm.Account) { p.Successor = "s" }, did: []crm.Edit{{Field: "successor", After: "s"}}, result: "s"},
		{name: "a contradiction that was seen", p: crm.Proposal{Kind: crm.ProposeContradicts}},
	} {
		t.Run(test.name, func(t *testing.T) {
			person, acc := proposalPerson(), account
			on := crm.Subject{Person: &person, Known: test.known}
			if test.account {
				on = crm.Subject{Account: &acc}
			}
			test.p.ID, test.p.Person, test.p.Raised = "proposal", "p", raised
			got, err := crm.ApplyProposal(&test.p, on, at)
			if err != nil {
				t.Fatal(err)
			}
			want := crm.Applied{Did: test.did, Result: test.result}
			if test.want != nil {
				p, a := person, acc
				test.want(&p, &a)
				if p.Updated, a.Updated = at, at; test.account {
					want.Account = &a
				} else {
					want.Person = &p
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(proposalPerson(), person) + cmp.Diff(account, acc); diff != "" {
				t.Errorf("the record itself was changed:\n%s", diff)
			}
			if test.want == nil {
				return
			}
			test.p.Did = got.Did
			back := crm.RevertProposal(&test.p, crm.Subject{Person: got.Person, Account: got.Account}, at)
			if test.account {
				account.Updated = at
				if diff := cmp.Diff(&account, back.Account); diff != "" {
					t.Errorf("taken back (-want +got):\n%s", diff)
				}
				account.Updated = time.Time{}
				return
			}
			person.Updated = at
			if back.Person == nil {
				t.Fatal("nothing was taken back")
			}
			if len(back.Person.Filled) == 0 {
				back.Person.Filled = nil
			}
			if diff := cmp.Diff(&person, back.Person); diff != "" {
				t.Errorf("taken back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyProposalMakes(t *testing.T) {
	at, person := dealTime(9), proposalPerson()
	p := crm.Proposal{ID: "x", Kind: crm.ProposeSuccessor, Person: "p", Name: "鈴木 花子", Value: "Suzuki@a.jp"}
	got, err := crm.ApplyProposal(&p, crm.Subject{Person: &person, Known: &person}, at)
	if err != nil {
		t.Fatal(err)
	}
	want := &crm.Person{ID: crm.DerivedID("successor", "x"), Kind: crm.Contact, Name: "鈴木 花子", AccountID: "acc", Department: "営業部",
		Emails: []string{"Suzuki@a.jp"}, Owner: "sato", Origin: "proposal", Created: at, Updated: at}
	if diff := cmp.Diff(want, got.Made); diff != "" || got.Person.Successor != want.ID || got.Result != want.ID {
		t.Errorf("%+v (-want +got):\n%s", got, diff)
	}
	ruled := *got.Made
	if ruled.Owner, ruled.Updated = "ito", at.Add(time.Hour); !crm.StillAsMade(got.Made, &ruled) {
		t.Error("what rules give counts as a change")
	}
	if ruled.Title = "課長"; crm.StillAsMade(got.Made, &ruled) {
		t.Error("a title does not count as a change")
	}
	task, err := crm.ApplyProposal(&crm.Proposal{ID: "y", Kind: crm.ProposeTask, Person: "p", Account: "acc", Owner: "sato", Value: "返信する", Due: "2026-11-24", Field: "mail"},
		crm.Subject{Person: &person}, at)
	if err != nil {
		t.Fatal(err)
	}
	wantTask := &crm.Task{ID: crm.DerivedID("task", "y"), Kind: crm.TaskMail, Person: "p", Account: "acc", Owner: "sato", Due: "2026-11-24", What: "返信する",
		Origin: "proposal", Cause: "y", Created: at}
	if diff := cmp.Diff(wantTask, task.Task); diff != "" || len(crm.CheckTask(task.Task)) > 0 {
		t.Errorf("task (-want +got):\n%s", diff)
	}
}

func TestApplyProposalRefused(t *testing.T) {
	person := proposalPerson()
	account := crm.Account{ID: "acc"}
	for _, test := range []struct {
		name string
		p    crm.Proposal
		on   crm.Subject
		want error
	}{
		{"nobody", crm.Proposal{Kind: crm.ProposeLeft}, crm.Subject{}, crm.ErrNotFound},
		{"a field that changed meanwhile", crm.Proposal{Kind: crm.ProposeField, Field: "title", Before: "係長", Value: "部長"}, crm.Subject{Person: &person}, crm.ErrConflict},
		{"a field that is none", crm.Proposal{Kind: crm.ProposeField, Field: "id", Value: "x"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"the company of a contact", crm.Proposal{Kind: crm.ProposeField, Field: "company", Value: "x"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"no value", crm.Proposal{Kind: crm.ProposeField, Field: "title", Before: "課長"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"two lines", crm.Proposal{Kind: crm.ProposeField, Field: "title", Before: "課長", Value: "a\nb"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"no address", crm.Proposal{Kind: crm.ProposeField, Field: "emails", Value: "x"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"no bad address", crm.Proposal{Kind: crm.ProposeBadAddress, Value: "x"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"an account that left", crm.Proposal{Kind: crm.ProposeLeft}, crm.Subject{Account: &account}, crm.ErrRefused},
		{"a successor of nothing", crm.Proposal{Kind: crm.ProposeSuccessor}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"somebody as their own successor", crm.Proposal{Kind: crm.ProposeSuccessor, Value: "tanaka@a.jp"}, crm.Subject{Person: &person}, crm.ErrRefused},
		{"a kind that is none", crm.Proposal{Kind: "promote"}, crm.Subject{Person: &person}, crm.ErrRefused},
	} {
		if _, err := crm.ApplyProposal(&test.p, test.on, dealTime(9)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestRevertLeavesChanges(t *testing.T) {
	person := proposalPerson()
	person.Title, person.DoNotContact = "本部長", "電話で断られた"
	p := crm.Proposal{Did: []crm.Edit{{Field: "title", Before: "課長", After: "部長"}, {Field: "do_not_contact", After: "連絡不要"}, {Field: "emails", After: "gone@a.jp"}}}
	if got := crm.RevertProposal(&p, crm.Subject{Person: &person}, dealTime(9)); got.Person != nil {
		t.Errorf("what somebody changed since was taken back: %+v", got.Person)
	}
}

func TestRaiseProposal(t *testing.T) {
	raised := crm.Proposal{ID: "x", Kind: crm.ProposeLeft, Person: "p", Activity: "m1", Raised: dealTime(1), Evidence: []string{"退職しました"}, State: crm.ProposalOpen}
	with := func(edit func(p *crm.Proposal)) *crm.Proposal {
		p := raised
		edit(&p)
		return &p
	}
	moot := *with(func(p *crm.Proposal) { p.State = crm.ProposalMoot })
	again := *with(func(p *crm.Proposal) { p.Activity, p.Raised = "m2", dealTime(9) })
	refused := with(func(p *crm.Proposal) { p.State, p.DecidedAt, p.DecidedBy = crm.ProposalRefused, dealTime(5), "sato" })
	accepted := with(func(p *crm.Proposal) { p.State, p.DecidedAt, p.DecidedBy = crm.ProposalAccepted, dealTime(5), "sato" })
	seen := with(func(p *crm.Proposal) {
		p.State, p.DecidedAt, p.Kind = crm.ProposalAccepted, dealTime(5), crm.ProposeContradicts
	})
	contradicts := again
	contradicts.Kind = crm.ProposeContradicts
	for _, test := range []struct {
		name    string
		old     *crm.Proposal
		p       crm.Proposal
		state   crm.ProposalState
		changed bool
	}{
		{"new", nil, raised, crm.ProposalOpen, true},
		{"nothing that is moot", nil, moot, crm.ProposalMoot, false},
		{"the same again", &raised, raised, crm.ProposalOpen, false},
		{"other evidence", &raised, again, crm.ProposalOpen, true},
		{"open becomes moot", &raised, moot, crm.ProposalMoot, true},
		{"moot opens again", &moot, raised, crm.ProposalOpen, true},
		{"moot stays", &moot, moot, crm.ProposalMoot, false},
		{"accepted stays on the same evidence", accepted, raised, crm.ProposalAccepted, false},
		{"accepted is asked again on newer evidence", accepted, again, crm.ProposalOpen, true},
		{"a contradiction that was seen stays seen", seen, contradicts, crm.ProposalAccepted, false},
		{"accepted is not moot", accepted, moot, crm.ProposalAccepted, false},
		{"refused stays on the same evidence", refused, raised, crm.ProposalRefused, false},
		{"refused is asked again on newer evidence", refused, again, crm.ProposalOpen, true},
		{"refused, evidence of before", refused, *with(func(p *crm.Proposal) { p.Activity, p.Raised = "m0", dealTime(2) }), crm.ProposalRefused, false},
		{"refused is not moot", refused, moot, crm.ProposalRefused, false},
	} {
		got, changed := crm.RaiseProposal(test.old, test.p)
		if got.State != test.state || changed != test.changed {
			t.Errorf("%s: %s, changed %v", test.name, got.State, changed)
		}
	}
	if got, _ := crm.RaiseProposal(refused, again); got.DecidedBy != "" || !got.DecidedAt.IsZero() {
		t.Errorf("asked again with the old decision: %+v", got)
	}
}

func TestMergeWinner(t *testing.T) {
	old, young := dealTime(0), dealTime(1)
	for _, test := range []struct {
		name string
		a, b crm.Person
		want string
	}{
		{"a contact before an older lead", crm.Person{ID: "a", Kind: crm.Lead, Created: old}, crm.Person{ID: "b", Kind: crm.Contact, Created: young}, "b"},
		{"the older of two leads", crm.Person{ID: "a", Kind: crm.Lead, Created: young}, crm.Person{ID: "b", Kind: crm.Lead, Created: old}, "b"},
		{"the first of two alike", crm.Person{ID: "a", Created: old}, crm.Person{ID: "b", Created: old}, "a"},
	} {
		w1, l1 := crm.MergeWinner(&test.a, &test.b)
		w2, l2 := crm.MergeWinner(&test.b, &test.a)
		if w1 != test.want || w2 != w1 || l1 != l2 {
			t.Errorf("%s: %s and %s", test.name, w1, w2)
		}
	}
}
