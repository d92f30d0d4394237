package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dealsPage lists opportunities, contracts, or the contracts of which the renewal is to be spoken of.
type dealsPage struct {
	Show        string // "opportunities", "contracts" or "notices"
	Mine, Open  bool
	Until       string
	Rows        []dealView
	Next, Start string
}

// dealView is an opportunity or a contract.
type dealView struct {
	ID, URL, Name, Stage, Amount, Day, Start, Owner, Products string
	Account                                                   link
	Documents                                                 []crm.Document
	Over                                                      string // how a contract ended
}

func (s *Server) listDeals(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	v := dealsPage{Show: q.Get("show"), Mine: q.Get("owner") == "me", Open: q.Get("all") == "", Until: q.Get("until")}
	c := &checks{s: s}
	if c.day("until", &v.Until); c.err("filter") != nil {
		return badRequest("error.form")
	}
	f := crm.DealFilter{Open: v.Open, Until: v.Until, Limit: pageRows}
	if v.Mine {
		f.Owner = r.user.Email
	}
	name := "deals/" + v.Show + "/" + f.Owner + "/" + yes(f.Open) + "/" + f.Until
	after, err := r.place(name)
	if err != nil {
		return err
	}
	f.After = after
	next, err := s.fillDeals(r.Context(), r.say, &v, f)
	if err != nil {
		return err
	}
	v.Next, v.Start = nextPage(r, name, next), firstPage(r)
	return s.render(w, r, "deals", page{Title: r.say.text("nav.deals"), Nav: "deals", Data: v})
}

// fillDeals reads the page of the list that is shown, and says where the next one starts.
func (s *Server) fillDeals(ctx context.Context, sp *speaker, v *dealsPage, f crm.DealFilter) (next string, err error) {
	n := s.names()
	if v.Show != "contracts" && v.Show != "notices" {
		v.Show = "opportunities"
		list, next, err := s.store.ListOpportunities(ctx, f)
		for i := range list {
			v.Rows = append(v.Rows, s.opportunityView(ctx, sp, n, &list[i]))
		}
		return next, err
	}
	var list []crm.Contract
	if v.Show == "notices" {
		list, next, err = s.store.ListNotices(ctx, s.today(), f.After, f.Limit)
	} else {
		list, next, err = s.store.ListContracts(ctx, f)
	}
	for i := range list {
		v.Rows = append(v.Rows, s.contractView(ctx, sp, n, &list[i]))
	}
	return next, err
}

func (s *Server) opportunityView(ctx context.Context, sp *speaker, n *names, o *crm.Opportunity) dealView {
	v := dealView{ID: o.ID, URL: "/opportunities/" + o.ID, Name: o.Name, Stage: sp.wordOf(stageNames(s.lifecycle()), "stage", string(o.Stage)), Amount: sp.money(o.Amount),
		Day: sp.plannedDay(cmp.Or(o.Closed, o.Expected)), Owner: n.user(ctx, o.Owner), Products: productNames(o.Lines, sp.lang), Documents: webDocuments(o.Documents)}
	v.Account = link{cmp.Or(n.account(ctx, o.Account), o.Account), "/accounts/" + o.Account}
	return v
}

func (s *Server) contractView(ctx context.Context, sp *speaker, n *names, c *crm.Contract) dealView {
	v := dealView{ID: c.ID, URL: "/contracts/" + c.ID, Name: c.Name, Amount: sp.money(c.Amount), Start: sp.plannedDay(c.Start), Day: sp.plannedDay(c.End), Owner: n.user(ctx, c.Owner),
		Products: productNames(c.Lines, sp.lang), Documents: webDocuments(c.Documents)}
	v.Account = link{cmp.Or(n.account(ctx, c.Account), c.Account), "/accounts/" + c.Account}
	switch {
	case c.Renewed != "":
		v.Over = sp.text("deals.renewed")
	case c.Ended != "":
		v.Over = sp.text("deals.ended", "date", sp.plannedDay(c.Ended))
	}
	return v
}

func productNames(lines []crm.Line, lang string) string {
	out := ""
	for _, l := range lines {
		if out != "" && lang == "ja" {
			out += "、"
		} else if out != "" {
			out += ", "
		}
		out += l.Name
	}
	return out
}

// webDocuments are those that a browser may be led to: addresses over TLS. Paths of the company's own disks are none.
func webDocuments(list []crm.Document) []crm.Document {
	return slices.DeleteFunc(slices.Clone(list), func(d crm.Document) bool { return placeOfMeeting(d.URL).URL == "" })
}
