package caldav

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// history reads a calendar in full, some resources at a time.
func (s *source) history(ctx context.Context, b *batch, c calendar, m *mark) (bool, error) {
	if !m.Full || m.Gone {
		return true, nil
	}
	if m.After == "" && len(m.Known) == 0 && m.Part == "" {
		s.forget(c)
	}
	if !c.tokens {
		return s.differences(ctx, b, c, m)
	}
	if m.Token == "" {
		token, err := s.firstToken(ctx, c)
		if refusesTokens(err) && s.queried(ctx, c) == nil {
			s.compareFromNow(b, c, m)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		m.Token, m.CTag = token, c.ctag
	}
	l, err := s.listingOf(ctx, c, s.from(), m.end())
	if err != nil {
		return false, err
	}
	for {
		todo, before, err := l.after(m.After)
		if err != nil {
			return false, err
		}
		m.Total, m.Done = int64(l.total), int64(before)
		if len(todo) == 0 {
			break
		}
		done, err := s.read(ctx, b, c, m, todo, s.from(), m.end(), asHistory, func(key string, r *resource, _ object) {
			m.After = key
			m.Done++
			s.remember(c, key, r)
		})
		if err != nil || !done {
			return false, err
		}
	}
	members, err := l.members()
	if err != nil {
		return false, err
	}
	return s.finish(ctx, b, c, m, members)
}

// failedIDs stands for the ids of a resource that could not be read.
var failedIDs = []string{"\x00"}

// remember keeps the ids of a resource for the end of a full reading.
func (s *source) remember(c calendar, key string, r *resource) {
	if s.seen[c.key] == nil {
		s.seen[c.key] = make(map[string][]string)
	}
	s.seen[c.key][key] = r.ids()
	if r.failed {
		s.seen[c.key][key] = failedIDs
	}
}

// maxMissing is how many resources are asked for once more in one fetch.
const maxMissing = 1000

// finish ends a full reading: a Scope says what the calendar has. What another process read before this one is asked
// for once more, some at a time. If something could not be read it is not known what the calendar has, and nothing is
// withdrawn. It is false if there is more to ask for.
func (s *source) finish(ctx context.Context, b *batch, c calendar, m *mark, members map[string]string) (bool, error) {
	from, to := s.from(), m.end()
	scope := crm.Scope{Prefix: prefixOf(c), Present: []string{}, From: from, To: to}
	var missing []string
	failed := 0
	for _, key := range slices.Sorted(maps.Keys(members)) {
		ids, ok := s.seen[c.key][key]
		switch {
		case !ok:
			missing = append(missing, key)
		case slices.Equal(ids, failedIDs):
			failed++
		default:
			scope.Present = append(scope.Present, ids...)
		}
	}
	if len(missing) > 0 {
		part := missing[:min(len(missing), maxMissing)]
		err := s.walk(ctx, c, part, from, to, func(key string, r *resource) error {
			s.remember(c, key, r)
			return nil
		})
		m.Done = int64(len(members) - len(missing) + len(part)) // the cursor moves by it
		if err != nil || len(part) < len(missing) {
			return false, err
		}
		return s.finish(ctx, b, c, m, members)
	}
	if failed == 0 {
		slices.Sort(scope.Present)
		b.Withdrawn = append(b.Withdrawn, scope)
	} else {
		b.notef("calendar %s: %d events could not be read, so it is not known whether others were deleted", c.name, failed)
	}
	s.forget(c)
	m.Full, m.After, m.Part, m.Done, m.Total = false, "", "", 0, 0
	return true, nil
}

// walk reads resources without a batch, some at a time.
func (s *source) walk(ctx context.Context, c calendar, keys []string, from, to time.Time, each func(key string, r *resource) error) error {
	for part := range slices.Chunk(keys, chunk) {
		objects, err := s.objects(ctx, c, part)
		if err != nil {
			return err
		}
		for _, key := range part {
			r := s.resource(c, key, objects[key], from, to, false)
			if err := each(key, &r); err != nil {
				return err
			}
		}
	}
	return nil
}
