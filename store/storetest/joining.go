package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) lead(id, name, address string) crm.Person {
	return crm.Person{ID: id, Kind: crm.Lead, Name: name, Emails: []string{address}, Status: crm.StatusNew, Created: w.now, Updated: w.now}
}

func (w *world) savePeople(people ...crm.Person) {
	w.t.Helper()
	w.ok(w.s.SavePeople(w.ctx, "cli", people))
}

func (w *world) getPerson(id string) crm.Person {
	w.t.Helper()
	p, err := w.s.GetPerson(w.ctx, id)
	w.ok(err)
	return p
}

func (w *world) getAccount(id string) crm.Account {
	w.t.Helper()
	a, err := w.s.GetAccount(w.ctx, id)
	w.ok(err)
	return a
}

// mail is a write of a mail from an address, matched by what the directory says of it now.
func (w *world) mail(c crm.Claim, ext, name string, from ...string) crm.Write {
	w.t.Helper()
	write := w.logged(c, ext, name)
	a := write.Activity
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: from, Domains: domainsOf(from)})
	w.ok(err)
	for i, address := range from {
		p := crm.Participant{Address: address, Role: crm.RoleFrom}
		if i > 0 {
			p.Role = crm.RoleCc
		}
		account := ""
		if known := answer.Addresses[address].People; len(known) > 0 {
			p.ID, p.Kind, p.Name, account = known[0].ID, known[0].Kind, known[0].Name, known[0].AccountID
		}
		if refs := answer.Domains[crm.AddressDomain(address)]; account == "" && len(refs) == 1 {
			account = refs[0].ID
		}
		if account != "" && !slices.Contains(a.Accounts, account) {
			a.Accounts = append(a.Accounts, account)
		}
		a.People = append(a.People, p)
		if p.ID == "" {
			write.Pending = append(write.Pending, address)
		}
	}
	a.Match.Evidence = from[0]
	return write
}

func domainsOf(addresses []string) []string {
	var out []string
	for _, address := range addresses {
		out = append(out, crm.AddressDomain(address))
	}
	return out
}

func (w *world) mergePeople(winner, loser string) crm.MergeRecord {
	w.t.Helper()
	r, err := w.s.Merge(w.ctx, "sato", crm.MergePeople, winner, loser, w.now)
	w.ok(err)
	return r
}

// namedOn says whom the mails name, in order, with what they were called before: "a<b" is a who was b.
func (w *world) namedOn(mails ...string) string {
	w.t.Helper()
	var out []string
	for _, mail := range mails {
		for _, p := range w.activity(mail).People {
			name := p.ID
			if p.Was != "" {
				name += "<" + p.Was
			}
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// refused wants crm.ErrRefused with a sentence that has the words.
func refused(t testing.TB, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, crm.ErrRefused) {
		t.Errorf("not refused: %v", err)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the refusal does not say %q: %v", word, err)
		}
	}
}

func testMergePeople(t *testing.T, w *world) {
	a, b := w.lead("a", "田中 太郎", "tanaka@client.co.jp"), w.lead("b", "Taro Tanaka", "taro@client.co.jp")
	b.Kana, b.Phones, b.Custom = "タナカ タロウ", []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}, map[string]string{"size": "10"}
	w.savePeople(a, b)
	w.commit(w.a, w.mail(w.a, "1", "one", "tanaka@client.co.jp"), w.mail(w.a, "2", "two", "taro@client.co.jp"),
		w.mail(w.a, "3", "three", "taro@client.co.jp", "tanaka@client.co.jp"))
	preview, err := w.s.PreviewMerge(w.ctx, crm.MergePeople, "a", "b")
	w.ok(err)
	if preview.Activities != 2 || !slices.Contains(preview.Differences, crm.Difference{Field: "name", Winner: a.Name, Loser: b.Name, Kept: "winner"}) ||
		!slices.Contains(preview.Differences, crm.Difference{Field: "kana", Loser: b.Kana, Kept: "loser"}) {
		t.Errorf("preview %+v", preview)
	}
	r := w.mergePeople("a", "b")
	merged := w.getPerson("a")
	if merged.Name != a.Name || merged.Kana != b.Kana || !slices.Equal(merged.Emails, []string{"tanaka@client.co.jp", "taro@client.co.jp"}) ||
		merged.Custom["size"] != "10" || !slices.Equal(merged.Merged, []string{"b"}) {
		t.Errorf("merged: %+v", merged)
	}
	if diff := gocmp.Diff(&b, r.Person); diff != "" {
		t.Errorf("the record does not keep the loser:\n%s", diff)
	}
	if _, err := w.s.GetPerson(w.ctx, "b"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the loser is still there: %v", err)
	}
	if got := w.namedOn("one", "two", "three"); got != "a a<b a<b a" {
		t.Errorf("the mails name %s", got)
	}
	w.commit(w.a, w.mail(w.a, "4", "four", "taro@client.co.jp"), w.mail(w.a, "5", "five", "tanaka@client.co.jp"))
	w.commit(w.b, w.mail(w.b, "2", "two", "taro@client.co.jp")) // the same mail in another mailbox
	if got := w.namedOn("two", "four", "five"); got != "a<b a a" {
		t.Errorf("later mails name %s", got)
	}
	undone, err := w.s.Unmerge(w.ctx, "suzuki", r.ID, w.now.Add(time.Hour))
	w.ok(err)
	if undone.UndoneBy != "suzuki" || !undone.Undone.Equal(w.now.Add(time.Hour)) {
		t.Errorf("undone: %+v", undone)
	}
	for _, want := range []crm.Person{a, b} {
		if diff := gocmp.Diff(want, w.getPerson(want.ID)); diff != "" {
			t.Errorf("%s afterwards (-want +got):\n%s", want.ID, diff)
		}
	}
	if got := w.namedOn("one", "two", "three", "four", "five"); got != "a b b a b a" {
		t.Errorf("afterwards the mails name %s", got)
	}
	_, err = w.s.Unmerge(w.ctx, "suzuki", r.ID, w.now)
	refused(t, err, "undone already")
	list, _, err := w.s.ListMerges(w.ctx, "b", "", 0)
	w.ok(err)
	if len(list) != 1 || list[0].ID != r.ID {
		t.Errorf("merges of b: %+v", list)
	}
}

