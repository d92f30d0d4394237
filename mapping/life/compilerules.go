package life

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// moves compiles what moves statuses, requests and owners.
func (c *compiler) moves(r *Rules) {
	for i := range c.doc.Rules {
		d, at := &c.doc.Rules[i], fmt.Sprintf("rules[%d]", i)
		one := rule{
			name: d.Name, on: d.On, result: set(d.Result), from: set(d.From), to: d.To, reason: d.Reason,
			holds: c.condition(r, at+".if", d.If, "standing.segments"),
		}
		if d.After != "" {
			one.after = c.days(at+".after", d.After)
			if one.after == 0 && c.timeGood(d.After) {
				c.bad(at+".after", "a silence of no days is none", "write 30d")
			}
		}
		r.rules = append(r.rules, one)
	}
	for i := range c.doc.Requests {
		d := &c.doc.Requests[i]
		one := request{
			name: d.Name.Name, forms: set(d.Forms), stages: used(d.Stages), final: used(d.Final),
			holds: c.condition(r, fmt.Sprintf("requests[%d].if", i), d.If, "standing.segments", "standing.territory"),
		}
		if !d.Retired { // records keep a retired one, and no enquiry gets it any more
			r.requests = append(r.requests, one)
		}
	}
	for i := range c.doc.Assignment {
		d := &c.doc.Assignment[i]
		one := assignment{
			name: d.Name, territory: d.Territory, product: set(folded(d.Product)), language: d.Language, company: companies(d.Company),
			holds: c.condition(r, fmt.Sprintf("assignment[%d].if", i), d.If, "standing.segments"), cap: d.Cap,
		}
		for _, owner := range d.Owners {
			if normal, ok := crm.NormalizeAddress(owner); ok {
				one.owners = append(one.owners, normal)
			}
		}
		r.assignments = append(r.assignments, one)
	}
}

// groups compiles segments and territories. A retired one has no members.
func (c *compiler) groups(r *Rules) {
	for i := range c.doc.Segments {
		d, at := &c.doc.Segments[i], fmt.Sprintf("segments[%d]", i)
		program := c.group(at, d.If)
		c.reads(at+".if", program, "standing.segments")
		one := segment{name: d.Name.Name, never: d.After == Never}
		if d.After != "" && !one.never {
			one.after = c.days(at+".follow_up", d.After)
		}
		if program == nil || d.Retired {
			continue
		}
		one.holds, one.timed = r.condition(program), timed(program)
		r.segments = append(r.segments, one)
	}
	for i := range c.doc.Territories {
		d, at := &c.doc.Territories[i], fmt.Sprintf("territories[%d]", i)
		program := c.group(at, d.If)
		c.reads(at+".if", program, "standing.segments", "standing.territory")
		if program == nil || d.Retired {
			continue
		}
		r.territories = append(r.territories, territory{name: d.Name.Name, holds: r.condition(program), timed: timed(program)})
	}
}

// group compiles the condition that makes members.
func (c *compiler) group(at, text string) *expr.Program {
	if strings.TrimSpace(text) == "" {
		c.bad(at, "it is not said who belongs to it", `write a condition, such as if: person.company.contains("商事")`)
		return nil
	}
	program := c.program(at+".if", text)
	if program != nil && program.Mentions("activity") {
		c.bad(at+".if", "members are not told by a single activity", "use person, account and standing, such as standing.products")
	}
	return program
}

func (c *compiler) plans(r *Rules) {
	for i := range c.doc.Plans {
		d := &c.doc.Plans[i]
		one := plan{name: d.Name, segment: d.Segment}
		for j, s := range d.Steps {
			step := step{kind: s.Kind, what: strings.TrimSpace(s.What)}
			if s.After != "" {
				step.after = c.days(fmt.Sprintf("plans[%d].steps[%d].after", i, j), s.After)
			}
			one.steps = append(one.steps, step)
		}
		r.plans = append(r.plans, one)
	}
}

func used(list []Name) []string {
	var out []string
	for _, n := range list {
		if !n.Retired {
			out = append(out, n.Name)
		}
	}
	return out
}

func folded(list []string) []string {
	var out []string
	for _, word := range list {
		out = append(out, crm.Fold(word))
	}
	return out
}

// companies tells the companies of a list, which holds domains, with those below them, and names; nil for any.
func companies(list []string) func(name string, domains []string) bool {
	if len(list) == 0 {
		return nil
	}
	domains, names := map[string]bool{}, []string{}
	for _, entry := range list {
		if domain, ok := crm.NormalizeDomain(strings.TrimPrefix(entry, "@")); ok && strings.Contains(domain, ".") {
			domains[domain] = true
		} else {
			names = append(names, entry)
		}
	}
	return func(name string, its []string) bool {
		for _, domain := range its {
			for d := range crm.DomainAndParents(domain) {
				if domains[d] {
					return true
				}
			}
		}
		return name != "" && slices.ContainsFunc(names, func(known string) bool { return crm.SameCompany(known, name) })
	}
}
