package caldav

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// batch is a Batch that is being filled.
type batch struct {
	connectors.Batch

	bytes  int64
	limits connectors.Limits
}

// full says that no more is to be put in.
func (b *batch) full() bool {
	return len(b.Items) >= b.limits.BatchItems || b.bytes >= b.limits.BatchBytes
}

// maxNotes is how much one fetch tells.
const maxNotes = 50

func (b *batch) notef(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(b.Notes) < maxNotes && !slices.Contains(b.Notes, text) {
		b.Notes = append(b.Notes, text)
	}
}

// Fetch reads what changed, then the days that are new in the window, then one batch of what is read in full.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	p, err := parsePlace(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	if err := ctx.Err(); err != nil {
		return connectors.Batch{}, err
	}
	calendars, _, err := s.list(ctx)
	if err != nil {
		return connectors.Batch{}, err
	}
	b := &batch{limits: s.limits}
	s.compare(b, p, calendars, cur == "")
	ill, err := s.steps(ctx, b, p, calendars)
	if err != nil {
		return connectors.Batch{}, err
	}
	for _, m := range p.Calendars {
		if m.Full && !m.Gone {
			b.Backfill, b.More = true, true
		}
		if m.Full {
			b.Progress = crm.Progress{Done: b.Progress.Done + m.Done, Total: b.Progress.Total + m.Total}
		}
	}
	b.Next = p.cursor()
	switch moved := b.Next != cur; {
	case ill != nil && !moved, ill != nil && cur == "" && len(b.Items) == 0:
		return connectors.Batch{}, ill
	case ill != nil:
		b.More = true // what is ill is told when the others are read
	case !moved:
		b.More = false // it would not move the next time either
	}
	return b.Batch, nil
}

// compare finds calendars that are new, gone or back.
func (s *source) compare(b *batch, p *place, calendars []calendar, first bool) {
	here := make(map[string]bool)
	for _, c := range calendars {
		here[c.key] = true
		if p.Calendars[c.key] == nil {
			m := s.fresh()
			p.Calendars[c.key] = &m
			if !first {
				b.notef("calendar %s is new and is read from now on", c.name)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Calendars)) {
		if m := p.Calendars[key]; !here[key] && !m.Gone {
			m.Gone = true
			b.notef("calendar %s is not there any more, or not chosen any more; its meetings stay as they are", key)
		}
	}
	if first {
		for _, want := range s.cfg.Calendars {
			if !slices.ContainsFunc(calendars, func(c calendar) bool { return want == c.name || strings.Contains(want, strings.Trim(c.key, "/")) }) {
				b.notef("there is no calendar %q", want)
			}
		}
	}
}

// fresh is the mark of a calendar of which nothing was read.
func (s *source) fresh() mark {
	return mark{Full: true, Since: s.since, Horizon: s.horizon().Format(dayForm)}
}

// steps reads what is new in all calendars, then the days that are new, then history, until the batch is full. A
// calendar that the server cannot serve does not keep the others waiting: its error comes when they are read.
func (s *source) steps(ctx context.Context, b *batch, p *place, calendars []calendar) (ill, err error) {
	out := make(map[string]bool) // calendars that failed
	for _, step := range []func(context.Context, *batch, calendar, *mark) (bool, error){s.back, s.news, s.moreHistory, s.moreDays, s.history} {
		for _, c := range calendars {
			if out[c.key] {
				continue
			}
			m := p.Calendars[c.key]
			if m.Compare {
				c.token, c.tokens = "", false
			}
			before := *m
			done, err := step(ctx, b, c, m)
			switch {
			case unreachable(err):
				*m = before
				m.Gone = true
				b.notef("calendar %s cannot be read any more: it was removed or is not shared any longer; its meetings stay as they are", c.name)
				done = true
			case unserved(err):
				*m, out[c.key], done = before, true, true
				ill = classify("read calendar "+c.name, err)
			case err != nil:
				return nil, classify("read calendar "+c.name, err)
			}
			b.More = b.More || !done
			if b.full() {
				b.More = true
				return ill, nil
			}
		}
	}
	return ill, nil
}

// unserved says whether an error is of one calendar rather than of the server, the account or the way there.
func unserved(err error) bool {
	code := statusOf(err)
	return errors.Is(err, errXML) || errors.Is(err, errTooLarge) || errors.Is(err, errEndless) || code == http.StatusInternalServerError || code == http.StatusNotImplemented || code == http.StatusInsufficientStorage
}

// unreachable says whether a calendar refused itself, as one that was removed or is not shared any longer does.
func unreachable(err error) bool {
	switch statusOf(err) {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// back looks whether a calendar that could not be reached can be again.
func (s *source) back(ctx context.Context, b *batch, c calendar, m *mark) (bool, error) {
	if !m.Gone {
		return true, nil
	}
	err := s.queried(ctx, c)
	if unreachable(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	m.Gone = false
	b.notef("calendar %s can be read again", c.name)
	return true, nil
}

// queried says whether a calendar answers queries.
func (s *source) queried(ctx context.Context, c calendar) error {
	return s.query(ctx, c, s.today(), s.today().AddDate(0, 0, 1), make(map[string]string), 0)
}

// refusesTokens says whether an error of sync-collection is a refusal of that report, rather than of a token.
func refusesTokens(err error) bool {
	switch statusOf(err) {
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// compareFromNow reads a calendar in full once more and by its etags from then on.
func (s *source) compareFromNow(b *batch, c calendar, m *mark) {
	*m = s.fresh()
	m.Compare = true
	s.forget(c)
	b.notef("the server refuses to tell what changed in calendar %s: it is compared from now on", c.name)
}

// mode says why resources are read.
type mode int

const (
	asHistory mode = iota // they are there: their occurrences are yielded
	asChange              // they are not as they were: what they lost is withdrawn, and what was moved far ahead is yielded too
)

// read reads resources in the order of their keys into the batch, and tells each to did, until the batch is full. One
// that has more occurrences than there is room for goes on in the next batch.
func (s *source) read(ctx context.Context, b *batch, c calendar, m *mark, keys []string, from, to time.Time, how mode, did func(key string, r *resource, o object)) (done bool, err error) {
	for len(keys) > 0 {
		if b.full() {
			return false, nil
		}
		part := keys[:min(len(keys), chunk)]
		objects, err := s.objects(ctx, c, part)
		if err != nil {
			return false, err
		}
		for i, key := range part {
			o := objects[key]
			r := s.resource(c, key, o, from, to, how == asChange)
			if !b.take(c, m, key, o, &r, from, to, how == asChange) {
				return false, nil
			}
			did(key, &r, o)
			if b.full() && i+1 < len(keys) {
				return false, nil
			}
		}
		keys = keys[len(part):]
	}
	return true, nil
}
