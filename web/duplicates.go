package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Duplicates are pairs of stored records that may be one. They are found when a record is saved: whoever shares an address, a
// telephone number, or a name with a company or domain with it is compared with it (boltstore.Twins, crm.ComparePeople,
// crm.CompareAccounts), and a pair that is alike enough becomes a proposal to merge it. So nothing is compared with
// everything, and what somebody refused is not proposed again on the same evidence.

// Bounds of a page of duplicates: pairs shown, and proposals that are read for them, since other proposals stand between.
const (
	duplicateRows  = 20
	duplicateReads = 5
)

// duplicateRoutes are the pages of duplicates. {id} names a proposal.
func duplicateRoutes() []route {
	return []route{
		{pattern: "GET /duplicates", access: rep, handle: (*Server).listDuplicates},
		{pattern: "POST /duplicates/{id}", access: rep, handle: (*Server).decideDuplicate, of: proposalRecord},
	}
}

// duplicatesPage is a page of pairs.
type duplicatesPage struct {
	States, Chips []chip
	Rows          []duplicateView
	Next, Start   string
}

// duplicateView is a pair.
type duplicateView struct {
	ID            string
	A, B          link
	Score         int
	Evidence      []string
	Facts         []heldFact
	MergeURL      string // of the page where the merge is looked over; "" if there is none
	Decided       string
	IsOpen, Merge bool // Merge: it can be merged from here
	CanReopen     bool
	State         string
}

func (s *Server) listDuplicates(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	state := crm.ProposalState(q.Get("state"))
	if !slices.Contains([]crm.ProposalState{crm.ProposalRefused, crm.ProposalAccepted}, state) {
		state = crm.ProposalOpen
	}
	kind, mine := q.Get("kind"), q.Get("owner") == "me"
	if kind != "people" && kind != "accounts" || !s.accountsOn() {
		kind = ""
	}
	f := crm.ProposalFilter{State: state, Kind: crm.ProposeMerge, Limit: duplicateRows}
	if mine {
		f.Owner = r.user.Email
	}
	v := duplicatesPage{}
	at := func(state crm.ProposalState, kind string, mine bool) string {
		to := url.Values{"state": {string(state)}}
		if kind != "" {
			to.Set("kind", kind)
		}
		if mine {
			to.Set("owner", "me")
		}
		return "/duplicates?" + to.Encode()
	}
	for _, one := range []crm.ProposalState{crm.ProposalOpen, crm.ProposalRefused, crm.ProposalAccepted} {
		v.States = append(v.States, chip{at(one, kind, mine), r.say.text("duplicates." + string(one)), one == state})
	}
	v.Chips = []chip{{at(state, "", mine), r.say.text("duplicates.all"), kind == ""}, {at(state, "people", mine), r.say.text("duplicates.people"), kind == "people"},
		{at(state, "accounts", mine), r.say.text("duplicates.accounts"), kind == "accounts"}, {at(state, kind, !mine), r.say.text("duplicates.mine"), mine}}
	list := "duplicates/" + string(state) + "/" + kind + "/" + f.Owner
	var err error
	if f.After, err = r.place(list); err != nil {
		return err
	}
	n := s.names()
	for range duplicateReads {
		page, next, err := s.store.ListProposals(r.Context(), f)
		if err != nil {
			return err
		}
		for i := range page {
			if kind == "people" && page[i].Person == "" || kind == "accounts" && page[i].Account == "" {
				continue
			}
			if row, ok := s.duplicateView(r, n, &page[i]); ok {
				v.Rows = append(v.Rows, row)
			}
		}
		if f.After = next; next == "" || len(v.Rows) >= duplicateRows {
			break
		}
	}
	v.Next, v.Start = nextPage(r, list, f.After), firstPage(r)
	return s.render(w, r, "duplicates", page{Title: r.say.text("duplicates.title"), Nav: "duplicates", Data: v})
}

