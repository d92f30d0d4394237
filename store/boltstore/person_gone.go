package boltstore

import (
	"bytes"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Somebody who is deleted leaves the records that people made: nothing names them by an id that leads nowhere. What was to be
// done with them is dropped, and the audit says why; deals go on without them; what was proposed or asked about them
// goes, and what was decided for them is asked again when it comes up again. What was logged keeps the address (removePerson),
// and the audit and the history of merges and conversions keep the id.

// leaveRecords takes somebody who is about to be deleted out of everything that people made.
func (u *unit) leaveRecords(actor string, p *crm.Person) error {
	if err := u.flush(); err != nil { // the lines of the index are read
		return err
	}
	for _, step := range []func(actor, id string) error{u.leaveTasks, u.leaveOpportunities, u.leaveContracts, u.leaveProposals, u.leaveFilings, u.leaveReviews, u.leaveLate, u.leaveSuccessors} {
		if err := step(actor, p.ID); err != nil {
			return err
		}
	}
	return u.flush()
}

// underLine gives all records of a person, open and closed ones.
func underLine[T any](u *unit, k recordKind[T], line byte, id string) (all []T, err error) {
	q := lineQuery{line: line, states: []byte{stateOpen, stateClosed}, scope: idOf(id), limit: maxLimit}
	for {
		page, next, err := readLines(u.tx, k, q, func(*T, []byte) bool { return true })
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); next == "" {
			return all, nil
		}
		q.after = next
	}
}

// leaveTasks drops what was to be done with them. What was done stays done.
func (u *unit) leaveTasks(actor, id string) error {
	list, err := underLine(u, tasks(), lineTasks, id)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := &list[i], list[i]
		if before.Person != id {
			continue
		}
		after.Person = ""
		if !before.Open() {
			if err := tasks().put(u, before, &after); err != nil {
				return err
			}
			continue
		}
		after.Dropped, after.DoneBy = true, actor
		if err := tasks().put(u, before, &after); err != nil {
			return err
		}
		u.markRecords(after.Account)
		if err := u.auditDropped(actor, before, &after); err != nil {
			return err
		}
	}
	return nil
}

// auditDropped says that a task was dropped because the person it was about is no more.
func (u *unit) auditDropped(actor string, before, after *crm.Task) error {
	r := crm.AuditRecord{Actor: actor, Action: "drop task", Object: "task/" + before.ID}
	var err error
	if r.Before, err = asJSON(before); err != nil {
		return err
	}
	if r.After, err = asJSON(after); err != nil {
		return err
	}
	return u.audit(r)
}

func (u *unit) leaveOpportunities(actor, id string) error {
	list, err := underLine(u, opportunities(), lineOpportunities, id)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := &list[i], list[i]
		after.Contacts = without(before.Contacts, []string{id})
		if before.Lead == id {
			after.Lead = ""
		}
		after.Updated = versionAfter(before.Updated, u.s.now())
		if err := u.putOpportunity(actor, before, &after); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) leaveContracts(actor, id string) error {
	list, err := underLine(u, contracts(), lineContracts, id)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := &list[i], list[i]
		after.Contacts = without(before.Contacts, []string{id})
		after.Updated = versionAfter(before.Updated, u.s.now())
		if err := u.putContract(actor, before, &after); err != nil {
			return err
		}
	}
	return nil
}

// naming gives the records of a kind whose stored form has an id in it.
func naming[T any](u *unit, k recordKind[T], id string) (out []T, err error) {
	err = u.bucket(k.bucket).ForEach(func(_, v []byte) error {
		if !bytes.Contains(v, []byte(`"`+id+`"`)) {
			return nil
		}
		one, err := k.decode(v)
		out = append(out, one)
		return err
	})
	return out, err
}

// leaveProposals removes what is proposed about them or would merge somebody with them, and takes them out of what accepting
// a proposal about somebody else did.
func (u *unit) leaveProposals(_, id string) error {
	list, err := naming(u, proposals(), id)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], &list[i]
		after.Did = slices.DeleteFunc(slices.Clone(before.Did), func(d crm.Edit) bool { return d.After == id || d.Before == id })
		if before.Result == id {
			after.Result, after.Made = "", nil
		}
		if before.Stayed == id {
			after.Stayed = ""
		}
		if before.Person == id || before.Other == id {
			after = nil
		}
		if err := u.putProposal(&before, after); err != nil {
			return err
		}
	}
	return nil
}

// leaveFilings takes them out of the decisions about who stands on an activity, and what decided nothing but that they do goes.
func (u *unit) leaveFilings(_, id string) error {
	list, err := naming(u, filings(), id)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := &list[i], &crm.Filing{Activity: list[i].Activity}
		for _, m := range before.Moves {
			if m.Attach == id {
				m.Attach, m.Came = "", nil
			}
			if m.Detach == id {
				m.Detach, m.Left = "", nil
			}
			m.Was = slices.DeleteFunc(slices.Clone(m.Was), func(s crm.Stood) bool { return s.ID == id })
			if m.Attach != "" || m.Detach != "" {
				after.Moves = append(after.Moves, m)
			}
		}
		if len(after.Moves) == 0 {
			after = nil
		}
		if err := filings().put(u, before, after); err != nil {
			return err
		}
	}
	return nil
}

// leaveReviews takes them off the candidates of what is asked, where late work then sees who is left. What was answered with
// them, and rules about them, go with the decision, so that it is asked again when it comes up again.
func (u *unit) leaveReviews(_, id string) error {
	var all []review
	is := func(c crm.Candidate) bool { return c.ID == id }
	err := u.bucket(bucketReviews).ForEach(func(_, v []byte) error {
		r, err := decodeReview(v)
		if err == nil && (r.Person == id || slices.ContainsFunc(r.Candidates, is)) {
			all = append(all, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := range all {
		before, after := &all[i], all[i]
		after.Candidates = slices.DeleteFunc(slices.Clone(before.Candidates), is)
		gone := before.Person == id || before.Rule() && len(after.Candidates) == 0
		if gone {
			err = u.saveReview(before, nil)
		} else {
			err = u.saveReview(before, &after)
		}
		if err == nil && !gone && before.State == crm.ReviewOpen {
			err = u.queueAddress(before.Address)
		}
		if err != nil {
			return err
		}
	}
	return u.rewrite(bucketDecisions, func(v []byte) ([]byte, error) {
		d, err := decodeDecision(v)
		if err == nil && d.Person == id {
			return nil, nil
		}
		return v, err
	})
}

// leaveLate takes off the queue what was to be taken off them.
func (u *unit) leaveLate(_, id string) error {
	return u.rewrite(bucketLate, func(v []byte) ([]byte, error) {
		l, err := decodeLate(v)
		if err == nil && l.person == id {
			return nil, nil
		}
		return v, err
	})
}

// leaveSuccessors makes those whom they follow be followed by nobody.
func (u *unit) leaveSuccessors(_, id string) error {
	return u.eachFollowed(id, func(p *crm.Person) bool {
		p.Successor = ""
		p.Updated = versionAfter(p.Updated, u.s.now())
		return true
	})
}
