package caldav

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxID is how long an external id may be.
const maxID = 1000

// errID means that a resource has too long an address.
var errID = errors.New("its address on the server is too long")

// prefixOf begins the external ids of a calendar.
func prefixOf(c calendar) string { return url.PathEscape(c.key) + "/" }

// eventPrefix begins the external ids of a resource.
func eventPrefix(c calendar, key string) (prefix string, ok bool) {
	prefix = prefixOf(c) + url.PathEscape(strings.TrimPrefix(key, c.key)) + ";"
	if len(prefix) <= maxID-40 {
		return prefix, true
	}
	sum := sha256.Sum256([]byte(c.key + "\x00" + key))
	return "long/" + hex.EncodeToString(sum[:]) + ";", false
}

// parseID takes an external id apart.
func parseID(id string) (calendarKey, event, occurrence string, ok bool) {
	calendarKey, rest, ok := strings.Cut(id, "/")
	at := strings.LastIndexByte(rest, ';')
	if !ok || at <= 0 {
		return "", "", "", false
	}
	event, occurrence = rest[:at], rest[at+1:]
	var err, err2 error
	calendarKey, err = url.PathUnescape(calendarKey)
	event, err2 = url.PathUnescape(event)
	return calendarKey, event, occurrence, err == nil && err2 == nil && strings.HasPrefix(calendarKey, "/")
}

// resource is what a resource became.
type resource struct {
	items  []connectors.Item
	notes  []string
	failed bool // something of it could not be read, so it is not known what it has
}

// ids are the external ids of the items, sorted.
func (r *resource) ids() []string {
	out := make([]string, 0, len(r.items))
	for _, item := range r.items {
		out = append(out, item.ExternalID)
	}
	slices.Sort(out)
	return out
}

// resource makes items of an object: the occurrences between two times. later says that an event which does not
// recur counts although it lies after them.
func (s *source) resource(c calendar, key string, o object, from, to time.Time, later bool) resource {
	prefix, ok := eventPrefix(c, key)
	if !ok {
		o.err = errID
	}
	if o.gone {
		return resource{}
	}
	failed := func(err error) connectors.Item {
		return connectors.Item{ExternalID: prefix, Kind: crm.KindMeeting, Folder: c.name, Received: s.today(), Size: int64(len(o.data)), Err: fmt.Errorf("read event: %w", err)}
	}
	if o.err != nil {
		return resource{items: []connectors.Item{failed(o.err)}, failed: true}
	}
	cal, err := calitem.Parse([]byte(o.data))
	if err != nil {
		return resource{items: []connectors.Item{failed(err)}, failed: true}
	}
	meetings, notes, err := cal.Meetings(calitem.Window{From: from, To: to, Later: later, Zone: c.zone, TextBytes: s.limits.TextBytes, Now: s.now()})
	out := resource{notes: notes}
	first := "" // UID of the event that the resource is about: a server keeps one in each, but not all do
	for _, m := range meetings {
		if first == "" || m.UID < first {
			first = m.UID
		}
	}
	for i := range meetings {
		m := &meetings[i]
		id := prefix + m.Occurrence
		if m.UID != first {
			sum := sha256.Sum256([]byte(m.UID))
			id += "~" + hex.EncodeToString(sum[:4])
		}
		out.items = append(out.items, connectors.Item{
			ExternalID: id, Key: crm.MeetingKey(m.UID, m.Occurrence), Kind: crm.KindMeeting, Folder: c.name,
			Received: m.Start, Size: int64(len(o.data)), Meeting: m,
		})
	}
	if err != nil {
		out.failed = true
		if !slices.ContainsFunc(out.items, func(i connectors.Item) bool { return i.ExternalID == prefix }) {
			out.items = append(out.items, failed(err))
		}
	}
	return out
}
