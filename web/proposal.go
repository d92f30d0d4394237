package web

import (
	"context"
	"errors"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
)

// Rule is a rule of the mapping that would have decided a review the way somebody did, so that nobody is asked again.
type Rule struct {
	Setting  string `json:"setting" doc:"path in the mapping: screen.addresses"`
	Value    string `json:"value" doc:"what is put there"`
	Document string `json:"document" doc:"the mapping in force with the rule"`
}

// proposeRule gives the rule that would have decided a review, if a sound one exists and the mapping does not have it yet.
//
//	nobody wants an address          → its items are kept out (screen.addresses)
//	an address belongs to nobody     → its local part stands for an office (match.role_names), as the account's
//	  among several                    items, and no question
//	somebody we wrote to is wanted   → whoever writes is recorded at once (people.new)
//
// Who is meant of several is known to people alone: no rule tells it.
func proposeRule(review crm.Review, document string) (Rule, bool) {
	var rule Rule
	add := addToList
	switch {
	case review.State == crm.ReviewDismissed && review.Kind == crm.ReviewNewContact:
		rule = Rule{Setting: "screen.addresses", Value: review.Address}
	case review.State == crm.ReviewDismissed && review.Kind == crm.ReviewAmbiguous:
		rule = Rule{Setting: "match.role_names", Value: crm.AddressLocal(review.Address)}
	case review.State == crm.ReviewAccepted && review.Kind == crm.ReviewNewContact:
		rule, add = Rule{Setting: "people.new", Value: "always"}, setValue
	default:
		return rule, false
	}
	if rule.Value == "" {
		return rule, false
	}
	var err error
	if rule.Document, err = withRule(document, rule, add); err != nil {
		return rule, false
	}
	if kept, err := keptRule(document, rule); err == nil {
		rule.Document = kept
	}
	return rule, true
}

// keptRule puts a rule into a document that keeps every other byte, which can be done in most.
func keptRule(document string, rule Rule) (string, error) {
	section, key, _ := strings.Cut(rule.Setting, ".")
	path := edit.Path{section, key}
	if rule.Setting == "people.new" {
		return edit.Put(document, path, rule.Value)
	}
	return edit.Append(document, path, rule.Value)
}

// ruleFor proposes a rule for a decided review over the mapping in force; crm.ErrNotFound if there is none.
func (s *Server) ruleFor(ctx context.Context, id string) (Rule, error) {
	if s.cfg.Mapping == nil {
		return Rule{}, crm.ErrNotFound
	}
	review, err := s.store.GetReview(ctx, id)
	if err != nil {
		return Rule{}, err
	}
	newest, err := s.cfg.Mapping.Newest(ctx)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return Rule{}, err
	}
	rule, ok := proposeRule(review, newest.Document)
	if !ok {
		return rule, crm.ErrNotFound
	}
	return rule, nil
}

// saveRuleOf makes the mapping with the rule for a review the newest version.
func (s *Server) saveRuleOf(ctx context.Context, actor, id string) (crm.MappingVersion, error) {
	rule, err := s.ruleFor(ctx, id)
	if err != nil {
		return crm.MappingVersion{}, err
	}
	return s.cfg.Mapping.Save(ctx, actor, rule.Document, ruleComment(&rule))
}
