package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// shownJoins is how many merges and conversions a record names.
const shownJoins = 10

// joinView is a merge or a conversion of a record.
type joinView struct {
	ID, Action       string
	Conversion       bool
	Name             string // of who went into the other, or of the lead
	By, When, Undone string
	CanUndo          bool
	Obstacles        []string // what has to be undone before
}

// joinViews are the merges and conversions of a record, the newest first of each.
func (s *Server) joinViews(r *request, id string) ([]joinView, error) {
	ctx := r.Context()
	merges, _, err := s.store.ListMerges(ctx, id, "", shownJoins)
	if err != nil {
		return nil, err
	}
	conversions, _, err := s.store.ListConversions(ctx, id, "", shownJoins)
	if err != nil {
		return nil, err
	}
	var out []joinView
	for i := range conversions {
		c := &conversions[i]
		v := joinView{ID: c.ID, Action: "/conversions/" + c.ID + "/undo", Conversion: true, By: r.say.actor(c.By), When: r.say.when(c.At), Undone: r.say.when(c.Undone)}
		if c.Before != nil {
			v.Name = c.Before.Name
		}
		v.Obstacles = r.say.obstacles(merges, conversions, c.ID, c.At)
		v.CanUndo = c.Undone.IsZero() && len(v.Obstacles) == 0
		out = append(out, v)
	}
	for i := range merges {
		m := &merges[i]
		if mergeOfConversion(conversions, m.ID) {
			continue // it is undone with the conversion
		}
		v := joinView{ID: m.ID, Action: "/merges/" + m.ID + "/undo", Name: nameOfLoser(m), By: r.say.actor(m.By), When: r.say.when(m.At), Undone: r.say.when(m.Undone)}
		v.Obstacles = r.say.obstacles(merges, conversions, m.ID, m.At)
		v.CanUndo = m.Undone.IsZero() && len(v.Obstacles) == 0 && admin.allows(r.user.Role) && m.Loser != id
		out = append(out, v)
	}
	return out, nil
}

func mergeOfConversion(conversions []crm.Conversion, id string) bool {
	for i := range conversions {
		if conversions[i].Merge == id {
			return true
		}
	}
	return false
}

func nameOfLoser(m *crm.MergeRecord) string {
	switch {
	case m.Person != nil:
		return m.Person.Name
	case m.Account != nil:
		return m.Account.Name
	}
	return ""
}

// obstacles are the later joins of the same record that are not undone: they go first.
func (sp *speaker) obstacles(merges []crm.MergeRecord, conversions []crm.Conversion, id string, at time.Time) (out []string) {
	for i := range merges {
		if m := &merges[i]; m.ID != id && m.Undone.IsZero() && m.At.After(at) && !mergeOfConversion(conversions, m.ID) {
			out = append(out, sp.text("join.obstacle_merge", "name", nameOfLoser(m), "date", sp.date(m.At)))
		}
	}
	for i := range conversions {
		if c := &conversions[i]; c.ID != id && c.Undone.IsZero() && c.At.After(at) {
			out = append(out, sp.text("join.obstacle_conversion", "date", sp.date(c.At)))
		}
	}
	return out
}

// joinRefused words what the store refuses, as far as pages know more than that it does.
func joinRefused(err error, key string) error {
	if errors.Is(err, crm.ErrRefused) {
		return &statusError{http.StatusConflict, key}
	}
	return err
}

// undoMergePage takes a merge apart.
func (s *Server) undoMergePage(w http.ResponseWriter, r *request) error {
	m, err := s.store.Unmerge(r.Context(), r.user.Email, r.PathValue("id"), time.Now().UTC())
	if err != nil {
		return joinRefused(err, "join.undo_refused")
	}
	s.cfg.Kick()
	page := "/people/"
	if m.Kind == crm.MergeAccounts {
		page = "/accounts/"
	}
	return backTo(w, r, page+m.Winner, "unmerged")
}

