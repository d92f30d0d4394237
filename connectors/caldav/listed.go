package caldav

import (
	"context"
	"maps"
	"slices"
	"time"
)

// listing is what a calendar had when its full reading began. It is kept while the process lives, because to ask a
// server again before each batch takes longer than to read the batch. What changes meanwhile is news after the reading.
type listing struct {
	calendar string
	ctag     string // of the calendar then
	from, to time.Time
	pages    []page
	total    int
}

// page is some of a listing, sorted and compressed.
type page struct {
	last   string // key
	size   int
	packed []byte // see pack
}

// The bounds of a listing that is kept.
const (
	pageSize   = 5000
	maxListing = 32 << 20
)

// newListing sorts and compresses members.
func newListing(c calendar, from, to time.Time, members map[string]string) *listing {
	l := &listing{calendar: c.key, ctag: c.ctag, from: from, to: to, total: len(members)}
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(members)), pageSize) {
		part := make(map[string]string, len(keys))
		for _, key := range keys {
			part[key] = members[key]
		}
		l.pages = append(l.pages, page{last: keys[len(keys)-1], size: len(keys), packed: pack(part)})
	}
	return l
}

// after gives the next keys after one, a page of them at most, and how many there are up to there; none at the end.
func (l *listing) after(key string) (keys []string, before int, err error) {
	for _, p := range l.pages {
		if p.last <= key {
			before += p.size
			continue
		}
		members, err := unpack(p.packed)
		if err != nil {
			return nil, 0, err
		}
		keys = after(members, key)
		return keys, before + p.size - len(keys), nil
	}
	return nil, before, nil
}

// members are all of a listing.
func (l *listing) members() (map[string]string, error) {
	out := make(map[string]string, l.total)
	for _, p := range l.pages {
		part, err := unpack(p.packed)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, part)
	}
	return out, nil
}

// size is how many bytes it has, about.
func (l *listing) size() int {
	out := 0
	for _, p := range l.pages {
		out += len(p.packed)
	}
	return out
}

// listingOf gives the listing of a full reading: the one that is kept, or a new one, which is kept if it is not too large.
func (s *source) listingOf(ctx context.Context, c calendar, from, to time.Time) (*listing, error) {
	if l := s.listed; l != nil && l.calendar == c.key && l.from.Equal(from) && l.to.Equal(to) {
		return l, nil
	}
	s.listed = nil
	members, err := s.members(ctx, c, from, to)
	if err != nil {
		return nil, err
	}
	l := newListing(c, from, to, members)
	if l.size() <= maxListing {
		s.listed = l
	}
	return l, nil
}

// forget drops what was kept of a full reading.
func (s *source) forget(c calendar) {
	delete(s.seen, c.key)
	if s.listed != nil && s.listed.calendar == c.key {
		s.listed = nil
	}
}
