package mapping_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// failure is a report that mails to some recipients did not arrive.
func failure(from string, recipients ...string) connectors.Item {
	item := mail("bounce", from, us)
	item.Message.Class, item.Message.Subject = crm.ClassBounce, "Undelivered Mail Returned to Sender"
	for _, r := range recipients {
		item.Message.Bounces = append(item.Message.Bounces, crm.Bounce{Recipient: r, Hard: true, Code: "5.1.1", Reason: "no_mailbox", Text: "550 5.1.1 User unknown"})
	}
	return item
}

func TestBounce(t *testing.T) {
	const daemon = "mailer-daemon@mx.isp.example"
	for name, test := range map[string]struct {
		doc     mapping.Document
		item    connectors.Item
		verdict crm.Verdict
		rule    crm.Rule
		person  string
		pending []string
	}{
		"of a known person":               {item: failure(daemon, "Tanaka@client.co.jp"), verdict: crm.Logged, rule: crm.RuleBounce, person: "tanaka", pending: []string{daemon}},
		"whoever sent it":                 {item: failure("suzuki.hanako@gmail.com", "tanaka@client.co.jp"), verdict: crm.Logged, rule: crm.RuleBounce, person: "tanaka"},
		"from our own server":             {item: failure("mailer-daemon@example.co.jp", "tanaka@client.co.jp"), verdict: crm.Logged, rule: crm.RuleBounce, person: "tanaka"},
		"of nobody known":                 {item: failure(daemon, "nobody@other.example"), verdict: crm.Unmatched, pending: []string{daemon, "nobody@other.example"}},
		"from a client's server":          {item: failure("mailer-daemon@client.co.jp", "nobody@other.example"), verdict: crm.Unmatched, pending: []string{"mailer-daemon@client.co.jp", "nobody@other.example"}},
		"names nobody, from a client":     {item: failure("mailer-daemon@client.co.jp"), verdict: crm.Logged, rule: crm.RuleDomain, pending: []string{"mailer-daemon@client.co.jp"}},
		"of a client's unknown colleague": {item: failure(daemon, "gone@client.co.jp"), verdict: crm.Logged, rule: crm.RuleDomain, pending: []string{"gone@client.co.jp", daemon}},
		"of one of us":                    {item: failure("mailer-daemon@example.co.jp", "kato@example.co.jp"), verdict: crm.Excluded},
		"of an excluded address":          {doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"tanaka@client.co.jp"}}}, item: failure(daemon, "tanaka@client.co.jp"), verdict: crm.Excluded},
		"of an excluded domain":           {doc: mapping.Document{Screen: mapping.Screen{Domains: []string{"client.co.jp"}}}, item: failure(daemon, "x@mail.client.co.jp"), verdict: crm.Excluded},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMapper(t, test.doc)
			w := mapOne(t, m, clients(), sato, test.item)
			slices.Sort(test.pending)
			if w.Entry.Verdict != test.verdict || !slices.Equal(w.Pending, test.pending) || len(w.Reviews)+len(w.People) > 0 {
				t.Fatalf("%s, pending %v, reviews %v, people %v", w.Entry.Verdict, w.Pending, w.Reviews, w.People)
			}
			if w.Activity == nil {
				return
			}
			a := w.Activity
			if a.Match.Rule != test.rule || a.Direction != crm.DirectionIn || a.Class != crm.ClassBounce {
				t.Errorf("match %+v, %s, %s", a.Match, a.Direction, a.Class)
			}
			if test.person != "" && (a.People[0].ID != test.person || a.People[0].Role != crm.RoleBounced || len(a.Signals) != 1 || a.Signals[0].Address != "tanaka@client.co.jp") {
				t.Errorf("people %+v, signals %+v", a.People, a.Signals)
			}
			again(t, m, *a)
		})
	}
}

// again holds that matching and mapping anew leave an activity as it is, also after it was merged with itself.
func again(t *testing.T, m *mapping.Mapper, a crm.Activity) {
	t.Helper()
	a = crm.Merge(a, a)
	out, _, err := m.Remap(context.Background(), clients(), []crm.Activity{a})
	if err != nil || out[0].Changed {
		t.Errorf("mapped again: %v, %s", err, cmp.Diff(a, out[0].Activity))
	}
}

func TestBounceBecomesKnown(t *testing.T) {
	m := newMapper(t, mapping.Document{})
	dir := clients()
	w := mapOne(t, m, dir, sato, failure("mailer-daemon@mx.isp.example", "gone@client.co.jp"))
	dir.people = append(dir.people, crm.Person{ID: "gone", Kind: crm.Contact, Name: "不達 太郎", AccountID: "client", Emails: []string{"gone@client.co.jp"}})
	out, _, err := m.Rematch(context.Background(), dir, []crm.Activity{*w.Activity})
	if err != nil || !out[0].Changed || out[0].Activity.Match.Rule != crm.RuleBounce || out[0].Activity.People[0].ID != "gone" || len(out[0].Activity.Signals) != 1 {
		t.Errorf("%v: %+v", err, out)
	}
}

func TestSignals(t *testing.T) {
	m := newMapper(t, mapping.Document{})
	item := mail("1", tanaka, us)
	item.Message.Class = crm.ClassAutoReply
	item.Message.Text, item.Message.FullText = "田中は退職いたしました。後任は山田(yamada@client.co.jp)です。", ""
	w := mapOne(t, m, clients(), sato, item)
	if w.Activity == nil || len(w.Activity.Signals) != 1 || w.Activity.Signals[0].Kind != crm.SignalLeft || w.Activity.Signals[0].NewEmail != "yamada@client.co.jp" {
		t.Fatalf("%+v", w)
	}
	again(t, m, *w.Activity)
	old := *w.Activity
	old.Signals = nil
	out, _, err := m.Remap(context.Background(), clients(), []crm.Activity{old})
	if err != nil || cmp.Diff(w.Activity.Signals, out[0].Activity.Signals) != "" {
		t.Errorf("an activity stored before signals were read: %v %+v", err, out)
	}
}
