package boltstore

import (
	"regexp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// forgetSubmissions empties the submissions in a field of which the address stands, and those whose activities went.
// What is left is an excluded shell, so that the ledger gets or keeps its row. From submissions of others the person's
// addresses and names are taken out, as from their activities: the queue is read again when the mapping changes.
func (e *erasure) forgetSubmissions() error {
	words := wordsOf(e.spelled, e.names)
	var ids, mentioned []id16
	for i := range 2 {
		err := e.u.bucket(submissionBuckets(i)).ForEach(func(_, v []byte) error {
			s, err := decodeSubmission(v)
			if err != nil {
				return err
			}
			id := idOf(s.ID)
			if (e.keys[id] || e.stands(s.Fields)) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			if redactSubmission(&s, words) && !slices.Contains(mentioned, id) {
				mentioned = append(mentioned, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := e.forgetSubmission(id); err != nil {
			return err
		}
	}
	for _, id := range mentioned {
		if slices.Contains(ids, id) {
			continue // nothing is left of it
		}
		if err := e.redactLetterbox(id, words); err != nil {
			return err
		}
	}
	return e.u.flush()
}

// redactLetterbox takes the words out of both versions of a submission.
func (e *erasure) redactLetterbox(id id16, words *regexp.Regexp) error {
	before, err := readLetterbox(e.u.tx, id)
	if err != nil {
		return err
	}
	after := before
	for _, version := range []**crm.Submission{&after.admitted, &after.held} {
		if *version != nil {
			s := **version
			redactSubmission(&s, words)
			*version = &s
		}
	}
	return e.u.saveLetterbox(before, after)
}

// redactSubmission takes the words out of what a submission says, and tells whether they were there.
func redactSubmission(s *crm.Submission, words *regexp.Regexp) bool {
	fields, touch := s.Fields, s.Touch
	s.Fields = redactFields(s.Fields, words)
	redactTouch(&s.Touch, words)
	return s.Touch != touch || !sameAnswers(s.Fields, fields)
}

// stands says whether the address is the value of a field.
func (e *erasure) stands(fields []crm.FormField) bool {
	return slices.ContainsFunc(fields, func(f crm.FormField) bool {
		return slices.ContainsFunc(f.Values, func(v string) bool {
			address, ok := crm.NormalizeAddress(v)
			return ok && address == e.address
		})
	})
}

func (e *erasure) forgetSubmission(id id16) error {
	before, err := readLetterbox(e.u.tx, id)
	if err != nil {
		return err
	}
	was := before.newest()
	shell := &crm.Submission{ID: was.ID, Form: was.Form, At: was.At, State: crm.SubmissionExcluded,
		Reason: crm.ReasonErased, Version: was.Version}
	if before.admitted != nil {
		shell.Seq = before.admitted.Seq
	} else if shell.Seq, err = e.u.nextInQueue(); err != nil {
		return err
	}
	return e.u.saveLetterbox(before, letterbox{admitted: shell})
}
