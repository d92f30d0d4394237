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
