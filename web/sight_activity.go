package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// looking is one look at several activities by somebody: it asks for each record once.
type looking struct {
	s        sightStore
	may      crm.Clearance
	people   map[string]bool
	accounts map[string]bool
	read     map[string]bool // whether what was said in an activity may be read
}

func (s sightStore) looking(may crm.Clearance) *looking {
	return &looking{s, may, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func asked(known map[string]bool, id string, ask func() (bool, error)) (bool, error) {
	if ok, had := known[id]; had {
		return ok, nil
	}
	ok, err := ask()
	if err == nil {
		known[id] = ok
	}
	return ok, err
}

func (l *looking) person(ctx context.Context, id string) (bool, error) {
	return asked(l.people, id, func() (bool, error) { return l.s.person(ctx, l.may, id) })
}

func (l *looking) account(ctx context.Context, id string) (bool, error) {
	return asked(l.accounts, id, func() (bool, error) { return l.s.account(ctx, l.may, id) })
}

// activity says whether an activity may be seen: it is one's own or the team's, or stands on the timeline of a record
// that may be seen.
func (l *looking) activity(ctx context.Context, a *crm.Activity) (bool, error) {
	if l.may.Credited(a) {
		return true, nil
	}
	for i := range a.People {
		if id := a.People[i].ID; id != "" {
			if ok, err := l.person(ctx, id); ok || err != nil {
				return ok, err
			}
		}
	}
	for _, id := range a.Accounts {
		if ok, err := l.account(ctx, id); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// evidence says whether words taken from an activity may be shown. Those of one that is gone may not.
func (l *looking) evidence(ctx context.Context, id string) (bool, error) {
	if id == "" {
		return true, nil
	}
	return asked(l.read, id, func() (bool, error) {
		a, err := l.s.Store.GetActivity(ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			return l.may.Bodies(), nil
		}
		return err == nil && l.may.Body(&a), err
	})
}

// shorten takes out of an activity what may not be read, and the records on it that may not be seen. What the store gave
// is shared with others and is not changed in place.
func (l *looking) shorten(ctx context.Context, a *crm.Activity) error {
	if !l.may.Body(a) {
		keepBack(a)
	}
	if l.may.All() {
		return nil
	}
	people := slices.Clone(a.People)
	for i := range people {
		if people[i].ID == "" {
			continue
		}
		ok, err := l.person(ctx, people[i].ID)
		if err != nil {
			return err
		}
		if !ok { // who was on it is said by the item itself
			people[i].ID, people[i].Kind, people[i].Was = "", "", ""
		}
	}
	var failed error
	a.People = people
	a.Accounts = slices.DeleteFunc(slices.Clone(a.Accounts), func(id string) bool {
		ok, err := l.account(ctx, id)
		failed = errors.Join(failed, err)
		return !ok
	})
	a.Match.RunnersUp = slices.DeleteFunc(slices.Clone(a.Match.RunnersUp), func(c crm.Candidate) bool {
		ok, err := l.candidate(ctx, c)
		failed = errors.Join(failed, err)
		return !ok
	})
	return failed
}

// candidate says whether a person or account that might have been meant may be seen.
func (l *looking) candidate(ctx context.Context, c crm.Candidate) (bool, error) {
	if c.Kind == "account" {
		return l.account(ctx, c.ID)
	}
	return l.person(ctx, c.ID)
}

// keepBack leaves of an activity that there was one, of what kind, who was on it, and when.
func keepBack(a *crm.Activity) {
	a.Subject, a.Text, a.FullText, a.Product = "", "", "", ""
	a.Attachments, a.Fields, a.Custom, a.Revisions, a.Letters, a.Signals = nil, nil, nil, nil, nil, nil
	if a.Meeting != nil {
		m := *a.Meeting
		m.Location, m.Conference, m.Memory = "", "", nil
		a.Meeting = &m
	}
	if a.Outcome != nil {
		o := *a.Outcome
		o.Note = ""
		a.Outcome = &o
	}
}

// GetActivity gives an activity that may be seen, without what may not be read.
func (s sightStore) GetActivity(ctx context.Context, id string) (crm.Activity, error) {
	a, err := s.Store.GetActivity(ctx, id)
	may := clearanceIn(ctx)
	if err != nil || may.All() && may.Bodies() {
		return a, err
	}
	l := s.looking(may)
	if err := sightNeed(l.activity(ctx, &a)); err != nil {
		return crm.Activity{}, err
	}
	return a, l.shorten(ctx, &a)
}

// ListActivities leaves out what may not be seen. Whoever sees a person or an account sees all of their timeline.
func (s sightStore) ListActivities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, string, error) {
	may := clearanceIn(ctx)
	if may.All() && may.Bodies() {
		return s.Store.ListActivities(ctx, f)
	}
	l := s.looking(may)
	seen := func(a *crm.Activity) (bool, error) { return l.activity(ctx, a) }
	for _, of := range []struct {
		id  string
		may func(context.Context, string) (bool, error)
	}{{f.Person, l.person}, {f.Account, l.account}} {
		if of.id == "" {
			continue
		}
		if ok, err := of.may(ctx, of.id); err != nil || !ok {
			return nil, "", err
		}
		if !f.Below {
			seen = func(*crm.Activity) (bool, error) { return true, nil }
		}
	}
	rows, next, err := visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Activity, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListActivities(ctx, f)
	}, seen)
	return l.all(ctx, rows, next, err)
}

// all shortens each of a page of activities.
func (l *looking) all(ctx context.Context, rows []crm.Activity, next string, err error) ([]crm.Activity, string, error) {
	for i := range rows {
		if err != nil {
			break
		}
		err = l.shorten(ctx, &rows[i])
	}
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// LastHeard tells of records that may be seen.
func (s sightStore) LastHeard(ctx context.Context, id string) (in, out time.Time, err error) {
	if may := clearanceIn(ctx); !may.All() {
		if err := sightNeed(s.subject(ctx, may, id)); err != nil {
			return in, out, err
		}
	}
	return s.Store.LastHeard(ctx, id)
}

// ListOutcomes asks for an owner's meetings whoever sees what is theirs.
func (s sightStore) ListOutcomes(ctx context.Context, owner string, now time.Time, limit int) ([]crm.Activity, error) {
	may := clearanceIn(ctx)
	if may.All() && may.Bodies() {
		return s.Store.ListOutcomes(ctx, owner, now, limit)
	}
	list, err := s.Store.ListOutcomes(ctx, owner, now, limit)
	if err != nil {
		return nil, err
	}
	l := s.looking(may)
	var rows []crm.Activity
	for i := range list {
		ok, err := l.activity(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		if ok {
			rows = append(rows, list[i])
		}
	}
	rows, _, err = l.all(ctx, rows, "", nil)
	return rows, err
}

// SetOutcome answers for a meeting that may be seen.
func (s sightStore) SetOutcome(ctx context.Context, actor, activityID string, o crm.Outcome) (crm.Activity, error) {
	if _, err := s.GetActivity(ctx, activityID); err != nil {
		return crm.Activity{}, err
	}
	a, err := s.Store.SetOutcome(ctx, actor, activityID, o)
	if may := clearanceIn(ctx); err == nil && !(may.All() && may.Bodies()) {
		err = s.looking(may).shorten(ctx, &a)
	}
	return a, err
}

// MarkPrivate takes out a conversation that may be seen.
func (s sightStore) MarkPrivate(ctx context.Context, actor, rep, activityID, note string, now time.Time) (crm.PrivateThread, error) {
	if _, err := s.GetActivity(ctx, activityID); err != nil {
		return crm.PrivateThread{}, err
	}
	return s.Store.MarkPrivate(ctx, actor, rep, activityID, note, now)
}

// LogActivity logs nothing on records that may not be seen.
func (s sightStore) LogActivity(ctx context.Context, actor string, a crm.Activity) error {
	for i := range a.People {
		if err := s.mustSeePerson(ctx, a.People[i].ID); err != nil {
			return err
		}
	}
	for _, id := range a.Accounts {
		if err := s.mustSeeAccount(ctx, id); err != nil {
			return err
		}
	}
	return s.Store.LogActivity(ctx, actor, a)
}

// Rollups tells of the activities of those whose activities are seen.
func (s sightStore) Rollups(ctx context.Context, from, to string) ([]crm.Rollup, error) {
	rows, err := s.Store.Rollups(ctx, from, to)
	if may := clearanceIn(ctx); !may.All() {
		rows = slices.DeleteFunc(rows, func(r crm.Rollup) bool { return !may.Owner(r.Owner) })
	}
	return rows, err
}

// sees says whether what comes from a source may be seen: it is nobody's, one's own or the team's.
func (l *looking) source(ctx context.Context, id string) (bool, error) {
	return asked(l.read, "source "+id, func() (bool, error) {
		src, err := l.s.Store.GetSource(ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			return false, nil
		}
		return err == nil && l.may.Owner(src.Owner), err
	})
}

// ListEntries tells of sources that may be seen.
func (s sightStore) ListEntries(ctx context.Context, f crm.LedgerFilter) ([]crm.Entry, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListEntries(ctx, f)
	}
	l := s.looking(may)
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Entry, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListEntries(ctx, f)
	}, func(e *crm.Entry) (bool, error) { return l.source(ctx, e.Source) })
}

