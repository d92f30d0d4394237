package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// timelineFilter is what the address of a record's page says of its timeline.
type timelineFilter struct {
	Page, Tab                     string
	Kind, Direction, Owner, Query string
	Person                        string
	Since, Until                  string // days
	Flat                          bool   // conversations are not folded
	Kinds, Directions, Owners     []option
	On                            bool   // it restricts
	Reset                         string // the address without it
	Fold                          string // the address with conversations folded, or each by itself
	Short                         bool   // much was looked at, and less than a page found: there may be more
}

// readFilter reads it.
func (s *Server) readFilter(r *request, page string, owners []option) (timelineFilter, error) {
	q := r.URL.Query()
	f := timelineFilter{Page: page, Tab: q.Get("tab"), Kind: q.Get("kind"), Direction: q.Get("direction"), Owner: q.Get("owner"), Query: excerpt(q.Get("q"), maxField), Person: q.Get("person"),
		Since: q.Get("since"), Until: q.Get("until"), Flat: q.Get("fold") == "no", Reset: page}
	c := &checks{s: s}
	c.day("since", &f.Since)
	c.day("until", &f.Until)
	if c.err("filter") != nil {
		return f, badRequest("error.form")
	}
	choices := func(set, chosen string, codes ...string) []option {
		out := []option{{Selected: chosen == ""}}
		for _, code := range codes {
			out = append(out, option{code, r.say.label(set, code), code == chosen})
		}
		return out
	}
	f.Kinds = choices("kind", f.Kind, string(crm.KindEmail), string(crm.KindMeeting), string(crm.KindForm), string(crm.KindCall), string(crm.KindNote))
	f.Directions = choices("direction", f.Direction, string(crm.DirectionIn), string(crm.DirectionOut))
	for _, o := range owners {
		if o.Value != "" {
			f.Owners = append(f.Owners, option{o.Value, o.Label, o.Value == f.Owner})
		}
	}
	f.On = f.Kind != "" || f.Direction != "" || f.Owner != "" || f.Query != "" || f.Since != "" || f.Until != ""
	if f.Person != "" {
		f.Reset += "?person=" + url.QueryEscape(f.Person)
	}
	q.Del("after")
	q.Del("notice")
	q.Del("fragment")
	if q.Set("fold", "no"); f.Flat {
		q.Del("fold")
	}
	f.Fold = page + "?" + q.Encode()
	return f, nil
}

// bounds put the days into what the store is asked.
func (f *timelineFilter) bounds(a *crm.ActivityFilter, zone *time.Location, now time.Time) {
	a.Kind, a.Until = crm.ActivityKind(f.Kind), now
	if since, err := time.ParseInLocation(time.DateOnly, f.Since, zone); err == nil {
		a.Since = since.UTC()
	}
	if until, err := time.ParseInLocation(time.DateOnly, f.Until, zone); err == nil {
		if end := until.AddDate(0, 0, 1).UTC(); end.Before(now) {
			a.Until = end
		}
	}
}

// fits says whether an activity is one of those that are looked for, as far as the store does not know. words are folded.
func (f *timelineFilter) fits(a *crm.Activity, words []string) bool {
	switch {
	case f.Kind != "" && string(a.Kind) != f.Kind,
		f.Direction != "" && string(a.Direction) != f.Direction,
		f.Owner != "" && !slices.Contains(a.Owners, f.Owner) && a.By != f.Owner:
		return false
	case len(words) == 0:
		return true
	}
	text := crm.Fold(textOf(a))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// textOf is what an activity is searched in.
func textOf(a *crm.Activity) string {
	parts := []string{a.Subject, a.FullText, a.Text}
	for i := range a.People {
		parts = append(parts, a.People[i].Name, a.People[i].Address)
	}
	for i := range a.Attachments {
		parts = append(parts, a.Attachments[i].Name)
	}
	for i := range a.Letters {
		parts = append(parts, a.Letters[i].Text)
	}
	if a.Call != nil {
		parts = append(parts, a.Call.Note)
	}
	return strings.Join(parts, "\n")
}

// filtered reads a page of a timeline through a filter.
func (s *Server) filtered(ctx context.Context, f *timelineFilter, a crm.ActivityFilter, after string) ([]crm.Activity, string, error) {
	words := strings.Fields(crm.Fold(f.Query))
	if len(words) == 0 && f.Direction == "" && f.Owner == "" {
		a.After, a.Limit = after, pageRows
		return s.store.ListActivities(ctx, a)
	}
	rows, next, err := visiblePage(ctx, after, pageRows, func(after string, limit int) ([]crm.Activity, string, error) {
		a.After, a.Limit = after, limit
		return s.store.ListActivities(ctx, a)
	}, func(one *crm.Activity) (bool, error) { return f.fits(one, words), nil })
	f.Short = next != "" && len(rows) < pageRows
	return rows, next, err
}

// foldThreads puts the older mails of a conversation beneath its newest one on the page. Headings of days that lose all their
// rows go, and the first row that stays of a day has its heading.
func foldThreads(list []crm.Activity, rows []activityView) []activityView {
	at := map[string]int{}
	out := make([]activityView, 0, len(rows))
	day := ""
	for i := range rows {
		if rows[i].Day != "" {
			day = rows[i].Day
		}
		thread := threadOf(&list[i])
		if first, ok := at[thread]; ok && thread != "" {
			rows[i].Day = ""
			out[first].Thread = append(out[first].Thread, rows[i])
			continue
		}
		if thread != "" {
			at[thread] = len(out)
		}
		row := rows[i]
		row.Day = day
		day = ""
		out = append(out, row)
	}
	return out
}

// threadOf names the conversation of a mail; "" for what is none.
func threadOf(a *crm.Activity) string {
	if a.Kind != crm.KindEmail {
		return ""
	}
	if a.Thread != "" {
		return a.Thread
	}
	return string(a.Key)
}
