package storetest

import (
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) saveAccounts(accounts ...crm.Account) {
	w.t.Helper()
	w.ok(w.s.SaveAccounts(w.ctx, "cli", accounts))
}

func (w *world) mergeAccounts(winner, loser string) crm.MergeRecord {
	w.t.Helper()
	r, err := w.s.Merge(w.ctx, "sato", crm.MergeAccounts, winner, loser, w.now)
	w.ok(err)
	return r
}

func (w *world) company(id, parent string, domains ...string) crm.Account {
	return crm.Account{ID: id, Name: "株式会社" + id, Parent: parent, Domains: domains, Created: w.now, Updated: w.now}
}

func (w *world) member(id, account, address string) crm.Person {
	p := w.person(id, address)
	p.AccountID = account
	return p
}

func testMergeAccounts(t *testing.T, w *world) {
	x, y, sub := w.company("x", "", "x.co.jp"), w.company("y", "", "y.co.jp"), w.company("sub", "y", "sub.co.jp")
	y.Kana = "ワイ"
	w.saveAccounts(x, y, sub)
	p, q := w.member("p", "x", "p@x.co.jp"), w.member("q", "y", "q@y.co.jp")
	w.savePeople(p, q)
	w.commit(w.a, w.mail(w.a, "1", "one", "q@y.co.jp"), w.mail(w.a, "2", "two", "somebody@y.co.jp"),
		w.mail(w.a, "3", "three", "p@x.co.jp", "q@y.co.jp"))
	r := w.mergeAccounts("x", "y")
	merged := w.getAccount("x")
	if !slices.Equal(merged.Domains, []string{"x.co.jp", "y.co.jp"}) || merged.Kana != "ワイ" || !slices.Equal(merged.Merged, []string{"y"}) {
		t.Errorf("merged: %+v", merged)
	}
	if w.getPerson("q").AccountID != "x" || w.getAccount("sub").Parent != "x" {
		t.Errorf("members: %+v, %+v", w.getPerson("q"), w.getAccount("sub"))
	}
	if _, err := w.s.GetAccount(w.ctx, "y"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the loser is still there: %v", err)
	}
	w.commit(w.a, w.mail(w.a, "4", "four", "new@y.co.jp"), w.mail(w.a, "5", "five", "new@x.co.jp"), w.mail(w.a, "6", "six", "q@y.co.jp"))
	for _, mail := range []string{"one", "two", "three", "four", "five", "six"} {
		if got := w.activity(mail).Accounts; !slices.Equal(got, []string{"x"}) {
			t.Errorf("mail %s belongs to %v", mail, got)
		}
	}
	if n := len(timeline(t, w.s, crm.ActivityFilter{Account: "x"})); n != 6 {
		t.Errorf("%d activities", n)
	}
	_, err := w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	for _, want := range []crm.Account{x, y, sub} {
		if diff := gocmp.Diff(want, w.getAccount(want.ID)); diff != "" {
			t.Errorf("%s afterwards (-want +got):\n%s", want.ID, diff)
		}
	}
	for _, want := range []crm.Person{p, q} {
		if diff := gocmp.Diff(want, w.getPerson(want.ID)); diff != "" {
			t.Errorf("%s afterwards (-want +got):\n%s", want.ID, diff)
		}
	}
	for mail, want := range map[string][]string{"one": {"y"}, "two": {"y"}, "three": {"x", "y"}, "four": {"y"}, "five": {"x"}, "six": {"y"}} {
		if got := w.activity(mail); !slices.Equal(got.Accounts, want) || len(got.Moved) > 0 {
			t.Errorf("afterwards mail %s belongs to %v, moved %v", mail, got.Accounts, got.Moved)
		}
	}
}

// testMergeTree: no merge puts an account below itself, and undoing brings the tree back.
func testMergeTree(t *testing.T, w *world) {
	tree := []crm.Account{w.company("top", ""), w.company("mid", "top"), w.company("low", "mid"), w.company("side", "top")}
	w.saveAccounts(tree...)
	if err := w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.company("top", "low")}); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("an account was put below itself: %v", err)
	}
	for _, test := range []struct{ name, winner, loser, parents string }{
		{"into what is above", "top", "mid", "top: low:top side:top"},
		{"into what is below", "low", "top", "mid:low low: side:low"},
		{"into what is next to it", "side", "mid", "top: low:side side:top"},
		{"into what is two above", "top", "low", "top: mid:top side:top"},
	} {
		r := w.mergeAccounts(test.winner, test.loser)
		got := ""
		for _, a := range tree {
			if a.ID != test.loser {
				got += a.ID + ":" + w.getAccount(a.ID).Parent + " "
			}
		}
		if got != test.parents+" " {
			t.Errorf("%s: %s instead of %s", test.name, got, test.parents)
		}
		_, err := w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
		w.ok(err)
		for _, want := range tree {
			if diff := gocmp.Diff(want, w.getAccount(want.ID)); diff != "" {
				t.Errorf("%s, %s afterwards (-want +got):\n%s", test.name, want.ID, diff)
			}
		}
	}
}

// testMergeCrossed: merges of accounts and of their members are undone in another order than they were done.
func testMergeCrossed(t *testing.T, w *world) {
	w.saveAccounts(w.company("x", ""), w.company("y", ""))
	p, q, none := w.member("p", "x", "p@x.co.jp"), w.member("q", "y", "q@y.co.jp"), w.member("n", "", "n@free.jp")
	w.savePeople(p, q, none)
	for _, order := range [][]string{{"accounts", "people"}, {"people", "accounts"}} {
		for _, winner := range []string{"p", "n"} {
			ids := map[string]string{}
			for _, what := range order {
				if what == "accounts" {
					ids[what] = w.mergeAccounts("x", "y").ID
				} else {
					ids[what] = w.mergePeople(winner, "q").ID
				}
			}
			for _, what := range order { // the first one first
				_, err := w.s.Unmerge(w.ctx, "sato", ids[what], w.now)
				w.ok(err)
			}
			for _, want := range []crm.Person{p, q, none} {
				if got := w.getPerson(want.ID).AccountID; got != want.AccountID {
					t.Errorf("%v, %s: %s belongs to %q instead of %q", order, winner, want.ID, got, want.AccountID)
				}
			}
		}
	}
}