// undoConversionPage makes the lead again.
func (s *Server) undoConversionPage(w http.ResponseWriter, r *request) error {
	c, err := s.store.UndoConversion(r.Context(), r.user.Email, r.PathValue("id"), time.Now().UTC())
	if err != nil {
		return joinRefused(err, "join.undo_refused")
	}
	s.cfg.Kick()
	return backTo(w, r, "/people/"+c.Person, "unconverted")
}

// mergePage shows two records beside each other.
type mergePage struct {
	Accounts          bool
	ID, Name, Page    string
	Query             string
	Found             []mergeChoice
	With              string // id of the other; "" while it is looked for
	Winner            mergeSide
	Loser             mergeSide
	Swap              string // address of the page with winner and loser exchanged
	Rows              []mergeRow
	Activities, Moved int
	Refused           string // why it cannot be done
	Evidence          []string
}

// mergeSide is one of the two.
type mergeSide struct{ ID, Name, Kind, Owner, URL string }

// mergeRow is a field in which they differ.
type mergeRow struct{ Label, Winner, Loser, Kept string }

// mergeChoice is a record that may be the same.
type mergeChoice struct {
	ID, Name, Kana, Detail, URL string
	Evidence                    []string
}

func (s *Server) showPersonMerge(w http.ResponseWriter, r *request) error {
	return s.showMerge(w, r, crm.MergePeople)
}

func (s *Server) showAccountMerge(w http.ResponseWriter, r *request) error {
	return s.showMerge(w, r, crm.MergeAccounts)
}

func (s *Server) showMerge(w http.ResponseWriter, r *request, kind crm.MergeKind) error {
	ctx, q, id := r.Context(), r.URL.Query(), r.PathValue("id")
	v := mergePage{Accounts: kind == crm.MergeAccounts, ID: id, Page: "/people/" + id, Query: excerpt(q.Get("q"), maxField)}
	if v.Accounts {
		v.Page = "/accounts/" + id
	}
	own, err := s.mergeSide(ctx, r.say, kind, id)
	if err != nil {
		return err
	}
	v.Name = own.Name
	if v.With = q.Get("with"); v.With == "" {
		v.Found, err = s.mergeChoices(ctx, r.say, kind, own, &v)
	} else {
		err = s.mergePreview(ctx, r.say, kind, own, q.Get("keep") == "other", &v)
	}
	if err != nil {
		return err
	}
	nav := "people"
	if v.Accounts {
		nav = "accounts"
	}
	return s.render(w, r, "merge", page{Title: r.say.text("merge.title", "name", v.Name), Nav: nav, Data: v})
}

func (s *Server) mergeSide(ctx context.Context, sp *speaker, kind crm.MergeKind, id string) (mergeSide, error) {
	if kind == crm.MergeAccounts {
		a, err := s.store.GetAccount(ctx, id)
		return mergeSide{a.ID, a.Name, sp.text("person_kind.account"), a.Owner, "/accounts/" + a.ID}, err
	}
	p, err := s.store.GetPerson(ctx, id)
	return mergeSide{p.ID, p.Name, sp.label("person_kind", string(p.Kind)), p.Owner, "/people/" + p.ID}, err
}

