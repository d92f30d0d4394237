package web

import (
	"cmp"
	"context"
	"html/template"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// proposalsPage is the list of what is proposed.
type proposalsPage struct {
	State       string
	Mine        bool
	Rows        []proposalView
	Next, Start string
}

// proposalView is one proposal as people read it.
type proposalView struct {
	ID, Kind, When, By, Decided string
	Sentence                    template.HTML
	Subject                     link
	Evidence                    []string
	URL                         string // of the activity that it rests on
	IsOpen, IsAccepted, IsMoot  bool
	CanReopen                   bool
	Return                      string // where to go afterwards
	Do, Leave                   string // what its buttons do
	Stays                       link   // the contact that taking the answer back left
}

func (s *Server) listProposals(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	state := crm.ProposalState(q.Get("state"))
	switch state {
	case crm.ProposalAccepted, crm.ProposalRefused, crm.ProposalMoot:
	default:
		state = crm.ProposalOpen
	}
	f := crm.ProposalFilter{State: state, Limit: 20}
	v := proposalsPage{State: string(state), Mine: q.Get("owner") == "me"}
	if v.Mine {
		f.Owner = r.user.Email
	}
	name := listOfProposals + string(state) + "/" + f.Owner
	var err error
	if f.After, err = r.place(name); err != nil {
		return err
	}
	list, next, err := s.store.ListProposals(r.Context(), f)
	if err != nil {
		return err
	}
	n := s.names()
	for i := range list {
		v.Rows = append(v.Rows, s.proposalView(r.Context(), r.say, n, &list[i], "list"))
	}
	v.Next, v.Start = nextPage(r, name, next), firstPage(r)
	return s.render(w, r, "proposals", page{Title: r.say.text("nav.proposals"), Nav: "proposals", Data: v})
}

func (s *Server) proposalView(ctx context.Context, sp *speaker, n *names, p *crm.Proposal, back string) proposalView {
	v := proposalView{ID: p.ID, Kind: sp.label("proposal_kind", string(p.Kind)), When: sp.when(p.Raised), By: sp.actor(p.DecidedBy), Decided: sp.when(p.DecidedAt), Evidence: p.Evidence,
		URL: activityURL(p.Activity), IsOpen: p.State == crm.ProposalOpen, IsAccepted: p.State == crm.ProposalAccepted, IsMoot: p.State == crm.ProposalMoot, Return: back}
	v.CanReopen = p.State == crm.ProposalAccepted || p.State == crm.ProposalRefused
	switch {
	case p.Person != "":
		v.Subject = link{"", "/people/" + p.Person} // shown if the person has a name
		if person, err := s.store.GetPerson(ctx, p.Person); err == nil {
			v.Subject.Name = person.Name
		}
	case p.Account != "":
		v.Subject = link{n.account(ctx, p.Account), "/accounts/" + p.Account}
	}
	if person, err := s.store.GetPerson(ctx, p.Stayed); p.Stayed != "" && err == nil {
		v.Stays = link{person.Name, "/people/" + person.ID}
	}
	field := sp.label("filled", p.Field)
	other := "—"
	if person, err := s.store.GetPerson(ctx, p.Other); p.Other != "" && err == nil {
		other = person.Name
	} else if name := n.account(ctx, p.Other); p.Other != "" && name != "" {
		other = name
	}
	key := "proposal." + string(p.Kind)
	if !sp.has(key) {
		key = "proposal.other"
	}
	v.Sentence = sp.html(key, "value", p.Value, "name", cmp.Or(p.Name, field), "detail", cmp.Or(p.Before, "—"), "account", other, "date", sp.plannedDay(p.Due), "n", p.Score)
	v.Do, v.Leave = sp.text("proposal.accept"), sp.text("proposal.refuse")
	if do := "proposal_do." + string(p.Kind); sp.has(do) {
		v.Do = sp.text(do, "name", cmp.Or(p.Name, field))
	}
	if p.Kind == crm.ProposeContradicts { // there is nothing to refuse
		v.Leave = sp.text("proposal_do.ignore")
	}
	return v
}

// decideProposed takes an answer from a page.
func (s *Server) decideProposed(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	state, ok := proposalActions()[r.PostForm.Get("action")]
	if !ok {
		return badRequest("error.form")
	}
	p, err := s.decideProposal(r.Context(), r.user.Email, r.PathValue("id"), state)
	if err != nil {
		return err
	}
	to := workReturn(r.PostForm.Get("return"), "/proposals")
	if r.PostForm.Get("return") == "person" && p.Person != "" {
		to = "/people/" + p.Person
	}
	if p.Stayed != "" {
		return backTo(w, r, to, "proposal_contact_stays")
	}
	return backTo(w, r, to, "proposal_"+string(p.State))
}
