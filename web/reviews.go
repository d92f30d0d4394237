package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// reviewsView is the queue of questions to people.
type reviewsView struct {
	State       string
	Rows        []reviewView
	Next, Start string
	Rule        *rulePanel // that would have decided the review decided just now; nil if there is none
}

// reviewView is one question.
type reviewView struct {
	crm.Review
	When, Decided, Account, Name, PersonName string
	Items                                    int64 // that wait for the answer
	Choices                                  []choice
	IsNew, IsOpen, IsAccepted                bool
	Question, Dismiss, About                 string // keys of texts, and what the question is about as people read it
}

// choice is somebody who may be meant.
type choice struct {
	ID, Name, Kind, Rule, Evidence string
}

func (s *Server) listReviews(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	state := crm.ReviewState(q.Get("state"))
	switch state {
	case crm.ReviewAccepted, crm.ReviewDismissed, crm.ReviewOpen:
	default:
		state = crm.ReviewOpen
	}
	after, err := r.place(listOfReviews)
	if err != nil {
		return err
	}
	list, next, err := s.store.ListReviews(r.Context(), state, after, 20)
	if err != nil {
		return err
	}
	v := reviewsView{State: string(state), Next: nextPage(r, listOfReviews, next), Start: firstPage(r)}
	v.Rule = s.panel(r, q.Get("decided"))
	n := s.names()
	for _, review := range list {
		row, err := s.reviewView(r, n, review)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(w, r, "reviews", page{Title: r.say.text("nav.reviews"), Nav: "reviews", Data: v})
}

// reviewView is a question as people read it.
func (s *Server) reviewView(r *request, n *names, review crm.Review) (row reviewView, err error) {
	row = reviewView{Review: review, When: r.say.when(review.Raised), Decided: r.say.when(review.DecidedAt), Name: review.Name,
		IsNew: review.Kind == crm.ReviewNewContact, IsOpen: review.State == crm.ReviewOpen, IsAccepted: review.State == crm.ReviewAccepted}
	row.ask()
	if review.AccountID != "" {
		row.Account = n.account(r.Context(), review.AccountID)
	}
	if review.Person != "" {
		if p, err := s.store.GetPerson(r.Context(), review.Person); err == nil {
			row.PersonName = p.Name
		}
	}
	for _, c := range review.Candidates {
		row.Choices = append(row.Choices, choice{c.ID, c.Name, r.say.label("person_kind", c.Kind), r.say.label("rule", string(c.Rule)), c.Evidence})
	}
	row.Items, err = s.store.CountPending(r.Context(), review.Address)
	return row, err
}

// ask words the question. What a form gave instead of an address stands in its place, with a prefix (mapping).
func (v *reviewView) ask() {
	v.Question, v.Dismiss, v.About = "review.question_who", "review.dismiss_who", v.Address
	number, isPhone := strings.CutPrefix(v.Address, "phone:")
	_, isName := strings.CutPrefix(v.Address, "name:")
	switch {
	case v.Kind == crm.ReviewFileTo:
		v.Question, v.Dismiss = "review.question_file_to", "review.dismiss_rule"
	case v.Kind == crm.ReviewFileNot:
		v.Question, v.Dismiss = "review.question_file_not", "review.dismiss_rule"
	case v.IsNew:
		v.Question, v.Dismiss = "review.question_new", "review.dismiss"
	case v.Kind == crm.ReviewFormMail:
		v.Question, v.Dismiss = "review.question_form", "review.dismiss_form"
	case isPhone:
		v.Question, v.Dismiss, v.About = "review.question_phone", "review.dismiss_lead", number
	case isName:
		v.Question, v.Dismiss, v.About = "review.question_name", "review.dismiss_lead", v.Review.Name
	}
}

// decideReview takes a person's answer: accept, dismiss, choose or undo.
func (s *Server) decideReview(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	d := decision{action: r.PostForm.Get("action"), person: r.PostForm.Get("person"),
		name: r.PostForm.Get("name"), account: strings.TrimSpace(r.PostForm.Get("account"))}
	review, err := s.decide(r.Context(), r.user.Email, r.PathValue("id"), d)
	var bad *problem
	if errors.As(err, &bad) {
		return badRequest(bad.key)
	} else if err != nil {
		return err
	}
	notice := map[crm.ReviewState]string{crm.ReviewAccepted: "review_accepted", crm.ReviewDismissed: "review_dismissed", crm.ReviewOpen: "review_open"}
	to := url.URL{Path: workReturn(r.PostForm.Get("return"), "/reviews"), RawQuery: url.Values{"notice": {notice[review.State]}, "decided": {review.ID}}.Encode()}
	http.Redirect(w, r.Request, to.String(), http.StatusSeeOther)
	return nil
}

// decision is what a person answers to a review.
type decision struct {
	action  string // accept, dismiss, choose or undo
	person  string // of choose: id
	name    string // of accept
	account string // of accept: name of the account; "" for none
}

// errDecided means that somebody else was faster.
func errDecided() error { return &statusError{http.StatusConflict, "error.decided"} }

// decide stores the answer; pages and API share it. Only an open review can be answered, and only an
// answered one opened again.
func (s *Server) decide(ctx context.Context, actor, id string, d decision) (crm.Review, error) {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	now := time.Now().UTC()
	review, err := s.store.GetReview(ctx, id)
	if err != nil {
		return review, err
	}
	if (review.State == crm.ReviewOpen) == (d.action == "undo") {
		return review, errDecided()
	}
	if review.Rule() {
		return s.decideFiling(ctx, actor, review, d)
	}
	review.DecidedBy, review.DecidedAt = actor, now
	var person *crm.Person
	switch d.action {
	case "accept":
		p, err := s.acceptedPerson(ctx, actor, review, d, now)
		if err != nil {
			return review, err
		}
		person = &p
		review.State, review.Person = crm.ReviewAccepted, p.ID
	case "choose":
		p, err := s.store.GetPerson(ctx, d.person)
		if err != nil {
			return review, err
		}
		if !mayBeMeant(&review, &p) {
			return review, badRequest("error.form")
		}
		review.State, review.Person = crm.ReviewAccepted, d.person
	case "dismiss":
		review.State, review.Person = crm.ReviewDismissed, ""
	case "undo":
		review.State, review.Person, review.DecidedBy, review.DecidedAt = crm.ReviewOpen, "", "", time.Time{}
	default:
		return review, badRequest("error.form")
	}
	if err := s.store.Decide(ctx, actor, review, person); err != nil {
		return review, err
	}
	s.cfg.Kick()
	return review, nil
}

// mayBeMeant says whether a person is one of whom the question is about: a candidate, or somebody who got the
// address since it was asked. Choosing anybody else would answer nothing.
func mayBeMeant(review *crm.Review, p *crm.Person) bool {
	return slices.ContainsFunc(review.Candidates, func(c crm.Candidate) bool { return c.ID == p.ID }) ||
		slices.ContainsFunc(p.Emails, func(e string) bool {
			normal, ok := crm.NormalizeAddress(e)
			return ok && normal == review.Address
		})
}

// acceptedPerson is the contact that accepting makes. Its ID derives from the review, so accepting, undoing
// and accepting again finds the first one.
func (s *Server) acceptedPerson(ctx context.Context, actor string, review crm.Review, d decision, now time.Time) (crm.Person, error) {
	p := crm.Person{ID: crm.DerivedID("person", "review", review.ID), Kind: crm.Contact, Name: d.name, AccountID: review.AccountID,
		Emails: []string{review.Address}, Owner: review.Owner, Origin: "review", Created: now, Updated: now}
	if strings.TrimSpace(p.Name) == "" {
		p.Name = cmp.Or(strings.TrimSpace(review.Name), review.Address)
	}
	if bad := s.checkPerson(&p); bad != nil {
		return p, bad
	}
	held, err := s.holdersOf(ctx, p.ID, p.Emails)
	if err != nil {
		return p, err
	}
	if len(held) > 0 {
		return p, &heldAddress{review.ID, held}
	}
	p.AccountID, err = s.accountFor(ctx, actor, p, d.account)
	return p, err
}
