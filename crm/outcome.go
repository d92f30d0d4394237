package crm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// OutcomeDays is for how many days after its end the owner of a meeting is asked what became of it.
const OutcomeDays = 14

// What an outcome may hold, in characters.
const (
	maxOutcomeNote = 2000
	maxNextWhat    = 500
	maxNextWhom    = 300
)

// WantsOutcome reports whether somebody should be asked what became of a meeting: it is not cancelled, ended within
// the last OutcomeDays, lasted no longer than a day (longer entries are trips and fairs), and somebody from outside is on
// it who did not decline. Nobody said yet.
func (a *Activity) WantsOutcome(now time.Time) bool {
	if a.Kind != KindMeeting || a.Meeting == nil || a.Outcome != nil || a.Status == MeetingCancelled {
		return false
	}
	const day = 25 * time.Hour // when the clock is put back
	end := endOf(a)
	if end.After(now) || now.Sub(end) > OutcomeDays*24*time.Hour || end.Sub(a.Time) > day {
		return false
	}
	return slices.ContainsFunc(a.People, func(p Participant) bool {
		return !p.Internal && p.Type == TypePerson && p.Response != ResponseDeclined
	})
}

// Declined reports whether everything that a meeting says of an address is that it stays away.
func (a *Activity) Declined(address string) bool {
	normal, ok := NormalizeAddress(address)
	declined := false
	for _, p := range a.People {
		if other, known := NormalizeAddress(p.Address); !ok || !known || other != normal {
			continue
		}
		if p.Response == ResponseDeclined {
			declined = true
		} else if p.Role == RoleOrganizer || ResponseRank(p.Response) > ResponseRank(ResponseNone) {
			return false
		}
	}
	return declined
}

// SetOutcome is a with the outcome o, after spaces around its texts were cut. Errors: ErrOutcome, with what is wrong, if a
// is no meeting or had not ended at o.At, or o says nothing that can be kept; ErrConflict if somebody said something
// later.
func SetOutcome(a Activity, o Outcome) (Activity, error) {
	for _, text := range []*string{&o.Note, &o.Next.When, &o.Next.Whom, &o.Next.What} {
		*text = strings.TrimSpace(*text)
	}
	o.At = o.At.UTC()
	switch wrong := o.wrong(); {
	case wrong != "":
		return a, fmt.Errorf("%w: %s", ErrOutcome, wrong)
	case a.Kind != KindMeeting || a.Meeting == nil:
		return a, fmt.Errorf("%w: this is no meeting", ErrOutcome)
	case o.At.Before(endOf(&a)):
		return a, fmt.Errorf("%w: the meeting has not ended", ErrOutcome)
	case a.Outcome != nil && compareOutcomes(a.Outcome, &o) < 0:
		return a, fmt.Errorf("set outcome: %w", ErrConflict)
	}
	a.Outcome = &o
	return a, nil
}

// wrong says what is wrong with an outcome, "" for nothing.
func (o *Outcome) wrong() string {
	switch {
	case o.Result != OutcomeHeld && o.Result != OutcomeNoShow && o.Result != OutcomeRescheduled:
		return fmt.Sprintf("the result %q is not known", o.Result)
	case o.By == "" || o.At.IsZero():
		return "who says it, and when, is missing"
	case !utf8.ValidString(o.Note) || utf8.RuneCountInString(o.Note) > maxOutcomeNote:
		return fmt.Sprintf("the note has more than %d characters", maxOutcomeNote)
	case !shortLine(o.Next.Whom, maxNextWhom) || !shortLine(o.Next.What, maxNextWhat) || !shortLine(o.By, maxNextWhom):
		return fmt.Sprintf("the next action is one line of at most %d characters, and for whom it is of %d", maxNextWhat, maxNextWhom)
	case o.At.Year() < 1970 || o.At.Year() > lastYear:
		return fmt.Sprintf("nobody can have said it at %s", o.At.Format(time.RFC3339))
	case o.Next.When != "" && !IsDay(o.Next.When):
		return fmt.Sprintf("%q is not a day such as 2026-11-21", o.Next.When)
	}
	for _, text := range []string{o.Next.Whom, o.Next.What, o.By, strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(o.Note)} {
		if what := hiddenIn(text, false); what != "" {
			return "it holds " + what
		}
	}
	return ""
}

func shortLine(s string, most int) bool {
	return s == "" || plainLine(s) && utf8.RuneCountInString(s) <= most
}

// mergeOutcomes keeps the latest.
func mergeOutcomes(a, b *Outcome) *Outcome {
	if a == nil || b != nil && compareOutcomes(a, b) > 0 {
		return b
	}
	return a
}

// compareOutcomes is less than 0 if a stays.
func compareOutcomes(a, b *Outcome) int {
	return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Result, b.Result), strings.Compare(a.Note, b.Note), strings.Compare(a.By, b.By),
		strings.Compare(a.Next.When, b.Next.When), strings.Compare(a.Next.Whom, b.Next.Whom), strings.Compare(a.Next.What, b.Next.What))
}
