package web

import (
	"html/template"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// why says in plain sentences how an activity came to stand where it stands: the rule and its evidence,
// who else might have been meant, where it was seen, who is credited, and what sort of mail it is.
// The sentences come as list items. Form is what people call the form it came through.
func (sp *speaker) why(a *crm.Activity, form string) template.HTML {
	sentences := []template.HTML{sp.whyMatched(a)}
	if len(a.Match.RunnersUp) == 0 {
		sentences = append(sentences, sp.html("why.no_runners_up"))
	}
	for _, c := range a.Match.RunnersUp {
		sentences = append(sentences, sp.html("why.runner_up", "name", c.Name, "kind", sp.label("person_kind", c.Kind),
			"rule", sp.label("rule", string(c.Rule)), "evidence", c.Evidence))
	}
	if a.Form != "" {
		sentences = append(sentences, sp.html("why.form", "name", form))
	}
	named := false // the mails about it
	for _, o := range a.Observed {
		key := "why.observed"
		if o.Folder == "" {
			key = "why.observed_nowhere"
		}
		if o.Withdrawn {
			key += ".gone"
		}
		if o.Mail {
			key = "why.observed_mail"
			named = true
		}
		sentences = append(sentences, sp.html(key, "source", sp.nameOfSourceID(o.Source), "folder", o.Folder))
	}
	if !named {
		sentences = append(sentences, sp.whyMessages(a)...)
	}
	if len(a.Owners) > 0 {
		sentences = append(sentences, sp.html("why.owners", "owners", strings.Join(a.Owners, ", ")))
	}
	if a.Class != "" {
		sentences = append(sentences, sp.html("why.class", "class", sp.label("class", string(a.Class))))
	}
	var b strings.Builder
	for _, s := range sentences {
		b.WriteString("<li>")
		b.WriteString(string(s)) // escaped by html
		b.WriteString("</li>")
	}
	return template.HTML(b.String()) //nolint:gosec // sentences are escaped by html
}

// whyMessages counts the mails about a meeting.
func (sp *speaker) whyMessages(a *crm.Activity) []template.HTML {
	if len(a.Messages) == 0 {
		return nil
	}
	return []template.HTML{sp.html("why.messages", "n", len(a.Messages))}
}

func (sp *speaker) whyMatched(a *crm.Activity) template.HTML {
	if a.Match.Rule == "" {
		return sp.html("why.taken_back")
	}
	name := matchedName(a)
	key := "why.rule." + string(a.Match.Rule)
	if !sp.has(key) {
		return sp.html("why.rule.other", "rule", string(a.Match.Rule), "evidence", a.Match.Evidence)
	}
	if name != "" && sp.has(key+".named") {
		key += ".named"
	}
	return sp.html(key, "evidence", a.Match.Evidence, "name", name)
}

// matchedName is whom the evidence led to: who has the address, or who sent the form. "" if nobody has a name.
func matchedName(a *crm.Activity) string {
	form := a.Match.Rule == crm.RulePhone || a.Match.Rule == crm.RuleName || a.Match.Rule == crm.RuleForm
	for _, p := range a.People {
		if p.ID == "" || p.Name == "" {
			continue
		}
		if strings.EqualFold(p.Address, a.Match.Evidence) || form && p.Role == crm.RoleSubmitter {
			return p.Name
		}
	}
	return ""
}

// label is the word for one of a set of codes, or the code itself if the catalogue does not know it.
func (sp *speaker) label(set, code string) string {
	if key := set + "." + code; sp.has(key) {
		return sp.text(key)
	}
	return code
}

// reason says a ledger row's reason in a sentence.
func (sp *speaker) reason(r crm.Reason) template.HTML {
	code, detail, _ := strings.Cut(string(r), ": ")
	key := "reason." + code
	if code == crm.ReasonEventType {
		detail = sp.label("event_type", detail)
	}
	switch {
	case !sp.has(key):
		return sp.html("reason.other", "detail", string(r))
	case detail != "" && sp.has(key+".detail"):
		return sp.html(key+".detail", "detail", detail)
	default:
		return sp.html(key)
	}
}
