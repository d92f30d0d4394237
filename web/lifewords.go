package web

import (
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// lifeRules are the lifecycle rules in force; those out of the box if there are none.
func (s *Server) lifeRules() *life.Rules {
	if s.cfg.Life != nil {
		if rules := s.cfg.Life(); rules != nil {
			return rules
		}
	}
	return s.usual
}

// lifecycle is the lifecycle section in force, with what it leaves to the product's words.
func (s *Server) lifecycle() *life.Document {
	doc := s.lifeRules().Document()
	return &doc
}

// accountsOn says that customer organisations are switched on.
func (s *Server) accountsOn() bool {
	on := s.lifecycle().Accounts
	return on == nil || *on
}

// statusNamed finds a status.
func statusNamed(doc *life.Document, name string) (life.Status, bool) {
	for _, st := range doc.Statuses {
		if st.Name.Name == name {
			return st, true
		}
	}
	return life.Status{}, false
}

// resultNamed finds a call result.
func resultNamed(doc *life.Document, name string) (life.Result, bool) {
	for _, r := range doc.Results {
		if r.Name.Name == name {
			return r, true
		}
	}
	return life.Result{}, false
}

// requestNamed finds a type of enquiry.
func requestNamed(doc *life.Document, name string) (life.Request, bool) {
	for _, r := range doc.Requests {
		if r.Name.Name == name {
			return r, true
		}
	}
	return life.Request{}, false
}

// inUse are the names that can still be chosen.
func inUse(names []life.Name) []string {
	var out []string
	for _, n := range names {
		if !n.Retired {
			out = append(out, n.Name)
		}
	}
	return out
}

func statusNames(doc *life.Document) []life.Name {
	out := make([]life.Name, len(doc.Statuses))
	for i, st := range doc.Statuses {
		out[i] = st.Name
	}
	return out
}

func resultNames(doc *life.Document) []life.Name {
	out := make([]life.Name, len(doc.Results))
	for i, r := range doc.Results {
		out[i] = r.Name
	}
	return out
}

func stageNames(doc *life.Document) []life.Name {
	out := make([]life.Name, len(doc.Stages))
	for i, st := range doc.Stages {
		out[i] = st.Name
	}
	return out
}

// wordOf is what people read of a code in a list. One that the list does not have, of a record from before it was
// taken off, speaks for itself, or in the product's words if it is one of those.
func (sp *speaker) wordOf(names []life.Name, set, code string) string {
	for _, n := range names {
		if n.Name == code {
			return n.Heading(sp.lang)
		}
	}
	return sp.label(set, code)
}

// statusWord is what a lead's status is called.
func (s *Server) statusWord(sp *speaker, status crm.LeadStatus) string {
	return sp.wordOf(statusNames(s.lifecycle()), "lead_status", string(status))
}

// statusOptions are the statuses that can be chosen, and the one that a record has.
func (s *Server) statusOptions(sp *speaker, chosen string) []option {
	doc := s.lifecycle()
	return append([]option{{Selected: chosen == ""}}, sp.options(statusNames(doc), "lead_status", chosen)...)
}

// reasonOptions are the nurturing reasons that can be chosen, and the one that a record has.
func (s *Server) reasonOptions(sp *speaker, chosen string) []option {
	return append([]option{{Selected: chosen == ""}}, sp.options(s.lifecycle().Reasons, "nurturing", chosen)...)
}

// options are the names that can be chosen. One that is chosen already and cannot be any more stays one, so that saving a
// form does not lose it.
func (sp *speaker) options(names []life.Name, set, chosen string) []option {
	var out []option
	found := chosen == ""
	for _, n := range names {
		if n.Retired && n.Name != chosen {
			continue
		}
		found = found || n.Name == chosen
		out = append(out, option{n.Name, n.Heading(sp.lang), n.Name == chosen})
	}
	if !found {
		out = append(out, option{chosen, sp.label(set, chosen), true})
	}
	return out
}
