package web

import (
	"context"
	"html/template"
	"net/url"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAsked is about how many of the unknown on one activity it is said that somebody is asked who they are.
const maxAsked = 20

// askedView is an open question about somebody on an activity that is logged all the same, on an account or for others on it.
type askedView struct {
	URL  string        // of the question
	Text template.HTML // the question
}

// asked are the questions that are open about whoever is unknown on an activity. A page is worth showing without them.
func (s *Server) asked(ctx context.Context, sp *speaker, n *names, a *crm.Activity) (list []askedView) {
	if a.By != "" {
		return nil
	}
	unknown := a.Unknown()
	for _, address := range unknown[:min(len(unknown), maxAsked)] {
		for _, r := range s.openAbout(ctx, n, address) {
			v := reviewView{Review: r, IsNew: r.Kind == crm.ReviewNewContact}
			v.ask()
			list = append(list, askedView{reviewURL(r.ID), sp.html(v.Question, "address", v.About)})
		}
	}
	return list
}

func reviewURL(id string) string { return "/reviews?" + url.Values{"id": {id}}.Encode() }

// openAbout are the questions that items raised about an address and nobody has answered, looked up once a request.
func (s *Server) openAbout(ctx context.Context, n *names, address string) []crm.Review {
	if list, known := n.asked[address]; known {
		return list
	}
	var list []crm.Review
	for _, kind := range []crm.ReviewKind{crm.ReviewAmbiguous, crm.ReviewNewContact} {
		if r, err := s.store.GetReview(ctx, crm.ReviewID(kind, address)); err == nil && r.State == crm.ReviewOpen {
			list = append(list, r)
		}
	}
	n.asked[address] = list
	return list
}

// whyAsked says in list items what is still asked.
func (sp *speaker) whyAsked(list []askedView) (out template.HTML) {
	for _, q := range list {
		out += "<li>" + sp.html("why.asked") + " " + q.Text + ` <a href="` + template.HTML(template.HTMLEscapeString(q.URL)) + `">` + sp.html("why.asked_go") + "</a></li>" //nolint:gosec // all parts are escaped
	}
	return out
}
