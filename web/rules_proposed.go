package web

import (
	"html/template"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// proposedRows is how many decided reviews of each sort are looked at.
const proposedRows = 50

// proposedRule is a rule that would have decided a review the way somebody did.
type proposedRule struct {
	Review, Setting, Value string
	Sentence               template.HTML
	By, When               string
}

// showProposedRules lists the rules that the latest decisions suggest and the mapping does not have. Each is accepted by
// saving it; one that nobody wants is left alone.
func (s *Server) showProposedRules(w http.ResponseWriter, r *request) error {
	newest, err := s.newestMapping(r.Context())
	if err != nil {
		return err
	}
	v := sectionView{Name: "proposed", Title: r.say.text("rules_section.proposed"), Intro: r.say.text("rules_intro.proposed"), Base: newest.Number,
		Sections: sectionOptions(r, "proposed")}
	seen := map[string]bool{}
	for _, state := range []crm.ReviewState{crm.ReviewDismissed, crm.ReviewAccepted} {
		reviews, _, err := s.store.ListReviews(r.Context(), state, "", proposedRows)
		if err != nil {
			return err
		}
		for _, review := range reviews {
			rule, ok := proposeRule(review, newest.Document)
			if !ok || seen[rule.Setting+" "+rule.Value] {
				continue
			}
			seen[rule.Setting+" "+rule.Value] = true
			p := proposedRule{Review: review.ID, Setting: rule.Setting, Value: rule.Value, By: s.authorName(r, review.DecidedBy), When: r.say.when(review.DecidedAt)}
			switch rule.Setting {
			case "screen.addresses":
				p.Sentence = r.say.html("rule.screen_address", "value", rule.Value)
			case "match.role_names":
				p.Sentence = r.say.html("rule.role_name", "value", rule.Value)
			default:
				p.Sentence = r.say.html("rule.people_new")
			}
			v.Proposed = append(v.Proposed, p)
		}
	}
	return s.render(w, r, "rulesection", page{Title: v.Title, Nav: "rules", Data: v})
}
