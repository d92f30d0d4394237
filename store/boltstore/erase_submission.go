package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// forgetSubmissions empties the submissions in a field of which the address stands, and those whose activities went.
// What is left is an excluded shell, so that the ledger gets or keeps its row.
func (e *erasure) forgetSubmissions() error {
	var ids []id16
	for i := range 2 {
		err := e.u.bucket(submissionBuckets(i)).ForEach(func(_, v []byte) error {
			s, err := decodeSubmission(v)
			if err != nil {
				return err
			}
			if id := idOf(s.ID); (e.keys[id] || e.stands(s.Fields)) && !slices.Contains(ids, id) {
				ids = append(ids, id)
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
	return e.u.flush()
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
