package mapping_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func TestConsentOfForms(t *testing.T) {
	given, refused := crm.ConsentGiven, crm.ConsentRefused
	for name, test := range map[string]struct {
		label, answer string
		want          crm.ConsentState
	}{
		"wanted":                             {"メルマガ購読", "希望する", given},
		"not wanted":                         {"メルマガ購読", "希望しない", refused},
		"not needed":                         {"ご案内メール", "不要", refused},
		"yes":                                {"メール配信希望", "はい", given},
		"no, full width":                     {"newsletter", "ＮＯ", refused},
		"a box that says its own text":       {"メールマガジン", "メールマガジンを購読する", given},
		"ticked":                             {"opt-in", "on", given},
		"ticked, one":                        {"email_opt_in", "1", given},
		"not ticked":                         {"newsletter", "0", refused},
		"a long label":                       {"今後、メールマガジンの配信を希望されますか", "はい", given},
		"a long label against it":            {"メルマガの配信を停止する", "はい", refused},
		"a long label against it, unticked":  {"メルマガの配信を停止する", "いいえ", ""},
		"Salesforce's opt-out":               {"emailOptOut", "1", refused},
		"Salesforce's opt-out, unticked":     {"emailOptOut", "0", ""},
		"unsubscribing":                      {"unsubscribe", "yes", refused},
		"agreeing to mailings":               {"同意", "メールマガジンの受け取りに同意する", given},
		"agreeing to a privacy policy":       {"同意", "個人情報の取り扱いに同意する", ""},
		"agreeing, nobody knows to what":     {"consent", "yes", ""},
		"a privacy policy under its name":    {"プライバシーポリシー", "同意する", ""},
		"an answer that says nothing":        {"メルマガ購読", "検討中", ""},
		"nothing":                            {"メルマガ購読", " ", ""},
		"a question about something else":    {"ご質問", "メルマガ購読はできますか", ""},
		"English, in words":                  {"Marketing emails", "Yes, send me updates", given},
		"English, in words, against it":      {"Marketing emails", "Please do not send me any", refused},
		"agreeing to mailings, in the label": {"consent", "I agree to receive the newsletter", given},
	} {
		t.Run(name, func(t *testing.T) {
			w := mapForm(t, clients(), mapping.Document{Forms: map[string]mapping.Form{"contact": {Name: "お問い合わせ"}}},
				"email", "new@shinki.example", test.label, test.answer)
			if len(w.People) != 1 {
				t.Fatalf("%+v", w)
			}
			want := crm.Consent{}
			if test.want != "" {
				want = crm.Consent{State: test.want, At: noon.Add(-time.Minute), Evidence: "お問い合わせ: " + test.label + ": " + test.answer}
			}
			if diff := cmp.Diff(want, w.People[0].Consent); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestConsentByRuleAndOfSomebodyKnown(t *testing.T) {
	doc := mapping.Document{Forms: map[string]mapping.Form{"contact": {Person: map[string]mapping.FieldRule{"consent": {Value: `form.?wants.orValue("")`}}}}}
	w := mapForm(t, clients(), doc, "email", "new@shinki.example", "wants", "希望します")
	if got := w.People[0].Consent; got.State != crm.ConsentGiven || got.Evidence != "contact" {
		t.Errorf("%+v", got)
	}
	w = mapForm(t, clients(), doc, "email", "tanaka@client.co.jp", "wants", "配信不要")
	at := noon.Add(-time.Minute)
	want := []crm.PersonUpdate{{ID: "tanaka", Activity: w.Activity.ID, At: at, Fill: []crm.Fill{{Field: "consent", Value: "refused:contact"}}}}
	if diff := cmp.Diff(want, w.Updates); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	p := crm.Person{Consent: crm.Consent{State: crm.ConsentGiven, At: at.Add(-time.Hour)}}
	if !crm.ApplyUpdate(&p, w.Updates[0]) || crm.ApplyUpdate(&p, w.Updates[0]) || p.Consent != (crm.Consent{State: crm.ConsentRefused, At: at, Evidence: "contact"}) {
		t.Errorf("the last word does not count, or counts twice: %+v", p)
	}
	later := crm.Person{Consent: crm.Consent{State: crm.ConsentGiven, At: at.Add(time.Hour)}}
	if crm.ApplyUpdate(&later, w.Updates[0]) {
		t.Errorf("an older word replaced a newer one: %+v", later)
	}
}

func TestOwnerOfALeadThatRulesAssign(t *testing.T) {
	assigned := life.Document{Assignment: []life.Assignment{{Name: "all", Owners: []string{"kato@example.co.jp"}}}}
	rule := mapping.Form{Owner: mapping.FieldRule{Value: `form.?owner.orValue("")`}}
	source := mapping.Source{ID: "forms", Owner: "sato@example.co.jp"}
	for name, test := range map[string]struct {
		doc    mapping.Document
		fields []string
		want   string
	}{
		"nobody assigns":                       {mapping.Document{}, nil, "sato@example.co.jp"},
		"rules assign":                         {mapping.Document{Lifecycle: assigned}, nil, ""},
		"the form has its own rule":            {mapping.Document{Lifecycle: assigned, Forms: map[string]mapping.Form{"contact": rule}}, []string{"owner", "mori@example.co.jp"}, "mori@example.co.jp"},
		"which names the source's owner":       {mapping.Document{Lifecycle: assigned, Forms: map[string]mapping.Form{"contact": rule}}, []string{"owner", "sato@example.co.jp"}, "sato@example.co.jp"},
		"which says nothing":                   {mapping.Document{Lifecycle: assigned, Forms: map[string]mapping.Form{"contact": rule}}, nil, ""},
		"the person's owner is said by a rule": {mapping.Document{Lifecycle: assigned, Forms: map[string]mapping.Form{"contact": {Person: map[string]mapping.FieldRule{"owner": {Value: `"ito@example.co.jp"`}}}}}, nil, "ito@example.co.jp"},
	} {
		t.Run(name, func(t *testing.T) {
			w := mapOne(t, newMapper(t, test.doc), clients(), source, submission("1", append(test.fields, "email", "new@shinki.example")...))
			if len(w.People) != 1 || w.People[0].Owner != test.want {
				t.Errorf("%+v", w.People)
			}
			if test.want == "" && !cmp.Equal(w.Activity.Owners, []string{"sato@example.co.jp"}) {
				t.Errorf("the activity is credited to %q", w.Activity.Owners)
			}
		})
	}
}

func TestStatusOfARuleMustExist(t *testing.T) {
	for value, want := range map[string]crm.LeadStatus{"working": crm.StatusWorking, "hot": crm.StatusNew, "": crm.StatusNew} {
		mapper := newMapper(t, mapping.Document{Forms: map[string]mapping.Form{"contact": {Person: map[string]mapping.FieldRule{"status": {Value: `"` + value + `"`}}}}})
		w := mapOne(t, mapper, clients(), website, submission("1", "email", "new@shinki.example"))
		if w.People[0].Status != want || (mapper.RuleErrors() > 0) != (value == "hot") {
			t.Errorf("%q: %s, %d errors", value, w.People[0].Status, mapper.RuleErrors())
		}
	}
}
