package storetest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// forgotten is the address that the tests erase, as entered; erased is its normalised form.
const (
	forgotten = "Forget.Me@client.co.jp"
	erased    = "forget.me@client.co.jp"
)

// received is a write of a mail that the rep sent to people, each an id (of a person with the address
// id@client.co.jp), an address (of nobody known) or "forgotten".
func (w *world) received(ext string, to ...string) crm.Write {
	write := w.logged(w.a, ext, ext)
	a := write.Activity
	a.Direction, a.Match.Evidence = crm.DirectionOut, erased
	a.People = []crm.Participant{{Name: "佐藤", Address: sato, Role: crm.RoleFrom, Internal: true}}
	for _, who := range to {
		p := crm.Participant{Kind: crm.Contact, ID: who, Address: who + "@client.co.jp", Role: crm.RoleTo}
		switch {
		case who == "forgotten":
			p.Address = erased
		case strings.Contains(who, "@"):
			p = crm.Participant{Address: who, Role: crm.RoleTo}
		}
		a.People = append(a.People, p)
	}
	return write
}

func testErase(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("forgotten", forgotten), w.person("other", "other@client.co.jp")}))
	write := func(ext string, role crm.Role, id, address string) crm.Write {
		out := w.received(ext, "other")
		out.Activity.People = append(out.Activity.People, crm.Participant{Kind: crm.Contact, ID: id, Address: address, Role: role})
		return out
	}
	unknown := w.logged(w.b, "3", "unknown", "")
	unknown.Activity.People[0].ID, unknown.Activity.People[0].Kind, unknown.Activity.People[0].Address = "", "", erased
	unknown.Pending = []string{erased}
	w.commit(w.a, write("from", crm.RoleFrom, "forgotten", erased), write("organizer", crm.RoleOrganizer, "forgotten", "home@forget.jp"),
		write("submitter", crm.RoleSubmitter, "forgotten", forgotten), write("copied", crm.RoleCc, "forgotten", erased),
		w.waiting("4", erased, w.now), w.other("5", "5", crm.Unmatched, crm.ReasonNobody, erased, "y@z.jp"))
	w.commit(w.b, unknown)
	removed, changed, err := w.s.Erase(w.ctx, "it", erased, w.now)
	w.ok(err)
	if removed != 4 || changed != 1 {
		t.Errorf("%d removed, %d changed", removed, changed)
	}
	if got, want := w.tally("a"), (crm.Tally{Seen: 6, Logged: 1, Excluded: 5}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	for _, ext := range []string{"from", "organizer", "submitter"} {
		if e, err := w.s.GetEntry(w.ctx, "a", ext); err != nil || e.Verdict != crm.Excluded || e.Reason != crm.ReasonErased || e.Activity != "" {
			t.Errorf("row %s: %+v, %v", ext, e, err)
		}
	}
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{erased}})
	w.ok(err)
	if got := answer.Addresses[erased]; !got.Erased || len(got.People) != 0 {
		t.Errorf("answer: %+v", got)
	}
	if n, _ := w.s.CountReviews(w.ctx, ""); n != 0 {
		t.Errorf("%d reviews", n)
	}
	w.gone("text of from", "text of organizer", "text of submitter", "text of unknown", erased, "home@forget.jp", "person forgotten", "secret subject")
	w.kept("text of copied")
	if _, _, err := w.s.Erase(w.ctx, "it", "no address", w.now); err == nil {
		t.Error("erased what is no address")
	}
}

// gone and kept look for texts in the bytes of the store, without regard to case.
func (w *world) gone(texts ...string) { w.t.Helper(); w.search(false, texts) }
func (w *world) kept(texts ...string) { w.t.Helper(); w.search(true, texts) }

func (w *world) search(want bool, texts []string) {
	w.t.Helper()
	file := bytes.ToLower(backup(w))
	for _, text := range texts {
		if got := bytes.Contains(file, bytes.ToLower([]byte(text))); got != want {
			w.t.Errorf("%q in the store: %v, want %v", text, got, want)
		}
	}
}

