package boltstore

import (
	"regexp"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// owned notes whose next action an activity asks for: the first known person's on it.
func (e *erasure) owned(a *crm.Activity) {
	if first := firstKnown(a); first != "" && e.people[first] {
		e.theirNext[a.ID] = true
	}
}

// chosen gives the records of a kind that are chosen.
func chosen[T any](tx *bbolt.Tx, k recordKind[T], choose func(*T) bool) (out []T, err error) {
	err = tx.Bucket(k.bucket).ForEach(func(_, v []byte) error {
		one, err := k.decode(v)
		if err == nil && choose(&one) {
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// redactBy takes the words of the person, and those by which an activity named them, out of texts that rest on it.
func (e *erasure) redactBy(activity string, words *regexp.Regexp, texts ...*string) (changed bool) {
	for _, text := range texts {
		was := *text
		redactAll(words, text)
		if said := e.said[activity]; said != nil {
			redactAll(said, text)
		}
		changed = changed || *text != was
	}
	return changed
}

// forgetTasks: those about the person go, and those that an activity or a proposal asked for that went or was the person's,
// whomever they are about by now. The words of the rest go.
func (e *erasure) forgetTasks(words *regexp.Regexp) error {
	list, err := chosen(e.u.tx, tasks(), func(*crm.Task) bool { return true })
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], &list[i]
		if e.people[before.Person] || e.gone[before.Cause] || e.theirNext[before.Cause] || e.dropped["proposal/"+before.Cause] {
			after = nil
		} else if !e.redactBy(before.Cause, words, &after.What, &after.Whom) {
			continue
		}
		e.dropped["task/"+before.ID] = true
		if err := tasks().put(e.u, &before, after); err != nil {
			return err
		}
	}
	return nil
}

// forgetProposals: what proposes the person's address or name goes too, since nothing would be left to decide, and what rests on
// an activity that went.
func (e *erasure) forgetProposals(words *regexp.Regexp) error {
	list, err := chosen(e.u.tx, proposals(), func(*crm.Proposal) bool { return true })
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], &list[i]
		if e.people[before.Person] || e.people[before.Other] || words.MatchString(before.Value) || words.MatchString(before.Name) || e.restsOnThem(&before) {
			after = nil
		} else if !e.redactProposal(after, words) {
			continue
		}
		e.dropped["proposal/"+before.ID] = true
		if err := e.u.putProposal(&before, after); err != nil {
			return err
		}
	}
	return nil
}

// restsOnThem says whether a proposal has nothing left to rest on. One that was decided stays if its activity does.
func (e *erasure) restsOnThem(p *crm.Proposal) bool {
	return e.gone[p.Activity] || p.State == crm.ProposalOpen && e.theirNext[p.Activity]
}

// redactProposal takes the person's words out of a proposal about somebody else, and says whether there were any.
func (e *erasure) redactProposal(p *crm.Proposal, words *regexp.Regexp) (changed bool) {
	changed = e.redactBy(p.Activity, words, &p.Before, &p.Value, &p.Name)
	p.Evidence = slices.Clone(p.Evidence)
	for i := range p.Evidence {
		changed = e.redactBy(p.Activity, words, &p.Evidence[i]) || changed
	}
	did := slices.DeleteFunc(slices.Clone(p.Did), func(d crm.Edit) bool {
		return words.MatchString(d.Before) || words.MatchString(d.After) || e.people[d.After]
	})
	if len(did) != len(p.Did) {
		p.Did, changed = did, true
	}
	if e.people[p.Result] {
		p.Result, p.Made, changed = "", nil, true
	}
	if e.people[p.Stayed] {
		p.Stayed, changed = "", true
	}
	return changed
}

// wordsAbout are the words that go from a record: where it is about the person, the parts of their name alone too, by which a
// deal is often called.
func (e *erasure) wordsAbout(words *regexp.Regexp, about bool) *regexp.Regexp {
	if !about || len(e.parts) == 0 {
		return words
	}
	return wordsOf(e.spelled, append(slices.Clone(e.names), e.parts...))
}

// hasAny says whether one of the ids is the person's.
func (e *erasure) hasAny(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return e.people[id] })
}
