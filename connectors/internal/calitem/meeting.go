package calitem

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// The most bytes of short texts.
const (
	maxSummary  = 2000
	maxLocation = 2000
	maxName     = 300
	maxAddress  = 320
)

// meeting makes an occurrence of a component.
func (r *reader) meeting(uid string, s *series, o slot) connectors.Meeting {
	e := o.from
	m := connectors.Meeting{
		UID: uid, Occurrence: o.id, Recurring: s.recurs, Sequence: sequence(e), Updated: r.updated(e),
		Start: o.start.instant().UTC(), AllDay: o.start.allDay, Zone: zoneName(o.start.zone),
		Summary: cut(shownLine(r.text(s, e, "SUMMARY").value), maxSummary), Location: cut(shownLine(r.text(s, e, "LOCATION").value), maxLocation),
		Status: r.status(s, e), Method: r.c.Method,
	}
	m.End = o.start.after(o.length).UTC()
	if m.AllDay {
		m.End = o.start.at(o.start.wall.AddDate(0, 0, o.length.days)).instant().UTC()
	}
	if m.End.Before(m.Start) {
		m.End = m.Start
	}
	if seen, ok := r.made[e]; ok {
		m.Description, m.Truncated, m.Conference = seen.Description, seen.Truncated, seen.Conference
		m.Organizer, m.Attendees, m.Partial = seen.Organizer, seen.Attendees, seen.Partial
	} else {
		m.Description, m.Truncated = r.description(e, s.recurs)
		m.Conference = conferenceOf(e, m.Location, m.Description)
		r.people(&m, s, e)
		r.made[e] = m
	}
	class := e.word("CLASS")
	m.Private = class == "PRIVATE" || class == "CONFIDENTIAL"
	m.Type = typeOf(e, &m)
	return m
}

// text gives a property of a component. An exception that says nothing of its own of who and what takes it from the series.
func (r *reader) text(s *series, e *component, name string) property {
	p, ok := e.get(name)
	if !ok && inherits(s, e) {
		p, _ = s.master.get(name)
	}
	return p
}

// inherits says whether an exception leaves out what the series says: a cancellation often has little more than its times.
func inherits(s *series, e *component) bool {
	if s.master == nil || e == s.master {
		return false
	}
	_, summary := e.get("SUMMARY")
	_, organizer := e.get("ORGANIZER")
	return !summary && !organizer || e.word("STATUS") == "CANCELLED"
}

// status is STATUS, or what Outlook says in its place. A cancelled series has no occurrence that is not.
func (r *reader) status(s *series, e *component) string {
	if s.master != nil && s.master.word("STATUS") == "CANCELLED" || r.c.Method == "CANCEL" {
		return crm.MeetingCancelled
	}
	switch e.word("STATUS") {
	case "CANCELLED", "CANCELED":
		return crm.MeetingCancelled
	case "TENTATIVE":
		return crm.MeetingTentative
	case "":
		if e.word("X-MICROSOFT-CDO-BUSYSTATUS") == "TENTATIVE" && r.c.Method == "" {
			return crm.MeetingTentative
		}
	}
	return crm.MeetingConfirmed
}

// typeOf says what an entry is that is no meeting. Whoever invites somebody means a meeting, whatever it is marked as.
func typeOf(e *component, m *connectors.Meeting) string {
	if _, ok := e.get("X-NEXTCLOUD-BC-FIELD-TYPE"); ok {
		return "birthday"
	}
	if len(m.Attendees) > 0 {
		return ""
	}
	switch e.word("X-MICROSOFT-CDO-BUSYSTATUS") {
	case "OOF":
		return "out_of_office"
	case "WORKINGELSEWHERE":
		return "working_location"
	}
	return ""
}

// description is DESCRIPTION as plain text, or what is left of the HTML beside it. Of a series it is a shorter one.
func (r *reader) description(e *component, recurs bool) (text string, truncated bool) {
	limit := r.w.TextBytes
	if recurs {
		limit = min(limit, MaxSeriesText)
	}
	p, _ := e.get("DESCRIPTION")
	text = unescape(p.value)
	if strings.TrimSpace(text) == "" {
		p, _ = e.get("X-ALT-DESC")
		text = unescape(p.value)
		if text != "" && !LooksHTML(text) && strings.EqualFold(p.params["FMTTYPE"], "text/html") {
			text = PlainText(text)
		}
	}
	if LooksHTML(text) {
		text = PlainText(text)
	}
	text = cleanText(text)
	short := cut(text, int(limit))
	if len(short) < len(text) {
		return strings.Clone(short), true // the rest is not kept in memory with it
	}
	return short, p.cut
}

// invitation gives the first occurrence, or the exception that a message is about.
func (c *Calendar) invitation(method string) (*connectors.Meeting, error) {
	if c.Method == "" {
		c.Method = strings.ToUpper(strings.TrimSpace(method))
	}
	for _, e := range c.events {
		p, _ := e.get("UID")
		uid := cleanLine(p.value)
		if uid == "" {
			continue
		}
		if !e.ended {
			return nil, errors.New("read invitation: it breaks off") // what is missing might be who and where
		}
		local := c.local
		if local == nil && len(c.zones) == 1 {
			for _, only := range c.zones {
				local = only
			}
		}
		r := c.reader(Window{Zone: local})
		var same []*component
		for _, other := range c.events {
			if uidOf(other) == uid {
				same = append(same, other)
			}
		}
		return r.first(uid, same)
	}
	return nil, errors.New("read invitation: it has no event with a UID")
}

// first gives the first occurrence of the events with one UID.
func (r *reader) first(uid string, events []*component) (*connectors.Meeting, error) {
	s := &series{slots: make(map[string]slot)}
	if err := r.split(s, events); err != nil {
		return nil, fmt.Errorf("read invitation: %w", err)
	}
	begin := s.start.instant()
	if s.master == nil {
		begin = s.exceptions[0].first
		events = []*component{s.exceptions[0].from}
	}
	r.w.From, r.w.To = begin, begin.AddDate(0, 0, 1)
	for range 3 { // the first of them may all be excluded
		meetings, err := r.series(uid, events, r.w.Limit)
		if err != nil && !errors.Is(err, ErrTooMany) {
			return nil, fmt.Errorf("read invitation: %w", err)
		}
		if len(meetings) > 0 {
			m := meetings[0]
			m.Partial = m.Method == "REPLY"
			return &m, nil
		}
		r.w.To = r.w.To.Add(200 * 24 * time.Hour)
	}
	return nil, errors.New("read invitation: its series has no occurrence")
}
