package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The limits of a preview that a page waits for.
const (
	panelTime = 8 * time.Second
	panelRows = 50
)

// rulePanel is a proposed rule on the page of reviews.
type rulePanel struct {
	Rule
	Review  string
	Preview MappingPreview
	Counted bool // the preview was ready in time
	Samples []previewSample
}

// panel is the rule for a review that was decided just now, with what it would change; nil if there is none or the
// user may not save it.
func (s *Server) panel(r *request, id string) *rulePanel {
	if id == "" || s.cfg.Mapping == nil || !admin.allows(r.user.Role) {
		return nil
	}
	rule, err := s.ruleFor(r.Context(), id)
	if err != nil {
		if !errors.Is(err, crm.ErrNotFound) { // the page is worth showing without it
			s.log.Error("propose rule", "review", id, "error", err)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), panelTime)
	defer cancel()
	p := &rulePanel{Rule: rule, Review: id}
	p.Preview, err = s.cfg.Mapping.Preview(ctx, rule.Document, time.Now().AddDate(0, 0, -previewDays), panelRows)
	if p.Counted = err == nil; !p.Counted && ctx.Err() == nil {
		s.log.Warn("preview rule", "review", id, "error", err)
	}
	known := s.names()
	for _, sample := range p.Preview.Samples[:min(len(p.Preview.Samples), 5)] {
		p.Samples = append(p.Samples, s.previewSample(r, known, sample))
	}
	return p
}

// saveRule saves the rule that a page proposed.
func (s *Server) saveRule(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	_, err := s.saveRuleOf(r.Context(), r.user.Email, r.PathValue("id"))
	var refused *MappingRefused
	if errors.As(err, &refused) {
		return badRequest("rule.refused")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/reviews?notice=rule_saved", http.StatusSeeOther)
	return nil
}