func testEraseReceived(t *testing.T, w *world) {
	person := w.person("forgotten", forgotten)
	person.AccountID = "employer"
	tagged := w.person("tagged", "tagged+crm@client.co.jp")
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{
		{ID: "employer", Name: "Employer", Domains: []string{"employer.jp"}}, {ID: "client", Name: "Client", Domains: []string{"client.co.jp"}},
		{ID: "partner", Name: "Partner", Domains: []string{"first.jp", "partner.jp"}},
	}))
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person, tagged, w.person("other", "other@client.co.jp"), w.person("third", "third@client.co.jp")}))
	const cc = crm.RoleCc
	tests := []struct {
		name     string
		to       []string
		accounts []string
		edit     func(a *crm.Activity)
		want     crm.Match // zero: removed
	}{
		{name: "nobody else", to: []string{"forgotten"}},
		{name: "a stranger", to: []string{"forgotten", "x@stranger.jp"}},
		{name: "a person", to: []string{"forgotten", "other"}, want: crm.Match{Rule: crm.RuleAddress, Evidence: "other@client.co.jp"}},
		{name: "the first of two by address", to: []string{"third", "forgotten", "other"}, want: crm.Match{Rule: crm.RuleAddress, Evidence: "other@client.co.jp"}},
		{name: "the first of two by role", to: []string{"other", "forgotten", "third"}, edit: func(a *crm.Activity) { a.People[1].Role = cc },
			want: crm.Match{Rule: crm.RuleAddress, Evidence: "third@client.co.jp"}},
		{name: "a person by the normalised address", to: []string{"forgotten", "tagged"}, want: crm.Match{Rule: crm.RuleNormalized, Evidence: "tagged@client.co.jp"}},
		{name: "a person before an account", to: []string{"forgotten", "other", "x@partner.jp"}, accounts: []string{"partner"},
			want: crm.Match{Rule: crm.RuleAddress, Evidence: "other@client.co.jp"}},
		{name: "a person of the conversation", to: []string{"forgotten", "other"},
			edit: func(a *crm.Activity) { a.People[2].Role, a.Thread = crm.RoleThread, string(key("root")) },
			want: crm.Match{Rule: crm.RuleThread, Evidence: string(key("root"))}},
		{name: "evidence that was not theirs", to: []string{"forgotten", "other"},
			edit: func(a *crm.Activity) { a.Match = crm.Match{Rule: crm.RuleDecision, Evidence: "third@client.co.jp"} },
			want: crm.Match{Rule: crm.RuleDecision, Evidence: "third@client.co.jp"}},
		{name: "an account", to: []string{"forgotten", "x@sub.partner.jp"}, accounts: []string{"partner"}, want: crm.Match{Rule: crm.RuleDomain, Evidence: "partner.jp"}},
		{name: "an account that the conversation told", to: []string{"forgotten"}, accounts: []string{"partner"}, want: crm.Match{Rule: crm.RuleDomain, Evidence: "first.jp"}},
		{name: "the account of the person's record", to: []string{"forgotten", "x@stranger.jp"}, accounts: []string{"employer"}},
		{name: "the account of the person's domain", to: []string{"forgotten", "x@stranger.jp"}, accounts: []string{"client"}},
		{name: "the account of a colleague's domain, too", to: []string{"forgotten", "x@client.co.jp"}, accounts: []string{"client"},
			want: crm.Match{Rule: crm.RuleDomain, Evidence: "client.co.jp"}},
		{name: "an account that is no more", to: []string{"forgotten"}, accounts: []string{"gone"}},
	}
	for _, test := range tests {
		write := w.received(test.name, test.to...)
		write.Activity.Accounts, write.Activity.Text = test.accounts, "text of ("+test.name+")"
		if test.edit != nil {
			test.edit(write.Activity)
		}
		w.commit(w.a, write)
	}
	w.kept(erased, "text of (nobody else)")
	_, _, err := w.s.Erase(w.ctx, "it", erased, w.now)
	w.ok(err)
	for _, test := range tests {
		entry, err := w.s.GetEntry(w.ctx, "a", test.name)
		w.ok(err)
		if test.want.Rule == "" {
			if entry.Verdict != crm.Excluded || entry.Reason != crm.ReasonErased {
				t.Errorf("%s: row %+v", test.name, entry)
			}
			w.gone("text of (" + test.name + ")")
			continue
		}
		if entry.Verdict != crm.Logged {
			t.Errorf("%s: row %+v", test.name, entry)
			continue
		}
		a := w.activity(test.name)
		if a.Match.RunnersUp = nil; !cmp.Equal(test.want, a.Match) {
			t.Errorf("%s: match %+v, want %+v", test.name, a.Match, test.want)
		}
		if a.Text != "text of ("+test.name+")" || len(a.People) != 1+len(test.to) {
			t.Errorf("%s: %+v", test.name, a)
		}
	}
	w.gone(erased)
}

func testEraseTexts(t *testing.T, w *world) {
	person := w.person("forgotten", forgotten)
	person.Name, person.Emails = "忘田 花子", append(person.Emails, "Hanako+Old@forget.jp")
	short, initials := w.person("short", forgotten), w.person("initials", forgotten)
	short.Name, initials.Name = "忘", "Al"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person, short, initials, w.person("other", "other@client.co.jp")}))
	write := w.received("texts", "forgotten", "other")
	a := write.Activity
	a.People[1].Name, a.People[1].Address = "Hanako WASURETA", "forget.me+list@client.co.jp"
	a.Match.Evidence = "hanako@forget.jp"
	a.Match.RunnersUp = []crm.Candidate{{Kind: "contact", ID: "other", Rule: crm.RuleAddress, Evidence: "HANAKO@forget.jp"}}
	a.Subject = "FORGET.ME@client.co.jp: 忘田　花子様"
	a.Text = "忘田花子様\nhanako wasureta <Forget.Me+List@client.co.jp>, hanako+old@FORGET.jp\nGeneral: 忘年会"
	a.FullText = a.Text + "\n> 忘田\n> 花子\n> Von: Forget.Me@client.co.jp\n忘田\n花子"
	w.commit(w.a, write)
	removed, changed, err := w.s.Erase(w.ctx, "it", forgotten, w.now)
	w.ok(err)
	if removed != 0 || changed != 1 {
		t.Errorf("%d removed, %d changed", removed, changed)
	}
	got := w.activity("texts")
	text := "[erased]様\n[erased] <[erased]>, [erased]\nGeneral: 忘年会"
	for _, c := range []struct{ name, got, want string }{
		{"subject", got.Subject, "[erased]: [erased]様"},
		{"text", got.Text, text},
		{"full text", got.FullText, text + "\n> 忘田\n> 花子\n> Von: [erased]\n[erased]"},
		{"evidence", got.Match.Evidence, "other@client.co.jp"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	if len(got.Match.RunnersUp) != 0 {
		t.Errorf("runners-up: %+v", got.Match.RunnersUp)
	}
	want := []crm.Participant{{Name: "佐藤", Address: sato, Role: crm.RoleFrom, Internal: true}, {Role: crm.RoleTo},
		{Kind: crm.Contact, ID: "other", Address: "other@client.co.jp", Role: crm.RoleTo}}
	if diff := cmp.Diff(want, got.People); diff != "" {
		t.Errorf("participants (-want +got):\n%s", diff)
	}
	w.gone(erased, "forget.me+list", "hanako", "wasureta", "忘田 花子", "忘田花子", "忘田　花子")
}
