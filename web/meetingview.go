package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// meetingView is what an activity shows of the meeting it is.
type meetingView struct {
	Span      span
	Full      string // when, on one line
	Days      string // the same on a timeline, of one that ends on another day
	Elsewhere string // the same in the zone it was made in, if that is another
	State     string // that it lies ahead, or is going on; "" afterwards
	Ahead     bool
	Cancelled bool
	Series    bool
	Moved     [2]string // from when to when it was moved last; empty if never
	Place     place
	Online    place
	Responses string // how many accepted, and so on

	Letters     []letterView // what the mails about it say: on a timeline the newest
	MoreLetters int          // that are not shown

	// Only on its own page.
	Groups  []attendeeGroup
	Earlier []meetingRevision
	Partial bool
}

// place is where a meeting is. URL is set only if it is an address that may be followed.
type place struct{ Text, URL string }

// meetingRevision is an earlier state.
type meetingRevision struct{ At, When, Subject, Location, Status string }

// subject is what an activity is called: of a meeting whose details are nobody's business only that there is one.
func (sp *speaker) subject(a *crm.Activity) string {
	if a.Meeting != nil && a.Meeting.TimesOnly {
		return sp.text("meeting.private")
	}
	return a.Subject
}

// meetingView is nil for what is no meeting. Whole adds what only the meeting's own page shows.
func (sp *speaker) meetingView(a *crm.Activity, now time.Time, whole bool) *meetingView {
	m := a.Meeting
	if m == nil {
		return nil
	}
	v := &meetingView{Span: sp.span(a), Elsewhere: sp.elsewhere(a), Cancelled: a.Status == crm.MeetingCancelled,
		Series: m.Occurrence != "", Moved: sp.moved(a)}
	v.Full = v.Span.full()
	switch {
	case a.Time.After(now):
		v.State, v.Ahead = sp.text("meeting.ahead"), true
	case a.End.After(now) && !m.AllDay:
		v.State = sp.text("meeting.now")
	}
	if v.Cancelled {
		v.State = ""
	}
	v.Responses = sp.responses(a.People)
	if !m.TimesOnly {
		v.Letters, v.MoreLetters = sp.letters(a, whole)
		v.Place, v.Online = placeOfMeeting(m.Location), placeOfMeeting(m.Conference)
		if v.Place.URL != "" && v.Place.URL == v.Online.URL {
			v.Place = place{}
		}
	}
	if whole {
		v.Groups, v.Earlier, v.Partial = sp.attendeeGroups(a.People), sp.earlier(a), m.Partial
	}
	return v
}

// placeOfMeeting lets only addresses over TLS that name no user be followed; anything else is text.
func placeOfMeeting(text string) place {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, " \\\"'<>") {
		return place{Text: excerpt(text, shownValue)}
	}
	return place{Text: excerpt(u.Host, 80), URL: u.String()}
}

// moved are the time before a meeting was moved last, and the one it has now.
func (sp *speaker) moved(a *crm.Activity) [2]string {
	for i := len(a.Revisions) - 1; i >= 0; i-- {
		if r := &a.Revisions[i]; !r.Start.IsZero() && !r.Start.Equal(a.Time) {
			return [2]string{sp.spanOf(r.Start, r.End, a.Meeting).full(), sp.span(a).full()}
		}
	}
	return [2]string{}
}

// earlier are a meeting's earlier states, newest first.
func (sp *speaker) earlier(a *crm.Activity) []meetingRevision {
	var out []meetingRevision
	for i := len(a.Revisions) - 1; i >= 0; i-- {
		r := &a.Revisions[i]
		v := meetingRevision{At: sp.when(r.At)}
		if !r.Start.IsZero() {
			v.When = sp.spanOf(r.Start, r.End, a.Meeting).full()
		}
		if r.Status != "" {
			v.Status = sp.label("status", r.Status)
		}
		if !a.Meeting.TimesOnly {
			v.Location = excerpt(r.Location, shownValue)
			if r.Subject != a.Subject {
				v.Subject = r.Subject
			}
		}
		out = append(out, v)
	}
	return out
}

// showMeeting gives a row of a timeline what a meeting has, and the people to name on it.
func (sp *speaker) showMeeting(v *activityView, a *crm.Activity) []crm.Participant {
	v.Meeting = sp.meetingView(a, time.Now(), false)
	v.Outcome = sp.said(a)
	v.Clock, v.Until, v.When = v.Meeting.Span.Clock, v.Meeting.Span.Until, v.Meeting.Full
	if len(v.Until) > len("00:00") {
		v.Until, v.Meeting.Days = "", v.Meeting.Full // on another day: too long for the margin
	}
	if key := "meeting.direction." + string(a.Direction); sp.has(key) {
		v.DirectionLabel = sp.text(key)
	}
	if a.Status == crm.MeetingConfirmed {
		v.Status = "" // as one expects
	}
	if a.Meeting.TimesOnly {
		v.Excerpt, v.Full, v.More, v.Attachments = "", "", false, nil
	}
	return guests(a.People)
}
