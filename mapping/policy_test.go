package mapping_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func TestNewPeople(t *testing.T) {
	proposed := []crm.ReviewKind{crm.ReviewNewContact}
	class := func(item connectors.Item, class crm.Class) connectors.Item { item.Message.Class = class; return item }
	var crowd []string
	for i := range 21 {
		crowd = append(crowd, fmt.Sprintf("p%02d@other.example", i))
	}
	tests := map[string]struct {
		policy, source mapping.Policy
		item           connectors.Item
		verdict        crm.Verdict
		reason         crm.Reason
		reviews        []crm.ReviewKind
		created        []crm.PersonKind
	}{
		"we wrote":                      {item: mail("1", us, "new@other.example"), verdict: crm.Waiting, reason: "new_contact", reviews: proposed},
		"we wrote, in copy to a client": {item: mail("1", us, "new@other.example", tanaka), verdict: crm.Logged, reason: "matched", reviews: proposed},
		"we wrote to a client's colleague": {
			item: mail("1", us, "new@client.co.jp"), verdict: crm.Logged, reason: "matched", reviews: proposed,
		},
		"they wrote":                      {item: mail("1", "new@other.example", us), verdict: crm.Unmatched, reason: "nobody"},
		"we wrote to an office":           {item: mail("1", us, "info@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"we wrote to a numbered office":   {item: mail("1", us, "eigyo2@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"we wrote to a machine":           {item: mail("1", us, "no-reply@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"our automatic reply":             {item: class(mail("1", us, "new@other.example"), crm.ClassAutoReply), verdict: crm.Unmatched, reason: "nobody"},
		"our invitation":                  {item: class(mail("1", us, "new@other.example"), crm.ClassInvitation), verdict: crm.Waiting, reason: "new_contact", reviews: proposed},
		"twenty people":                   {item: mail("1", us, crowd[:2]...), verdict: crm.Waiting, reason: "new_contact", reviews: []crm.ReviewKind{crm.ReviewNewContact, crm.ReviewNewContact}},
		"a circular":                      {item: mail("1", us, crowd...), verdict: crm.Unmatched, reason: "nobody"},
		"the same address twice":          {item: mail("1", us, "new@other.example", "New+x@other.example"), verdict: crm.Waiting, reason: "new_contact", reviews: proposed},
		"who, before whether":             {item: mail("1", us, "new@other.example", "family@docomo.ne.jp"), verdict: crm.Waiting, reason: "ambiguous", reviews: []crm.ReviewKind{crm.ReviewAmbiguous, crm.ReviewNewContact}},
		"never":                           {policy: mapping.PolicyNever, item: mail("1", us, "new@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"never, by the source":            {policy: mapping.PolicyAlways, source: mapping.PolicyNever, item: mail("1", us, "new@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"always, out":                     {policy: mapping.PolicyAlways, item: mail("1", us, "new@other.example"), verdict: crm.Logged, reason: "matched", created: []crm.PersonKind{crm.Lead}},
		"always, in":                      {policy: mapping.PolicyAlways, item: mail("1", "new@other.example", us), verdict: crm.Logged, reason: "matched", created: []crm.PersonKind{crm.Lead}},
		"always, of an account":           {source: mapping.PolicyAlways, item: mail("1", "new@client.co.jp", us), verdict: crm.Logged, reason: "matched", created: []crm.PersonKind{crm.Contact}},
		"always, a form's notification":   {policy: mapping.PolicyAlways, item: class(mail("1", "new@other.example", us), crm.ClassFormNotification), verdict: crm.Unmatched, reason: "nobody"},
		"always, an office":               {policy: mapping.PolicyAlways, item: mail("1", "info@other.example", us), verdict: crm.Unmatched, reason: "nobody"},
		"always, an office of a client":   {policy: mapping.PolicyAlways, item: mail("1", "info@client.co.jp", us), verdict: crm.Logged, reason: "matched"},
		"always, a machine of a client":   {policy: mapping.PolicyAlways, item: mail("1", "noreply@client.co.jp", us), verdict: crm.Logged, reason: "matched"},
		"always, out, the sender is ours": {policy: mapping.PolicyAlways, item: mail("1", us, tanaka), verdict: crm.Logged, reason: "matched"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			src := sato
			src.NewPeople = test.source
			w := mapOne(t, newMapper(t, mapping.Document{People: mapping.People{New: test.policy}}), clients(), src, test.item)
			got := summary(w)
			if got.Verdict != test.verdict || got.Reason != test.reason {
				t.Errorf("got %s, %q, want %s, %q", got.Verdict, got.Reason, test.verdict, test.reason)
			}
			if diff := cmp.Diff(test.reviews, got.Reviews); diff != "" {
				t.Errorf("reviews (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.created, got.Created); diff != "" {
				t.Errorf("created (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReviewOfNewContact(t *testing.T) {
	w := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, mail("1", us, "新人 一郎 <Shinjin+1@Client.co.jp>"))
	want := []crm.Review{{
		ID: crm.ReviewID(crm.ReviewNewContact, "shinjin@client.co.jp"), Kind: crm.ReviewNewContact, Address: "shinjin@client.co.jp",
		Name: "新人 一郎", Subject: "件名 SUBJECT", AccountID: "client", Source: "sato-mail", Owner: "sato@example.co.jp",
		Raised: mail("1", us).Message.Date, State: crm.ReviewOpen,
	}}
	if diff := cmp.Diff(want, w.Reviews); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReviewOfSeveralPeople(t *testing.T) {
	w := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, mail("1", "family@docomo.ne.jp", us))
	want := []crm.Candidate{
		{Kind: "lead", ID: "lead-a", Name: "夫", Rule: crm.RuleAddress, Evidence: "family@docomo.ne.jp"},
		{Kind: "lead", ID: "lead-b", Name: "妻", Rule: crm.RuleAddress, Evidence: "family@docomo.ne.jp"},
	}
	if len(w.Reviews) != 1 {
		t.Fatalf("%d reviews", len(w.Reviews))
	}
	if diff := cmp.Diff(want, w.Reviews[0].Candidates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCreatedPerson(t *testing.T) {
	always := newMapper(t, mapping.Document{People: mapping.People{New: mapping.PolicyAlways}})
	w := mapOne(t, always, clients(), sato, mail("1", "新人 一郎 <Shinjin+1@Client.co.jp>", us))
	want := []crm.Person{{
		ID: crm.DerivedID("person", "shinjin@client.co.jp"), Kind: crm.Contact, Name: "新人 一郎", FamilyName: "新人", GivenName: "一郎",
		AccountID: "client", Emails: []string{"shinjin+1@client.co.jp"}, Owner: "sato@example.co.jp", Origin: "policy", Created: noon, Updated: noon,
	}}
	if diff := cmp.Diff(want, w.People); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ids(w.Activity); len(got) != 1 || got[0] != want[0].ID || w.Pending != nil {
		t.Errorf("people on the activity %q, pending %q", got, w.Pending)
	}
	if m := w.Activity.Match; m.Rule != crm.RuleAddress || m.Evidence != "shinjin+1@client.co.jp" {
		t.Errorf("match %+v", m)
	}
	lead := mapOne(t, always, clients(), sato, mail("1", "nameless@docomo.ne.jp", us)).People[0]
	if lead.Kind != crm.Lead || lead.Status != crm.StatusNew || lead.Name != "nameless" || lead.AccountID != "" {
		t.Errorf("lead %+v", lead)
	}
}
