package fakegoogle

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/calendar/v3"
)

// calendars keeps the calendars of all users under one lock: a change of an event reaches the copies of its
// attendees at once.
type calendars struct {
	mu     sync.RWMutex
	now    func() time.Time
	byID   map[string]*Calendar
	lists  map[string]*calendarList
	zones  zones
	serial uint64
}

// Calendar is one calendar. Its stored events are never changed in place, only replaced.
type Calendar struct {
	root       *calendars
	id, owner  string
	summary    string
	zone       *time.Location
	primary    bool
	roles      map[string]string
	events     map[string]*entry
	order      []*entry                     // by index
	exceptions map[string]map[string]*entry // by master, then by occurrence
	seq        uint64                       // of the newest change
	generation int                          // tokens of earlier ones are dead
}

// entry is an event with its place and, for a series, what it was before.
type entry struct {
	event   *calendar.Event
	index   uint64 // order of creation
	seq     uint64 // newest change
	created uint64 // seq at creation
	spread  bool   // copies are kept in the attendees' calendars
	former  []formerEvent
}

// formerEvent was valid until the change numbered until.
type formerEvent struct {
	until uint64
	event *calendar.Event
}

func newCalendars(now func() time.Time) *calendars {
	return &calendars{now: now, byID: map[string]*Calendar{}, lists: map[string]*calendarList{}}
}

// defaultZone is the zone of new calendars.
const defaultZone = "Asia/Tokyo"

func (cs *calendars) addUser(email string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byID[email] == nil {
		cs.create(email, email, email, true)
	}
}

func (cs *calendars) create(id, owner, summary string, primary bool) *Calendar {
	cal := &Calendar{root: cs, id: id, owner: owner, summary: summary, primary: primary, zone: cs.zones.load(defaultZone), generation: 1}
	cs.byID[id] = cal
	cs.listOf(owner).put(id, false)
	return cal
}

// Calendar returns a user's calendar and makes what is missing, the user too. "primary" and the address
// itself are the primary calendar; a calendar that exists is returned whoever owns it.
func (s *Server) Calendar(email, calendarID string) *Calendar {
	email = s.ensureUser(email)
	cs := s.calendar
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if calendarID == "" || calendarID == "primary" {
		calendarID = email
	}
	if cal := cs.byID[calendarID]; cal != nil {
		return cal
	}
	return cs.create(calendarID, email, calendarID, false)
}

// ID is the calendar's id.
func (cal *Calendar) ID() string { return cal.id }

// Rename sets the calendar's title.
func (cal *Calendar) Rename(summary string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	cal.summary = summary
	cal.touchLists()
}

// SetZone sets the calendar's time zone, Asia/Tokyo for new ones; a name that is not known is UTC.
func (cal *Calendar) SetZone(name string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	cal.zone = cal.root.zones.load(name)
	cal.touchLists()
}

// Share gives a user a role: "freeBusyReader", "reader", "writer" or "owner". The calendar appears in their
// list.
func (cal *Calendar) Share(email string, role string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	if cal.roles == nil {
		cal.roles = map[string]string{}
	}
	email = strings.ToLower(email)
	cal.roles[email] = role
	cal.root.listOf(email).put(cal.id, false)
}

// Unshare takes the role back. The calendar is deleted from their list, and reading it is answered 404.
func (cal *Calendar) Unshare(email string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	email = strings.ToLower(email)
	delete(cal.roles, email)
	cal.root.listOf(email).put(cal.id, true)
}

// List changes how the calendar stands in a user's list: hidden, selected, colours.
func (cal *Calendar) List(email string, change func(*calendar.CalendarListEntry)) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	l := cal.root.listOf(strings.ToLower(email))
	if i := l.find(cal.id); i >= 0 {
		l.seq++
		l.items[i].seq = l.seq
		l.items[i].change = append(l.items[i].change, change)
	}
}

// ExpireTokens lets every sync token and page token of the calendar die: 410, fullSyncRequired.
func (cal *Calendar) ExpireTokens() {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	cal.generation++
}

// Len is the number of stored events that are not cancelled: singles, series and exceptions.
func (cal *Calendar) Len() int {
	cal.root.mu.RLock()
	defer cal.root.mu.RUnlock()
	n := 0
	for _, e := range cal.order {
		if e.event.Status != cancelled {
			n++
		}
	}
	return n
}

// role says what a user may do, "" is nothing.
func (cal *Calendar) role(email string) string {
	if email == cal.owner {
		return "owner"
	}
	return cal.roles[email]
}

func (cal *Calendar) touchLists() {
	for email, l := range cal.root.lists {
		if cal.role(email) != "" {
			l.put(cal.id, false)
		}
	}
}

// newEventID is 26 characters of base32hex, as the vendor's ids are.
func (cal *Calendar) newEventID() string {
	const letters = "0123456789abcdefghijklmnopqrstuv"
	n := uint64(len(cal.order))
	for {
		a, b := hash64(cal.id, fmt.Sprint(n)), hash64(fmt.Sprint(n), cal.id)
		var out [26]byte
		for i := range out {
			if i < 13 {
				out[i], a = letters[a%32], a/32
			} else {
				out[i], b = letters[b%32], b/32
			}
		}
		if id := string(out[:]); cal.events[id] == nil {
			return id
		}
		n += 1 << 32
	}
}

// calendarList is the list of calendars of one user.
type calendarList struct {
	items      []listItem // the first is the primary one
	seq        uint64
	generation int
}

type listItem struct {
	id      string
	seq     uint64
	deleted bool
	change  []func(*calendar.CalendarListEntry)
}

func (cs *calendars) listOf(email string) *calendarList {
	l := cs.lists[email]
	if l == nil {
		l = &calendarList{generation: 1}
		cs.lists[email] = l
	}
	return l
}

func (l *calendarList) find(id string) int {
	return slices.IndexFunc(l.items, func(i listItem) bool { return i.id == id })
}

func (l *calendarList) put(id string, deleted bool) {
	l.seq++
	if i := l.find(id); i >= 0 {
		l.items[i].seq, l.items[i].deleted = l.seq, deleted
		return
	}
	if !deleted {
		l.items = append(l.items, listItem{id: id, seq: l.seq})
	}
}

// ExpireCalendarList lets the sync tokens of a user's list of calendars die.
func (s *Server) ExpireCalendarList(email string) {
	s.calendar.mu.Lock()
	defer s.calendar.mu.Unlock()
	s.calendar.listOf(strings.ToLower(email)).generation++
}
