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

// filingPage is where somebody says who stands on an activity.
type filingPage struct {
	ID, Subject, When string
	On                []filedParty
	Query             string
	Found             []filedChoice
	Moves             []filedView
	Offer             *filingOffer // a rule of what was decided just now; nil if there is none
}

// filedParty is a participant from outside.
type filedParty struct{ Person, Name, Address, Role string }

// filedChoice is somebody who may be put on.
type filedChoice struct{ ID, Name, Detail, Kind string }

// filedView is one decision.
type filedView struct {
	ID, Detach, Attach, By, When string
	CanUndo                      bool
}

// filingOffer is a rule that would do the same with all mail of an address.
type filingOffer struct {
	Always, Admin         bool // "always under", else "never under"
	Person, Name, Address string
	Activity, Move        string
}

// showFiling is the page.
func (s *Server) showFiling(w http.ResponseWriter, r *request) error {
	ctx := r.Context()
	a, err := s.store.GetActivity(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	filing, err := s.store.GetFiling(ctx, a.ID)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := filingPage{ID: a.ID, Subject: r.say.subject(&a), When: r.say.when(a.Time), Query: excerpt(q.Get("q"), maxField)}
	for i := range a.People {
		p := &a.People[i]
		if p.Internal || p.ID == "" && p.Address == "" {
			continue
		}
		v.On = append(v.On, filedParty{Person: p.ID, Name: cmp.Or(p.Name, p.Address), Address: p.Address, Role: r.say.label("filing.role", string(p.Role))})
	}
	if v.Query != "" {
		people, _, err := s.store.ListPeople(ctx, crm.PeopleFilter{Query: v.Query, Limit: 20})
		if err != nil {
			return err
		}
		n := s.names()
		for i := range people {
			p := &people[i]
			if slices.ContainsFunc(a.People, func(on crm.Participant) bool { return on.ID == p.ID }) {
				continue
			}
			v.Found = append(v.Found, filedChoice{ID: p.ID, Name: p.Name, Detail: cmp.Or(n.account(ctx, p.AccountID), p.Company), Kind: r.say.label("person_kind", string(p.Kind))})
		}
	}
	for i := range filing.Moves {
		m := &filing.Moves[i]
		v.Moves = append(v.Moves, filedView{ID: m.ID, Detach: s.personName(ctx, m.Detach), Attach: s.personName(ctx, m.Attach), By: r.say.actor(m.By), When: r.say.when(m.At), CanUndo: i == len(filing.Moves)-1})
	}
	slices.Reverse(v.Moves)
	v.Offer = s.filingOffer(ctx, r, &a, filing, q.Get("offer"))
	return s.render(w, r, "filing", page{Title: r.say.text("filing.title"), Data: v})
}

// personName is what somebody is called; "" for nobody, and for who is not there any more or may not be seen.
func (s *Server) personName(ctx context.Context, id string) string {
	if id == "" {
		return ""
	}
	if p, err := s.store.GetPerson(ctx, id); err == nil {
		return p.Name
	}
	return ""
}

// filingOffer is the rule that a decision suggests: about the address by which the person was on the activity.
func (s *Server) filingOffer(ctx context.Context, r *request, a *crm.Activity, filing crm.Filing, id string) *filingOffer {
	at := slices.IndexFunc(filing.Moves, func(m crm.Filed) bool { return m.ID == id })
	if id == "" || at < 0 || a.Kind != crm.KindEmail && a.Kind != crm.KindMeeting {
		return nil
	}
	m := filing.Moves[at]
	o := &filingOffer{Always: m.Attach != "", Admin: admin.allows(r.user.Role), Person: cmp.Or(m.Attach, m.Detach), Activity: a.ID, Move: m.ID, Address: addressOfMove(&m)}
	if o.Name = s.personName(ctx, o.Person); o.Name == "" || o.Address == "" {
		return nil
	}
	return o
}

// addressOfMove is the address that a decision was about; "" if it was about none.
func addressOfMove(m *crm.Filed) string {
	address := m.Address
	if address == "" && m.Attach == "" && len(m.Was) > 0 {
		address = m.Was[0].Address
	}
	normal, _ := crm.NormalizeAddress(address)
	return normal
}

// filePeople takes somebody off an activity, puts somebody on it, or takes the last of that back.
func (s *Server) filePeople(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form, id := r.PostForm, r.PathValue("id")
	f := crm.Filed{Address: strings.TrimSpace(form.Get("address"))}
	switch form.Get("action") {
	case "detach":
		f.Detach, f.Address = form.Get("person"), ""
	case "attach":
		f.Attach, f.Detach = form.Get("person"), form.Get("instead")
	case "undo":
		if err := s.unfileActivity(r.Context(), r.user.Email, id, form.Get("move")); err != nil {
			return err
		}
		return backTo(w, r, "/activities/"+id+"/people", "undone")
	default:
		return badRequest("error.form")
	}
	if f.Attach == "" && f.Detach == "" {
		return badRequest("error.form")
	}
	activity, move, err := s.fileActivity(r.Context(), r.user.Email, id, f)
	if err != nil {
		return err
	}
	if _, err := s.store.GetActivity(r.Context(), activity); errors.Is(err, crm.ErrNotFound) {
		return backTo(w, r, "/", "filed") // it was theirs only by the person who is off it now
	}
	http.Redirect(w, r.Request, "/activities/"+activity+"/people?notice=filed&offer="+url.QueryEscape(move), http.StatusSeeOther)
	return nil
}

// fileActivity stores such a decision; pages and API share it. It gives the ids of the activity and of the decision.
func (s *Server) fileActivity(ctx context.Context, actor, activity string, f crm.Filed) (id, move string, err error) {
	a, err := s.store.GetActivity(ctx, activity)
	if err != nil {
		return "", "", err
	}
	f.ID, f.At, f.By = crm.NewID(), time.Now().UTC(), actor
	for i := range a.People { // whoever takes somebody's place takes their address
		if p := &a.People[i]; f.Attach != "" && f.Address == "" && f.Detach != "" && p.ID == f.Detach {
			f.Address = p.Address
		}
	}
	if f.Address != "" && !slices.ContainsFunc(a.People, func(p crm.Participant) bool { return strings.EqualFold(p.Address, f.Address) && !p.Internal }) {
		return "", "", badRequest("error.form")
	}
	if _, err := s.store.FileActivity(ctx, actor, a.ID, f); err != nil {
		return "", "", err
	}
	s.cfg.Kick()
	return a.ID, f.ID, nil
}

// unfileActivity takes a decision back; move "" is the newest.
func (s *Server) unfileActivity(ctx context.Context, actor, activity, move string) error {
	filing, err := s.store.GetFiling(ctx, activity)
	if err != nil {
		return err
	}
	if n := len(filing.Moves); move == "" && n > 0 {
		move = filing.Moves[n-1].ID
	}
	if _, err = s.store.UnfileActivity(ctx, actor, activity, move, time.Now().UTC()); err == nil {
		s.cfg.Kick()
	}
	return err
}

// offerFilingRule puts the rule before the admins, as a review; an admin accepts it at once.
func (s *Server) offerFilingRule(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("id")
	a, err := s.store.GetActivity(ctx, id)
	if err != nil {
		return err
	}
	filing, err := s.store.GetFiling(ctx, a.ID)
	if err != nil {
		return err
	}
	offer := s.filingOffer(ctx, r, &a, filing, r.PostForm.Get("move"))
	if offer == nil {
		return badRequest("error.form")
	}
	p, err := s.store.GetPerson(ctx, offer.Person)
	if err != nil {
		return err
	}
	kind := crm.ReviewFileNot
	if offer.Always {
		kind = crm.ReviewFileTo
	}
	review := crm.Review{ID: crm.ReviewID(kind, offer.Address), Kind: kind, Address: offer.Address, Name: p.Name, Owner: r.user.Email, Raised: time.Now().UTC(),
		Candidates: []crm.Candidate{{Kind: string(p.Kind), ID: p.ID, Name: p.Name, Rule: crm.RuleManual, Evidence: r.user.Email}}}
	if err := s.store.RaiseReview(ctx, r.user.Email, review); err != nil {
		return err
	}
	if !offer.Admin {
		return backTo(w, r, "/activities/"+a.ID, "rule_offered")
	}
	if _, err := s.decide(ctx, r.user.Email, review.ID, decision{action: "accept"}); err != nil {
		return err
	}
	return backTo(w, r, "/activities/"+a.ID, "filing_rule")
}

// decideFiling answers a review that asks whether what a rep did with one mail shall be done with all. Only an admin does.
// The rule is that the address belongs to the person, or does not: every later mail is matched by that.
func (s *Server) decideFiling(ctx context.Context, actor string, review crm.Review, d decision) (crm.Review, error) {
	if ok, err := s.isAdmin(ctx, actor); err != nil || !ok {
		return review, cmp.Or(err, errForbidden)
	}
	if len(review.Candidates) == 0 {
		return review, crm.ErrNotFound
	}
	accepted := review.State == crm.ReviewAccepted
	person := review.Candidates[0].ID
	review.DecidedBy, review.DecidedAt = actor, time.Now().UTC()
	switch d.action {
	case "accept", "choose":
		review.State, review.Person, accepted = crm.ReviewAccepted, "", true
		if review.Kind == crm.ReviewFileTo {
			review.Person = person
		}
	case "dismiss":
		review.State, review.Person = crm.ReviewDismissed, ""
	case "undo":
		review.State, review.Person, review.DecidedBy, review.DecidedAt = crm.ReviewOpen, "", "", time.Time{}
	default:
		return review, badRequest("error.form")
	}
	if undo := d.action == "undo"; accepted && d.action != "dismiss" && (!undo || review.Changed) {
		changed, err := s.setAddress(ctx, actor, person, review.Address, (review.Kind == crm.ReviewFileTo) != undo)
		if err != nil {
			return review, err
		}
		review.Changed = changed && !undo
	}
	if err := s.store.Decide(ctx, actor, review, nil); err != nil {
		return review, err
	}
	s.cfg.Kick()
	return review, nil
}

// setAddress gives a person an address, or takes it off. It says whether that changed anything.
func (s *Server) setAddress(ctx context.Context, actor, person, address string, has bool) (changed bool, err error) {
	was, err := s.store.GetPerson(ctx, person)
	if err != nil {
		return false, err
	}
	p := was
	same := func(e string) bool {
		normal, ok := crm.NormalizeAddress(e)
		return ok && normal == address
	}
	if slices.ContainsFunc(p.Emails, same) == has {
		return false, nil
	}
	p.Emails = slices.DeleteFunc(slices.Clone(p.Emails), same)
	if has {
		p.Emails = append(p.Emails, address)
	}
	if bad := s.checkPerson(&p); bad != nil {
		return false, bad
	}
	p.Updated = time.Now().UTC()
	_, err = s.store.ChangePerson(ctx, actor, crm.Amendment[crm.Person]{Was: was, Is: p})
	return err == nil, err
}

// isAdmin says whether whoever acts may make rules.
func (s *Server) isAdmin(ctx context.Context, actor string) (bool, error) {
	if id, ok := strings.CutPrefix(actor, "token:"); ok {
		tokens, err := s.store.ListTokens(unbounded(ctx))
		return err == nil && slices.ContainsFunc(tokens, func(t crm.Token) bool { return t.ID == id && admin.allows(t.Role) }), err
	}
	u, err := s.store.GetUser(unbounded(ctx), actor)
	return err == nil && admin.allows(u.Role), err
}
