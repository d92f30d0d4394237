package crm

import (
	"slices"
	"time"
)

// Withdraw is an activity after a row of a source was found not to be there any more; at is when it went. It reports
// whether that changed anything: not if nothing was seen there, or if it was withdrawn before.
//
// A meeting becomes cancelled when its organiser's own calendars do not have it any more, or no calendar that it was
// seen in, as far as it was taken off them before its end. That mails about it were deleted says nothing of it. A mail
// that is nowhere any more becomes a tombstone: Status deleted, texts, attachments and declared fields emptied. Of
// other kinds the observation is marked and nothing else. With another status comes another Version; the state before
// is among the Revisions of a meeting. Owners stay: it was seen with them.
func Withdraw(a Activity, source, externalID string, at time.Time) (Activity, bool) {
	i := slices.IndexFunc(a.Observed, func(o Observation) bool { return o.Source == source && o.ExternalID == externalID })
	if i < 0 || a.Observed[i].Withdrawn {
		return a, false
	}
	a.Observed = slices.Clone(a.Observed)
	a.Observed[i].Withdrawn = true
	switch {
	case a.Meeting != nil && a.Observed[i].Message != "":
		a.Letters = WithoutLetters(a.Letters, a.Observed[i:i+1], a.Observed)
		fallthrough
	case a.Meeting != nil:
		a.Observed[i].AfterEnd = !at.Before(endOf(&a))
		return withdrawnMeeting(a, at), true
	case a.Kind == KindEmail && !slices.ContainsFunc(a.Observed, func(o Observation) bool { return !o.Withdrawn }):
		a.Text, a.FullText, a.Attachments, a.Custom, a.Truncated = "", "", nil, nil, false
		a.Signals = wordlessSignals(a.Signals)
		a.Status = StatusDeleted
		a.Version++
	}
	return a, true
}

// wordlessSignals are those signals of a mail that say something without its words.
func wordlessSignals(list []Signal) []Signal {
	var out []Signal
	for _, s := range list {
		if s.Kind != SignalSignature {
			s.Evidence, s.Successor, s.NewEmail, s.Fields = "", "", "", nil
			out = append(out, s)
		}
	}
	return mergeSignals(out, nil)
}

// withdrawnMeeting derives the status anew, and remembers a cancellation as a state.
func withdrawnMeeting(a Activity, at time.Time) Activity {
	v := viewOf(a)
	before := a.Status
	out := v.activity()
	if out.Status == before {
		return out
	}
	state := Revision{At: at.UTC(), Sequence: v.m.Sequence, Start: a.Time, End: a.End, Status: out.Status}
	if v.memory.Words.Rank == rankFull {
		state.Subject, state.Location = a.Subject, v.m.Location
	}
	v = viewOf(a)
	v.memory.States, _ = uniteStates(v.memory.States, []Revision{state})
	v.a.Version++
	return v.activity()
}

// Sight is Merge for a row that is seen, where stored was withdrawn perhaps: the observation of the row is withdrawn no
// more, and a tombstone becomes the mail that is seen again. What only this calendar's row had called private is so no
// more if the row says so, also where the event itself has not changed: the rule for private events did.
func Sight(stored, seen Activity, source, externalID string) Activity {
	i := slices.IndexFunc(stored.Observed, func(o Observation) bool {
		return o.Withdrawn && o.Source == source && o.ExternalID == externalID
	})
	if i >= 0 {
		stored.Observed = slices.Delete(slices.Clone(stored.Observed), i, i+1)
	}
	if stored.Kind == KindEmail && stored.Status == StatusDeleted {
		stored.Status, stored.Truncated = seen.Status, true // whatever is seen is fuller
		stored.Signals = nil
		stored.Version++
		seen.Version = max(seen.Version, stored.Version)
		return Merge(stored, seen)
	}
	if reopens(&stored, &seen, source, externalID) {
		stored.Meeting = withoutPrivacy(*stored.Meeting)
	}
	out := Merge(stored, seen)
	if i >= 0 && out.Status != stored.Status && out.Version == stored.Version {
		out.Version++
	}
	return out
}

// reopens says whether a row that is seen again shows what it alone had called private.
func reopens(stored, seen *Activity, source, externalID string) bool {
	if stored.Meeting == nil || seen.Meeting == nil || !stored.Meeting.Private || seen.Meeting.Private || seen.Meeting.Mail {
		return false
	}
	return !slices.ContainsFunc(stored.Observed, func(o Observation) bool {
		return !o.Mail && (o.Source != source || o.ExternalID != externalID)
	})
}

// withoutPrivacy is a meeting of which so far only the times may be told, and words come with the next view.
func withoutPrivacy(m Meeting) *Meeting {
	m.Private, m.TimesOnly = false, true
	if m.Memory != nil {
		memory := *m.Memory
		memory.Private, memory.Words.Rank = false, rankSome
		m.Memory = &memory
	}
	return &m
}

// cancelledBy says whether withdrawals cancel a meeting.
func cancelledBy(a *Activity) bool {
	var seen, left, own, ownLeft int
	for _, o := range a.Observed {
		if o.Mail {
			continue
		}
		stays := !o.Withdrawn || o.AfterEnd
		seen++
		if stays {
			left++
		}
		if isOrganizer(a, o.Owner) {
			own++
			if stays {
				ownLeft++
			}
		}
	}
	return seen > 0 && left == 0 || own > 0 && ownLeft == 0
}

func isOrganizer(a *Activity, owner string) bool {
	normal, ok := NormalizeAddress(owner)
	return ok && slices.ContainsFunc(a.People, func(p Participant) bool {
		if p.Role != RoleOrganizer {
			return false
		}
		address, ok := NormalizeAddress(p.Address)
		return ok && address == normal
	})
}

// endOf is when an activity is over: its time if it has no duration.
func endOf(a *Activity) time.Time {
	if a.End.After(a.Time) {
		return a.End
	}
	return a.Time
}
