package life

import (
	"maps"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// assign gives a lead without an owner to one: by the first assignment rule that fits and of whose owners one has room. Of
// these the one gets it to whom a rule gave one longest ago; of equals the one with fewer open leads, then the first
// named. The load is added at once, so that the next lead sees it. language is ja, en or "" for what they wrote first; owner
// is "" if no rule gives any.
func (r *Rules) assign(s scene, language string, around *Around) (owner, rule string) {
	for i := range r.assignments {
		a := &r.assignments[i]
		if !a.fits(&s, language) {
			continue
		}
		if owner = r.choose(a, around.Loads); owner == "" {
			continue
		}
		if around.Loads != nil {
			around.Loads[owner] = with(around.Loads[owner], s.person.Status, around.Now)
		}
		return owner, a.name
	}
	return "", ""
}

func (a *assignment) fits(s *scene, language string) bool {
	switch {
	case a.territory != "" && (s.standing == nil || s.standing.Territory != a.territory):
		return false
	case a.language != "" && a.language != language:
		return false
	case a.product != nil && !a.wants(s):
		return false
	case a.company != nil && !a.company(companyOf(s)):
		return false
	}
	return a.holds == nil || a.holds(*s)
}

// wants reports whether one of the rule's products was asked for.
func (a *assignment) wants(s *scene) bool {
	if s.activity != nil && a.product[crm.Fold(s.activity.Product)] {
		return true
	}
	return s.standing != nil && slices.ContainsFunc(s.standing.Products, func(product string) bool { return a.product[crm.Fold(product)] })
}

// companyOf is what the person's company is called, and the domains by which it is known: its account's, and those of
// the person's addresses that are not free mail.
func companyOf(s *scene) (name string, domains []string) {
	name = s.person.Company
	if s.account != nil {
		name, domains = s.account.Name, slices.Clone(s.account.Domains)
	}
	for _, address := range s.person.Emails {
		if normal, ok := crm.NormalizeAddress(address); ok {
			domains = append(domains, crm.AddressDomain(normal))
		}
	}
	return name, domains
}

// choose is the owner of a rule whose turn it is; "" if all are full.
func (r *Rules) choose(a *assignment, loads map[string]crm.Load) string {
	best, least := "", 0
	for _, owner := range a.owners {
		open := r.open(loads[owner])
		if a.cap > 0 && open >= a.cap {
			continue
		}
		sooner := loads[owner].Assigned.Compare(loads[best].Assigned)
		if best == "" || sooner < 0 || sooner == 0 && open < least {
			best, least = owner, open
		}
	}
	return best
}

// open is how many leads of a load are not closed.
func (r *Rules) open(load crm.Load) int {
	n := 0
	for status, count := range load.Leads {
		if !r.Closed(string(status)) {
			n += count
		}
	}
	return n
}

// with is the load after a lead more. The load's own table stays as it is.
func with(load crm.Load, status crm.LeadStatus, now time.Time) crm.Load {
	leads := maps.Clone(load.Leads)
	if leads == nil {
		leads = map[crm.LeadStatus]int{}
	}
	leads[status]++
	return crm.Load{Leads: leads, Assigned: now}
}