// testUnmergeKeeps: what people changed between a merge and its undoing stays.
func testUnmergeKeeps(t *testing.T, w *world) {
	a, b := w.lead("a", "田中", "a@client.co.jp"), w.lead("b", "田中", "b@client.co.jp")
	b.Kana, b.Title, b.Custom = "タナカ", "課長", map[string]string{"size": "10", "city": "東京"}
	w.savePeople(a, b)
	r := w.mergePeople("a", "b")
	edited := w.getPerson("a")
	edited.Title, edited.Name, edited.Updated = "部長", "田中 太郎", w.now.Add(time.Minute)
	edited.Custom = map[string]string{"size": "20", "city": "東京", "new": "x"}
	edited.Emails = append(edited.Emails, "third@client.co.jp")
	w.savePeople(edited)
	_, err := w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	want := edited
	want.Kana, want.Emails, want.Merged = "", []string{"a@client.co.jp", "third@client.co.jp"}, nil
	want.Custom = map[string]string{"size": "20", "new": "x"}
	if diff := gocmp.Diff(want, w.getPerson("a")); diff != "" {
		t.Errorf("the winner (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(b, w.getPerson("b")); diff != "" {
		t.Errorf("the loser (-want +got):\n%s", diff)
	}
}

func testMergeRefused(t *testing.T, w *world) {
	contact := w.person("c", "c@client.co.jp")
	w.savePeople(w.lead("a", "A", "a@client.co.jp"), w.lead("b", "B", "b@client.co.jp"), w.lead("d", "D", "d@client.co.jp"), contact)
	for _, test := range []struct{ winner, loser, says string }{
		{"a", "a", "itself"}, {"a", "c", "the other way round"},
	} {
		_, err := w.s.Merge(w.ctx, "sato", crm.MergePeople, test.winner, test.loser, w.now)
		refused(t, err, test.says)
	}
	if _, err := w.s.Merge(w.ctx, "sato", crm.MergePeople, "a", "nobody", w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("merging nobody: %v", err)
	}
	first := w.mergePeople("a", "b")
	second := w.mergePeople("a", "d")
	_, err := w.s.Unmerge(w.ctx, "sato", first.ID, w.now)
	refused(t, err, second.ID, `"D"`)
	third := w.mergePeople("c", "a")
	_, err = w.s.Unmerge(w.ctx, "sato", second.ID, w.now)
	refused(t, err, third.ID, `"A"`)
	_, err = w.s.Merge(w.ctx, "sato", crm.MergePeople, "c", "a", w.now)
	refused(t, err, "merged into")
	if err := w.s.SavePeople(w.ctx, "sato", []crm.Person{w.lead("b", "B", "b@client.co.jp")}); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("somebody saved who was merged: %v", err)
	}
	for _, id := range []string{third.ID, second.ID, first.ID} {
		_, err = w.s.Unmerge(w.ctx, "sato", id, w.now)
		w.ok(err)
	}
	if n, _ := w.s.CountPeople(w.ctx); n != 4 {
		t.Errorf("%d people", n)
	}
}

