package web

import (
	"html"
	"html/template"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// usualInputs are the fields of a form of which nobody said which it has. Their names are those of a Salesforce
// Web-to-Lead form, which every mapping knows.
func usualInputs() []FormInput { return UsualInputs() }

// UsualInputs are the fields of a form of which nobody said which it has.
func UsualInputs() []FormInput {
	return []FormInput{
		{Name: "company", Label: crm.Label{JA: "会社名", EN: "Company"}},
		{Name: "last_name", Label: crm.Label{JA: "姓", EN: "Last name"}, Required: true},
		{Name: "first_name", Label: crm.Label{JA: "名", EN: "First name"}},
		{Name: "email", Label: crm.Label{JA: "メールアドレス", EN: "E-mail address"}, Type: "email", Required: true},
		{Name: "phone", Label: crm.Label{JA: "電話番号", EN: "Telephone"}, Type: "tel"},
		{Name: "description", Label: crm.Label{JA: "お問い合わせ内容", EN: "Your enquiry"}, Type: "textarea", Required: true},
	}
}

// formAction is where the form posts to.
func (s *Server) formAction(r *request, f *Form) string {
	base := strings.TrimSuffix(s.cfg.PublicURL, "/")
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return base + f.path()
}

// formHTML is a form that can be copied into any page: no script, and no style but what hides the honeypot. In
// our own pages a class hides it instead, since they allow no styles in attributes.
func (s *Server) formHTML(say *speaker, f *Form, action string, ours bool) string {
	var b strings.Builder
	attr := func(name, value string) {
		b.WriteString(" " + name + `="` + html.EscapeString(value) + `"`)
	}
	hiddenInput := func(name, value string) {
		b.WriteString(`  <input type="hidden"`)
		attr("name", name)
		attr("value", value)
		b.WriteString(">\n")
	}
	b.WriteString("<form")
	attr("action", action)
	b.WriteString(` method="post" accept-charset="UTF-8"`)
	if ours {
		b.WriteString(` class="stack"`)
	}
	b.WriteString(">\n")
	hiddenInput(fieldLanguage, say.lang)
	if len(s.cfg.FormKey) > 0 {
		hiddenInput(fieldToken, newToken(s.cfg.FormKey, f.ID, s.intake.now()))
	}
	if len(f.ReturnURLs) > 0 && !ours { // our pages send forms to ourselves only
		hiddenInput("retURL", f.ReturnURLs[0])
	}
	if ours {
		b.WriteString(`  <p class="hidden" aria-hidden="true"><label>`)
	} else {
		b.WriteString(`  <p style="position:absolute;left:-10000px" aria-hidden="true"><label>`)
	}
	b.WriteString(html.EscapeString(say.text("forms.honeypot")))
	b.WriteString(` <input name="` + fieldHoneypot + `" tabindex="-1" autocomplete="off"></label></p>` + "\n")
	inputs := f.Inputs
	if len(inputs) == 0 {
		inputs = usualInputs()
	}
	for i := range inputs {
		writeInput(&b, say, &inputs[i], attr, ours)
	}
	b.WriteString(`  <button type="submit"`)
	if ours {
		b.WriteString(` class="primary"`)
	}
	b.WriteString(">" + html.EscapeString(say.text("forms.submit")) + "</button>\n</form>\n")
	return b.String()
}

// writeInput writes a field with its question, and says where an answer is needed.
func writeInput(b *strings.Builder, say *speaker, in *FormInput, attr func(name, value string), ours bool) {
	label := in.Label.JA
	if say.lang == "en" && in.Label.EN != "" || label == "" {
		label = in.Label.EN
	}
	if label == "" {
		label = in.Name
	}
	label = html.EscapeString(label)
	if in.Required && in.Type != "checkbox" {
		label += " (" + html.EscapeString(say.text("forms.required")) + ")"
	}
	named := func(element string) {
		b.WriteString("<" + element)
		attr("name", in.Name)
		if in.Required && in.Type != "checkbox" {
			b.WriteString(" required")
		}
	}
	switch in.Type {
	case "checkbox":
		b.WriteString("  <fieldset><legend>" + label + "</legend>")
		for _, o := range in.Options {
			b.WriteString("\n    <label")
			if ours {
				attr("class", "check")
			}
			b.WriteString(">")
			named("input")
			b.WriteString(` type="checkbox"`)
			attr("value", o)
			b.WriteString("> <span>" + html.EscapeString(o) + "</span></label>")
		}
		b.WriteString("\n  </fieldset>\n")
		return
	case "select":
		b.WriteString("  <label>" + label + "\n    ")
		named("select")
		b.WriteString(`><option value="">` + html.EscapeString(say.text("forms.choose")) + "</option>")
		for _, o := range in.Options {
			b.WriteString("<option>" + html.EscapeString(o) + "</option>")
		}
		b.WriteString("</select>")
	case "textarea":
		b.WriteString("  <label>" + label + "\n    ")
		named("textarea")
		b.WriteString(` rows="6"></textarea>`)
	default:
		b.WriteString("  <label>" + label + "\n    ")
		named("input")
		if in.Type != "" && in.Type != "text" {
			attr("type", in.Type)
		}
		b.WriteString(">")
	}
	b.WriteString("</label>\n")
}

// openForm is our own page with the form, which anybody may use: to try it, or for want of a site. Each time
// it bears a new token.
func (s *Server) openForm(w http.ResponseWriter, r *request) error {
	f, ok := s.form(r.PathValue("id"))
	if !ok || !s.sendable(&f) {
		return crm.ErrNotFound
	}
	v := struct {
		Name string
		HTML template.HTML
	}{f.title(), template.HTML(s.formHTML(r.say, &f, f.path(), true))} //nolint:gosec // formHTML escapes
	return s.render(w, r, "formopen", page{Title: v.Name, Nav: "forms", Data: v})
}
