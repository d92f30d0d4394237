package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
)

// ruleComment is what the mapping's history says of a version that a review's rule made.
func ruleComment(rule *Rule) string {
	return fromReview + rule.Setting + " " + rule.Value
}

// fromReview is how the comment of a version begins that has a rule of a review.
const fromReview = "from a review: "

// ruleMadeOf finds the rule that was made of the answer to a review that is open again and that is still in force, with the mapping
// without it; crm.ErrNotFound if there is none. While it is in force the answer stands for what comes, whatever the review
// says.
func (s *Server) ruleMadeOf(ctx context.Context, id string) (Rule, error) {
	if s.cfg.Mapping == nil {
		return Rule{}, crm.ErrNotFound
	}
	review, err := s.store.GetReview(ctx, id)
	if err != nil {
		return Rule{}, err
	}
	versions, err := s.cfg.Mapping.Versions(ctx)
	if err != nil || len(versions) == 0 || review.State != crm.ReviewOpen {
		return Rule{}, errors.Join(err, crm.ErrNotFound)
	}
	slices.SortFunc(versions, func(a, b crm.MappingVersion) int { return a.Number - b.Number })
	newest := versions[len(versions)-1].Document
	for _, state := range []crm.ReviewState{crm.ReviewDismissed, crm.ReviewAccepted} {
		answered := review
		answered.State = state
		rule, _ := proposeRule(answered, "")
		at := slices.IndexFunc(versions, func(v crm.MappingVersion) bool { return rule.Setting != "" && v.Comment == ruleComment(&rule) })
		if at < 0 {
			continue
		}
		before := ""
		if at > 0 {
			before = versions[at-1].Document
		}
		if rule.Document, err = withoutRule(newest, before, &rule); err == nil {
			return rule, nil
		}
	}
	return Rule{}, crm.ErrNotFound
}

// withoutRule is the document without the rule; a setting that the rule replaced is as it was before. crm.ErrNotFound if the
// rule is not in it.
func withoutRule(document, before string, rule *Rule) (string, error) {
	type settings struct {
		Screen struct{ Addresses []string }
		Match  struct {
			RoleNames []string `yaml:"role_names"`
		}
		People struct{ New string }
	}
	var now, then settings
	if err := errors.Join(yaml.Unmarshal([]byte(document), &now), yaml.Unmarshal([]byte(before), &then)); err != nil {
		return "", fmt.Errorf("read mapping: %w", err)
	}
	at := -1
	path := edit.Path{"people", "new"}
	switch rule.Setting {
	case "screen.addresses":
		at = slices.Index(now.Screen.Addresses, rule.Value)
		path = edit.Path{"screen", "addresses", at}
	case "match.role_names":
		at = slices.Index(now.Match.RoleNames, rule.Value)
		path = edit.Path{"match", "role_names", at}
	default:
		if now.People.New == rule.Value {
			at = 0
		}
		if then.People.New != "" && at == 0 {
			return edit.Put(document, path, then.People.New)
		}
	}
	if at < 0 {
		return "", crm.ErrNotFound
	}
	return edit.Remove(document, path)
}

// undoRule makes the mapping without the rule that was made of a review the newest version.
func (s *Server) undoRule(ctx context.Context, actor, id string) (crm.MappingVersion, error) {
	rule, err := s.ruleMadeOf(ctx, id)
	if err != nil {
		return crm.MappingVersion{}, err
	}
	return s.cfg.Mapping.Save(ctx, actor, rule.Document, fmt.Sprintf("a review was taken back: no %s %s", rule.Setting, rule.Value))
}

// madeRule is that rule, for the page after an answer was taken back; nil if there is none.
func (s *Server) madeRule(r *request, id string) *Rule {
	if id == "" {
		return nil
	}
	rule, err := s.ruleMadeOf(r.Context(), id)
	if err != nil {
		if !errors.Is(err, crm.ErrNotFound) { // the page is worth showing without it
			s.log.Error("find rule of a review", "review", id, "error", err)
		}
		return nil
	}
	return &rule
}

// takeRuleBack saves the mapping without the rule.
func (s *Server) takeRuleBack(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	_, err := s.undoRule(r.Context(), r.user.Email, r.PathValue("id"))
	var refused *MappingRefused
	if errors.As(err, &refused) {
		return badRequest("rule.refused")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/reviews?notice=rule_undone", http.StatusSeeOther)
	return nil
}
