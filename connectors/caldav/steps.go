package caldav

import (
	"context"
	"errors"
	"slices"
	"time"
)

// news reads what changed in a calendar since it was last read.
func (s *source) news(ctx context.Context, b *batch, c calendar, m *mark) (bool, error) {
	if m.Full || m.Gone {
		return true, nil
	}
	if m.Next == "" && m.After == "" && (c.token != "" && c.token == m.Token || c.ctag != "" && c.ctag == m.CTag) {
		return true, nil
	}
	if m.Token == "" || !c.tokens {
		return s.differences(ctx, b, c, m)
	}
	if s.paging[c.key] == nil {
		s.paging[c.key] = newPaging()
	}
	under := s.paging[c.key]
	if under.stuck() {
		delete(s.paging, c.key)
		return false, errEndless
	}
	before, changed, until := *m, false, time.Now().Add(maxNews)
	for pages := 0; ; pages++ {
		if under.stuck() || pages >= maxPages || time.Now().After(until) {
			return false, nil // what was read is stored, and the others have their turn
		}
		got, err := s.changes(ctx, c, m.Token)
		if refusesTokens(err) && s.queried(ctx, c) == nil {
			s.compareFromNow(b, c, m)
			return true, nil
		}
		if errors.Is(err, errToken) {
			*m = s.fresh()
			b.notef("the server has forgotten how calendar %s was left: it is read in full", c.name)
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if m.Next == "" {
			m.Next = got.token
		}
		at, found := slices.BinarySearch(got.members, m.After)
		if found {
			at++
		}
		changed = changed || len(got.members) > 0
		done, err := s.read(ctx, b, c, m, got.members[at:], s.from(), s.reach(m), asChange, func(key string, _ *resource, _ object) { m.After = key })
		if err != nil || !done {
			return false, err
		}
		under.page(got.members)
		m.Token, m.Next, m.After = m.Next, "", ""
		if !got.more && m.Token == got.token { // otherwise more happened since the reading of these began
			break
		}
	}
	delete(s.paging, c.key)
	day := s.today().Format(dayForm)
	if !changed && before.Day == day && (c.ctag == "" || c.ctag == before.CTag) {
		*m = before // the token alone is new; it is kept once a day, so that it does not grow too old
		return true, nil
	}
	m.CTag = c.ctag
	if !changed {
		m.Day = day
	}
	return true, nil
}

// differences reads what changed in a calendar without tokens: it compares the etags of what is in the window.
func (s *source) differences(ctx context.Context, b *batch, c calendar, m *mark) (bool, error) {
	known, err := unpack(m.Known)
	if err != nil {
		return false, err
	}
	from, to := s.from(), s.reach(m)
	now, ctag, err := s.present(ctx, c, m, from, to)
	if err != nil {
		return false, err
	}
	var todo []string
	for key, etag := range now {
		if was, ok := known[key]; !ok || was != etag || etag == "" && !m.Full {
			todo = append(todo, key)
		}
	}
	for key := range known {
		if _, ok := now[key]; !ok {
			todo = append(todo, key) // gone, or out of the window
		}
	}
	slices.Sort(todo)
	mode := asChange
	if m.Full {
		mode = asHistory
	}
	done, err := s.read(ctx, b, c, m, todo, from, to, mode, func(key string, r *resource, _ object) {
		if etag, ok := now[key]; ok {
			known[key] = etag
		} else {
			delete(known, key)
		}
		if m.Full {
			s.remember(c, key, r)
		}
	})
	if err != nil {
		return false, err
	}
	if len(todo) > 0 {
		m.Known = pack(known)
	}
	m.Done, m.Total = int64(len(known)), int64(len(now))
	if !done {
		return false, nil
	}
	if m.Full {
		done, err := s.finish(ctx, b, c, m, now)
		if done {
			m.CTag = ctag
		}
		return done, err
	}
	m.CTag, m.Done, m.Total = ctag, 0, 0
	return true, nil
}

// present gives what is in the window, and the ctag of when it was; of a full reading, of when that began.
func (s *source) present(ctx context.Context, c calendar, m *mark, from, to time.Time) (members map[string]string, ctag string, err error) {
	if !m.Full {
		members, err = s.members(ctx, c, from, to)
		return members, c.ctag, err
	}
	l, err := s.listingOf(ctx, c, from, to)
	if err != nil {
		return nil, "", err
	}
	members, err = l.members()
	return members, l.ctag, err
}

// moreHistory reads a calendar in full when the settings reach further back than those by which it was read.
func (s *source) moreHistory(_ context.Context, b *batch, c calendar, m *mark) (bool, error) {
	switch {
	case m.Gone || s.since == m.Since:
	case s.since < m.Since:
		m.Since = s.since
	default:
		compare := m.Compare
		*m = s.fresh()
		m.Compare = compare
		b.notef("the settings reach further back: calendar %s is read in full", c.name)
	}
	return true, nil
}

// maxStep is how many new days are read at once.
const maxStep = 7

// step is where the new days end that are read next.
func (s *source) step(m *mark) time.Time {
	to, end := m.end().AddDate(0, 0, maxStep), s.horizon()
	if to.After(end) {
		return end
	}
	return to
}

// reach is where the part of the window ends that was read, with the new days if some of their resources were: what
// changes of these is not met there again.
func (s *source) reach(m *mark) time.Time {
	if m.Ahead == "" {
		return m.end()
	}
	return s.step(m)
}

// moreDays reads the days that came into the window as it moved.
func (s *source) moreDays(ctx context.Context, b *batch, c calendar, m *mark) (bool, error) {
	for end := s.horizon(); !m.Full && !m.Gone && m.end().Before(end); {
		from, to := m.end(), s.step(m)
		members, err := s.members(ctx, c, from, to)
		if err != nil {
			return false, err
		}
		done, err := s.read(ctx, b, c, m, after(members, m.Ahead), from, to, asHistory, func(key string, _ *resource, _ object) { m.Ahead = key })
		if err != nil || !done {
			return false, err
		}
		m.Horizon, m.Ahead = to.Format(dayForm), ""
		if m.Token == "" {
			if err := m.learn(members); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// learn adds resources that were read to those that are known.
func (m *mark) learn(members map[string]string) error {
	known, err := unpack(m.Known)
	if err != nil {
		return err
	}
	size := len(known)
	for key, etag := range members {
		if _, ok := known[key]; !ok {
			known[key] = etag
		}
	}
	if len(known) != size {
		m.Known = pack(known)
	}
	return nil
}
