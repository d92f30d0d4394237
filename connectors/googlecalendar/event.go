package googlecalendar

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// view is where an event was seen.
type view struct {
	listed

	page string // role of the account on the calendar, as the answer says it; "" for the list's
	at   string // zone of the calendar, likewise
}

func (v view) busyOnly() bool { return cmp.Or(v.page, v.role) == "freeBusyReader" }

// item makes an item of an event or occurrence. ok is false if it has no identity: it is of no use to anybody then.
func (s *source) item(v view, e *calendar.Event) (item connectors.Item, ok bool) {
	event, occurrence, ok := identity(e)
	if !ok {
		return item, false
	}
	item = connectors.Item{ExternalID: external(v.id, event, occurrence), Kind: crm.KindMeeting, Folder: v.name,
		Key:      crm.MeetingKey(uid(e), occurrence),
		Received: firstOf(stampOf(e.Created), stampOf(e.Updated))}
	m, err := s.meeting(v, e, occurrence)
	if long(v.id, event) {
		err = errID
	}
	if err != nil {
		item.Err = fmt.Errorf("read event: %w", err)
		item.Received = firstOf(item.Received, time.Unix(0, 0).UTC())
		return item, true
	}
	item.Received = firstOf(item.Received, m.Start)
	item.Meeting = m
	item.Size = sizeOf(m)
	return item, true
}

// errID is why an event is not read whose id does not fit.
var errID = errors.New("its id is too long")

// uid is the iCalendar UID. Google makes one of the event's id; where only the times are shown it may be left out.
func uid(e *calendar.Event) string {
	return cmp.Or(e.ICalUID, cmp.Or(e.RecurringEventId, e.Id)+"@google.com")
}

// seriesText bounds the description of an occurrence, bytes: a series has hundreds of them, and each keeps its own.
const seriesText = 16 << 10

func (s *source) meeting(v view, e *calendar.Event, occurrence string) (*connectors.Meeting, error) {
	m := &connectors.Meeting{UID: uid(e), Occurrence: occurrence, Recurring: occurrence != "", Sequence: int(min(max(e.Sequence, 0), math.MaxInt32)), Updated: s.changed(e),
		Summary: cleanLine(e.Summary), Location: cleanLine(e.Location), Status: statusOf(e.Status), Type: typeOf(e.EventType)}
	if err := s.times(v, e, m); err != nil {
		return nil, err
	}
	limit := s.env.Limits.TextBytes
	if m.Recurring {
		limit = min(limit, seriesText)
	}
	m.Description, m.Truncated = describe(e.Description, limit)
	m.Conference = conference(e, m)
	m.Busy = v.busyOnly() // there Google calls everything private
	m.Private = !m.Busy && (e.Visibility == "private" || e.Visibility == "confidential")
	people(v, e, m)
	return m, nil
}

// times fills in when it is.
func (s *source) times(v view, e *calendar.Event, m *connectors.Meeting) error {
	var named string
	if e.Start != nil && e.Start.Date == "" {
		named = e.Start.TimeZone
	}
	zone, name := s.zone(named, v.at, v.zone)
	start, allDay, err := instant(e.Start, zone)
	if err != nil {
		return err
	}
	end, _, err := instant(e.End, zone)
	if err != nil || e.EndTimeUnspecified || end.Before(start) {
		end = start
	}
	if !plausible(start) || !plausible(end) {
		return errors.New("its time is not between 1970 and 2200")
	}
	m.Start, m.End, m.AllDay, m.Zone = start.UTC(), end.UTC(), allDay, name
	return nil
}

func statusOf(text string) string {
	switch text {
	case "tentative":
		return crm.MeetingTentative
	case cancelled:
		return crm.MeetingCancelled
	}
	return crm.MeetingConfirmed
}

// cancelled is the status of an event that is not there any more.
const cancelled = "cancelled"

// typeOf says what entry it is; "" for a meeting.
func typeOf(text string) string {
	switch text {
	case "", "default":
		return ""
	case "focusTime":
		return "focus_time"
	case "outOfOffice":
		return "out_of_office"
	case "workingLocation":
		return "working_location"
	case "fromGmail":
		return "from_mail"
	}
	var out strings.Builder // birthday, and what Google invents yet
	for _, c := range text {
		switch {
		case c >= 'A' && c <= 'Z':
			out.WriteString("_" + string(c+'a'-'A'))
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out.WriteRune(c)
		}
	}
	return cmp.Or(out.String(), "other")
}

// conference is the address of the on-line room: as Google knows it, or as it stands in the words.
func conference(e *calendar.Event, m *connectors.Meeting) string {
	if e.ConferenceData != nil {
		for _, p := range e.ConferenceData.EntryPoints {
			if p != nil && p.EntryPointType == "video" && p.Uri != "" {
				return cleanLine(p.Uri)
			}
		}
	}
	return cmp.Or(cleanLine(e.HangoutLink), calitem.Conference(e.Location, m.Description, e.Description))
}

func sizeOf(m *connectors.Meeting) int64 {
	n := len(m.Summary) + len(m.Description) + len(m.Location)
	for _, a := range m.Attendees {
		n += len(a.Name) + len(a.Address)
	}
	return int64(n)
}

func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
