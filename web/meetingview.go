package web

import (
	"html/template"
	"net/url"
	"slices"
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

	// Only on its own page.
	Groups  []attendeeGroup
	Earlier []meetingRevision
	Partial bool
}

// place is where a meeting is. URL is set only if it is an address that may be followed.
type place struct{ Text, URL string }

// attendeeGroup are those who gave the same answer, or rooms, or groups.
type attendeeGroup struct {
	Label string
	Rows  []attendeeRow
}

// attendeeRow is one of them.
type attendeeRow struct {
	Name                template.HTML
	Organizer, Optional bool
}

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

// answers are the responses in the order in which they are shown; what is none of them counts as the last.
func answers() []string {
	return []string{crm.ResponseAccepted, crm.ResponseTentative, crm.ResponseDeclined, crm.ResponseNone}
}

func answerOf(p *crm.Participant) string {
	if slices.Contains(answers(), p.Response) {
		return p.Response
	}
	return crm.ResponseNone
}

// guests are the people who take part, each once; an organiser who is invited as well is the guest.
func guests(people []crm.Participant) []crm.Participant {
	var out []crm.Participant
	at := make(map[string]int, len(people))
	for _, p := range people {
		if p.Type != crm.TypePerson || p.Role == crm.RoleThread {
			continue
		}
		i, seen := at[p.Address]
		switch {
		case !seen || p.Address == "":
			at[p.Address] = len(out)
			out = append(out, p)
		case p.Role == crm.RoleOrganizer:
			out[i].Role = p.Role
		case out[i].Response == "":
			role := out[i].Role
			out[i] = p
			out[i].Role = role
		}
	}
	return out
}

// responses counts the answers of those who were asked: "2 accepted · 1 no answer".
func (sp *speaker) responses(people []crm.Participant) string {
	counts := map[string]int{}
	for _, p := range guests(people) {
		if p.Role != crm.RoleOrganizer || p.Response != "" {
			counts[answerOf(&p)]++
		}
	}
	var parts []string
	for _, answer := range answers() {
		if n := counts[answer]; n > 0 {
			parts = append(parts, sp.text("meeting.count."+answer, "n", n))
		}
	}
	return strings.Join(parts, " · ")
}

// attendeeGroups are people by their answers, then rooms and resources, then groups.
func (sp *speaker) attendeeGroups(people []crm.Participant) []attendeeGroup {
	groups := make([]attendeeGroup, 0, 6)
	for _, answer := range answers() {
		groups = append(groups, attendeeGroup{Label: sp.text("meeting.answer." + answer)})
	}
	rooms, lists := len(groups), len(groups)+1
	groups = append(groups, attendeeGroup{Label: sp.text("meeting.rooms")}, attendeeGroup{Label: sp.text("meeting.groups")})
	add := func(at int, p *crm.Participant) {
		var b strings.Builder
		writeParty(&b, p)
		groups[at].Rows = append(groups[at].Rows, attendeeRow{template.HTML(b.String()), p.Role == crm.RoleOrganizer, p.Optional}) //nolint:gosec // escaped by writeParty
	}
	for _, p := range guests(people) {
		answer := answerOf(&p)
		if p.Role == crm.RoleOrganizer && p.Response == "" {
			answer = crm.ResponseAccepted // who invites comes
		}
		add(slices.Index(answers(), answer), &p)
	}
	for i := range people {
		switch people[i].Type {
		case crm.TypeRoom, crm.TypeResource:
			add(rooms, &people[i])
		case crm.TypeGroup:
			add(lists, &people[i])
		}
	}
	return slices.DeleteFunc(groups, func(g attendeeGroup) bool { return len(g.Rows) == 0 })
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
