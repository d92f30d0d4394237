package calitem

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// slot is an occurrence before it becomes a meeting.
type slot struct {
	id     string    // see Occurrence
	first  time.Time // original start on the time line
	start  moment
	length span
	from   *component // the component that says what it is
}

// series are the components with one UID.
type series struct {
	master     *component // nil if only exceptions are here: somebody was invited to some occurrences
	start      moment
	length     span
	recurs     bool
	exceptions []exception
	slots      map[string]slot
	cut        bool // there are more occurrences than there is room for
}

// exception is a component with RECURRENCE-ID.
type exception struct {
	slot

	following bool // RANGE=THISANDFUTURE
}

// series gives at most room occurrences of the events with one UID.
func (r *reader) series(uid string, events []*component, room int) ([]connectors.Meeting, error) {
	s := &series{slots: make(map[string]slot)}
	if err := r.split(s, events); err != nil {
		return nil, err
	}
	err := r.fill(s, room)
	if err != nil && len(s.exceptions) == 0 {
		return nil, err
	}
	for _, e := range s.exceptions {
		s.slots[e.id] = e.slot
	}
	var out []connectors.Meeting
	for _, o := range slices.SortedFunc(mapsValues(s.slots), func(a, b slot) int {
		return cmp.Or(a.first.Compare(b.first), strings.Compare(a.id, b.id))
	}) {
		m := r.meeting(uid, s, o)
		if !r.wanted(&m, o) {
			continue
		}
		if len(out) == room {
			s.cut = true
			break
		}
		out = append(out, m)
	}
	if s.cut {
		err = errors.Join(err, ErrTooMany)
	}
	return out, err
}

