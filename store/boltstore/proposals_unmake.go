package boltstore

import (
	"errors"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// unmake removes the contact that accepting a proposal made, unless it is more than that by now. It gives the id of one that
// stays, "" for none.
func (u *unit) unmake(actor string, made *crm.Person) (stayed string, err error) {
	if err := u.flush(); err != nil {
		return "", err
	}
	is, err := readPerson(u.tx, made.ID)
	if errors.Is(err, crm.ErrNotFound) {
		into, err := nowCalled(u.tx, made.ID)
		if err != nil || into == made.ID {
			return "", err
		}
		return into, nil // it is part of somebody by now
	}
	if err != nil {
		return "", err
	}
	if only, err := u.onlyMade(made, &is); err != nil || !only {
		return is.ID, err
	}
	if err := u.leaveRecords(actor, &is); err != nil {
		return "", err
	}
	if _, err := u.removePerson(is.ID); err != nil {
		return "", err
	}
	if err := u.forgetChanges(&is); err != nil {
		return "", err
	}
	if err := u.auditChange(actor, "person", is.ID, &is, (*crm.Person)(nil)); err != nil {
		return "", err
	}
	if err := u.flush(); err != nil { // its mail waits for the address again
		return "", err
	}
	for _, address := range normalAddresses(is.Emails) {
		if err := u.queueAddress(address); err != nil {
			return "", err
		}
	}
	return "", nil
}

// onlyMade says whether a contact that a proposal made is no more than that: nobody changed, commented on or chose it, nobody is
// followed by it, it has no task and no deal, and no activity but those that were there before it.
func (u *unit) onlyMade(made, is *crm.Person) (bool, error) {
	if !crm.StillAsMade(made, is) {
		return false, nil
	}
	history, err := changesOf(u.tx, is)
	if err != nil || slices.ContainsFunc(history, func(c crm.Change) bool { return c.By != crm.ByRules }) {
		return false, err
	}
	if comments, err := u.commentsOf(is.ID); err != nil || len(comments) > 0 {
		return false, err
	}
	for _, concerns := range []func(string) (bool, error){u.hasRecords, u.isFollowing, u.isAnswer} {
		if more, err := concerns(is.ID); err != nil || more {
			return false, err
		}
	}
	only := true
	addresses := normalAddresses(is.Emails)
	err = u.walkPerson(is.ID, func(st *actState) error {
		byAddress := func(p crm.Participant) bool {
			normal, _ := crm.NormalizeAddress(p.Address)
			return p.ID != is.ID || p.Role != crm.RoleFiled && slices.Contains(addresses, normal)
		}
		only = only && st.cur.By == "" && st.cur.Time.Before(made.Created) && !slices.ContainsFunc(st.cur.People, func(p crm.Participant) bool { return !byAddress(p) })
		return nil
	})
	return only, err
}

// isFollowing says whether somebody is followed by a person.
func (u *unit) isFollowing(id string) (bool, error) {
	ids, err := u.under(bucketSuccessors, id)
	return len(ids) > 0, err
}

// isAnswer says whether somebody answered a review with a person.
func (u *unit) isAnswer(id string) (found bool, err error) {
	err = u.bucket(bucketReviews).ForEach(func(_, v []byte) error {
		r, err := decodeReview(v)
		found = found || r.Person == id
		return err
	})
	return found, err
}

// hasRecords reports whether deals or tasks hang on a person or account.
func (u *unit) hasRecords(id string) (has bool, err error) {
	scope := idOf(id)
	for _, line := range []byte{lineOpportunities, lineContracts, lineTasks} {
		q := lineQuery{line: line, states: []byte{stateOpen, stateClosed}, scope: scope, limit: 1}
		_, err := q.walk(u.tx, func(_, _ []byte) (bool, error) {
			has = true
			return true, nil
		})
		if err != nil || has {
			return has, err
		}
	}
	return false, nil
}
