package life

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

func (c *compiler) statusNames() []string {
	var list []string
	for _, s := range c.doc.Statuses {
		list = append(list, s.Name.Name)
	}
	return list
}

func (c *compiler) checkRules() {
	c.size("rules", len(c.doc.Rules))
	statuses, seen := c.statusNames(), map[string]bool{}
	var results []string
	for _, r := range c.doc.Results {
		results = append(results, r.Name.Name)
	}
	for i := range c.doc.Rules {
		r, at := &c.doc.Rules[i], fmt.Sprintf("rules[%d]", i)
		c.title(at+".name", r.Name, seen)
		for j, status := range r.From {
			if c.oneOf(fmt.Sprintf("%s.from[%d]", at, j), status, "a status", statuses) && status == r.To {
				c.bad(fmt.Sprintf("%s.from[%d]", at, j), fmt.Sprintf("the rule leads from %q to itself", status), "leave it out")
			}
		}
		if c.oneOf(at+".to", r.To, "a status", statuses) {
			c.checkTo(at, r)
		}
		for j, result := range r.Result {
			c.oneOf(fmt.Sprintf("%s.result[%d]", at, j), result, "a result of a call", results)
		}
		if c.oneOf(at+".on", string(r.On), "an event", words(Events())) {
			c.checkEvent(at, r)
		}
	}
	c.checkLoops()
}

// checkEvent looks at what goes with some events only.
func (c *compiler) checkEvent(at string, r *Rule) {
	switch {
	case r.On == crm.EventSilence && r.After == "":
		c.bad(at, "the rule does not say how long nothing must have happened", "write after: 30d")
	case r.On != crm.EventSilence && r.After != "":
		c.bad(at+".after", "only silence has a length", "write on: silence, or leave after out")
	}
	if len(r.Result) > 0 && r.On != crm.EventCall {
		c.bad(at+".result", "only calls have a result", "write on: call, or leave result out")
	}
}

// checkTo looks at the status to which a rule leads, and whether it goes with the reason.
func (c *compiler) checkTo(at string, r *Rule) {
	to := c.status(r.To)
	if to.Retired {
		c.bad(at+".to", fmt.Sprintf("the status %q is retired", r.To), "a rule can only lead to one that is in use")
	}
	switch {
	case to.Reason && r.Reason == "":
		c.bad(at, fmt.Sprintf("the status %q wants a reason, and the rule gives none", r.To), "write reason: and one of "+strings.Join(c.reasonNames(), ", "))
	case !to.Reason && r.Reason != "":
		c.bad(at+".reason", fmt.Sprintf("the status %q has no reason", r.To), "leave reason out")
	case r.Reason != "":
		if c.oneOf(at+".reason", r.Reason, "a reason", c.reasonNames()) && retired(c.doc.Reasons, r.Reason) {
			c.bad(at+".reason", fmt.Sprintf("the reason %q is retired", r.Reason), "a rule can only give one that is in use")
		}
	}
}

func (c *compiler) reasonNames() []string {
	var list []string
	for _, n := range c.doc.Reasons {
		list = append(list, n.Name)
	}
	return list
}

func retired(list []Name, code string) bool {
	return slices.ContainsFunc(list, func(n Name) bool { return n.Name == code && n.Retired })
}

// checkLoops refuses rules of silence that lead back to where they started: a lead whom nobody speaks to would go round
// for ever. The last rule of a round is named.
func (c *compiler) checkLoops() {
	next := map[string][]int{} // rules of silence by the status they lead from
	for i := range c.doc.Rules {
		r := &c.doc.Rules[i]
		if r.On != crm.EventSilence {
			continue
		}
		from := r.From
		if len(from) == 0 {
			from = c.statusNames()
		}
		for _, status := range from {
			if status != r.To {
				next[status] = append(next[status], i)
			}
		}
	}
	said := map[string]bool{}
	for _, start := range c.statusNames() {
		if said[start] {
			continue
		}
		last, round := c.round(next, start)
		if round == nil {
			continue
		}
		c.bad(fmt.Sprintf("rules[%d]", last), "silence alone would lead from one status back to it: "+strings.Join(round, " → "),
			"take a status out of from, or let something that happens lead back")
		for _, status := range round {
			said[status] = true
		}
	}
}

// round is a way from a status back to it over rules of silence, and the last of these rules in the list; nil if there is
// none.
func (c *compiler) round(next map[string][]int, start string) (last int, round []string) {
	seen := map[string]bool{}
	var walk func(status string) []string
	walk = func(status string) []string {
		for _, i := range next[status] {
			to := c.doc.Rules[i].To
			if to == start {
				last = max(last, i)
				return []string{status, start}
			}
			if seen[to] {
				continue
			}
			seen[to] = true
			if rest := walk(to); rest != nil {
				last = max(last, i)
				return append([]string{status}, rest...)
			}
		}
		return nil
	}
	round = walk(start)
	return last, round
}

