package web

import (
	"cmp"
	"context"
	"html"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what a row of a timeline carries; the activity's own page shows the rest.
const (
	excerptRunes = 280
	inlineText   = 8 << 10 // bytes of full text behind "show all"
	shownParties = 6
	pageRows     = 50
)

// activityView is an activity ready for a template: all words chosen, all times written.
type activityView struct {
	ID, Kind, KindLabel, Direction, DirectionLabel string
	Day                                            string // set on the first row of each day
	Clock, When, ISO, Until                        string
	Subject, Excerpt, Full, Status                 string
	More, TooLong, Truncated                       bool
	From, To                                       template.HTML // names, linked where there is a record
	Others                                         int           // participants not shown
	Accounts                                       []link
	Attachments                                    []crm.Attachment
	Why                                            template.HTML  // list items
	Asked                                          []askedView    // questions still open about somebody on it
	Form                                           *formView      // nil if it is none
	Meeting                                        *meetingView   // likewise
	Call                                           *callView      // likewise
	Outcome                                        *outcomeView   // of a meeting of which somebody said what became of it
	Thread                                         []activityView // older mails of the same conversation, where they are folded
	Withheld                                       bool           // what was said is not for whoever looks
	MayHide                                        bool           // the user had it, and may mark its conversation private
}

// link is a name that leads somewhere.
type link struct{ Name, URL string }

// names finds accounts' and users' names, each once a request.
type names struct {
	store    peopleStore
	accounts map[string]string
	list     func(context.Context) ([]crm.User, error)
	users    map[string]string       // by address; nil until somebody is asked for
	asked    map[string][]crm.Review // open questions by address
}

func (s *Server) names() *names {
	return &names{store: s.store, accounts: map[string]string{}, list: s.store.ListUsers, asked: map[string][]crm.Review{}}
}

// user is what colleagues call a user, or the address of somebody who is none.
func (n *names) user(ctx context.Context, email string) string {
	if email == "" {
		return ""
	}
	if n.users == nil {
		n.users = map[string]string{}
		list, _ := n.list(ctx) // without names, addresses are shown
		for i := range list {
			n.users[list[i].Email] = nameOfUser(&list[i])
		}
	}
	return cmp.Or(n.users[email], email)
}

// owner gives owners the names that colleagues know.
func (n *names) owner(ctx context.Context) func(email string) string {
	return func(email string) string { return n.user(ctx, email) }
}

// account is the account's name, or "" if it is gone.
func (n *names) account(ctx context.Context, id string) string {
	name, ok := n.accounts[id]
	if !ok {
		if a, err := n.store.GetAccount(ctx, id); err == nil {
			name = a.Name
		}
		n.accounts[id] = name
	}
	return name
}

// timeline makes rows of activities, newest first, with a heading wherever the day changes.
func (s *Server) timeline(ctx context.Context, sp *speaker, n *names, list []crm.Activity) []activityView {
	views := make([]activityView, 0, len(list))
	day := ""
	for i := range list {
		v := s.activityView(ctx, sp, n, &list[i])
		d := sp.date(list[i].Time)
		if v.Meeting != nil {
			d = v.Meeting.Span.Day
		}
		if d != day {
			v.Day, day = d, d
		}
		views = append(views, v)
	}
	return views
}

func (s *Server) activityView(ctx context.Context, sp *speaker, n *names, a *crm.Activity) activityView {
	local := a.Time.In(sp.zone)
	v := activityView{
		ID: a.ID, Kind: string(a.Kind), KindLabel: sp.text("kind." + string(a.Kind)),
		Direction: string(a.Direction), DirectionLabel: sp.text("direction." + string(a.Direction)),
		Clock: local.Format("15:04"), When: sp.when(a.Time), ISO: a.Time.UTC().Format(time.RFC3339),
		Subject: sp.subject(a), Truncated: a.Truncated, Attachments: a.Attachments, Why: sp.why(a, s.formName(a.Form)),
	}
	v.Asked = s.asked(ctx, sp, n, a)
	v.Why += sp.whyAsked(v.Asked)
	v.Form, v.Call = s.formView(sp, a, false), s.callView(sp, a)
	if v.Call != nil {
		v.Subject = cmp.Or(v.Subject, v.Call.Result)
		if key := "call." + string(a.Direction); sp.has(key) {
			v.DirectionLabel = sp.text(key)
		}
	}
	if !a.End.IsZero() {
		v.Until = a.End.In(sp.zone).Format("15:04")
	}
	if a.Status != "" {
		v.Status = sp.label("status", a.Status)
	}
	v.Excerpt, v.More = opening(a.Text, excerptRunes)
	full := a.FullText
	if full == "" {
		full = a.Text
	} else {
		v.More = true
	}
	if v.More && len(full) > inlineText {
		v.TooLong = true
		full = strings.ToValidUTF8(full[:inlineText], "") + "…"
	}
	if v.More {
		v.Full = full
	}
	people := a.People
	if a.Meeting != nil {
		people = sp.showMeeting(&v, a)
	}
	v.From, v.To, v.Others = parties(people)
	for _, id := range a.Accounts {
		if name := n.account(ctx, id); name != "" {
			v.Accounts = append(v.Accounts, link{name, "/accounts/" + id})
		}
	}
	return v
}

// opening is the start of a text with its line breaks, blank lines taken out, and whether there is more.
func opening(text string, limit int) (string, bool) {
	cut := false
	if len(text) > 8*limit {
		text, cut = strings.ToValidUTF8(text[:8*limit], ""), true
	}
	var b strings.Builder
	runes := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, r := range line {
			if runes++; runes > limit {
				return b.String() + "…", true
			}
			b.WriteRune(r)
		}
	}
	return b.String(), cut
}

// parties splits participants into those who wrote or invited and those who got it, and counts the rest.
func parties(people []crm.Participant) (from, to template.HTML, others int) {
	var senders, receivers strings.Builder
	shown := 0
	for i := range people {
		p := &people[i]
		switch {
		case p.Role == crm.RoleFrom || p.Role == crm.RoleOrganizer || p.Role == crm.RoleSubmitter:
			writeParty(&senders, p)
		case shown < shownParties:
			shown++
			writeParty(&receivers, p)
		default:
			others++
		}
	}
	return template.HTML(senders.String()), template.HTML(receivers.String()), others //nolint:gosec // escaped by writeParty
}

// writeParty writes a participant's name; every value is escaped, the name isolated. It is not a template
// because a page has hundreds.
func writeParty(b *strings.Builder, p *crm.Participant) {
	if b.Len() > 0 {
		b.WriteString(`<span class="dim">, </span>`)
	}
	element := "span"
	switch {
	case p.ID != "":
		element = "a"
		b.WriteString(`<a href="/people/` + html.EscapeString(url.PathEscape(p.ID)) + `" title="`)
	case p.Internal:
		b.WriteString(`<span class="ours" title="`)
	default:
		b.WriteString(`<span title="`)
	}
	b.WriteString(html.EscapeString(p.Address) + `"><bdi>` + html.EscapeString(cmp.Or(p.Name, p.Address)) + `</bdi></` + element + `>`)
}
