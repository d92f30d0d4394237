package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/web"
)

func TestFormBookHasInputsAndRates(t *testing.T) {
	cfg := &config.Config{Forms: []config.Form{
		{ID: "contact", RatePerMinute: 600, RatePerAddress: 7, Inputs: []config.Input{{Name: "mail", Label: "アドレス", LabelEN: "Address", Type: "email", Required: true}}},
		{ID: "plain", RatePerMinute: 600},
	}}
	document := mapping.Document{
		Lookups: map[string]map[string]string{"topics": {"導入": "a", "*": "b"}},
		Forms: map[string]mapping.Form{
			"contact": {Name: "お問い合わせ", Person: map[string]mapping.FieldRule{"company": {Value: "form.kaisha"}}},
			"plain":   {Person: map[string]mapping.FieldRule{"company": {Value: "form.?company.orValue(\"\")"}}},
			"brochure": {Activity: map[string]mapping.FieldRule{"custom.topic": {Value: "form.?kind.orValue(\"\")", Lookup: "topics"}},
				Person: map[string]mapping.FieldRule{"custom.wanted": {Value: "form[?\"ご希望日\"].orValue(\"\")", When: "has(form.email)"}}},
		}}
	book := newFormBook(cfg, document)
	contact := book.byID["contact"]
	want := []web.FormInput{{Name: "mail", Label: crm.Label{JA: "アドレス", EN: "Address"}, Type: "email", Required: true}}
	if diff := cmp.Diff(want, contact.Inputs); diff != "" || contact.PerAddress != 7 || contact.Name != "お問い合わせ" {
		t.Errorf("contact: %s\n%+v", diff, contact)
	}
	if in := book.byID["plain"].Inputs; in != nil {
		t.Errorf("a form whose rules read the usual fields has inputs of its own: %+v", in)
	}
	got := book.byID["brochure"].Inputs
	more := []web.FormInput{{Name: "ご希望日"}, {Name: "kind", Type: "select", Options: []string{"導入"}}}
	if diff := cmp.Diff(append(web.UsualInputs(), more...), got); diff != "" {
		t.Errorf("brochure: %s", diff)
	}
}