func (c *compiler) checkRequests() {
	for i := range c.doc.Requests {
		q, at := &c.doc.Requests[i], fmt.Sprintf("requests[%d]", i)
		c.names(at+".stages", q.Stages)
		c.names(at+".final", q.Final)
		for j, form := range q.Forms {
			if strings.TrimSpace(form) == "" {
				c.bad(fmt.Sprintf("%s.forms[%d]", at, j), "the id of a form is missing", "")
			}
		}
		for j, final := range q.Final {
			if slices.ContainsFunc(q.Stages, func(stage Name) bool { return stage.Name == final.Name }) {
				c.bad(fmt.Sprintf("%s.final[%d].name", at, j), fmt.Sprintf("%q is a stage too", final.Name), "what ends a request is no stage of it")
			}
		}
	}
}

func (c *compiler) checkAssignment() {
	c.size("assignment", len(c.doc.Assignment))
	seen := map[string]bool{}
	var territories []string
	for _, t := range c.doc.Territories {
		territories = append(territories, t.Name.Name)
	}
	for i := range c.doc.Assignment {
		a, at := &c.doc.Assignment[i], fmt.Sprintf("assignment[%d]", i)
		c.title(at+".name", a.Name, seen)
		if a.Territory != "" {
			c.oneOf(at+".territory", a.Territory, "a territory", territories)
		}
		if a.Language != "" {
			c.oneOf(at+".language", a.Language, "a language", []string{"ja", "en"})
		}
		if a.Cap < 0 || a.Cap > maxCap {
			c.bad(at+".cap", fmt.Sprintf("%d is no number of leads", a.Cap), "write how many open leads an owner can have, or leave cap out for no limit")
		}
		c.checkOwners(at, a.Owners)
		c.checkWords(at+".product", a.Product)
		c.checkWords(at+".company", a.Company)
	}
}

func (c *compiler) checkWords(path string, list []string) {
	c.size(path, len(list))
	for i, entry := range list {
		if crm.Fold(entry) == "" {
			c.bad(fmt.Sprintf("%s[%d]", path, i), "the entry says nothing", "leave it out")
		}
	}
}

func (c *compiler) checkOwners(at string, owners []string) {
	if len(owners) == 0 {
		c.bad(at+".owners", "the rule names no owners", "write owners: [sato@example.co.jp]")
	}
	c.size(at+".owners", len(owners))
	seen := map[string]bool{}
	for j, owner := range owners {
		normal, ok := crm.NormalizeAddress(owner)
		switch {
		case !ok:
			c.bad(fmt.Sprintf("%s.owners[%d]", at, j), fmt.Sprintf("%q is not an address", owner), "write the rep's mail address")
		case seen[normal]:
			c.bad(fmt.Sprintf("%s.owners[%d]", at, j), fmt.Sprintf("%s stands here twice", owner), "each gets its turn once; delete one")
		}
		seen[normal] = true
	}
}

func (c *compiler) checkPlans() {
	c.size("plans", len(c.doc.Plans))
	seen := map[string]bool{}
	var segments []string
	for _, s := range c.doc.Segments {
		segments = append(segments, s.Name.Name)
	}
	for i := range c.doc.Plans {
		p, at := &c.doc.Plans[i], fmt.Sprintf("plans[%d]", i)
		c.title(at+".name", p.Name, seen)
		if c.oneOf(at+".segment", p.Segment, "a segment", segments) && c.segmentRetired(p.Segment) {
			c.bad(at+".segment", fmt.Sprintf("the segment %q is retired: nobody is in it", p.Segment), "name one that is in use")
		}
		if len(p.Steps) == 0 {
			c.bad(at+".steps", "the plan has no steps", "write steps: [{after: 0d, kind: call, what: …}]")
		}
		c.size(at+".steps", len(p.Steps))
		for j := range p.Steps {
			s, at := &p.Steps[j], fmt.Sprintf("%s.steps[%d]", at, j)
			c.oneOf(at+".kind", string(s.Kind), "a kind of task", words(TaskKinds()))
			if strings.TrimSpace(s.What) == "" {
				c.bad(at+".what", "the step does not say what is to be done", "")
			}
			c.oneLine(at+".what", s.What, maxWords)
		}
	}
}

func (c *compiler) segmentRetired(name string) bool {
	return slices.ContainsFunc(c.doc.Segments, func(s Segment) bool { return s.Name.Name == name && s.Retired })
}

// reads reports a condition that rests on what is worked out only after it.
func (c *compiler) reads(path string, program *expr.Program, fields ...string) {
	if program == nil {
		return
	}
	for _, field := range fields {
		if program.Mentions(field) {
			c.bad(path, field+" is not known yet where this is asked", "say it by other fields")
		}
	}
}