// mergeChoices are the records that rules take for the same, or those that were searched for. Without a search it is the name.
func (s *Server) mergeChoices(ctx context.Context, sp *speaker, kind crm.MergeKind, own mergeSide, v *mergePage) (out []mergeChoice, err error) {
	seen := map[string]bool{own.ID: true}
	if v.Query == "" {
		proposals, _, err := s.store.ListProposals(ctx, crm.ProposalFilter{Subject: own.ID, State: crm.ProposalOpen, Limit: 20})
		if err != nil {
			return nil, err
		}
		for i := range proposals {
			p := &proposals[i]
			if p.Kind != crm.ProposeMerge || p.Other == "" || seen[p.Other] {
				continue
			}
			side, err := s.mergeSide(ctx, sp, kind, p.Other)
			if errors.Is(err, crm.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, err
			}
			seen[p.Other] = true
			out = append(out, mergeChoice{ID: side.ID, Name: side.Name, Detail: side.Kind, URL: side.URL, Evidence: p.Evidence})
		}
	}
	query := v.Query
	if query == "" {
		query = own.Name
	}
	if kind == crm.MergeAccounts {
		accounts, _, err := s.store.ListAccounts(ctx, crm.AccountFilter{Query: query, Limit: 20})
		for i := range accounts {
			if a := &accounts[i]; !seen[a.ID] {
				c := mergeChoice{ID: a.ID, Name: a.Name, Kana: a.Kana, URL: "/accounts/" + a.ID}
				if len(a.Domains) > 0 {
					c.Detail = a.Domains[0]
				}
				out = append(out, c)
			}
		}
		return out, err
	}
	people, _, err := s.store.ListPeople(ctx, crm.PeopleFilter{Query: query, Limit: 20})
	n := s.names()
	for i := range people {
		p := &people[i]
		if seen[p.ID] {
			continue
		}
		c := mergeChoice{ID: p.ID, Name: p.Name, Kana: p.Kana, URL: "/people/" + p.ID, Detail: p.Company}
		if name := n.account(ctx, p.AccountID); name != "" {
			c.Detail = name
		}
		if len(p.Emails) > 0 {
			c.Detail += " " + p.Emails[0]
		}
		out = append(out, c)
	}
	return out, err
}

// mergePreview says what the merge would do. A contact stays where it is merged with a lead.
func (s *Server) mergePreview(ctx context.Context, sp *speaker, kind crm.MergeKind, own mergeSide, other bool, v *mergePage) error {
	with, err := s.mergeSide(ctx, sp, kind, v.With)
	if err != nil {
		return err
	}
	if v.Winner, v.Loser = own, with; other {
		v.Winner, v.Loser = with, own
	}
	n := s.names()
	v.Winner.Owner, v.Loser.Owner = n.user(ctx, v.Winner.Owner), n.user(ctx, v.Loser.Owner)
	v.Swap = v.Page + "/merge?with=" + with.ID
	if !other {
		v.Swap += "&keep=other"
	}
	preview, err := s.store.PreviewMerge(ctx, kind, v.Winner.ID, v.Loser.ID)
	switch {
	case errors.Is(err, crm.ErrRefused) && v.Winner.ID == v.Loser.ID:
		v.Refused = sp.text("merge.itself")
		return nil
	case errors.Is(err, crm.ErrRefused):
		v.Refused = sp.text("merge.refused_kind", "name", v.Loser.Name)
		return nil
	case err != nil:
		return err
	}
	v.Activities, v.Moved = preview.Activities, preview.Members
	for _, d := range preview.Differences {
		v.Rows = append(v.Rows, mergeRow{Label: s.mergeField(sp, kind, d.Field), Winner: s.mergeValue(ctx, sp, d.Field, d.Winner), Loser: s.mergeValue(ctx, sp, d.Field, d.Loser), Kept: d.Kept})
	}
	proposals, _, err := s.store.ListProposals(ctx, crm.ProposalFilter{Subject: own.ID, State: crm.ProposalOpen, Limit: 20})
	for i := range proposals {
		if p := &proposals[i]; p.Kind == crm.ProposeMerge && p.Other == with.ID {
			v.Evidence = p.Evidence
		}
	}
	return err
}

func (s *Server) mergePerson(w http.ResponseWriter, r *request) error {
	return s.mergeRecords(w, r, crm.MergePeople, "/people/")
}

func (s *Server) mergeAccount(w http.ResponseWriter, r *request) error {
	return s.mergeRecords(w, r, crm.MergeAccounts, "/accounts/")
}

func (s *Server) mergeRecords(w http.ResponseWriter, r *request, kind crm.MergeKind, page string) error {
	if err := r.readForm(); err != nil {
		return err
	}
	winner, loser := r.PathValue("id"), r.PostForm.Get("with")
	if r.PostForm.Get("keep") == "other" {
		winner, loser = loser, winner
	}
	m, err := s.store.Merge(r.Context(), r.user.Email, kind, winner, loser, time.Now().UTC())
	if err != nil {
		return joinRefused(err, "merge.refused")
	}
	s.cfg.Kick()
	return backTo(w, r, page+m.Winner, "merged")
}
