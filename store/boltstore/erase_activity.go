package boltstore

import (
	"cmp"
	"errors"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// activity removes an activity that the person wrote, or that is there because of nobody else. On any other it
// blanks the person.
func (e *erasure) activity(st *actState) error {
	was := st.cur.Activity
	e.met(st.cur)
	e.owned(&was)
	wrote := func(p crm.Participant) bool { return authored(p.Role) && e.means(p) }
	if slices.ContainsFunc(was.People, wrote) {
		e.removed++
		return e.remove(st)
	}
	a := e.blanked(was)
	domain, err := e.accountLeft(was)
	if err != nil {
		return err
	}
	matched := slices.IndexFunc(a.People, isMatched)
	if matched < 0 && domain == "" {
		e.removed++
		return e.remove(st)
	}
	if a.Match.Evidence == "" || e.owns(a.Match.Evidence) {
		a.Match.Rule, a.Match.Evidence = crm.RuleDomain, domain
		if matched >= 0 {
			if a.Match.Rule, a.Match.Evidence, err = e.reason(a, a.People[matched]); err != nil {
				return err
			}
		}
	}
	e.changed++
	st.cur.Activity = a
	return e.stopWaiting(st)
}

// blanked is an activity without the person; its participants are in order.
func (e *erasure) blanked(a crm.Activity) crm.Activity {
	e.redact(&a)
	a.People = slices.Clone(a.People)
	for i, p := range a.People {
		if e.means(p) {
			a.People[i] = crm.Participant{Role: p.Role, Response: p.Response, Optional: p.Optional, Type: p.Type}
		}
	}
	a.Match.RunnersUp = slices.DeleteFunc(slices.Clone(a.Match.RunnersUp), e.isCandidate)
	return crm.Merge(a, a)
}

func (e *erasure) means(p crm.Participant) bool {
	address, ok := crm.NormalizeAddress(p.Address)
	return ok && address == e.address || p.ID != "" && e.people[p.ID]
}

// owns says whether an address is one of the person's.
func (e *erasure) owns(address string) bool {
	normal, ok := crm.NormalizeAddress(address)
	return ok && e.emails[normal]
}

func (e *erasure) isCandidate(c crm.Candidate) bool {
	return e.owns(c.Evidence) || e.people[c.ID]
}

// isMatched says whether a participant is a known person outside.
func isMatched(p crm.Participant) bool { return p.ID != "" && !p.Internal }

// accountLeft gives a domain of the first account of an activity that is not there because of the person alone;
// "" if there is none. A domain that another participant's address has is preferred.
func (e *erasure) accountLeft(a crm.Activity) (string, error) {
	var others, theirs []string
	for normal := range e.emails {
		theirs = append(theirs, crm.AddressDomain(normal))
	}
	for _, p := range a.People {
		switch domain := crm.AddressDomain(p.Address); {
		case domain == "":
		case e.means(p):
			theirs = append(theirs, domain)
		case !p.Internal:
			others = append(others, domain)
		}
	}
	left := ""
	for _, id := range a.Accounts {
		account, err := readAccount(e.u.tx, id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		domains := normalDomains(account.Domains)
		if domain := domainAmong(others, domains); domain != "" {
			return domain, nil
		}
		if left == "" && len(domains) > 0 && !e.accounts[id] && domainAmong(theirs, domains) == "" {
			left = domains[0]
		}
	}
	return left, nil
}

// domainAmong is the first of an account's domains that some of the addresses' domains belong to; "" if none.
func domainAmong(addresses, account []string) string {
	for _, domain := range addresses {
		for d := range crm.DomainAndParents(domain) {
			if slices.Contains(account, d) {
				return d
			}
		}
	}
	return ""
}

// reason says by which rule a participant is matched, and by what. The evidence is never empty.
func (e *erasure) reason(a crm.Activity, p crm.Participant) (crm.Rule, string, error) {
	if p.Role == crm.RoleThread && a.Thread != "" {
		return crm.RuleThread, a.Thread, nil
	}
	evidence := cmp.Or(crm.CanonicalAddress(p.Address), p.Address, p.Name, p.ID)
	if p.Role == crm.RoleBounced {
		return crm.RuleBounce, evidence, nil
	}
	normal, ok := crm.NormalizeAddress(p.Address)
	if !ok {
		return crm.RuleAddress, evidence, nil
	}
	answer, err := newLookup(e.u.tx, e.u.s).address(normal)
	if err != nil || answer == nil {
		return crm.RuleAddress, evidence, err
	}
	if answer.Decision != nil && answer.Decision.Person == p.ID {
		return crm.RuleDecision, evidence, nil
	}
	known := false
	for _, ref := range answer.People {
		if ref.ID == p.ID && crm.CanonicalAddress(ref.Address) == evidence {
			return crm.RuleAddress, evidence, nil
		}
		known = known || ref.ID == p.ID
	}
	if known {
		return crm.RuleNormalized, evidence, nil
	}
	return crm.RuleAddress, evidence, nil
}
