package web

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

func importKinds() []string { return []string{"leads", "contacts", "accounts"} }

func importPolicies() []importing.Policy {
	return []importing.Policy{importing.Ask, importing.Update, importing.Create, importing.Skip}
}

// importOption is an entry of a select.
type importOption struct {
	Value, Label string
	Chosen       bool
}

// importColumnView is a column with what it may be taken for.
type importColumnView struct {
	Name, Heading, Samples string
	Fixed                  bool // it cannot be chosen: it has no heading, or another column has the same
	Options                []importOption
}

// importLineView is something that is said of a row.
type importLineView struct {
	Row    int
	More   int // further rows of which it is said
	Column string
	Said   template.HTML
	URL    string
}

// heldRowView is a row about which somebody has to decide, beside whom it may be about.
type heldRowView struct {
	Row     int
	Name    string // of the input
	Title   string
	Facts   []heldFact
	Twins   []heldTwinView
	Choices []importOption
}

// heldFact is a field of a row, and of each record that it may be about.
type heldFact struct {
	Label, File string
	Stored      []string
}

type heldTwinView struct {
	Name, URL string
	Score     int
	Evidence  []string
}

// importPage is one import.
type importPage struct {
	importState
	URL                       string
	When, Kind                string
	SizeText                  string
	Works, AtColumns, Checked bool
	Done, Failed, Halted      bool
	Gone                      bool
	MayColumns                bool // the columns can still be put right
	Progress, Total, Percent  int
	Kinds, Policies           []importOption
	ColumnViews               []importColumnView
	SaidText, AdviceText      string
	Bad, Notes, Known         []importLineView
	HeldRows                  []heldRowView
	HeldLeft                  int // about which nobody decided
	From, HeldNext, HeldPrev  int
	HasNext, HasPrev          bool
	MoreBad                   int
	LeftOut                   bool // there is a file of them
	People, Firms             importing.Counts
}

func (s *Server) showImport(w http.ResponseWriter, r *request) error {
	st, err := s.desk.load(r.PathValue("id"))
	if err != nil {
		return err
	}
	v := importPage{importState: st, URL: importsPath + "/" + st.ID, When: r.say.when(st.At), SizeText: size(st.Size), Works: st.Phase.works(), Checked: st.Phase == importChecked,
		Done: st.Phase == importDone, Failed: st.Phase == importFailed, Halted: st.Phase == importHalted, Gone: st.Phase == importGone, People: st.People, Firms: st.Accounts}
	v.ReadAs = r.say.readAs(st.ReadAs)
	if st.TakenFor != "" {
		v.Kind = r.say.label("import_kind", st.TakenFor)
	}
	v.AtColumns = st.Phase == importColumns || v.Checked && r.URL.Query().Get("step") == "columns"
	v.Checked = v.Checked && !v.AtColumns
	if st.Said.Code != "" {
		v.SaidText = r.say.sentence(st.Said)
		if st.Advice.Code != "" {
			v.AdviceText = r.say.sentence(st.Advice)
		}
	}
	if job := s.desk.job(st.ID); job != nil {
		if v.Progress, v.Total = job.progress(); v.Total > 0 {
			v.Percent = v.Progress * 100 / v.Total
		}
	}
	switch {
	case v.AtColumns:
		s.addColumns(r.say, &v)
	case v.Checked, v.Done, v.Halted && st.Rows > 0:
		if err := s.addReport(r, &v); err != nil {
			return err
		}
	}
	return s.render(w, r, "import", page{Title: st.File, Nav: "imports", Live: "work=" + importTopic(st.ID), Data: v})
}

// readAs words how a file was read: its encoding and what separates its cells, or the sheet of a workbook.
func (sp *speaker) readAs(how string) string {
	encoding, separator, found := strings.Cut(how, ", separated by ")
	if !found || !sp.has("import_read."+separator) {
		return how
	}
	if strings.HasPrefix(encoding, "UTF-8 ") {
		encoding = sp.text("import_read.bom")
	}
	return sp.text("import_read."+separator, "value", encoding)
}

// addColumns adds what the columns may be taken for.
func (s *Server) addColumns(sp *speaker, v *importPage) {
	kind := v.TakenFor
	if v.importState.Kind != "" {
		kind = v.importState.Kind
	}
	for _, k := range importKinds() {
		v.Kinds = append(v.Kinds, importOption{k, sp.label("import_kind", k), k == kind})
	}
	for _, p := range importPolicies() {
		v.Policies = append(v.Policies, importOption{string(p), sp.label("import_policy", string(p)), p == v.Policy})
	}
	fields := s.importFields(sp, kind)
	seen := map[string]bool{}
	for i, c := range v.Columns {
		heading := crm.Fold(c.Heading)
		col := importColumnView{Name: "c" + strconv.Itoa(i), Heading: c.Heading, Samples: strings.Join(c.Samples, " / "), Fixed: heading == "" || seen[heading]}
		seen[heading] = true
		for _, o := range fields {
			o.Chosen = o.Value == string(c.Field)
			col.Options = append(col.Options, o)
		}
		v.ColumnViews = append(v.ColumnViews, col)
	}
}

// importFields are what a column of a kind of record can be taken for.
func (s *Server) importFields(sp *speaker, kind string) []importOption {
	out := []importOption{{"", sp.text("imports.not_read"), false}}
	for _, f := range importing.Fields() {
		out = append(out, importOption{Value: string(f), Label: sp.label("import_field", strings.ReplaceAll(string(f), " ", "_"))})
	}
	for _, d := range s.declared(importing.TargetOf(kind)) {
		out = append(out, importOption{Value: importing.CustomPrefix + d.Name, Label: d.Heading(sp.lang)})
	}
	return out
}

