package crm

import (
	"maps"
	"slices"
)

// Remap is what a mapping makes of a stored activity.
type Remap struct {
	Was     Activity // as it was read
	Now     Activity // same ID
	Pending []string // normalised outside addresses that belong to nobody known
}

// Changes reports whether the activity is another one by the mapping.
func (r *Remap) Changes() bool { return !SameActivity(&r.Was, &r.Now) }

// SameActivity reports whether two states of an activity differ in nothing that is stored. Of empty lists and
// absent ones it makes no difference.
func SameActivity(a, b *Activity) bool {
	return a.ID == b.ID && a.Key == b.Key && a.Kind == b.Kind && a.Direction == b.Direction && a.Class == b.Class &&
		a.Time.Equal(b.Time) && a.End.Equal(b.End) && a.Subject == b.Subject && a.Text == b.Text && a.FullText == b.FullText &&
		a.Truncated == b.Truncated && a.Status == b.Status && a.Thread == b.Thread && a.Version == b.Version &&
		slices.Equal(a.People, b.People) && slices.Equal(a.Accounts, b.Accounts) && slices.Equal(a.Owners, b.Owners) &&
		slices.Equal(a.Observed, b.Observed) && slices.EqualFunc(a.Letters, b.Letters, sameLetter) && slices.Equal(a.Attachments, b.Attachments) &&
		a.Match.Rule == b.Match.Rule && a.Match.Evidence == b.Match.Evidence && slices.Equal(a.Match.RunnersUp, b.Match.RunnersUp) &&
		a.Form == b.Form && a.Touch == b.Touch && a.Product == b.Product && maps.Equal(a.Custom, b.Custom) &&
		sameFields(a.Fields, b.Fields) && slices.EqualFunc(a.Revisions, b.Revisions, sameRevision) &&
		sameMeeting(a.Meeting, b.Meeting) && slices.Equal(a.Messages, b.Messages) && sameOutcome(a.Outcome, b.Outcome) &&
		slices.EqualFunc(a.Signals, b.Signals, sameSignal) && sameCall(a.Call, b.Call) && a.By == b.By && slices.Equal(a.Moved, b.Moved)
}

func sameMeeting(a, b *Meeting) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.UID == b.UID && a.Occurrence == b.Occurrence && a.Sequence == b.Sequence && a.Updated.Equal(b.Updated) &&
		a.AllDay == b.AllDay && a.Zone == b.Zone && a.Location == b.Location && a.Conference == b.Conference &&
		a.Stated == b.Stated && a.TimesOnly == b.TimesOnly && a.Partial == b.Partial && a.ReplyOnly == b.ReplyOnly && a.Mail == b.Mail && a.Private == b.Private &&
		slices.EqualFunc(a.Replies, b.Replies, sameReply) && sameMemory(a.Memory, b.Memory)
}

func sameReply(a, b Reply) bool {
	return a.Address == b.Address && a.Response == b.Response && a.At.Equal(b.At)
}

func sameLetter(a, b Letter) bool {
	return a.Message == b.Message && a.At.Equal(b.At) && a.From == b.From && a.Subject == b.Subject && a.Text == b.Text
}

func sameMemory(a, b *MeetingMemory) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Private == b.Private && compareMarks(a.Words, b.Words) == 0 && compareMarks(a.Guests, b.Guests) == 0 &&
		slices.EqualFunc(a.Answers, b.Answers, sameReply) && slices.Equal(a.Overruled, b.Overruled) &&
		slices.EqualFunc(a.States, b.States, sameRevision)
}

func sameOutcome(a, b *Outcome) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Result == b.Result && a.Note == b.Note && a.Next == b.Next && a.By == b.By && a.At.Equal(b.At)
}

func sameRevision(a, b Revision) bool {
	return a.At.Equal(b.At) && a.Subject == b.Subject && a.Text == b.Text && sameFields(a.Fields, b.Fields) &&
		a.Sequence == b.Sequence && a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Location == b.Location && a.Status == b.Status
}

func sameFields(a, b []FormField) bool {
	return slices.EqualFunc(a, b, func(x, y FormField) bool {
		return x.Name == y.Name && x.Label == y.Label && slices.Equal(x.Values, y.Values)
	})
}
