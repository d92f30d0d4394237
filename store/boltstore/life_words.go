package boltstore

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// forgetWords takes the words of an activity that goes, or becomes a tombstone, out of what its people's lives keep of it: the
// evidence of changes that stay, and that of proposals. What rests on the activity and nobody decided goes whole; if other
// evidence says the same, following raises it again.
func (u *unit) forgetWords(a *activity) error {
	if unlessEmpty(u.bucket(bucketChanges)) == nil && unlessEmpty(u.bucket(bucketProposals)) == nil {
		return nil
	}
	seen := map[string]bool{"": true}
	for i := range a.People {
		p := &a.People[i]
		for _, id := range append(strings.Fields(p.Was), p.ID) {
			if seen[id] {
				continue
			}
			seen[id] = true
			if err := u.forgetEvidence(id, a.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *unit) forgetEvidence(person, activity string) error {
	changes, err := changesOf(u.tx, &crm.Person{ID: person})
	if err != nil {
		return err
	}
	for i := range changes {
		c := &changes[i]
		if c.Activity != activity || c.Evidence == "" {
			continue
		}
		fresh := *c
		fresh.Evidence = ""
		u.saveChange(c, &fresh)
	}
	list, err := proposalsOf(u.tx, person)
	if err != nil {
		return err
	}
	for i := range list {
		if p := &list[i]; p.Activity == activity {
			if err := u.putProposal(p, withoutWords(p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutWords is a decided proposal without the words that it rested on; nil for one that nobody decided.
func withoutWords(p *crm.Proposal) *crm.Proposal {
	if p.State == crm.ProposalOpen || p.State == crm.ProposalMoot {
		return nil
	}
	fresh := *p
	fresh.Evidence = nil
	if p.Kind == crm.ProposeTask || p.State == crm.ProposalRefused { // it quotes the mail, and its ID still tells what was decided
		fresh.Value, fresh.Name = "", ""
	}
	return &fresh
}
