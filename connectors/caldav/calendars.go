package caldav

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
)

// calendar is a collection as the server shows it.
type calendar struct {
	key    string   // its path, the same in every answer
	url    *url.URL //
	name   string   // as people read it
	token  string   // sync token now; "" if it does not say
	ctag   string   // changes with each change; "" if it does not say
	tokens bool     // it knows sync-collection
	zone   *time.Location
}

// key is the form of an address by which it is known: its escaped path, whatever else the server escaped.
func keyOf(u *url.URL) string {
	if strings.Contains(strings.ToLower(u.RawPath), "%2f") {
		return u.EscapedPath()
	}
	return (&url.URL{Path: u.Path}).EscapedPath()
}

// list gives the calendars that are to be read, ordered by key, and how many others there are.
func (s *source) list(ctx context.Context) (out []calendar, others int, err error) {
	if err := s.discover(ctx); err != nil {
		return nil, 0, err
	}
	depth := "1"
	if s.single {
		depth = "0"
	}
	for _, home := range s.homes {
		props := "<D:resourcetype/><D:displayname/><D:sync-token/><S:getctag/><D:supported-report-set/><C:supported-calendar-component-set/><C:calendar-timezone/>"
		_, _, err := s.dav.ask(ctx, "PROPFIND", home, depth, propfind(props), func(r *response) error {
			if c, ok := s.calendarOf(home, r); ok && s.wants(c) {
				out = append(out, c)
			} else if ok {
				others++
			}
			return nil
		})
		if err != nil {
			s.homes = nil // it may have moved
			return nil, 0, classify("list calendars", err)
		}
	}
	slices.SortFunc(out, func(a, b calendar) int { return strings.Compare(a.key, b.key) })
	return slices.CompactFunc(out, func(a, b calendar) bool { return a.key == b.key }), others, nil
}

// calendarOf reads a response; false if it is not of a calendar that can hold events.
func (s *source) calendarOf(home *url.URL, r *response) (calendar, bool) {
	p := r.found()
	if p.Type == nil || p.Type.Calendar == nil || len(r.Hrefs) == 0 {
		return calendar{}, false
	}
	if p.Components != nil && len(p.Components.Comps) > 0 {
		events := false
		for _, comp := range p.Components.Comps {
			events = events || strings.EqualFold(comp.Name, "VEVENT")
		}
		if !events {
			return calendar{}, false
		}
	}
	u, err := home.Parse(strings.TrimSpace(r.Hrefs[0]))
	if err != nil || !s.dav.mayKnow(u) {
		return calendar{}, false
	}
	c := calendar{key: keyOf(u), url: u, name: strings.TrimSpace(p.Name), token: strings.TrimSpace(p.SyncToken), ctag: strings.TrimSpace(p.CTag), zone: s.zone}
	c.tokens = c.token != "" || p.Reports != nil && strings.Contains(p.Reports.XML, "sync-collection")
	if c.name == "" {
		c.name = strings.Trim(u.Path, "/")
	}
	if p.TimeZone != "" {
		if zone := calitem.ZoneOf([]byte(p.TimeZone)); zone != nil {
			c.zone = zone
		}
	}
	return c, true
}

// wants says whether the settings choose a calendar.
func (s *source) wants(c calendar) bool {
	named := func(list []string) bool {
		return slices.ContainsFunc(list, func(word string) bool {
			u, err := url.Parse(word)
			return word == c.name || strings.Trim(word, "/") == strings.Trim(c.key, "/") || err == nil && strings.HasPrefix(word, "http") && strings.Trim(keyOf(u), "/") == strings.Trim(c.key, "/")
		})
	}
	return (len(s.cfg.Calendars) == 0 || named(s.cfg.Calendars)) && !named(s.cfg.ExcludeCalendars)
}
