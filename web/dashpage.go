package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashPage is one report.
type dashPage struct {
	ID, Title, Problem                 string
	Intro                              string
	Presets                            []chip
	Grains, Dimensions, Owners         []option
	From, To, Channel, Campaign, Range string
	Campaigns                          []string
	Period, Before, Filters, Printed   string
	Big, BigLabel, BigBefore, Change   string
	Chart                              *dashChart
	Head                               []dashCell
	Rows, Keys                         [][]dashCell
	Cut                                bool
	Totals, Previous                   []dashCell
	CSV, XLSX, Query                   string
	Share                              bool // whoever looks may share views
	Confined                           bool // only some owners' numbers are shown
	Empty                              bool
	ByOwner, HasOwner, Lead            bool
}

// dashPresets are the ranges that a click away.
func dashPresets() []string {
	return []string{"this_week", "last_week", "this_month", "last_month", "last_30d", "last_90d", "this_quarter", "last_12m", "fiscal_year", "last_fiscal_year"}
}

func (s *Server) showDashboard(w http.ResponseWriter, r *request) error {
	id := crm.ReportID(r.PathValue("report"))
	report, known := crm.ReportNamed(id)
	switch {
	case !known:
		return crm.ErrNotFound
	case report.List:
		http.Redirect(w, r.Request, dashLists()[id], http.StatusSeeOther)
		return nil
	}
	asked, tidied := dashAsked(string(id), r.URL.Query())
	v := dashPage{ID: string(id), Title: report.Title.In(r.say.lang), Confined: !r.may.All(), Share: admin.allows(r.user.Role), Query: tidied.Encode()}
	err := s.dashBounds(&asked)
	var t crm.ReportTable
	if err == nil {
		t, err = s.dashTable(r.Context(), r, asked)
	}
	status := http.StatusOK
	switch {
	case errors.Is(err, errDashHidden):
		v.Problem, status = r.say.text("dash.hidden"), http.StatusForbidden
	case errors.Is(err, crm.ErrRefused):
		v.Problem, status = r.say.text("reports.refused"), http.StatusUnprocessableEntity
	case err != nil:
		return err
	default:
		if format := r.URL.Query().Get("format"); format == "csv" || format == "xlsx" {
			return s.writeDash(w, r, &t, format)
		}
		if err := s.fillDash(r, &v, &t, asked, tidied); err != nil {
			return err
		}
	}
	if err := s.dashChoices(r, &v, report, asked, tidied); err != nil {
		return err
	}
	return s.renderStatus(w, r, status, "dashboard", page{Title: v.Title, Nav: "reports", Data: v})
}

// dashLists are the pages of those reports that are lists of records.
func dashLists() map[crm.ReportID]string {
	return map[crm.ReportID]string{crm.ReportUnreplied: "/unreplied", crm.ReportExpiring: "/deals?show=notices"}
}

// dashChoices are what can be chosen on the page.
func (s *Server) dashChoices(r *request, v *dashPage, report crm.Report, asked reportAsked, tidied url.Values) error {
	v.From, v.To, v.Range = tidied.Get("from"), tidied.Get("to"), tidied.Get("range")
	v.Channel, v.Campaign = tidied.Get("channel"), tidied.Get("campaign")
	current := tidied.Get("range")
	if current == "" && v.From == "" {
		current = defaultRange
	}
	for _, name := range dashPresets() {
		q := url.Values{}
		for k, values := range tidied {
			q[k] = values
		}
		q.Del("from")
		q.Del("to")
		q.Del("grain") // each range has one that fits
		q.Set("range", name)
		v.Presets = append(v.Presets, chip{"/reports/" + v.ID + "?" + q.Encode(), r.say.text("range." + name), current == name})
	}
	v.Grains = append(v.Grains, option{"", r.say.text("dash.grain_auto"), tidied.Get("grain") == ""})
	for _, g := range []crm.Grain{crm.GrainDay, crm.GrainWeek, crm.GrainMonth} {
		v.Grains = append(v.Grains, option{string(g), r.say.text("grain." + string(g)), string(g) == tidied.Get("grain")})
	}
	by := cmp.Or(asked.By, string(report.By), "none")
	v.Dimensions = append(v.Dimensions, option{"none", r.say.text("dimension.none"), by == "none"})
	for _, d := range report.Dimensions {
		v.HasOwner = v.HasOwner || d == crm.ByOwner
		v.Dimensions = append(v.Dimensions, option{string(d), r.say.text("dimension." + string(d)), by == string(d)})
	}
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	owner := tidied.Get("owner")
	if r.may.All() {
		v.Owners = append(v.Owners, option{"", r.say.text("dash.all_owners"), owner == ""}, option{dashNone, r.say.text("dash.nobody"), owner == dashNone})
	} else {
		v.Owners = append(v.Owners, option{"", r.say.text("dash.mine"), owner == ""})
	}
	found := owner == "" || owner == dashNone
	for _, u := range users {
		if r.may.All() || r.may.Owner(u.Email) && u.Email != r.user.Email {
			found = found || owner == u.Email
			v.Owners = append(v.Owners, option{u.Email, cmp.Or(u.Name, u.Email), owner == u.Email})
		}
	}
	if !found {
		v.Owners = append(v.Owners, option{owner, owner, true})
	}
	campaigns, err := s.store.ListCampaigns(r.Context())
	for i := range campaigns[:min(len(campaigns), 200)] {
		v.Campaigns = append(v.Campaigns, campaigns[i].Code)
	}
	return err
}

