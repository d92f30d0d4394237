package caldav

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// changes are what happened in a calendar since a token.
type changes struct {
	members []string // keys of what is new, changed or gone, sorted
	token   string   // for the next time
	more    bool     // the server had more to tell: ask again with the token
}

// member gives the key of a resource that a response is about; false if it is about the calendar or a collection.
func (s *source) member(c calendar, from *url.URL, r *response) (key string, ok bool) {
	if len(r.Hrefs) == 0 {
		return "", false
	}
	u, err := from.Parse(strings.TrimSpace(r.Hrefs[0]))
	if err != nil || !s.dav.mayKnow(u) {
		return "", false
	}
	key = keyOf(u)
	return key, strings.Trim(key, "/") != strings.Trim(c.key, "/") && !strings.HasSuffix(key, "/")
}

// changes asks sync-collection (RFC 6578 section 3.2). A token that the server knows no more gives errToken.
func (s *source) changes(ctx context.Context, c calendar, token string) (changes, error) {
	var out changes
	body := "<D:sync-collection" + spaces + "><D:sync-token>" + escape(token) + "</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
	next, _, err := s.dav.ask(ctx, "REPORT", c.url, "0", body, func(r *response) error {
		key, ok := s.member(c, c.url, r)
		if !ok {
			out.more = out.more || statusCode(r.Status) == http.StatusInsufficientStorage
			return nil
		}
		out.members = append(out.members, key)
		return nil
	})
	var status *statusError
	if errors.As(err, &status) && token != "" {
		switch {
		case status.token, status.code == http.StatusConflict, status.code == http.StatusGone, status.code == http.StatusPreconditionFailed, status.code == http.StatusBadRequest:
			return changes{}, errToken
		}
	}
	if err != nil {
		return changes{}, err
	}
	if next == "" {
		return changes{}, fmt.Errorf("%w: it has no sync token", errXML)
	}
	if out.more && next == token {
		return changes{}, fmt.Errorf("%w: it goes on with the same sync token", errXML)
	}
	out.token = next
	slices.Sort(out.members)
	out.members = slices.Compact(out.members)
	return out, nil
}

// maxTokenPages bounds how often a server may go on until it gives its first token.
const maxTokenPages = 10_000

// firstToken is the token of now. A server that does not show it tells it after everything that it has.
func (s *source) firstToken(ctx context.Context, c calendar) (string, error) {
	if c.token != "" || !c.tokens {
		return c.token, nil
	}
	token, under := "", newPaging()
	for range maxTokenPages {
		got, err := s.changes(ctx, c, token)
		if err != nil {
			return "", err
		}
		if token = got.token; !got.more {
			return token, nil
		}
		if under.page(got.members); under.stuck() {
			break
		}
	}
	return "", errEndless
}

// members gives the keys and etags of what takes place between two times, and of a little more: servers put days
// and floating times into zones of their own.
func (s *source) members(ctx context.Context, c calendar, from, to time.Time) (map[string]string, error) {
	out := make(map[string]string)
	err := s.query(ctx, c, from.AddDate(0, 0, -1), to.AddDate(0, 0, 1), out, 0)
	switch statusOf(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return s.everything(ctx, c) // the server does not know the query, or not this one
	}
	return out, err
}

// maxHalving is how often a query that the server cuts off is halved.
const maxHalving = 10

// query asks calendar-query (RFC 4791 section 7.8). An answer that is cut off is asked for in halves.
func (s *source) query(ctx context.Context, c calendar, from, to time.Time, out map[string]string, halved int) error {
	const form = "20060102T150405Z"
	body := "<C:calendar-query" + spaces + `><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="` +
		from.UTC().Format(form) + `" end="` + to.UTC().Format(form) + `"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
	more := false
	_, _, err := s.dav.ask(ctx, "REPORT", c.url, "1", body, func(r *response) error {
		key, ok := s.member(c, c.url, r)
		if !ok {
			more = more || statusCode(r.Status) == http.StatusInsufficientStorage
			return nil
		}
		switch statusCode(r.Status) {
		case http.StatusNotFound, http.StatusGone:
		default: // what the server stumbles over is there, and not to be taken for deleted
			out[key] = r.found().ETag
		}
		return nil
	})
	if err != nil || !more {
		return err
	}
	if halved >= maxHalving || to.Sub(from) < 2*time.Hour {
		return fmt.Errorf("%w: it is cut off", errXML)
	}
	middle := from.Add(to.Sub(from) / 2)
	if err := s.query(ctx, c, from, middle, out, halved+1); err != nil {
		return err
	}
	return s.query(ctx, c, middle, to, out, halved+1)
}

// everything gives the keys and etags of all that a calendar holds.
func (s *source) everything(ctx context.Context, c calendar) (map[string]string, error) {
	out := make(map[string]string)
	_, _, err := s.dav.ask(ctx, "PROPFIND", c.url, "1", propfind("<D:getetag/><D:resourcetype/>"), func(r *response) error {
		key, ok := s.member(c, c.url, r)
		if !ok && statusCode(r.Status) == http.StatusInsufficientStorage {
			return fmt.Errorf("%w: it is cut off", errXML)
		}
		if p := r.found(); ok && (p.Type == nil || p.Type.Collection == nil) {
			out[key] = p.ETag
		}
		return nil
	})
	return out, err
}

// after gives the keys after one, sorted.
func after(members map[string]string, key string) []string {
	out := slices.Sorted(maps.Keys(members))
	at, found := slices.BinarySearch(out, key)
	if found {
		at++
	}
	return out[at:]
}
