package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The parts of a record's page. Where there is room all of them stand side by side.
const (
	tabTimeline = "timeline"
	tabDetails  = "details"
	tabComments = "comments"
)

// recordHead is what stands above a record.
type recordHead struct {
	Tab      string
	Page     string // address of the record
	Owner    string // as people call them; "" for nobody
	Owners   []option
	Gone     bool      // the owner is no user, or none any more
	Next     *taskView // the first thing to be done
	MoreNext int
	Comments *commentsView
	Joins    []joinView
	Exclude  bool // there is an address that logging can be stopped for
	Admin    bool
	Again    string // marks what is logged from this page, so that sending it twice logs it once
}

func (s *Server) recordHead(r *request, kind, id, owner string, tasks []taskView) (*recordHead, error) {
	h := &recordHead{Tab: r.URL.Query().Get("tab"), Page: "/people/" + id, Admin: admin.allows(r.user.Role), Again: crm.NewID()}
	if kind == crm.CommentAccount {
		h.Page = "/accounts/" + id
	}
	if h.Tab != tabDetails && h.Tab != tabComments {
		h.Tab = tabTimeline
	}
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return nil, err
	}
	h.Owner, h.Owners, h.Gone = owner, ownerOptions(users, owner), owner != ""
	for i := range users {
		if users[i].Email == owner {
			h.Owner, h.Gone = nameOfUser(&users[i]), users[i].Disabled
		}
	}
	if len(tasks) > 0 {
		h.Next, h.MoreNext = &tasks[0], len(tasks)-1
	}
	if h.Comments, err = s.comments(r, kind, id); err != nil {
		return nil, err
	}
	h.Joins, err = s.joinViews(r, id)
	return h, err
}

// ownerOptions are the users that a record can be given to, and who has it.
func ownerOptions(users []crm.User, owner string) []option {
	out := []option{{Selected: owner == ""}}
	found := owner == ""
	for i := range users {
		u := &users[i]
		if u.Disabled && u.Email != owner {
			continue
		}
		found = found || u.Email == owner
		out = append(out, option{Value: u.Email, Label: nameOfUser(u), Selected: u.Email == owner})
	}
	if !found {
		out = append(out, option{Value: owner, Label: owner, Selected: true})
	}
	slices.SortStableFunc(out[1:], func(a, b option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// reassignPerson gives a person to another rep.
func (s *Server) reassignPerson(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	id := r.PathValue("id")
	if _, err := s.setOwner(r.Context(), r.user.Email, id, r.PostForm.Get("owner")); err != nil {
		return err
	}
	return s.backToRecord(w, r, personRecord, "/people/"+id, id)
}

// reassignAccount does the same with an account.
func (s *Server) reassignAccount(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	was, err := s.store.GetAccount(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	a, c := was, &checks{s: s}
	a.Owner, a.Updated = r.PostForm.Get("owner"), time.Now().UTC()
	if c.owner(r.Context(), "owner", &a.Owner, was.Owner); c.err("owner") != nil {
		return c.err("owner")
	}
	if _, err := s.store.ChangeAccount(r.Context(), r.user.Email, crm.Amendment[crm.Account]{Was: was, Is: a}); err != nil {
		return err
	}
	s.cfg.Kick()
	return s.backToRecord(w, r, accountRecord, "/accounts/"+a.ID, a.ID)
}

// backToRecord leads back to a record, or to the first page if whoever gave it away may not see it any more.
func (s *Server) backToRecord(w http.ResponseWriter, r *request, kind record, page, id string) error {
	if ok, err := s.sees(r.Context(), r.may, kind, id); err != nil || !ok {
		page = "/"
	}
	return backTo(w, r, page, "saved")
}

// saveConsent notes whether somebody agreed to mailings, and why they must not be approached.
func (s *Server) saveConsent(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	was, err := s.store.GetPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p, form, now := was, r.PostForm, time.Now().UTC()
	p.DoNotContact = form.Get("do_not_contact")
	state := crm.ConsentState(form.Get("consent"))
	c := &checks{s: s}
	if state != "" && state != crm.ConsentGiven && state != crm.ConsentRefused {
		c.code("consent", string(state), []string{string(crm.ConsentGiven), string(crm.ConsentRefused)})
	}
	if evidence := strings.TrimSpace(form.Get("evidence")); state != p.Consent.State || evidence != p.Consent.Evidence {
		p.Consent = crm.Consent{State: state, At: now, Evidence: evidence}
	}
	if state == "" {
		p.Consent = crm.Consent{}
	}
	s.checkEntered(c, &p)
	if err := c.err("person"); err != nil {
		return err
	}
	p.Updated = now
	if _, err := s.store.ChangePerson(r.Context(), r.user.Email, crm.Amendment[crm.Person]{Was: was, Is: p}); err != nil {
		return err
	}
	s.cfg.Kick()
	return backTo(w, r, "/people/"+p.ID, "saved")
}

// excludePerson stops logging all addresses of a person for everybody: they become exclusions of the mapping.
func (s *Server) excludePerson(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	p, err := s.store.GetPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.excludeForAll(r.Context(), r.user.Email, p.Emails); err != nil {
		return err
	}
	return backTo(w, r, "/people/"+p.ID, "excluded")
}

func (s *Server) excludeForAll(ctx context.Context, actor string, addresses []string) error {
	if s.cfg.Mapping == nil || len(addresses) == 0 {
		return badRequest("record.exclude_not")
	}
	newest, err := s.recordMapping(ctx)
	if err != nil {
		return err
	}
	document, changed := newest, false
	for _, e := range addresses {
		normal, ok := crm.NormalizeAddress(e)
		if !ok {
			continue
		}
		next, err := withRule(document, Rule{Setting: "screen.addresses", Value: normal}, addToList)
		if err == nil {
			document, changed = next, true
		} else if !isHasRule(err) {
			return err
		}
	}
	if !changed {
		return nil
	}
	_, err = s.cfg.Mapping.Save(ctx, actor, document, "stop logging a person")
	return err
}
