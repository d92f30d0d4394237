package mapping_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/pasted"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

type nobody struct{}

func (nobody) Lookup(context.Context, crm.Question) (crm.Answer, error) { return crm.Answer{}, nil }

func tryMapper(t *testing.T, text string) *mapping.Mapper {
	t.Helper()
	doc, problems := mapping.Parse([]byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}}, doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return m
}

func fieldOf(list []mapping.Tried, name string) mapping.Tried {
	for _, f := range list {
		if f.Field == name {
			return f
		}
	}
	return mapping.Tried{}
}

func TestTryItem(t *testing.T) {
	m := tryMapper(t, "forms:\n  contact:\n    name: お問い合わせ\n    person: {title: form.?yaku.orValue(\"\"), department: form.missing}\n    product: '\"crm\"'\nscreen: {subjects: [社外秘]}\n")
	item, err := pasted.Form("contact", "お名前: 田中 太郎\n会社名: ㈱テスト\nemail: tanaka@test.example\nyaku: 部長\n", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.TryItem(t.Context(), nobody{}, mapping.Source{ID: "x"}, item, time.Now())
	if err != nil || got.Verdict != crm.Logged || !got.New || fieldOf(got.Person, "title").Now != "部長" || fieldOf(got.Activity, "product").Now != "crm" {
		t.Errorf("%v %+v", err, got)
	}
	if len(got.Failures) != 1 || !strings.HasPrefix(got.Failures[0], "department: ") {
		t.Errorf("failures %q", got.Failures)
	}
	mail, err := pasted.Mail("From: a@client.example\nTo: sato@example.co.jp\nSubject: 【社外秘】価格\n\nx\n", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got, err = m.TryItem(t.Context(), nobody{}, mapping.Source{ID: "x"}, mail, time.Now()); err != nil || got.Verdict != crm.Excluded || !strings.HasPrefix(string(got.Reason), "subject") {
		t.Errorf("%v %+v", err, got)
	}
}

func TestTryActivity(t *testing.T) {
	a := crm.Activity{ID: "k", Key: "k", Kind: crm.KindEmail, Direction: crm.DirectionIn, Subject: "お見積りの件", Product: "old", Time: time.Now(),
		People:   []crm.Participant{{Role: crm.RoleFrom, Address: "tanaka@client.example", Name: "田中 太郎", ID: "p", Kind: crm.Lead}},
		Observed: []crm.Observation{{Source: "s", ExternalID: "1"}}}
	m := tryMapper(t, "fields:\n  email:\n    activity: {product: {when: 'mail.subject.contains(\"見積\")', default: quote}, status: meeting.location}\n    person: {title: {default: 部長}}\n")
	got, err := m.TryActivity(t.Context(), nobody{}, a)
	if f := fieldOf(got.Activity, "product"); err != nil || f.Was != "old" || f.Now != "quote" || fieldOf(got.Person, "title").Now != "" || len(got.Failures) != 1 {
		t.Errorf("%v %+v", err, got)
	}
	if got, err = tryMapper(t, "screen: {domains: [client.example]}").TryActivity(t.Context(), nobody{}, a); err != nil || got.Verdict != crm.Excluded {
		t.Errorf("%v %+v", err, got)
	}
}

func TestConditionsAreWrittenForPeople(t *testing.T) {
	for _, comparison := range mapping.Comparisons() {
		when := mapping.Condition("mail.subject", comparison, `a "b" \ 見積`)
		_, problems := mapping.Parse([]byte("fields: {email: {activity: {product: {default: x, when: " + yamlQuoted(when) + "}}}}"))
		if when == "" || len(problems) > 0 {
			t.Errorf("%s: %q %v", comparison, when, problems)
		}
	}
	for _, kind := range []crm.ActivityKind{crm.KindEmail, crm.KindMeeting, crm.KindForm} {
		a := &crm.Activity{Kind: kind, Fields: []crm.FormField{{Name: "q", Label: `"お名前"`, Values: []string{"田中"}}}}
		for _, offer := range mapping.Offers(kind, a) {
			_, problems := mapping.Parse([]byte("fields: {" + string(kind) + ": {activity: {product: " + yamlQuoted(offer.Expression) + "}}}"))
			if len(problems) > 0 {
				t.Errorf("%s: %v", offer.Expression, problems)
			}
		}
	}
}

func yamlQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
