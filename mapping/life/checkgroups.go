package life

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

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
