package calitem

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// reader makes meetings of a calendar's events for one window.
type reader struct {
	c      *Calendar
	w      Window
	local  *time.Location // of floating times
	notes  []string
	budget budget                            // of all series together
	made   map[*component]connectors.Meeting // one of each component: the others share its texts and lists
}

func (c *Calendar) reader(w Window) *reader {
	r := &reader{c: c, w: w, local: cmp.Or(c.local, w.Zone, time.UTC), budget: 10 * expansionBudget, made: make(map[*component]connectors.Meeting)}
	if r.w.Limit <= 0 {
		r.w.Limit = DefaultLimit
	}
	if r.w.TextBytes <= 0 {
		r.w.TextBytes = DefaultTextBytes
	}
	if r.w.Now.IsZero() {
		r.w.Now = time.Now()
	}
	return r
}

// maxNotes is how much is told of one calendar.
const maxNotes = 20

func (r *reader) notef(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(r.notes) < maxNotes && !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}

// meetings gives the occurrences of all series.
func (r *reader) meetings() ([]connectors.Meeting, []string, error) {
	groups := make(map[string][]*component)
	for _, e := range r.c.events {
		uid := uidOf(e)
		groups[uid] = append(groups[uid], e)
	}
	var out []connectors.Meeting
	var errs []error
	switch {
	case r.c.cut:
		errs = append(errs, ErrTooLarge)
	case len(r.c.events) == 0 && !r.c.others:
		errs = append(errs, ErrNoEvent)
	}
	for _, uid := range slices.Sorted(maps.Keys(groups)) {
		room := r.w.Limit - len(out)
		if room <= 0 {
			errs = append(errs, ErrTooMany)
			break
		}
		got, err := r.series(uid, groups[uid], room)
		if err != nil {
			errs = append(errs, fmt.Errorf("read event %s: %w", cut(uid, 200), err))
		}
		out = append(out, got...)
	}
	return out, r.notes, errors.Join(errs...)
}