// FindEntries tells of an activity that may be seen, and of sources that may.
func (s sightStore) FindEntries(ctx context.Context, idOrKey string) ([]crm.Entry, error) {
	list, err := s.Store.FindEntries(ctx, idOrKey)
	may := clearanceIn(ctx)
	if err != nil || may.All() {
		return list, err
	}
	l := s.looking(may)
	var rows []crm.Entry
	for _, e := range list {
		ok, err := l.source(ctx, e.Source)
		if err == nil && !ok && e.Activity != "" {
			_, failed := s.GetActivity(ctx, e.Activity)
			if ok = failed == nil; !errors.Is(failed, crm.ErrNotFound) {
				err = failed
			}
		}
		if err != nil {
			return nil, err
		}
		if ok {
			rows = append(rows, e)
		}
	}
	return rows, nil
}

// ListSources lists those that may be seen.
func (s sightStore) ListSources(ctx context.Context) ([]crm.Source, error) {
	list, err := s.Store.ListSources(ctx)
	if may := clearanceIn(ctx); !may.All() {
		list = slices.DeleteFunc(list, func(src crm.Source) bool { return !may.Owner(src.Owner) })
	}
	return list, err
}

// GetSource gives one that may be seen.
func (s sightStore) GetSource(ctx context.Context, id string) (crm.Source, error) {
	src, err := s.Store.GetSource(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.Owner(src.Owner) {
		return crm.Source{}, crm.ErrNotFound
	}
	return src, err
}
