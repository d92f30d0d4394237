package web

import (
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what a timeline shows of a form; the activity's own page shows all.
const (
	shownFields = 12
	shownValue  = 300 // characters of a value
)

// formView is what an activity shows of the form it was: the answers, where the sender came from, and how often
// it was edited.
type formView struct {
	Sent     []fact // as sent
	MoreSent bool   // the activity's page has more
	Facts    []fact // form, product, touch and declared fields
	Edited   string // when it was last edited; "" if never
	Earlier  []revisionView
}

// revisionView is an earlier state.
type revisionView struct {
	When, Subject, Text string
	Sent                []fact
}

// formView is nil for an activity that no form made and that has no declared fields. Whole says that nothing is
// left out.
func (s *Server) formView(sp *speaker, a *crm.Activity, whole bool) *formView {
	if a.Form == "" && len(a.Fields) == 0 && len(a.Custom) == 0 && a.Product == "" && a.Touch == (crm.Touch{}) {
		return nil
	}
	v := &formView{}
	v.Sent, v.MoreSent = sentFacts(a.Fields, whole)
	v.Facts = append(sp.touchFacts(a, s.formName(a.Form)), sp.facts(s.declared(crm.OnActivity), a.Custom)...)
	if n := len(a.Revisions); n > 0 {
		v.Edited = sp.when(a.Time)
		for i := n - 1; i >= 0 && whole; i-- {
			r := &a.Revisions[i]
			sent, _ := sentFacts(r.Fields, true)
			v.Earlier = append(v.Earlier, revisionView{When: sp.when(r.At), Subject: r.Subject, Text: r.Text, Sent: sent})
		}
	}
	return v
}

// sentFacts are the answers with their questions, and whether some were left out or cut.
func sentFacts(fields []crm.FormField, whole bool) ([]fact, bool) {
	var out []fact
	more := false
	for _, f := range fields {
		value := strings.TrimSpace(strings.Join(f.Values, "\n"))
		if value == "" || strings.HasPrefix(f.Name, "sent.") { // words of the touch that rules replaced (mapping)
			continue
		}
		if !whole && len(out) == shownFields {
			return out, true
		}
		if !whole && utf8.RuneCountInString(value) > shownValue {
			value, more = excerpt(value, shownValue), true
		}
		label := f.Label
		if label == "" {
			label = f.Name
		}
		out = append(out, fact{label, value})
	}
	return out, more
}

// touchFacts are what is known of how the sender came to the form, which people call by a name.
func (sp *speaker) touchFacts(a *crm.Activity, form string) []fact {
	var out []fact
	for _, f := range []struct{ key, value string }{
		{"touch.form", form}, {"touch.product", a.Product}, {"touch.campaign", a.Touch.Campaign}, {"touch.channel", a.Touch.Channel},
		{"touch.source", a.Touch.Source}, {"touch.medium", a.Touch.Medium}, {"touch.term", a.Touch.Term}, {"touch.content", a.Touch.Content},
		{"touch.referrer", a.Touch.Referrer}, {"touch.landing", a.Touch.Landing},
	} {
		if f.value != "" {
			out = append(out, fact{sp.text(f.key), f.value})
		}
	}
	return out
}

// filledView says which field of a person an activity filled.
type filledView struct{ Label, URL, When string }

// filled names the fields as the pages do.
func (sp *speaker) filled(defs []crm.FieldDef, list []crm.Provenance) []filledView {
	out := make([]filledView, 0, len(list))
	for _, p := range list {
		label := p.Field
		if name, ok := strings.CutPrefix(p.Field, "custom."); ok {
			d, known := crm.FieldNamed(defs, name)
			if label = name; known {
				label = d.Heading(sp.lang)
			}
		} else if sp.has("filled." + p.Field) {
			label = sp.text("filled." + p.Field)
		}
		out = append(out, filledView{label, "/activities/" + p.Activity, sp.date(p.At)})
	}
	return out
}