// uidOf is the UID of an event. One without is known by what it says: the hash is the same at each reading.
func uidOf(e *component) string {
	p, _ := e.get("UID")
	if uid := cleanLine(p.value); uid != "" {
		return uid
	}
	h := sha256.New()
	for _, name := range []string{"DTSTART", "SUMMARY", "ORGANIZER"} {
		p, _ := e.get(name)
		h.Write([]byte(p.value + "\x00"))
	}
	return "no-uid-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// moment reads a property of type DATE or DATE-TIME.
func (r *reader) moment(p property) (moment, error) { return r.momentOf(p, p.value) }

func (r *reader) momentOf(p property, text string) (moment, error) {
	wall, day, utc, err := parseClock(text)
	if err != nil {
		return moment{}, fmt.Errorf("read %s %q: %w", p.name, cut(text, 40), err)
	}
	if strings.EqualFold(p.params["VALUE"], "DATE") && !day {
		wall, day = midnight(wall), true
	}
	switch tzid := p.params["TZID"]; {
	case day:
		return moment{wall: wall, zone: r.local, allDay: true}, nil
	case utc:
		return moment{wall: wall, zone: time.UTC}, nil
	case tzid == "":
		return moment{wall: wall, zone: r.local}, nil
	default:
		return moment{wall: wall, zone: r.zone(tzid)}, nil
	}
}

// zone finds the zone that a TZID names.
func (r *reader) zone(tzid string) *time.Location {
	if zone := r.c.zones[tzid]; zone != nil {
		return zone
	}
	zone := knownZone(tzid)
	if zone == nil {
		zone = offsetZone(tzid)
	}
	if zone == nil && len(r.c.zones) == 1 {
		for _, only := range r.c.zones {
			zone = only // the one that it defines must be meant
		}
	}
	if zone == nil {
		r.notef("the time zone %q is not known; %s is used", cut(tzid, 60), r.local)
		zone = r.local
	}
	r.c.zones[tzid] = zone
	return zone
}

// lastYear is the last in which an event may begin.
const lastYear = 2200

// errYear means that an event is said to begin in a year in which nobody meets.
var errYear = errors.New("it begins outside the years 1970 to 2200")

// firstYear is the first in which an event may begin. A series may begin long before: on the day of somebody's birth,
// for which some programs put 1604 if they know the day only.
func firstYear(e *component) int {
	if _, ok := e.get("RRULE"); ok {
		return 1600
	}
	return 1970
}

// start reads when an event begins, and how long it lasts (RFC 5545 section 3.6.1).
func (r *reader) start(e *component) (moment, span, error) {
	p, ok := e.get("DTSTART")
	if !ok {
		return moment{}, span{}, errors.New("it has no start")
	}
	start, err := r.moment(p)
	if err != nil {
		return moment{}, span{}, err
	}
	if year := start.wall.Year(); year < firstYear(e) || year > lastYear {
		return moment{}, span{}, fmt.Errorf("%w: %d", errYear, year)
	}
	length := r.length(e, start)
	if !start.allDay && e.word("X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE" && start.wall.Equal(midnight(start.wall)) {
		days := max(1, int((length.length()+12*time.Hour)/(24*time.Hour)))
		start.allDay, length = true, span{days: days}
	}
	return start, length, nil
}

// length is what DTEND or DURATION say. An end before the start is the start.
func (r *reader) length(e *component, start moment) span {
	length, known := r.statedLength(e, start)
	switch {
	case known && length.length() > maxSpan:
		r.notef("an event of more than ten years was cut")
		length = span{days: 3650}
	case known && length.length() < 0:
		r.notef("an event ends before it starts; it counts as one without length")
		length = span{}
	}
	if start.allDay {
		return span{days: max(1, length.days+int((length.exact+24*time.Hour-1)/(24*time.Hour)))}
	}
	return length
}

func (r *reader) statedLength(e *component, start moment) (span, bool) {
	if p, ok := e.get("DTEND"); ok {
		end, err := r.moment(p)
		if err != nil {
			r.notef("the end %q of an event cannot be read", cut(p.value, 40))
			return span{}, false
		}
		if start.allDay || end.allDay && end.zone == start.zone {
			days := int((midnight(end.wall).Unix() - midnight(start.wall).Unix()) / 86400)
			if start.allDay {
				return span{days: days}, true
			}
		}
		if end.allDay {
			end.zone = start.zone
		}
		if d := end.instant().Unix() - start.instant().Unix(); d < int64(maxSpan/time.Second)*2 && d > -int64(maxSpan/time.Second)*2 {
			return span{exact: time.Duration(d) * time.Second}, true
		}
		return span{days: 100_000}, true
	}
	if p, ok := e.get("DURATION"); ok {
		if length, err := parseDuration(p.value); err == nil {
			return length, true
		}
		r.notef("the duration %q of an event cannot be read", cut(p.value, 40))
	}
	return span{}, false
}

// sequence is SEQUENCE, an integer of RFC 5545 section 3.3.8: a larger one is the largest, a negative one or what is
// none is 0.
func sequence(e *component) int {
	n, err := strconv.ParseInt(e.word("SEQUENCE"), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return int(min(max(n, 0), math.MaxInt32)) // out of range it is the nearest that an int64 holds
}

// maxAhead is how far a clock may be fast by which a state was made.
const maxAhead = 24 * time.Hour

// updated is when this state of the event was made: DTSTAMP of a message, LAST-MODIFIED of a stored event, whose
// DTSTAMP some servers renew at each reading. One of the future would hold against all that is said later, and does
// not count; nor does one of before there were calendars of this kind.
func (r *reader) updated(e *component) time.Time {
	names := []string{"LAST-MODIFIED", "DTSTAMP"}
	if r.c.Method != "" {
		names = []string{"DTSTAMP", "LAST-MODIFIED"}
	}
	for _, name := range names {
		if p, ok := e.get(name); ok {
			if m, err := r.moment(p); err == nil && m.instant().UTC().Year() >= 1970 && !m.instant().After(r.w.Now.Add(maxAhead)) {
				return m.instant().UTC()
			}
		}
	}
	return time.Time{}
}