// addReport adds what is said of rows.
func (s *Server) addReport(r *request, v *importPage) error {
	var report importReport
	if err := s.desk.get(v.ID+".report", &report); err != nil {
		return nil //nolint:nilerr // it was kept for a week, or is not there yet
	}
	v.LeftOut = v.Refused+v.Held > 0
	said := func(x importing.Sentence) template.HTML {
		key := "import_said." + x.Code
		if !r.say.has(key) {
			return template.HTML(template.HTMLEscapeString(x.String())) //nolint:gosec // escaped
		}
		return r.say.html(key, sentenceParts(x)...)
	}
	for _, b := range report.Bad {
		v.Bad = append(v.Bad, importLineView{Row: b.Row, Column: b.Column, Said: said(b.Said)})
	}
	v.MoreBad = v.Refused - len(v.Bad)
	for _, m := range report.Remarks {
		v.Notes = append(v.Notes, importLineView{Row: m.Rows[0], More: len(m.Rows) - 1, Said: said(m.Said)})
	}
	place := "/people/"
	if v.TakenFor == "accounts" {
		place = "/accounts/"
	}
	for _, d := range report.Known {
		line := importLineView{Row: d.Row, Said: said(d.Said)}
		if d.ID != "" {
			line.URL = place + d.ID
		}
		v.Known = append(v.Known, line)
	}
	for _, h := range report.Held {
		if v.Decided[h.Row] == (importing.Decision{}) {
			v.HeldLeft++
		}
	}
	if !v.Checked {
		return nil
	}
	v.From, _ = strconv.Atoi(r.URL.Query().Get("from"))
	v.From = max(0, min(v.From, len(report.Held)-1))
	end := min(len(report.Held), v.From+heldOnPage)
	v.HasPrev, v.HeldPrev, v.HasNext, v.HeldNext = v.From > 0, max(0, v.From-heldOnPage), end < len(report.Held), end
	n := s.names()
	for i := v.From; i < end; i++ {
		h := &report.Held[i]
		v.HeldRows = append(v.HeldRows, s.heldRow(r, n, h, report.Candidates[h.Row], v.Decided[h.Row]))
	}
	return nil
}

// heldRow sets a row beside the records that it may be about.
func (s *Server) heldRow(r *request, n *names, h *importing.Held, twins []importing.Duplicate, decided importing.Decision) heldRowView {
	v := heldRowView{Row: h.Row, Name: "row" + strconv.Itoa(h.Row), Title: h.Person.Name}
	people := make([]crm.Person, 0, len(twins))
	v.Choices = []importOption{{"ask", r.say.text("imports.choose_ask"), decided == (importing.Decision{})}}
	for _, d := range twins[:min(len(twins), 3)] {
		p, err := s.store.GetPerson(r.Context(), d.ID)
		twin := heldTwinView{Name: d.Name, Score: d.Score, Evidence: r.say.alike(d.Evidence)}
		if err == nil {
			twin.Name, twin.URL = p.Name, "/people/"+p.ID
			p.Company = companyName(r.Context(), n, &p)
			v.Choices = append(v.Choices, importOption{p.ID, r.say.text("imports.choose_same", "name", p.Name), decided.Same == p.ID})
		}
		people, v.Twins = append(people, p), append(v.Twins, twin)
	}
	v.Choices = append(v.Choices, importOption{"new", r.say.text("imports.choose_new"), decided.New}, importOption{"leave", r.say.text("imports.choose_leave"), decided.Leave})
	v.Facts = sideBySide(r.say, n.owner(r.Context()), &h.Person, people)
	return v
}

// sideBySide are the fields in which a record and others say something; owner names the owners.
func sideBySide(sp *speaker, owner func(email string) string, a *crm.Person, others []crm.Person) []heldFact {
	var out []heldFact
	for _, f := range []struct {
		key string
		of  func(*crm.Person) string
	}{
		{"field.name", func(p *crm.Person) string { return p.Name }}, {"field.kana", func(p *crm.Person) string { return p.Kana }},
		{"field.company", func(p *crm.Person) string { return p.Company }}, {"field.department", func(p *crm.Person) string { return p.Department }},
		{"field.job", func(p *crm.Person) string { return p.Title }}, {"field.emails", func(p *crm.Person) string { return strings.Join(p.Emails, ", ") }},
		{"field.phones", func(p *crm.Person) string { return phoneNumbers(p.Phones) }}, {"field.owner", func(p *crm.Person) string { return owner(p.Owner) }},
	} {
		fact := heldFact{Label: sp.text(f.key), File: f.of(a)}
		for i := range others {
			fact.Stored = append(fact.Stored, f.of(&others[i]))
		}
		if fact.File != "" || slices.ContainsFunc(fact.Stored, func(s string) bool { return s != "" }) {
			out = append(out, fact)
		}
	}
	return out
}

// alike puts what speaks for and against two records being one (crm.Likeness) into words.
func (sp *speaker) alike(evidence []string) []string {
	out := make([]string, 0, len(evidence))
	for _, e := range evidence {
		code, what, ok := strings.Cut(e, ": ")
		if key := "alike." + code; ok && sp.has(key) {
			e = sp.text(key, "value", what)
		}
		out = append(out, e)
	}
	return out
}
