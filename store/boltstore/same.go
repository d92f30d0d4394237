package boltstore

import (
	"cmp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// stored finds what the store has of an activity. If the activity under its key is a different one, it gets a key of its
// own. A meeting that came apart stays so when its row says no more who organises it.
func (u *unit) stored(a *crm.Activity, was string, observed func(crm.Observation) bool) (*actState, error) {
	st, err := u.activity(cmp.Or(string(a.Key), a.ID))
	if err != nil || st.cur == nil || slices.ContainsFunc(st.cur.Observed, observed) {
		return st, err
	}
	if a.Meeting != nil && was != "" && was != st.cur.ID && !crm.NamesOrganizer(a) {
		own, err := u.activity(was)
		if err != nil {
			return nil, err
		}
		if own.cur != nil && own.cur.Meeting != nil && own.cur.Meeting.UID == a.Meeting.UID && own.cur.Meeting.Occurrence == a.Meeting.Occurrence {
			a.Key, a.ID = own.cur.Key, own.cur.ID
			return own, nil
		}
	}
	if crm.SameMail(st.cur.Activity, *a) && crm.SameMeeting(&st.cur.Activity, a) {
		return st, nil
	}
	a.Key = crm.ApartKey(*a)
	a.ID = string(a.Key)
	return u.activity(a.ID)
}

// viewOfMail marks what a mail says of a meeting: that is no calendar, and what knows nothing but an answer to the
// invitation is to take nothing away from what others know.
func viewOfMail(a *crm.Activity, message crm.Key, observed func(crm.Observation) bool) {
	a.Observed = slices.Clone(a.Observed)
	for i := range a.Observed {
		if o := &a.Observed[i]; observed(*o) {
			o.Mail, o.Message = true, message
		}
	}
	m := *a.Meeting
	m.Mail, m.ReplyOnly = true, m.ReplyOnly || m.Partial && len(m.Replies) > 0
	a.Meeting = &m
}

// isHushed says whether a meeting was private at some time: what it said before is gone then.
func isHushed(m *crm.Meeting) bool {
	return m != nil && (m.Private || m.Memory != nil && m.Memory.Private)
}
