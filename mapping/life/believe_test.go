package life_test

import (
	"slices"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Anybody can send us something that looks like a report of a server.
func TestForgedFailures(t *testing.T) {
	rules := rulesOf(t, life.Document{Accept: []crm.ProposalKind{crm.ProposeBadAddress}})
	failed := bounce(t, "2026-11-04 10:00", crm.SignalBounceHard)
	nameless := failed // names nobody in its words
	nameless.Signals = []crm.Signal{{Kind: crm.SignalBounceHard, Reason: "no_mailbox"}}
	elsewhere := mailOut(t, "2026-11-03", "a") // to another address of theirs
	elsewhere.People[1].Address = "t.tanaka@client.example"
	elsewhere.Thread = "rfc:ours@example.co.jp"
	quoting := failed
	quoting.Thread = elsewhere.Thread
	others := mailOut(t, "2026-11-03", "a")
	others.People[1].ID, others.People[1].Address = suzuki, "suzuki@client.example"
	mailing := mailOut(t, "2026-11-03", "a")
	mailing.Class = crm.ClassBulk
	for name, test := range map[string]struct {
		list     []crm.Activity
		more     bool
		believed bool
	}{
		"nobody ever wrote to them":     {list: []crm.Activity{failed}},
		"they wrote to us":              {list: []crm.Activity{mailIn(t, "2026-11-03", "a"), failed}},
		"we wrote later":                {list: []crm.Activity{failed, mailOut(t, "2026-11-05", "a")}},
		"we wrote to somebody else":     {list: []crm.Activity{others, failed}},
		"we wrote to another address":   {list: []crm.Activity{elsewhere, failed}},
		"it answers what we wrote":      {list: []crm.Activity{elsewhere, quoting}, believed: true},
		"it answers something unknown":  {list: []crm.Activity{quoting}},
		"we wrote":                      {list: []crm.Activity{mailOut(t, "2026-11-03", "a"), failed}, believed: true},
		"we wrote, their clock is slow": {list: []crm.Activity{mailOut(t, "2026-11-04 10:20", "a"), failed}, believed: true},
		"a mailing":                     {list: []crm.Activity{mailing, failed}, believed: true},
		"an invitation":                 {list: []crm.Activity{meeting(t, "2026-11-03", "2026-11-20", "", nil), failed}, believed: true},
		"it names no address":           {list: []crm.Activity{mailOut(t, "2026-11-03", "a"), nameless}, believed: true},
		"it names no address, forged":   {list: []crm.Activity{nameless}},
		"not everything is in sight":    {list: []crm.Activity{failed}, more: true, believed: true},
		"a forged one, and a true one":  {list: []crm.Activity{bounce(t, "2026-11-01", crm.SignalBounceHard), mailOut(t, "2026-11-03", "a"), failed}, believed: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, rules).add(test.list...)
			s.f.More = test.more
			out := s.follow("2026-11-06")
			id := crm.ProposalID(crm.ProposeBadAddress, tanaka, "", address)
			moved := slices.ContainsFunc(out.Changes, func(c crm.Change) bool { return c.Rule == "bounce_hard" })
			if accepted := slices.Contains(out.Apply, id); accepted != test.believed || moved != test.believed && !test.more && name != "an invitation" {
				t.Errorf("accepted %v, moved %v: %v", accepted, moved, s.history())
			}
			if !slices.ContainsFunc(s.f.Proposals, func(p crm.Proposal) bool { return p.ID == id && p.State == crm.ProposalOpen }) {
				t.Error("it is not proposed")
			}
		})
	}
	s := newStory(t, rules).add(failed)
	s.follow("2026-11-06")
	if out := s.add(mailOut(t, "2026-11-03", "read later")).follow("2026-11-06"); len(out.Apply) != 1 || s.f.Person.Status != crm.StatusUntouched {
		t.Errorf("our mail is read after the report: %v, %v", out.Apply, s.history())
	}
	if out := newStory(t, rules).add(failed).follow("2026-11-06"); len(out.Changes) > 0 {
		t.Errorf("%+v", out.Changes)
	}
}
