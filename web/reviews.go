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
	Open        int64      // questions that are open
	Waiting     int64      // items that are not logged until somebody answers
	Rule        *rulePanel // that would have decided the review decided just now; nil if there is none
	Made        *Rule      // that was made of an answer taken back just now, and is still in force; nil if there is none
	MadeOf      string     // id of that review
	One, Gone   bool       // one question is shown; it is not there any more
}

// reviewView is one question.
type reviewView struct {
	crm.Review
	When, Decided, Account, Name, PersonName string
	Items                                    int64 // that wait for the answer
	Logged                                   int64 // of Items: logged all the same, on an account or for others on them
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
	v.Rule, v.MadeOf = s.panel(r, q.Get("decided")), q.Get("decided")
	v.Made = s.madeRule(r, v.MadeOf)
	if id := q.Get("id"); id != "" {
		if list, err = s.oneReview(r, id, &v); err != nil {
			return err
		}
	}
	if v.Open, v.Waiting, err = s.askedNow(r.Context()); err != nil {
		return err
	}
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

// oneReview is the question that somebody followed from what it is about.
func (s *Server) oneReview(r *request, id string, v *reviewsView) ([]crm.Review, error) {
	v.One, v.Next, v.Start = true, "", ""
	review, err := s.store.GetReview(r.Context(), id)
	if errors.Is(err, crm.ErrNotFound) {
		v.Gone = true
		return nil, nil
	}
	v.State = string(review.State)
	return []crm.Review{review}, err
}

// askedNow counts the questions that are open (crm.Review says when one is) and the items that are not logged until somebody
// answers: rows of the ledger whose verdict is waiting. They are not the same: a question can be about many items, an item
// can raise several questions, and one that is logged for others on it raises one, too.
func (s *Server) askedNow(ctx context.Context) (questions, items int64, err error) {
	if questions, err = s.store.CountReviews(ctx, crm.ReviewOpen); err != nil {
		return 0, 0, err
	}
	sources, err := s.store.ListSources(ctx)
	for i := range sources {
		items += sources[i].Tally.Waiting
	}
	return questions, items, err
}

// countItems counts what waits for the answer, and of that what is logged all the same.
func (s *Server) countItems(ctx context.Context, v *reviewView) (err error) {
	if v.Items, err = s.store.CountPending(ctx, v.Address); err != nil || v.Items == 0 || v.Items > countedItems {
		return err
	}
	rows, _, err := s.store.ListEntries(ctx, crm.LedgerFilter{Address: v.Address, Verdict: crm.Logged, Limit: countedItems})
	v.Logged = int64(len(rows))
	return err
}

// countedItems is up to how many items of a question it is counted which are logged.
const countedItems = 200

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
		if _, err := s.store.GetPerson(r.Context(), c.ID); row.IsOpen && errors.Is(err, crm.ErrNotFound) {
			continue // merged or deleted since
		}
		row.Choices = append(row.Choices, choice{c.ID, c.Name, r.say.label("person_kind", c.Kind), r.say.label("rule", string(c.Rule)), c.Evidence})
	}
	return row, s.countItems(r.Context(), &row)
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
	var said *statusError
	var held *heldAddress
	switch {
	case errors.As(err, &bad):
		return badRequest(bad.key)
	case errors.As(err, &held): // its page offers those who have the address
		return err
	case errors.As(err, &said): // one sentence, and the way back to the questions
		v := refusalView{Title: r.say.text("error.not_saved"), Sentences: []string{r.say.text(said.key)}, Review: r.PathValue("id"), Back: "/reviews"}
		return s.renderStatus(w, r, said.status, "error", page{Title: v.Title, Data: v})
	case err != nil:
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
	if errors.Is(err, crm.ErrNotFound) {
		return review, &statusError{http.StatusNotFound, "error.settled"}
	}
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
		if errors.Is(err, crm.ErrNotFound) {
			return review, &statusError{http.StatusConflict, "error.chosen_gone"}
		}
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
	switch err := s.store.Decide(ctx, actor, review, person); {
	case errors.Is(err, crm.ErrConflict):
		return review, errDecided()
	case errors.Is(err, crm.ErrRefused) && d.action == "undo":
		return review, &statusError{http.StatusConflict, "error.worked_with"}
	case err != nil:
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
