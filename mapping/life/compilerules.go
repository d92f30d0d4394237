package life

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// moves compiles what moves statuses, requests and owners.
func (c *compiler) moves(r *Rules) {
	for i := range c.doc.Rules {
		d, at := &c.doc.Rules[i], fmt.Sprintf("rules[%d]", i)
		one := rule{name: d.Name, on: d.On, result: set(d.Result), holds: c.condition(r, at+".if", d.If, "standing.segments"), from: set(d.From), to: d.To, reason: d.Reason}
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
		if d.Retired { // records keep it, and no enquiry gets it any more
			continue
		}
		r.requests = append(r.requests, request{
			name: d.Name.Name, forms: set(d.Forms), holds: c.condition(r, fmt.Sprintf("requests[%d].if", i), d.If, "standing.segments", "standing.territory"), stages: used(d.Stages), final: used(d.Final),
		})
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

const timeHint = "write 30d for days or 2w for weeks"

// days reads a time of whole days: 30d or 2w.
func (c *compiler) days(path, text string) time.Duration {
	n, unit, ok := amount(text)
	switch {
	case !ok || unit != 'd' && unit != 'w':
		c.bad(path, fmt.Sprintf("%q is not a number of days", text), timeHint)
		return 0
	case unit == 'w':
		n *= 7
	}
	if n > maxDays {
		c.bad(path, fmt.Sprintf("%q is more than ten years", text), timeHint)
		return 0
	}
	return time.Duration(n) * day
}

// timeGood reports a text that days reads without complaint.
func (c *compiler) timeGood(text string) bool {
	_, unit, ok := amount(text)
	return ok && (unit == 'd' || unit == 'w')
}

// hoursOf reads a number of business hours: 8h.
func (c *compiler) hoursOf(path, text string) time.Duration {
	n, unit, ok := amount(text)
	if !ok || unit != 'h' || n < 1 || n > 1000 {
		c.bad(path, fmt.Sprintf("%q is not a number of business hours", text), "write 8h")
		return 0
	}
	return time.Duration(n) * time.Hour
}

// amount reads a number with its unit.
func amount(text string) (n int, unit byte, ok bool) {
	if len(text) < 2 || len(text) > 8 {
		return 0, 0, false
	}
	digits := text[:len(text)-1]
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || digits[0] == '+' || digits[0] == '-' {
		return 0, 0, false
	}
	return n, text[len(text)-1], true
}

// hours reads the business hours.
func (c *compiler) hours() *crm.Hours {
	d := &c.doc.Hours
	h := &crm.Hours{Japanese: d.Holidays == HolidaysJapan, Closed: set(d.Closed)}
	c.oneOf("hours.holidays", d.Holidays, "a calendar of holidays", []string{HolidaysJapan, HolidaysNone})
	from, okFrom := wallClock(d.From)
	to, okTo := wallClock(d.To)
	switch {
	case !okFrom:
		c.bad("hours.from", fmt.Sprintf("%q is not a time of day", d.From), `write "09:00"`)
	case !okTo:
		c.bad("hours.to", fmt.Sprintf("%q is not a time of day", d.To), `write "18:00"`)
	case from >= to:
		c.bad("hours", fmt.Sprintf("the business hours end at %s, before they begin at %s", d.To, d.From), "")
	}
	h.From, h.To = from, to
	if len(d.Days) == 0 {
		c.bad("hours.days", "there is no business day", "write [mon, tue, wed, thu, fri], or leave days out")
	}
	for i, name := range d.Days {
		if c.oneOf(fmt.Sprintf("hours.days[%d]", i), name, "a day of the week", Weekdays()) {
			h.Days[slices.Index(Weekdays(), name)] = true
		}
	}
	for i, closed := range d.Closed {
		if _, err := time.Parse(time.DateOnly, closed); err != nil {
			c.bad(fmt.Sprintf("hours.closed[%d]", i), fmt.Sprintf("%q is not a day", closed), "write 2026-12-29")
		}
	}
	return h
}
