package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// homeCounted bounds the activities of today that are counted by whom they concern.
const homeCounted = 500

// homeView is the first page: what was logged today, for whom, and what wants a person.
type homeView struct {
	Today       string
	Total       int64
	In, Out     int64
	Kinds       []count
	People      []count
	Accounts    []count
	Capped      bool           // there were more than homeCounted activities; People and Accounts cover the latest
	Questions   []outcomeView  // meetings of the user's that ended
	Ahead       []activityView // the user's next meetings
	Latest      []activityView
	OpenReviews int64
	Attention   []sourceView
	Sources     int
	PeopleTotal int64
}

// count is a name with a number.
type count struct {
	Name, URL string
	N         int64
}

func (s *Server) showHome(w http.ResponseWriter, r *request) error {
	ctx := r.Context()
	now := time.Now().In(r.say.zone)
	v := homeView{Today: r.say.date(now)}
	day := now.Format("2006-01-02")
	rollups, err := s.store.Rollups(ctx, day, day)
	if err != nil {
		return err
	}
	v.addRollups(r.say, rollups)
	if err := s.countToday(ctx, &v, now); err != nil {
		return err
	}
	if err := s.addLatest(r, &v, now); err != nil {
		return err
	}
	if err := s.addMeetings(r, &v, now); err != nil {
		return err
	}
	if v.OpenReviews, err = s.store.CountReviews(ctx, crm.ReviewOpen); err != nil {
		return err
	}
	if v.PeopleTotal, err = s.store.CountPeople(ctx); err != nil {
		return err
	}
	sources, err := s.store.ListSources(ctx)
	if err != nil {
		return err
	}
	v.Sources = len(sources)
	for _, src := range sources {
		if sv := r.say.sourceView(src, time.Now()); sv.Attention {
			v.Attention = append(v.Attention, sv)
		}
	}
	return s.render(w, r, "home", page{Title: r.say.text("nav.home"), Nav: "home", Live: "page=home", Data: v})
}

// homeLatest is how many activities the first page shows.
const homeLatest = 8

// addLatest adds what happened last. Meetings to come are no such thing; a clock that is fast is.
func (s *Server) addLatest(r *request, v *homeView, now time.Time) error {
	list, _, err := s.store.ListActivities(r.Context(), crm.ActivityFilter{Until: now.Add(time.Hour), Limit: 50})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a crm.Activity) bool { return a.Kind == crm.KindMeeting && a.Time.After(now) })
	v.Latest = s.timeline(r.Context(), r.say, s.names(), list[:min(len(list), homeLatest)])
	return nil
}

// addMeetings adds the user's next meetings, and those of which nobody has said what became of them.
func (s *Server) addMeetings(r *request, v *homeView, now time.Time) error {
	meetings, _, err := s.ahead(r.Context(), crm.ActivityFilter{Owner: r.user.Email}, now, now.AddDate(0, 0, 7))
	if err != nil {
		return err
	}
	v.Ahead = s.timeline(r.Context(), r.say, s.names(), meetings[:min(len(meetings), shownAhead)])
	asked, err := s.store.ListOutcomes(r.Context(), r.user.Email, now, shownQuestions)
	if err != nil {
		return err
	}
	for i := range asked {
		if q := r.say.outcomeView(r.user, &asked[i], now); q != nil && q.Ask {
			q.Return = "home"
			v.Questions = append(v.Questions, *q)
		}
	}
	return nil
}

// addRollups counts each activity once. A roll-up counts it for every owner it is credited to, so the
// total is what countToday finds when the day is small enough, and the roll-ups' sum otherwise.
func (v *homeView) addRollups(sp *speaker, rollups []crm.Rollup) {
	kinds := map[string]int64{}
	for _, row := range rollups {
		v.Total += row.Count
		kinds[sp.label("kind", string(row.Kind))] += row.Count
		switch row.Direction {
		case crm.DirectionIn:
			v.In += row.Count
		case crm.DirectionOut:
			v.Out += row.Count
		}
	}
	v.Kinds = top(kinds, nil, 4)
}

func (s *Server) countToday(ctx context.Context, v *homeView, now time.Time) error {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	tomorrow := midnight.AddDate(0, 0, 1) // the roll-ups count the meetings of this evening, too
	today, next, err := s.store.ListActivities(ctx, crm.ActivityFilter{Since: midnight, Until: tomorrow, Limit: homeCounted})
	if err != nil {
		return err
	}
	people, accounts, labels := map[string]int64{}, map[string]int64{}, map[string]string{}
	var in, out int64
	for _, a := range today {
		switch a.Direction {
		case crm.DirectionIn:
			in++
		case crm.DirectionOut:
			out++
		}
		for _, id := range a.Accounts {
			accounts[id]++
		}
		seen := map[string]bool{}
		for _, p := range a.People {
			if p.ID != "" && !seen[p.ID] {
				seen[p.ID] = true
				people[p.ID]++
				labels[p.ID] = cmp.Or(labels[p.ID], p.Name, p.Address)
			}
		}
	}
	if next == "" {
		v.Total, v.In, v.Out = int64(len(today)), in, out
	}
	v.Capped = next != ""
	v.People = top(people, func(id string) (string, string) {
		if p, err := s.store.GetPerson(ctx, id); err == nil {
			return p.Name, "/people/" + id
		}
		return labels[id], ""
	}, 6)
	v.Accounts = top(accounts, func(id string) (string, string) {
		if a, err := s.store.GetAccount(ctx, id); err == nil {
			return a.Name, "/accounts/" + id
		}
		return "", ""
	}, 6)
	return nil
}

// top is the limit largest counts, largest first; describe gives name and address of a key.
func top(counts map[string]int64, describe func(string) (name, url string), limit int) []count {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	var list []count
	for _, k := range keys {
		if len(list) == limit {
			break
		}
		c := count{Name: k, N: counts[k]}
		if describe != nil {
			c.Name, c.URL = describe(k)
		}
		if c.Name != "" {
			list = append(list, c)
		}
	}
	return list
}
