package googlecalendar

import (
	"context"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// quietFor is how long a calendar that had no news is left alone while history is read.
const quietFor = 30 * time.Second

// newsTime is how long the changes of one calendar are read before the next one's turn comes.
const newsTime = time.Minute

// news yields what changed in a calendar: first what is owed of changed series, then page after page of changes.
func (f *fetch) news(ctx context.Context, c *listed, p *progress) error {
	if p.Token == "" {
		return nil
	}
	if p.Reading == nil {
		if err := f.widen(p); err != nil {
			return err
		}
	}
	f.until = f.s.now().Add(newsTime)
	var pages googleapi.Pages
	if err := pages.Next("list changes", p.Page); err != nil {
		return err
	}
	for {
		if err := f.owed(ctx, c, p); err != nil || f.full() || f.late() {
			return err
		}
		last, err := f.newsPage(ctx, c, p, &pages)
		if err != nil || last && len(p.Series) == 0 {
			return err
		}
	}
}

// widen finds what the window has now and was not read: a new day at its end, or older ones if the settings reach
// further back than they did.
func (f *fetch) widen(p *progress) error {
	from, to, err := f.s.window()
	switch {
	case err != nil:
		return err
	case stamp(to) > p.To:
		p.Reading = &reading{From: p.To, To: stamp(to)}
	case stamp(from) < p.From:
		p.Reading = &reading{From: stamp(from), To: p.From, Whole: true}
		p.From = stamp(from)
	default:
		return nil
	}
	f.changed = true
	return nil
}

// late says that the calendar had its time; what it still has is owed.
func (f *fetch) late() bool { return f.s.now().After(f.until) }

// newsPage takes one page of changes. last means that there is no further one.
func (f *fetch) newsPage(ctx context.Context, c *listed, p *progress, pages *googleapi.Pages) (last bool, err error) {
	s := f.s
	if q := s.quiet[c.id]; f.behind && p.Page == "" && q.token == p.Token && s.now().Sub(q.at) < quietFor {
		return true, nil
	}
	answer, err := s.changes(ctx, c.id, p.Token, p.Page)
	if stale(err, true) {
		p.again()
		f.changed = true
		f.notef("Google has forgotten which changes of the calendar %s were read; it is read again.", c.name)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if err := p.turn(pages, answer); err != nil {
		return false, err
	}
	v := view{listed: *c, page: answer.AccessRole, at: answer.TimeZone}
	for _, e := range answer.Items {
		if e != nil {
			f.change(v, p, e)
		}
	}
	idle := len(answer.Items) == 0 && p.Page == ""
	switch {
	case answer.NextPageToken != "":
		p.Page, p.Empty = answer.NextPageToken, p.Empty+1
		if len(answer.Items) > 0 {
			p.Empty = 0
		}
		f.changed = true
		return false, nil
	case idle && !f.changed:
		s.quiet[c.id] = quiet{p.Token, s.now()}
	case answer.NextSyncToken != "":
		p.Token, p.Page, p.Empty = answer.NextSyncToken, "", 0
		f.changed = true
		if idle {
			s.quiet[c.id] = quiet{p.Token, s.now()}
		}
	default:
		p.Page, p.Empty = "", 0 // the same question again, next time
		f.changed = f.changed || !idle
	}
	return true, nil
}

// turn says whether the page after this one may be asked for. It is found out before anything of this one is yielded:
// what is yielded without moving the cursor would hide the failure.
func (p *progress) turn(pages *googleapi.Pages, answer *calendar.Events) error {
	if answer.NextPageToken == "" {
		return nil
	}
	if p.Empty >= mostPages {
		return googleapi.Endless("list changes", "page after page has no changes")
	}
	return pages.Next("list changes", answer.NextPageToken)
}

// change takes one changed event.
func (f *fetch) change(v view, p *progress, e *calendar.Event) {
	event, occurrence, ok := identity(e)
	at := stampOf(e.Updated)
	switch {
	case !ok:
		return // nothing can be said of it
	case e.Status == cancelled && tells(e):
		f.yield(v, e)
	case e.Status == cancelled:
		// Of a single event this is all of it, of a series all its occurrences, of an occurrence itself.
		f.withdraw(external(v.id, event, occurrence), nil, time.Time{}, time.Time{}, at)
		if occurrence == "" {
			p.forget(event)
		}
	case occurrence == "" && len(e.Recurrence) > 0 && long(v.id, event):
		f.yield(v, e) // as what cannot be read
	case occurrence == "" && len(e.Recurrence) > 0:
		p.owe(series{ID: event, At: stamp(at)})
	case !past(p, e) && !early(p, e):
		id := f.yield(v, e)
		if id != "" && occurrence == "" { // it may have been a series before
			f.withdraw(eventPrefix(v.id, event), []string{id}, time.Time{}, time.Time{}, at)
		}
	}
}

// tells says that a cancelled event is known to be called off, and what it was: only the organiser's own calendar does.
// In a guest's it may as well be the guest who took it off.
func tells(e *calendar.Event) bool {
	return e.RecurringEventId != "" && e.Organizer != nil && e.Organizer.Self && e.ICalUID != "" && e.Summary != "" && e.Start != nil && e.End != nil
}

// past says that an event was over before the window of the first reading began.
func past(p *progress, e *calendar.Event) bool {
	end, _, err := instant(e.End, time.UTC)
	return err == nil && p.From != 0 && end.Unix() < p.From
}

// early says that a new event is beyond the window, which will come to it. One that may have been in the window, and
// was moved out of it, is not new: its move must show.
func early(p *progress, e *calendar.Event) bool {
	start, _, err := instant(e.Start, time.UTC)
	isNew := e.RecurringEventId == "" && stampOf(e.Updated).Sub(stampOf(e.Created)) < 5*time.Second
	return err == nil && isNew && start.Unix() >= p.end()
}

// owe puts a changed series on the list, once.
func (p *progress) owe(one series) {
	p.forget(one.ID)
	p.Series = append(p.Series, one)
}

func (p *progress) forget(id string) {
	kept := p.Series[:0]
	for _, s := range p.Series {
		if s.ID != id {
			kept = append(kept, s)
		}
	}
	p.Series = kept
}
