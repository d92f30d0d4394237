package caldav

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// take puts a resource into the batch; false if there is no room for all of it, and the mark says how far it came.
func (b *batch) take(c calendar, m *mark, key string, o object, r *resource, from, to time.Time, scoped bool) bool {
	version := versionOf(key, o, scoped)
	for _, item := range rest(r.items, m.Part, version) {
		if b.full() {
			m.Part = version + " " + b.Items[len(b.Items)-1].ExternalID
			return false
		}
		b.Items = append(b.Items, item)
		b.bytes += weight(&item)
	}
	m.Part = ""
	for _, n := range r.notes {
		b.notef("calendar %s: %s", c.name, n)
	}
	prefix, ok := eventPrefix(c, key)
	if !scoped || r.failed || !ok {
		return true
	}
	scope := crm.Scope{Prefix: prefix, Present: r.ids(), From: from, To: to}
	if o.gone {
		scope.From, scope.To = time.Time{}, time.Time{}
	}
	b.bytes += int64(len(prefix) * (1 + len(scope.Present)))
	b.Withdrawn = append(b.Withdrawn, scope)
	return true
}

// versionOf tells a state of a resource from others, and why it is read: what was put into the batch before counts only
// if both are as they were. The text tells nothing: some servers write the time of the answer into it.
func versionOf(key string, o object, scoped bool) string {
	why := "history"
	if scoped {
		why = "change"
	}
	sum := sha256.Sum256([]byte(why + "\x00" + key + "\x00" + o.etag))
	return hex.EncodeToString(sum[:8])
}

// rest are the items after the one that a mark's Part names; all if it is of another version.
func rest(items []connectors.Item, part, version string) []connectors.Item {
	last, ok := strings.CutPrefix(part, version+" ")
	if !ok {
		return items
	}
	at := slices.IndexFunc(items, func(i connectors.Item) bool { return i.ExternalID == last })
	return items[at+1:]
}

// weight is about how many bytes an item has when it is stored: each occurrence has its own copy of what it shares.
func weight(item *connectors.Item) int64 {
	m := item.Meeting
	if m == nil {
		return 300
	}
	return int64(len(m.Description) + len(m.Summary) + len(m.Location) + 100*len(m.Attendees) + 300)
}
