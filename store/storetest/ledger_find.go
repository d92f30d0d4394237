package storetest

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ledgerIs reads the whole ledger by pages of several lengths and compares the external ids.
func (w *world) ledgerIs(name string, filter crm.LedgerFilter, want string) {
	w.t.Helper()
	for _, limit := range []int{1, 2, 50} {
		got := ""
		for f := filter; ; {
			f.Limit = limit
			list, next, err := w.s.ListEntries(w.ctx, f)
			w.ok(err)
			for _, e := range list {
				got += e.ExternalID
			}
			if f.After = next; next == "" {
				break
			}
		}
		if got != want {
			w.t.Errorf("%s by %d: %q, want %q", name, limit, got, want)
		}
	}
}

// testLedgerFinds looks for rows by the time they were first seen, and by the address that they wait for.
func testLedgerFinds(w *world) {
	before := w.now.Add(time.Second)
	for i, row := range []struct {
		verdict crm.Verdict
		reason  crm.Reason
		who     string
	}{{crm.Unmatched, crm.ReasonNobody, "who@client.co.jp"}, {crm.Waiting, "ambiguous: who@client.co.jp", "who@client.co.jp"}, {crm.Unmatched, crm.ReasonNobody, "else@client.co.jp"},
		{crm.Waiting, crm.ReasonNewContact, "who@client.co.jp"}, {crm.Unmatched, "dismissed: who@client.co.jp", "who@client.co.jp"}} {
		w.now = w.now.Add(time.Second)
		w.commit(w.a, w.other(string(rune('p'+i)), "mail"+string(rune('p'+i)), row.verdict, row.reason, row.who))
	}
	at := func(seconds int) time.Time { return before.Add(time.Duration(seconds) * time.Second) }
	for _, test := range []struct {
		name string
		f    crm.LedgerFilter
		want string
	}{
		{"since", crm.LedgerFilter{Since: at(2)}, "tsr"},
		{"until", crm.LedgerFilter{Until: at(2), Since: before}, "qp"},
		{"between, in a source, of a verdict", crm.LedgerFilter{Source: "a", Verdict: crm.Waiting, Since: at(1), Until: at(3)}, "q"},
		{"no time at all", crm.LedgerFilter{Since: at(1), Until: at(1)}, ""},
		{"address", crm.LedgerFilter{Address: "Who@Client.co.jp"}, "tsqp"},
		{"address and verdict", crm.LedgerFilter{Address: "who@client.co.jp", Verdict: crm.Waiting}, "sq"},
		{"address and reason", crm.LedgerFilter{Address: "who@client.co.jp", Reason: "dismissed"}, "t"},
		{"address and time", crm.LedgerFilter{Address: "who@client.co.jp", Since: at(1), Until: at(4)}, "sq"},
		{"address in another source", crm.LedgerFilter{Address: "who@client.co.jp", Source: "b"}, ""},
		{"unknown address", crm.LedgerFilter{Address: "stranger@client.co.jp"}, ""},
		{"no address", crm.LedgerFilter{Address: "@"}, ""},
	} {
		w.ledgerIs(test.name, test.f, test.want)
	}
}
