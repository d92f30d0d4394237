package web

import (
	"context"
	"errors"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// checkEntered trims what programs may enter beside what checkPerson looks at.
func (s *Server) checkEntered(c *checks, p *crm.Person) {
	c.line("do_not_contact", &p.DoNotContact, maxWhat)
	c.line("external_key", &p.ExternalKey, 200)
	c.line("consent.evidence", &p.Consent.Evidence, maxWhat)
	for place, value := range map[string]*string{"campaign": &p.Given.Campaign, "channel": &p.Given.Channel, "source": &p.Given.Source, "medium": &p.Given.Medium,
		"term": &p.Given.Term, "content": &p.Given.Content, "referrer": &p.Given.Referrer, "landing": &p.Given.Landing} {
		c.line("given."+place, value, 2000)
	}
}

// checkMove looks at the status and the owner that an entry gives p. What a stored person's entry changes of them is
// left to changes, which are given back: p keeps what was. "" leaves a status as it is.
func (s *Server) checkMove(ctx context.Context, c *checks, was crm.Person, p *crm.Person, status crm.LeadStatus, reason string, fresh bool) (moves []crm.Change) {
	doc := s.lifecycle()
	if p.Kind == crm.Lead && status != "" && (fresh || status != was.Status || reason != "" && reason != was.Reason) {
		st := c.checkStatus(doc, string(status), reason)
		if fresh {
			p.Status, p.Reason, p.StatusAt = status, reason, p.Updated
		} else {
			moves = append(moves, crm.Change{ID: crm.NewID(), Person: p.ID, Field: crm.ChangeStatus, To: string(status), Reason: reason, Label: st.Heading(s.organisationLanguage()), At: p.Updated})
		}
	}
	if begins := inUse(statusNames(doc)); p.Kind == crm.Lead && p.Status == "" && (fresh || was.Kind != crm.Lead) && len(begins) > 0 {
		p.Status, p.StatusAt = crm.LeadStatus(begins[0]), p.Updated // at once: it may be converted before anything follows
	}
	if p.Owner == was.Owner {
		return moves
	}
	if c.owner(ctx, "owner", &p.Owner, was.Owner); !fresh && p.Owner != was.Owner {
		moves = append(moves, crm.Change{ID: crm.NewID(), Person: p.ID, Field: crm.ChangeOwner, To: p.Owner, Label: p.Owner, At: p.Updated})
		p.Owner = was.Owner
	}
	return moves
}

// checkParent says whether the account above another is there, and that none is above itself.
func (s *Server) checkParent(ctx context.Context, c *checks, a crm.Account) error {
	seen := map[string]bool{a.ID: true}
	for id := a.Parent; id != ""; {
		if seen[id] {
			c.wrong("parent", "entry.parent_loop", shown(a.Parent))
			return nil
		}
		seen[id] = true
		above, err := s.store.GetAccount(ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			c.wrong("parent", "form.no_account", shown(id))
			return nil
		} else if err != nil {
			return err
		}
		id = above.Parent
	}
	return nil
}
