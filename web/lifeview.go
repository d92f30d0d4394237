package web

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// lifeView is where somebody stands, how they came there, and what is to be done.
type lifeView struct {
	ID                 string
	Status             string // with its words; "" for who never was a lead
	Reason, Since      string
	Cause              string // of the newest change of the status
	CauseURL           string
	CanMove, CanCall   bool
	Statuses, Reasons  []option
	Results            []resultOption
	Changes            []changeView
	Followed           bool // freshness is known
	Freshness          int
	Parts              []partView
	Segments           []string
	DoNotContact       string
	Consent, Away      string
	ConsentState       string
	ConsentEvidence    string
	Converts           bool // they can be converted
	Unreplied          string
	Left, BadAddresses string
	Tasks              []taskView
	Proposals          []proposalView
	Deals              []dealView
	Today              string
}

// changeView is one step of a history.
type changeView struct {
	ID, Field, From, To, Reason, When, Cause, URL string
	Undone, CanUndo                               bool
}

type partView struct{ Label, Points, Evidence, URL string }

// life gathers what the page of a person says beside the timeline.
func (s *Server) life(ctx context.Context, sp *speaker, p *crm.Person) (*lifeView, error) {
	st, err := s.standingOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	changes, err := s.store.ListChanges(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	doc := s.lifecycle()
	v := &lifeView{ID: p.ID, CanMove: p.Kind == crm.Lead, CanCall: true, Statuses: s.statusOptions(sp, string(p.Status)), Reasons: s.reasonOptions(sp, p.Reason),
		Results: s.callResults(sp), DoNotContact: p.DoNotContact, Away: sp.date(st.Away), Unreplied: sp.when(st.Unreplied), Left: sp.date(p.Left),
		Segments: st.Segments, Today: s.today()}
	if p.Status != "" {
		v.Status, v.Since = s.statusWord(sp, p.Status), sp.when(p.StatusAt)
		v.Reason = sp.wordOf(doc.Reasons, "nurturing", p.Reason)
	}
	if p.Consent.State != "" {
		v.Consent = sp.label("consent", string(p.Consent.State))
		v.ConsentState, v.ConsentEvidence = string(p.Consent.State), p.Consent.Evidence
	}
	v.Converts = p.Kind == crm.Lead && s.accountsOn()
	if len(p.BadEmails) > 0 {
		v.BadAddresses = p.BadEmails[0]
	}
	v.Changes = s.changeViews(sp, changes)
	for _, c := range v.Changes {
		if c.Field == sp.text("change.status") && !c.Undone {
			v.Cause, v.CauseURL = c.Cause, c.URL
			break
		}
	}
	v.Followed, v.Freshness = len(st.Parts) > 0 || st.Freshness > 0, st.Freshness
	v.Parts = sp.partViews(st.Parts)
	return v, s.lifeWork(ctx, sp, p, v)
}

// partViews are the reasons of a freshness.
func (sp *speaker) partViews(parts []crm.Part) (out []partView) {
	for _, part := range parts {
		out = append(out, partView{Label: sp.label("freshness", part.Code), Points: strconv.Itoa(part.Points), Evidence: part.Evidence, URL: activityURL(part.Activity)})
	}
	return out
}

// callResults are the results of a call, and which of them ask for a next action.
func (s *Server) callResults(sp *speaker) (out []resultOption) {
	for _, r := range s.lifecycle().Results {
		if !r.Retired {
			out = append(out, resultOption{Value: r.Name.Name, Label: r.Heading(sp.lang), Next: r.Next})
		}
	}
	return out
}

type resultOption struct {
	Value, Label string
	Next         bool
}

// lifeWork adds what is to be done and decided.
func (s *Server) lifeWork(ctx context.Context, sp *speaker, p *crm.Person, v *lifeView) error {
	tasks, _, err := s.store.ListTasks(ctx, crm.TaskFilter{Person: p.ID, Open: true, Limit: 10})
	if err != nil {
		return err
	}
	names := s.names()
	for i := range tasks {
		v.Tasks = append(v.Tasks, sp.taskView(ctx, names, &tasks[i], v.Today))
	}
	proposals, _, err := s.store.ListProposals(ctx, crm.ProposalFilter{Subject: p.ID, State: crm.ProposalOpen, Limit: 10})
	if err != nil {
		return err
	}
	for i := range proposals {
		v.Proposals = append(v.Proposals, s.proposalView(ctx, sp, names, &proposals[i], "person"))
	}
	deals, _, err := s.store.ListOpportunities(ctx, crm.DealFilter{Person: p.ID, Limit: 10})
	if err != nil {
		return err
	}
	for i := range deals {
		v.Deals = append(v.Deals, s.opportunityView(ctx, sp, names, &deals[i]))
	}
	return nil
}

// changeViews are changes as people read them. The newest of each field can be taken back.
func (s *Server) changeViews(sp *speaker, changes []crm.Change) []changeView {
	newest := map[crm.ChangeField]bool{}
	out := make([]changeView, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		v := changeView{ID: c.ID, Field: sp.label("change", string(c.Field)), From: s.codeWord(sp, c.Field, c.From), To: s.codeWord(sp, c.Field, c.To), When: sp.when(c.At),
			Undone: c.Undone != "", CanUndo: !newest[c.Field] && c.Undone == "", URL: activityURL(c.Activity)}
		if c.Reason != "" {
			v.Reason = sp.wordOf(s.lifecycle().Reasons, "nurturing", c.Reason)
		}
		v.Cause = sp.causeOf(c)
		newest[c.Field] = true
		out = append(out, v)
	}
	return out
}

// actor is who did something, as people read it: a user by their address, a program and the rules by what they are.
func (sp *speaker) actor(by string) string {
	switch {
	case strings.HasPrefix(by, "token:"):
		return sp.text("actor.token")
	case by == crm.ByRules:
		return sp.text("actor.rules")
	case by == "cli":
		return sp.text("actor.cli")
	}
	return by
}

// causeOf says who or what made a change.
func (sp *speaker) causeOf(c *crm.Change) string {
	switch {
	case c.Undoes != "":
		return sp.text("change.undid", "by", sp.actor(c.By))
	case c.By != crm.ByRules:
		return sp.text("change.by_person", "by", sp.actor(c.By))
	case c.Evidence != "":
		return sp.text("change.by_rule_evidence", "rule", c.Rule, "evidence", c.Evidence)
	default:
		return sp.text("change.by_rule", "rule", c.Rule)
	}
}

// codeWord is what a code of a change is called.
func (s *Server) codeWord(sp *speaker, field crm.ChangeField, code string) string {
	switch {
	case code == "":
		return "—"
	case field == crm.ChangeStatus:
		return s.statusWord(sp, crm.LeadStatus(code))
	case field == crm.ChangeStage:
		for _, r := range s.lifecycle().Requests {
			for _, n := range append(append(r.Stages[:0:0], r.Stages...), r.Final...) {
				if n.Name == code {
					return n.Heading(sp.lang)
				}
			}
		}
	}
	return code
}

// activityURL leads to the evidence; "" if there is none.
func activityURL(id string) string {
	if id == "" {
		return ""
	}
	return "/activities/" + id
}

// taskView is something to be done.
type taskView struct {
	ID, Kind, Due, Whom, What, Owner string
	Late                             bool
}

func (sp *speaker) taskView(ctx context.Context, n *names, t *crm.Task, today string) taskView {
	return taskView{ID: t.ID, Kind: sp.label("task", string(t.Kind)), Due: sp.plannedDay(t.Due), Whom: t.Whom, What: t.What, Owner: cmp.Or(n.user(ctx, t.Owner), "—"), Late: t.Due < today}
}
