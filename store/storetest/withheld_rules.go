package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) rule(kind crm.OwnRuleKind, text string) crm.OwnRule {
	w.t.Helper()
	r, err := crm.NewOwnRule(kind, text, w.now)
	w.ok(err)
	return r
}

func (w *world) settle() (changed int) {
	w.t.Helper()
	for {
		n, more, err := w.s.SettleOwnRules(w.ctx, w.now)
		w.ok(err)
		changed += n
		if !more {
			return changed
		}
	}
}

func testOwnRules(t *testing.T, w *world) {
	doctor, domain, subject := w.rule(crm.OwnAddress, "Doctor@Clinic.example"), w.rule(crm.OwnDomain, "@Family.example"), w.rule(crm.OwnSubject, "ｊｕｋｕ")
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, "Sato@example.co.jp", []crm.OwnRule{doctor, domain, subject, doctor}, nil, w.now))
	rules, settled, err := w.s.OwnRules(w.ctx, sato)
	if err != nil || len(rules) != 3 || settled {
		t.Fatalf("%+v, settled %v, %v", rules, settled, err)
	}
	w.settle()
	if _, settled, _ = w.s.OwnRules(w.ctx, sato); !settled {
		t.Error("never settled")
	}
	of := func(c crm.Claim, ext, mail, address, subject string) crm.Write {
		out := w.reply(c, ext, mail)
		out.Screening.Outside, out.Screening.Subject = []string{address}, subject
		return out
	}
	w.commit(w.a, of(w.a, "1", "m1", "doctor@clinic.example", "x"), of(w.a, "2", "m2", "mum@mail.family.example", "x"),
		of(w.a, "3", "m3", "x@client.co.jp", "Re: Jukuの件"), of(w.a, "4", "m4", "x@client.co.jp", "x"), of(w.a, "5", "m5", "x@notfamily.example", "x"))
	for ext, want := range map[string]crm.Reason{"1": doctor.Reason(), "2": domain.Reason(), "3": subject.Reason()} {
		if e := w.row("a", ext); e.Verdict != crm.Excluded || e.Reason != want {
			t.Errorf("row %s: %+v, want %s", ext, e, want)
		}
	}
	if got := w.tally("a"); got != (crm.Tally{Seen: 5, Logged: 2, Excluded: 3}) {
		t.Errorf("tally %+v", got)
	}
	w.commit(w.b, of(w.b, "1", "m1", "doctor@clinic.example", "x"))
	if w.row("b", "1").Verdict != crm.Logged {
		t.Error("a rule of one rep holds for another's mailbox")
	}
	for _, bad := range []string{"", "no address", strings.Repeat("x", 300) + "@a.example"} {
		if _, err := crm.NewOwnRule(crm.OwnAddress, bad, w.now); !errors.Is(err, crm.ErrOwnRule) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := crm.NewOwnRule(crm.OwnSubject, " a ", w.now); !errors.Is(err, crm.ErrOwnRule) {
		t.Errorf("a subject of one letter: %v", err)
	}
}

func testOwnRulesBefore(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	w.commit(w.a, w.reply(w.a, "1", "only"), w.reply(w.a, "2", "both"))
	w.commit(w.b, w.reply(w.b, "1", "both"))
	waits := w.other("3", "waits", crm.Waiting, crm.ReasonNewContact, "p@client.co.jp")
	waits.Reviews = []crm.Review{{ID: "0123456789abcdef0123456789abcdef", Address: "p@client.co.jp", Subject: "x", State: crm.ReviewOpen, Raised: w.now}}
	w.commit(w.a, waits)
	rule := w.rule(crm.OwnAddress, "p@client.co.jp")
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, sato, []crm.OwnRule{rule}, nil, w.now))
	if n := w.settle(); n != 3 {
		t.Errorf("%d rows changed", n)
	}
	w.vanished("only")
	if a := w.activity("both"); !slices.Equal(a.Owners, []string{suzuki}) || len(a.Observed) != 1 {
		t.Errorf("what another mailbox holds: %+v", a)
	}
	if got := w.tally("a"); got != (crm.Tally{Seen: 3, Excluded: 3}) {
		t.Errorf("tally %+v", got)
	}
	if n, _ := w.s.CountReviews(w.ctx, crm.ReviewOpen); n != 0 {
		t.Errorf("%d reviews are open", n)
	}
	if n := w.settle(); n != 0 {
		t.Errorf("settled twice: %d", n)
	}
}

func testOwnRulesGone(t *testing.T, w *world) {
	rule, other := w.rule(crm.OwnAddress, "p@client.co.jp"), w.rule(crm.OwnSubject, "件名 m2")
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, sato, []crm.OwnRule{other, rule}, nil, w.now))
	w.commit(w.a, w.reply(w.a, "1", "m1"), w.reply(w.a, "2", "m2"))
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, sato, nil, []string{rule.ID, "unknown"}, w.now))
	if n := w.settle(); n != 1 {
		t.Errorf("%d rows changed", n)
	}
	if got := w.tally("a"); got != (crm.Tally{Seen: 2, Excluded: 1, Failed: 1}) {
		t.Errorf("tally %+v", got)
	}
	due, err := w.s.RetryDue(w.ctx, "a", w.now.Add(time.Second), 10)
	if err != nil || len(due) != 1 || due[0].ExternalID != "1" {
		t.Errorf("due: %+v, %v", due, err)
	}
	many := make([]crm.OwnRule, crm.MaxOwnRules)
	for i := range many {
		many[i] = crm.OwnRule{ID: strings.Repeat("x", i+1), Kind: crm.OwnAddress, Text: "x@y.example"}
	}
	if err := w.s.ChangeOwnRules(w.ctx, sato, sato, many, nil, w.now); !errors.Is(err, crm.ErrTooBig) {
		t.Errorf("too many rules: %v", err)
	}
}

func testOwnRulesMany(t *testing.T, w *world) {
	var writes []crm.Write
	for i := range 1500 {
		mail := "m" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()
		writes = append(writes, w.reply(w.a, mail, mail))
	}
	w.commit(w.a, writes...)
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, sato, []crm.OwnRule{w.rule(crm.OwnDomain, "client.co.jp")}, nil, w.now))
	if _, more, err := w.s.SettleOwnRules(w.ctx, w.now); err != nil || !more {
		t.Fatalf("all at once: %v", err)
	}
	if n := w.tally("a").Excluded; n == 0 || n == 1500 {
		t.Errorf("%d rows after one piece", n)
	}
	w.settle()
	if got := w.tally("a"); got != (crm.Tally{Seen: 1500, Excluded: 1500}) {
		t.Errorf("tally %+v", got)
	}
}

func testOwnRulesErased(t *testing.T, w *world) {
	w.ok(w.s.ChangeOwnRules(w.ctx, sato, sato, []crm.OwnRule{w.rule(crm.OwnAddress, "p@client.co.jp"), w.rule(crm.OwnDomain, "x.example")}, nil, w.now))
	w.settle()
	_, _, err := w.s.Erase(w.ctx, "it", "p@client.co.jp", w.now)
	w.ok(err)
	rules, _, err := w.s.OwnRules(w.ctx, sato)
	if err != nil || len(rules) != 1 || rules[0].Kind != crm.OwnDomain {
		t.Errorf("rules left: %+v, %v", rules, err)
	}
}
