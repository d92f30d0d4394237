package testradicale

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// Calendar is a calendar of a user.
type Calendar struct {
	Path string // "/sato/work/"

	server *Server
	user   string
}

// MakeCalendar makes a calendar of events with a name for people.
func (s *Server) MakeCalendar(user, id, name string) (*Calendar, error) {
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(name)); err != nil {
		return nil, err
	}
	c := &Calendar{Path: "/" + user + "/" + url.PathEscape(id) + "/", server: s, user: user}
	_, err := s.Do(user, "MKCALENDAR", c.Path, `<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>`+escaped.String()+`</D:displayname>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`, nil)
	return c, err
}

// Put stores a resource such as "a.ics".
func (c *Calendar) Put(name, data string) error {
	_, err := c.server.Do(c.user, "PUT", c.Path+url.PathEscape(name), data, map[string]string{"Content-Type": "text/calendar; charset=utf-8"})
	return err
}

// Delete removes a resource; "" removes the calendar.
func (c *Calendar) Delete(name string) error {
	_, err := c.server.Do(c.user, "DELETE", c.Path+url.PathEscape(name), "", nil)
	return err
}