func mapsValues(m map[string]slot) func(yield func(slot) bool) {
	return func(yield func(slot) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// wanted says whether an occurrence is in the window, or was until it was moved.
func (r *reader) wanted(m *connectors.Meeting, o slot) bool {
	if m.Start.Before(r.w.To) && (m.End.After(r.w.From) || m.Start.Equal(m.End) && !m.Start.Before(r.w.From)) {
		return true
	}
	if r.w.Later && !m.Recurring && !m.Start.Before(r.w.To) {
		return true
	}
	return m.Recurring && !o.first.Before(r.w.From) && o.first.Before(r.w.To)
}

// split tells the master from the exceptions. Of several with the same meaning the newest counts.
func (r *reader) split(s *series, events []*component) error {
	var failed error
	for _, e := range events {
		if _, ok := e.get("RECURRENCE-ID"); !ok && (s.master == nil || r.newer(e, s.master)) {
			s.master = e
		}
	}
	if s.master != nil {
		if s.start, s.length, failed = r.start(s.master); failed != nil {
			return failed
		}
		for _, name := range []string{"RRULE", "RDATE"} {
			_, ok := s.master.get(name)
			s.recurs = s.recurs || ok
		}
	}
	newest := make(map[string]int)
	for _, e := range events {
		p, ok := e.get("RECURRENCE-ID")
		if !ok {
			continue
		}
		x, err := r.exception(s, e, p)
		if err != nil {
			failed = err
			continue
		}
		s.recurs = true
		if at, ok := newest[x.id]; ok {
			if r.newer(e, s.exceptions[at].from) {
				s.exceptions[at] = x
			}
			continue
		}
		newest[x.id] = len(s.exceptions)
		s.exceptions = append(s.exceptions, x)
	}
	if s.master == nil && len(s.exceptions) == 0 {
		return failed
	}
	if failed != nil {
		r.notef("an exception of a series was left out: %v", failed)
	}
	return nil
}

func (r *reader) newer(a, b *component) bool {
	return cmp.Or(cmp.Compare(sequence(a), sequence(b)), r.updated(a).Compare(r.updated(b))) >= 0
}

// exception reads a component with RECURRENCE-ID p.
func (r *reader) exception(s *series, e *component, p property) (exception, error) {
	original, err := r.original(s, p, p.value)
	if err != nil {
		return exception{}, err
	}
	start, length, err := r.start(e)
	if errors.Is(err, errYear) {
		return exception{}, err
	}
	if err != nil { // a cancellation may leave the times out
		start, length = original, s.length
	}
	x := exception{slot: slot{id: original.occurrence(), first: original.instant(), start: start, length: length, from: e}}
	x.following = strings.EqualFold(p.params["RANGE"], "THISANDFUTURE")
	return x, nil
}

// original reads a time that names an occurrence of the series, in the form that the series itself has: some
// programs name an occurrence by its day only, or that of an all-day series by a time.
func (r *reader) original(s *series, p property, text string) (moment, error) {
	m, err := r.momentOf(p, text)
	if err != nil || s.master == nil || m.allDay == s.start.allDay {
		return m, err
	}
	if s.start.allDay {
		wall := m.wall
		if m.zone == time.UTC {
			wall = wallOf(m.instant(), s.start.zone)
		}
		return s.start.at(midnight(wall)), nil
	}
	return s.start.at(m.wall.Add(s.start.wall.Sub(midnight(s.start.wall)))), nil
}

// fill finds the occurrences of the master, without those that EXDATE takes out.
func (r *reader) fill(s *series, room int) error {
	if s.master == nil {
		return nil
	}
	if !s.recurs {
		s.slots[""] = slot{first: s.start.instant(), start: s.start, length: s.length, from: s.master}
		return nil
	}
	gone := r.excluded(s)
	add := func(m moment, length span) bool {
		if id := m.occurrence(); !gone[id] && !gone[m.wall.Format("20060102")] {
			if _, ok := s.slots[id]; !ok {
				s.slots[id] = r.following(s, slot{id: id, first: m.instant(), start: m, length: length, from: s.master})
			}
		}
		s.cut = s.cut || len(s.slots) > room+len(s.exceptions)
		return !s.cut
	}
	rules := s.master.all("RRULE")
	if len(rules) == 0 {
		add(s.start, s.length)
	}
	pad := r.pad(s)
	from := wallOf(r.w.From, s.start.zone).Add(-pad - s.length.length())
	to := wallOf(r.w.To, s.start.zone).Add(pad)
	parsed := make([]rule, 0, maxRules)
	for _, p := range rules[:min(len(rules), maxRules)] {
		rule, err := parseRule(p.value, s.start)
		if err != nil {
			return err
		}
		parsed = append(parsed, rule)
	}
	if err := r.oftenByRule(s, parsed, from); err != nil {
		return err
	}
	for _, rule := range parsed {
		err := r.expand(&rule, s.start.wall, from, to, func(wall time.Time) bool {
			return wall.Before(from) || add(s.start.at(wall), s.length)
		})
		if err != nil {
			return err
		}
	}
	r.extra(s, add)
	if days := int(to.Sub(from) / (24 * time.Hour)); len(s.slots) > max(maxOften, maxOften*days/oftenDays) {
		return ErrSubDaily // by its additional dates
	}
	return nil
}

// pad is how far the occurrences may be shifted by RANGE=THISANDFUTURE, and by zones.
func (r *reader) pad(s *series) time.Duration {
	pad := 48 * time.Hour
	for _, x := range s.exceptions {
		if x.following {
			pad = max(pad, min(x.start.instant().Sub(x.first).Abs()+48*time.Hour, 400*24*time.Hour))
		}
	}
	return pad
}

// following puts an occurrence under the last exception at or before it that holds for what follows too.
func (r *reader) following(s *series, o slot) slot {
	var last *exception
	for i := range s.exceptions {
		x := &s.exceptions[i]
		if x.following && !x.first.After(o.first) && (last == nil || x.first.After(last.first)) {
			last = x
		}
	}
	if last == nil {
		return o
	}
	shift := last.start.wall.Sub(wallOf(last.first, o.start.zone))
	if last.start.allDay || o.start.allDay {
		shift = midnight(last.start.wall).Sub(midnight(wallOf(last.first, o.start.zone)))
	}
	o.start = last.start.at(o.start.wall.Add(shift))
	o.length, o.from = last.length, last.from
	return o
}