// testMergeRace: what was mapped before a merge and is stored after it names the winner.
func testMergeRace(t *testing.T, w *world) {
	w.savePeople(w.lead("a", "A", "a@client.co.jp"), w.lead("b", "B", "b@client.co.jp"))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "x", Name: "X", Created: w.now}, {ID: "y", Name: "Y", Domains: []string{"client.co.jp"}, Created: w.now}}))
	write := w.mail(w.a, "1", "one", "b@client.co.jp")
	write.Updates = []crm.PersonUpdate{{ID: "b", Fill: []crm.Fill{{Field: "kana", Value: "ビー"}}}}
	write.People = []crm.Person{w.lead("b", "B", "b@client.co.jp")}
	batch := w.batch(w.a, write)
	r := w.mergePeople("a", "b")
	accounts, err := w.s.Merge(w.ctx, "sato", crm.MergeAccounts, "x", "y", w.now)
	w.ok(err)
	w.ok(w.s.Commit(w.ctx, batch))
	if got := w.namedOn("one"); got != "a<b" {
		t.Errorf("the mail names %s", got)
	}
	if got := w.activity("one"); !slices.Equal(got.Accounts, []string{"x"}) || w.getPerson("a").Kana != "ビー" {
		t.Errorf("the mail belongs to %v; %+v", got.Accounts, w.getPerson("a"))
	}
	_, err = w.s.Unmerge(w.ctx, "sato", accounts.ID, w.now)
	w.ok(err)
	_, err = w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	if got := w.activity("one"); w.namedOn("one") != "b" || !slices.Equal(got.Accounts, []string{"y"}) {
		t.Errorf("afterwards: %+v", got)
	}
}

// testRematchMerged: matching again, mapping again and reading again keep what people were called before a merge.
func testRematchMerged(t *testing.T, w *world) {
	w.savePeople(w.lead("a", "A", "a@client.co.jp"), w.lead("b", "B", "b@client.co.jp"))
	w.commit(w.a, w.mail(w.a, "1", "one", "b@client.co.jp"))
	r := w.mergePeople("a", "b")
	fresh := func() crm.Activity {
		a := w.activity("one")
		a.People = []crm.Participant{{Kind: crm.Lead, ID: "a", Name: "B", Address: "B@client.co.jp", Role: crm.RoleFrom}}
		return a
	}
	w.ok(w.s.Rematch(w.ctx, fresh(), nil))
	if got := w.namedOn("one"); got != "a<b" {
		t.Errorf("matched again it names %s", got)
	}
	stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: w.activity("one"), Now: fresh()}})
	w.ok(err)
	if got := w.namedOn("one"); got != "a<b" || len(stale) > 0 {
		t.Errorf("mapped again it names %s, stale %v", got, stale)
	}
	w.commit(w.a, w.mail(w.a, "1", "one", "b@client.co.jp"))
	newer := w.mail(w.b, "1", "one", "b@client.co.jp")
	newer.Activity.Version = 2
	w.commit(w.b, newer)
	if got := w.namedOn("one"); got != "a<b" {
		t.Errorf("read again it names %s", got)
	}
	_, err = w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	if got := w.namedOn("one"); got != "b" {
		t.Errorf("afterwards it names %s", got)
	}
}

// testMergeDecision: a decision for somebody who is merged counts for the winner.
func testMergeDecision(t *testing.T, w *world) {
	w.savePeople(w.lead("a", "A", "a@client.co.jp"), w.lead("b", "B", "b@client.co.jp"))
	const address = "info@client.co.jp"
	w.commit(w.a, w.waiting("1", address, w.now))
	review, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, address))
	w.ok(err)
	review.State, review.Person, review.DecidedBy, review.DecidedAt = crm.ReviewAccepted, "b", "sato", w.now
	w.ok(w.s.Decide(w.ctx, "sato", review, nil))
	decided := func() string {
		answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{address}})
		w.ok(err)
		return answer.Addresses[address].Decision.Person
	}
	r := w.mergePeople("a", "b")
	if got := decided(); got != "a" {
		t.Errorf("decided for %s", got)
	}
	_, err = w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	if got := decided(); got != "b" {
		t.Errorf("afterwards decided for %s", got)
	}
}

func testMergeSuccessor(t *testing.T, w *world) {
	left := w.lead("c", "C", "c@client.co.jp")
	left.Successor = "b"
	w.savePeople(w.lead("a", "A", "a@client.co.jp"), w.lead("b", "B", "b@client.co.jp"), left)
	r := w.mergePeople("a", "b")
	if got := w.getPerson("c").Successor; got != "a" {
		t.Errorf("followed by %s", got)
	}
	_, err := w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	if got := w.getPerson("c").Successor; got != "b" {
		t.Errorf("afterwards followed by %s", got)
	}
}
