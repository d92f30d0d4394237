package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
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
	rule.Document, err = withRule(document, rule, add)
	return rule, err == nil
}

// errHasRule means that the mapping has the rule already.
var errHasRule = errors.New("the mapping has this rule already")

// withRule puts a rule into a document and leaves everything else as it is, comments included.
func withRule(document string, rule Rule, add func(group *yaml.Node, key, value string) error) (string, error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(document), &n); err != nil {
		return "", fmt.Errorf("read mapping: %w", err)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if n.Kind == yaml.DocumentNode && n.Content[0].Kind == yaml.MappingNode && len(n.Content[0].Content) > 0 {
		root = n.Content[0]
	}
	section, key, _ := strings.Cut(rule.Setting, ".")
	group := valueOf(root, section)
	if group == nil || group.Kind != yaml.MappingNode {
		group = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		setNode(root, section, group)
	}
	if err := add(group, key, rule.Value); err != nil {
		return "", err
	}
	text, err := yaml.Dump(root)
	if err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	return string(text), nil
}

func addToList(group *yaml.Node, key, value string) error {
	list := valueOf(group, key)
	if list == nil || list.Kind != yaml.SequenceNode {
		list = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		setNode(group, key, list)
	}
	for _, item := range list.Content {
		if item.Value == value {
			return errHasRule
		}
	}
	list.Content = append(list.Content, text(value))
	return nil
}

func setValue(group *yaml.Node, key, value string) error {
	if old := valueOf(group, key); old != nil && old.Value == value {
		return errHasRule
	}
	setNode(group, key, text(value))
	return nil
}

// text is a scalar that stays a text, whatever it looks like.
func text(value string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(value)
	return n
}

func valueOf(group *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(group.Content); i += 2 {
		if group.Content[i].Value == key {
			return group.Content[i+1]
		}
	}
	return nil
}

func setNode(group *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(group.Content); i += 2 {
		if group.Content[i].Value == key {
			group.Content[i+1] = value
			return
		}
	}
	group.Content = append(group.Content, text(key), value)
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
	return s.cfg.Mapping.Save(ctx, actor, rule.Document, fmt.Sprintf("from a review: %s %s", rule.Setting, rule.Value))
}

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
	Samples []MappingSample
}

// panel is the rule for a review that was decided just now, with what it would change; nil if there is none or the
// user may not save it.
func (s *Server) panel(r *request, id string) *rulePanel {
	if id == "" || s.cfg.Mapping == nil || !admin.allows(r.user.Role) {
		return nil
	}
	rule, err := s.ruleFor(r.Context(), id)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), panelTime)
	defer cancel()
	p := &rulePanel{Rule: rule, Review: id}
	p.Preview, err = s.cfg.Mapping.Preview(ctx, rule.Document, time.Now().AddDate(0, 0, -previewDays), panelRows)
	p.Counted = err == nil
	p.Samples = p.Preview.Samples[:min(len(p.Preview.Samples), 5)]
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
