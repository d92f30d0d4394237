package life

import (
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// subject is a person who is followed, with what was worked out so far.
type subject struct {
	r      *Rules
	f      *crm.Following
	around *Around
	now    time.Time
	zone   *time.Location

	person  crm.Person // as it becomes
	mine    []string   // their addresses, normalised
	deeds   []deed     // what happened, oldest first
	ahead   []stretch  // meetings that were agreed on
	events  []crm.Event
	owners  []crm.Change    // of the owner, oldest first
	told    []crm.Change    // of the status, that were not taken back, oldest first
	edge    time.Time       // activities before it are not in sight; zero if all are
	against []crm.Proposal  // contradictions
	doubted map[string]bool // ids of proposals that a person must decide, whatever the policies say
	st      crm.Standing
	out     crm.Followed
	look    time.Time
}

// stretch is a meeting that was agreed on: since when, and until when it lasts.
type stretch struct{ known, ends time.Time }

func (r *Rules) newSubject(f *crm.Following, around *Around) *subject {
	s := &subject{r: r, f: f, around: around, now: around.Now.UTC(), zone: around.Location, person: *f.Person}
	if s.zone == nil {
		s.zone = time.UTC
	}
	for _, address := range s.person.Emails {
		if normal, ok := crm.NormalizeAddress(address); ok && !slices.Contains(s.mine, normal) {
			s.mine = append(s.mine, normal)
		}
	}
	s.person.Created = madeAt(f)
	if n := len(f.Activities); f.More && n > 0 {
		s.edge = f.Activities[n-1].Time
	}
	s.st = crm.Standing{ID: f.ID, Rules: r.hash}
	s.out = crm.Followed{ID: f.ID, Mark: f.Mark, Rules: r.moves, Status: s.person.Status, Reason: s.person.Reason, StatusAt: s.person.StatusAt}
	return s
}

// lookAt notes a time at which something here changes by itself.
func (s *subject) lookAt(t time.Time) {
	if t.After(s.now) && (s.look.IsZero() || t.Before(s.look)) {
		s.look = t
	}
}

func (s *subject) scene(a *crm.Activity, event crm.EventKind) scene {
	return scene{person: &s.person, account: s.f.Employer, standing: &s.st, activity: a, event: event, now: s.now}
}

// isLead reports whether statuses move: a lead that is none any more keeps its own.
func (s *subject) isLead() bool {
	return s.person.Kind == crm.Lead && s.person.Converted.IsZero()
}

// wasLead reports whether the person is, or was, a lead of ours that is counted.
func (s *subject) wasLead() bool { return s.person.Kind == crm.Lead || !s.person.Converted.IsZero() }

// unwanted reports whether the person must not be approached, or cannot be.
func (s *subject) unwanted() bool {
	p := &s.person
	return p.DoNotContact != "" || !p.Left.IsZero() || s.isLead() && s.r.Closed(string(p.Status)) || s.unreachable()
}

// unreachable reports whether every address they have is bad, and there is no telephone number.
func (s *subject) unreachable() bool {
	if len(s.mine) == 0 || len(s.person.Phones) > 0 {
		return false
	}
	return !slices.ContainsFunc(s.mine, func(address string) bool { return !slices.Contains(s.person.BadEmails, address) })
}

// day is a time's day in the organisation's time zone.
func (s *subject) day(t time.Time) string { return t.In(s.zone).Format(time.DateOnly) }

// midnight is when a day, which stands as midnight UTC, begins here.
func (s *subject) midnight(day time.Time) time.Time {
	year, month, date := day.Date()
	return time.Date(year, month, date, 0, 0, 0, 0, s.zone)
}

// dueDay is the first day with business hours, a day or later.
func (s *subject) dueDay(t time.Time) string {
	return s.r.hours.NextOpen(t, s.zone).Format(time.DateOnly)
}

// word is one of two texts, by the organisation's language.
func (s *subject) word(ja, en string) string {
	if s.around.Locale == "en" {
		return en
	}
	return ja
}

// short cuts a text to a length in characters.
func short(text string, most int) string {
	text = strings.TrimSpace(text)
	n := 0
	for i := range text {
		if n == most {
			return text[:i]
		}
		n++
	}
	return text
}

// orTime is a, or b where a is not known.
func orTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

func latest(times ...time.Time) (out time.Time) {
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// soonest is the first of times that are not zero.
func soonest(times ...time.Time) (out time.Time) {
	for _, t := range times {
		if !t.IsZero() && (out.IsZero() || t.Before(out)) {
			out = t
		}
	}
	return out
}

// madeAt is when the record was made. A lead of a form came with its first enquiry, in whichever order they were read.
func madeAt(f *crm.Following) time.Time {
	at := f.Person.Created
	if f.Person.Origin != "form" {
		return at
	}
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.Kind == crm.KindForm && a.Time.Before(at) && !a.Time.IsZero() && slices.ContainsFunc(a.People, func(p crm.Participant) bool {
			return p.ID == f.ID && p.Role == crm.RoleSubmitter
		}) {
			at = a.Time
		}
	}
	return at
}