// duplicateView sets the two side by side; false if one of them may not be seen, or is gone while it is to be decided.
func (s *Server) duplicateView(r *request, n *names, p *crm.Proposal) (duplicateView, bool) {
	v := duplicateView{ID: p.ID, Score: p.Score, Evidence: r.say.alike(p.Evidence), IsOpen: p.State == crm.ProposalOpen, CanReopen: p.State == crm.ProposalRefused, State: string(p.State)}
	place, subject := "/people/", p.Person
	var seen bool
	if p.Person != "" {
		a, errA := s.store.GetPerson(r.Context(), p.Person)
		b, errB := s.store.GetPerson(r.Context(), p.Other)
		seen = errA == nil && (errB == nil || !v.IsOpen)
		if b.Name == "" {
			b.Name = p.Name
		}
		a.Company, b.Company = companyName(r.Context(), n, &a), companyName(r.Context(), n, &b)
		v.A.Name, v.B.Name, v.Facts = a.Name, b.Name, sideBySide(r.say, n.owner(r.Context()), &a, []crm.Person{b})
	} else {
		place, subject = "/accounts/", p.Account
		a, errA := s.store.GetAccount(r.Context(), p.Account)
		b, errB := s.store.GetAccount(r.Context(), p.Other)
		seen = errA == nil && (errB == nil || !v.IsOpen) && s.accountsOn()
		if b.Name == "" {
			b.Name = p.Name
		}
		v.A.Name, v.B.Name, v.Facts = a.Name, b.Name, accountsSideBySide(r.say, n.owner(r.Context()), &a, &b)
	}
	v.A.URL, v.B.URL = place+subject, place+p.Other
	switch p.State {
	case crm.ProposalAccepted:
		v.B.URL = "" // it went into the other
		v.Decided = r.say.text("duplicates.merged_by", "by", r.say.actor(p.DecidedBy), "time", r.say.when(p.DecidedAt))
	case crm.ProposalRefused:
		v.Decided = r.say.text("duplicates.dismissed_by", "by", r.say.actor(p.DecidedBy), "time", r.say.when(p.DecidedAt))
	}
	if v.IsOpen {
		if _, ok := navAccess(s.table, place+"{id}/merge"); ok {
			v.MergeURL = place + subject + "/merge?with=" + url.QueryEscape(p.Other)
		}
		v.Merge = v.MergeURL == ""
	}
	return v, seen
}

// accountsSideBySide are the fields in which one of two accounts says something; owner names the owners.
func accountsSideBySide(sp *speaker, owner func(email string) string, a, b *crm.Account) []heldFact {
	var out []heldFact
	for _, f := range []struct {
		key string
		of  func(*crm.Account) string
	}{
		{"field.name", func(a *crm.Account) string { return a.Name }}, {"field.kana", func(a *crm.Account) string { return a.Kana }},
		{"field.domains", func(a *crm.Account) string { return strings.Join(a.Domains, ", ") }},
		{"field.phones", func(a *crm.Account) string { return phoneNumbers(a.Phones) }}, {"field.owner", func(a *crm.Account) string { return owner(a.Owner) }},
	} {
		if x, y := f.of(a), f.of(b); x != "" || y != "" {
			out = append(out, heldFact{sp.text(f.key), x, []string{y}})
		}
	}
	return out
}

// phoneNumbers are numbers on one line.
func phoneNumbers(phones []crm.Phone) string {
	var out []string
	for _, p := range phones {
		out = append(out, p.Number)
	}
	return strings.Join(out, ", ")
}

// decideDuplicate notes that two are not the same, takes that back, or merges them.
func (s *Server) decideDuplicate(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	state, ok := proposalActions()[r.PostForm.Get("action")]
	if !ok {
		return badRequest("error.form")
	}
	p, err := s.store.GetProposal(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if p.Kind != crm.ProposeMerge {
		return crm.ErrNotFound
	}
	n := s.names()
	if _, seen := s.duplicateView(r, n, &p); !seen {
		return crm.ErrNotFound
	}
	if p, err = s.decideProposal(r.Context(), r.user.Email, p.ID, state); err != nil {
		return err
	}
	return backTo(w, r, "/duplicates", "duplicate_"+string(p.State))
}
