package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// exclusionsView is the page of what a rep keeps out of their own mailboxes and calendars.
type exclusionsView struct {
	Rows          []exclusionRow
	Kinds         []exclusionKind
	Text, Problem string // of an entry that was refused
	Working       bool   // what was stored before is being brought in line
	Sources       int    // of the rep
}

type exclusionRow struct{ ID, Kind, Text, At string }

type exclusionKind struct {
	Value    crm.OwnRuleKind
	Label    string
	Selected bool
}

func (s *Server) listExclusions(w http.ResponseWriter, r *request) error {
	kind := crm.OwnRuleKind(r.URL.Query().Get("kind"))
	return s.renderExclusions(w, r, http.StatusOK, kind, r.URL.Query().Get("text"), "")
}

func (s *Server) renderExclusions(w http.ResponseWriter, r *request, status int, kind crm.OwnRuleKind, text, problem string) error {
	rules, settled, err := s.store.OwnRules(r.Context(), r.user.Email)
	if err != nil {
		return err
	}
	own, err := s.sourcesOf(r.Context(), r.user.Email)
	if err != nil {
		return err
	}
	v := exclusionsView{Text: excerpt(text, 200), Problem: problem, Working: !settled, Sources: len(own)}
	for i := range rules {
		rule := &rules[len(rules)-1-i] // the newest first
		v.Rows = append(v.Rows, exclusionRow{rule.ID, r.say.label("exclusion_kind", string(rule.Kind)), rule.Text, r.say.date(rule.At)})
	}
	for _, k := range crm.OwnRuleKinds() {
		v.Kinds = append(v.Kinds, exclusionKind{k, r.say.label("exclusion_kind", string(k)), k == kind})
	}
	return s.renderStatus(w, r, status, "exclusions", page{Title: r.say.text("exclusions.title"), Nav: "settings", Live: "page=exclusions", Data: v})
}

func (s *Server) addExclusion(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	kind, text := crm.OwnRuleKind(r.PostForm.Get("kind")), r.PostForm.Get("text")
	err := s.exclude(r.Context(), r.user.Email, r.user.Email, kind, text)
	var bad *problem
	if errors.As(err, &bad) {
		return s.renderExclusions(w, r, http.StatusUnprocessableEntity, kind, text, r.say.text(bad.key, "value", bad.value))
	}
	if err != nil {
		return err
	}
	return backTo(w, r, "/exclusions", "exclusion_added")
}

func (s *Server) removeExclusion(w http.ResponseWriter, r *request) error {
	if err := s.include(r.Context(), r.user.Email, r.user.Email, r.PathValue("id")); err != nil {
		return err
	}
	return backTo(w, r, "/exclusions", "exclusion_removed")
}

// excludeForUser keeps everything with an address out of a user's own sources, from now on and of what is stored.
func (s *Server) excludeForUser(ctx context.Context, user, address string) error {
	return s.exclude(ctx, user, user, crm.OwnAddress, address)
}

// exclude adds a rule of a rep's own; a *problem says what is wrong with it. One's own organisation cannot be kept out as a
// whole: that would be nearly everything.
func (s *Server) exclude(ctx context.Context, actor, rep string, kind crm.OwnRuleKind, text string) error {
	if bad := tidy(&text); bad != nil {
		return bad
	}
	rule, err := crm.NewOwnRule(kind, text, time.Now())
	if err != nil {
		if !slices.Contains(crm.OwnRuleKinds(), kind) {
			return badRequest("error.form")
		}
		return &problem{"exclusions.bad_" + string(kind), excerpt(text, 60)}
	}
	ours := s.cfg.Own != nil && (kind == crm.OwnDomain && s.cfg.Own("postmaster@"+rule.Text) || kind == crm.OwnAddress && strings.EqualFold(rule.Text, rep))
	if ours {
		return &problem{"exclusions.ours", rule.Text}
	}
	if err := s.store.ChangeOwnRules(ctx, actor, rep, []crm.OwnRule{rule}, nil, time.Now().UTC()); err != nil {
		return err
	}
	s.withheldChanged()
	return nil
}

// include takes a rule away. What it kept out is read again: the rows are made due in the background, and with the next pass
// of the source they become what the mapping says.
func (s *Server) include(ctx context.Context, actor, rep, id string) error {
	rules, _, err := s.store.OwnRules(ctx, rep)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rules, func(rule crm.OwnRule) bool { return rule.ID == id }) {
		return crm.ErrNotFound
	}
	if err := s.store.ChangeOwnRules(ctx, actor, rep, nil, []string{id}, time.Now().UTC()); err != nil {
		return err
	}
	s.withheldChanged()
	return nil
}

// sourcesOf are the sources of a rep.
func (s *Server) sourcesOf(ctx context.Context, rep string) ([]crm.Source, error) {
	all, err := s.store.ListSources(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(src crm.Source) bool { return !strings.EqualFold(src.Owner, rep) }), nil
}
