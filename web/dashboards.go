package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashboardsPage is the overview of all reports.
type dashboardsPage struct {
	Views   []dashSaved
	Presets []chip
	Period  string
	Cards   []dashCard
	Lists   []link
}

// dashCard is a report on the overview: its figure and a small chart.
type dashCard struct {
	Title, URL, Big, Label, Change string
	Chart                          *dashChart
	Hidden                         bool
}

// dashSaved is a saved view.
type dashSaved struct {
	ID, Name, URL, Report, By string
	Shared, Mine              bool
}

// showDashboards is the overview. Addresses of the page that came before it lead on to the report.
func (s *Server) showDashboards(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	if id := q.Get("report"); id != "" {
		if _, known := crm.ReportNamed(crm.ReportID(id)); !known {
			return crm.ErrNotFound
		}
		q.Del("report")
		http.Redirect(w, r.Request, "/reports/"+id+"?"+q.Encode(), http.StatusSeeOther)
		return nil
	}
	v := dashboardsPage{}
	chosen := q.Get("range")
	for _, name := range []string{"this_month", "last_90d", "last_12m", "fiscal_year"} {
		v.Presets = append(v.Presets, chip{"/reports?range=" + name, r.say.text("range." + name), chosen == name || chosen == "" && name == defaultRange})
	}
	for _, report := range crm.Reports() {
		if report.List {
			v.Lists = append(v.Lists, link{report.Title.In(r.say.lang), dashLists()[report.ID]})
			continue
		}
		card, period, err := s.dashCard(r, report, chosen)
		if errors.Is(err, crm.ErrRefused) {
			return &statusError{http.StatusUnprocessableEntity, "reports.refused"}
		} else if err != nil {
			return err
		}
		if !card.Hidden {
			v.Cards, v.Period = append(v.Cards, card), period
		}
	}
	views, err := s.store.ListViews(r.Context(), r.user.Email)
	if err != nil {
		return err
	}
	for _, view := range views {
		report, _ := crm.ReportNamed(view.Report)
		v.Views = append(v.Views, dashSaved{ID: view.ID, Name: view.Name, URL: "/reports/" + string(view.Report) + "?" + view.Query,
			Report: report.Title.In(r.say.lang), By: view.Owner, Shared: view.Shared, Mine: view.Owner == r.user.Email || view.Shared && admin.allows(r.user.Role)})
	}
	return s.render(w, r, "dashboards", page{Title: r.say.text("nav.reports"), Nav: "reports", Data: v})
}

func (s *Server) dashCard(r *request, report crm.Report, chosen string) (card dashCard, period string, err error) {
	q := url.Values{}
	if chosen != "" {
		q.Set("range", chosen)
	}
	asked, _ := dashAsked(string(report.ID), q)
	if report.By != crm.ByCampaign {
		asked.By = "none"
	}
	if report.ID == crm.ReportMeetingsWonBySource {
		asked.By = "" // that is what it is about
	}
	if err := s.dashBounds(&asked); err != nil {
		return card, "", err
	}
	t, err := s.dashTable(r.Context(), r, asked)
	if errors.Is(err, errDashHidden) {
		card.Hidden = true
		return card, "", nil
	}
	if err != nil {
		return card, "", err
	}
	at := dashHeadline(&t)
	look := &dashLook{t: &t, sp: r.say, base: q, small: true, linked: func(string) bool { return false }}
	card = dashCard{Title: report.Title.In(r.say.lang), URL: "/reports/" + string(report.ID) + "?" + q.Encode(), Big: r.say.measure(t.Totals[at], t.Columns[at].Unit),
		Label: r.say.headline(&t, at), Change: r.say.dashChange(t.Totals[at], t.Previous.Totals[at]), Chart: look.draw()}
	if n := len(card.Chart.Across); n > 5 {
		card.Chart.Across = card.Chart.Across[:5]
	}
	period = r.say.text("dash.period", "from", r.say.plannedDay(t.From), "to", r.say.plannedDay(t.To))
	return card, period, nil
}

// saveView keeps a report as it is looked at. Only admins share views.
func (s *Server) saveView(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	q, err := url.ParseQuery(form.Get("query"))
	if err != nil {
		return badRequest("error.form")
	}
	_, tidied := dashAsked(form.Get("report"), q)
	v := crm.SavedView{ID: crm.NewID(), Owner: r.user.Email, Name: form.Get("name"), Report: crm.ReportID(form.Get("report")), Query: tidied.Encode(),
		Shared: form.Get("shared") != "" && admin.allows(r.user.Role), Created: time.Now().UTC()}
	if tidy(&v.Name) != nil {
		return badRequest("error.form")
	}
	if err := s.store.SaveView(r.Context(), r.user.Email, v); errors.Is(err, crm.ErrRefused) {
		return badRequest("error.form")
	} else if err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/reports?notice=view_saved", http.StatusSeeOther)
	return nil
}

// deleteView removes a view: one's own, or as an admin a shared one.
func (s *Server) deleteView(w http.ResponseWriter, r *request) error {
	v, err := s.store.GetView(r.Context(), r.PathValue("view"))
	if err != nil {
		return err
	}
	if v.Owner != r.user.Email && (!v.Shared || !admin.allows(r.user.Role)) {
		return crm.ErrNotFound
	}
	if err := s.store.DeleteView(r.Context(), r.user.Email, v.ID); err != nil {
		return err
	}
	return backTo(w, r, "/reports", "view_deleted")
}