// fillDash writes the numbers as people read them.
func (s *Server) fillDash(r *request, v *dashPage, t *crm.ReportTable, asked reportAsked, tidied url.Values) error {
	sp := r.say
	look := &dashLook{t: t, sp: sp, base: tidied}
	look.linked = func(column string) bool {
		_, _, ok := s.behindColumn(t.ID, column)
		return ok
	}
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	look.people = ownerNames(users)
	if look.before, err = s.dashBefore(r.Context(), r, t, asked); err != nil {
		return err
	}
	v.Chart = look.draw()
	v.Period = sp.text("dash.period", "from", sp.plannedDay(t.From), "to", sp.plannedDay(t.To))
	v.Before = sp.text("dash.period", "from", sp.plannedDay(t.Previous.From), "to", sp.plannedDay(t.Previous.To))
	at := dashHeadline(t)
	v.BigLabel, v.Big = sp.headline(t, at), sp.measure(t.Totals[at], t.Columns[at].Unit)
	if m := t.Previous.Totals[at]; m.Known {
		v.BigBefore = sp.measure(m, t.Columns[at].Unit)
	}
	v.Change = sp.dashChange(t.Totals[at], t.Previous.Totals[at])
	v.Head = []dashCell{{Text: sp.text("grain." + string(t.Grain))}}
	if t.By != crm.ByNone {
		v.Head = append(v.Head, dashCell{Text: sp.text("dimension." + string(t.By))})
	}
	for _, c := range t.Columns {
		v.Head = append(v.Head, dashCell{Text: c.Title.In(sp.lang), Number: true})
	}
	v.Rows, v.Cut = look.rows(t.Rows, "")
	v.Keys, _ = look.rows(t.Keys, sp.text("reports.all"))
	total := look.plain(sp.text("reports.total"), t.Totals)
	if r.may.All() || asked.Owner != nil || t.By != crm.ByOwner {
		for i := range t.Columns {
			if m := t.Totals[i]; m.Known && m.Value != 0 {
				total[len(total)-len(t.Columns)+i].URL = look.behind(i, "", nil)
			}
		}
	}
	v.Totals, v.Previous = total, look.plain(sp.text("reports.before"), t.Previous.Totals)
	v.Empty = len(t.Rows) == 0
	v.Filters = s.dashFilters(sp, look, asked)
	v.Printed = sp.when(time.Now())
	export := url.Values{}
	for k, values := range tidied {
		export[k] = values
	}
	export.Set("format", "csv")
	v.CSV = "/reports/" + v.ID + "?" + export.Encode()
	export.Set("format", "xlsx")
	v.XLSX = "/reports/" + v.ID + "?" + export.Encode()
	return nil
}

// plain is a line without links.
func (l *dashLook) plain(first string, values []crm.Measure) []dashCell {
	cells := []dashCell{{Text: first}}
	if l.t.By != crm.ByNone {
		cells = append(cells, dashCell{})
	}
	for i, m := range values {
		cells = append(cells, dashCell{Text: l.sp.measure(m, l.t.Columns[i].Unit), Number: true})
	}
	return cells
}

// dashBefore is the period before, drawn behind the bars.
func (s *Server) dashBefore(ctx context.Context, r *request, t *crm.ReportTable, asked reportAsked) ([]crm.Measure, error) {
	if t.ID == crm.ReportConversion && t.By == crm.ByNone {
		return nil, nil
	}
	asked.From, asked.To, asked.Grain = t.Previous.From, t.Previous.To, string(t.Grain)
	if r.may.All() || asked.Owner != nil || asked.By != string(crm.ByOwner) {
		asked.By = "none"
	}
	before, err := s.dashTable(ctx, r, asked)
	if errors.Is(err, crm.ErrRefused) { // before the first year
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if before.By != crm.ByNone {
		before.Rows = dashSums(&before)
	}
	return dashGhost(&before, t), nil
}

// dashSums adds the rows of each period up.
func dashSums(t *crm.ReportTable) []crm.ReportRow {
	at, out := map[string]int{}, []crm.ReportRow(nil)
	for _, p := range dashPeriods(t) {
		at[p] = len(out)
		out = append(out, crm.ReportRow{Period: p, Values: make([]crm.Measure, len(t.Columns))})
	}
	for i := range t.Rows {
		n, ok := at[t.Rows[i].Period]
		if !ok {
			continue
		}
		for k, m := range t.Rows[i].Values {
			if m.Known {
				sum := &out[n].Values[k]
				sum.Value, sum.Known = sum.Value+m.Value, true
			}
		}
	}
	return out
}

// dashFilters says in words what a report is restricted to.
func (s *Server) dashFilters(sp *speaker, l *dashLook, asked reportAsked) string {
	out := ""
	add := func(d crm.Dimension, value *string) {
		if value == nil {
			return
		}
		word := *value
		if d == crm.ByOwner && l.people[word] != "" {
			word = l.people[word]
		}
		if word == "" {
			word = sp.text("reports.no_key")
		}
		if out != "" {
			out += " · "
		}
		out += sp.text("dimension."+string(d)) + ": " + word
	}
	add(crm.ByOwner, asked.Owner)
	add(crm.ByChannel, asked.Channel)
	add(crm.ByCampaign, asked.Campaign)
	return out
}

// writeDash answers with a report as a file.
func (s *Server) writeDash(w http.ResponseWriter, r *request, t *crm.ReportTable, format string) error {
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := (&ReportText{r.say, ownerNames(users)}).Write(&b, format, t); err != nil {
		return err
	}
	kind := "text/csv; charset=utf-8"
	if format == "xlsx" {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(t.ID)+"-"+t.From+"-"+t.To+"."+format+`"`)
	_, _ = w.Write(b.Bytes()) // the browser may have gone; there is nobody to tell
	return nil
}
