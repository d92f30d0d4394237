package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of the first page: what is counted, and how much of each list it shows before it leads to the whole.
const (
	homeCounted = 200 // activities of today that are counted by whom they concern
	homeLatest  = 8
	homeAsked   = 3
	homeRows    = 5
)

// homeView is the first page: what was logged today, what wants a person, and what is next. It is of whoever looks,
// or of everybody that they may see.
type homeView struct {
	Today     string
	Mine      bool
	Chips     []chip
	Total     int64
	In, Out   int64
	Saved     int64 // entries of this month that nobody had to type
	Kinds     []count
	People    []count
	Accounts  []count
	Capped    bool  // there were more than homeCounted activities; People and Accounts cover the latest
	Waiting   int64 // Asked and Proposed
	Asked     int64 // questions that are open, to everybody who may see them, as the menu counts them
	Proposed  int64 // proposals that are open
	Reviews   []reviewView
	Rule      string         // where the rule is that would have decided the review decided just now; "" for none
	Questions []outcomeView  // meetings of the user's that ended
	Proposals []proposalView //
	Tasks     []workTask
	Unreplied []waitView
	Cold      []waitView
	More      homeMore
	Ahead     []activityView // the user's next meetings
	Latest    []activityView
	Attention []sourceView
	Filling   []sourceView // whose history is being read
	Sources   int64
	Ill       int64 // of Sources: those that want attention
	AllWell   bool  // none does
	NoPeople  bool
	Help      helpView
}

// homeMore says which lists go on.
type homeMore struct {
	Reviews, Proposals, Tasks, Unreplied, Cold bool
	Query                                      string // of the whole lists
}

// count is a name with a number.
type count struct {
	Name, URL string
	N         int64
}

func (s *Server) showHome(w http.ResponseWriter, r *request) error {
	now := time.Now().In(r.say.zone)
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	v := homeView{Today: r.say.date(now), Help: s.helpPaths(), Sources: int64(len(sources))}
	// Who reads no mailbox, as admins and IT often do not, looks at everybody's day.
	mine := slices.ContainsFunc(sources, func(src crm.Source) bool { return src.Owner == r.user.Email })
	switch r.URL.Query().Get("for") {
	case "me":
		mine = true
	case "all":
		mine = false
	}
	owner := ""
	if v.Mine = mine; mine {
		owner = r.user.Email
	} else {
		v.More.Query = "?owner=all"
	}
	v.Chips = []chip{{"/?for=me", r.say.text("work.mine"), mine}, {"/?for=all", r.say.text("work.all"), !mine}}
	for _, add := range []func(*request, *homeView, string, time.Time) error{s.addToday, s.addLatest, s.addMeetings, s.addAsked, s.addNext} {
		if err := add(r, &v, owner, now); err != nil {
			return err
		}
	}
	s.addSources(r, &v, sources, now)
	return s.render(w, r, "home", page{Title: r.say.text("menu.today"), Nav: "home", Live: "page=home", Data: v})
}

// addSources adds what wants attention, and how far history has been read.
func (s *Server) addSources(r *request, v *homeView, sources []crm.Source, now time.Time) {
	for _, src := range sources {
		sv := r.say.sourceView(src, now)
		if sv.Attention {
			v.Ill++
		}
		if v.Mine && src.Owner != r.user.Email && !admin.allows(r.user.Role) {
			continue
		}
		if sv.Attention {
			v.Attention = append(v.Attention, sv)
		}
		if sv.Working || sv.Percent >= 0 {
			v.Filling = append(v.Filling, sv)
		}
	}
	v.AllWell = v.Ill == 0
}

// addLatest adds what happened last. Meetings to come are no such thing; a clock that is fast is.
func (s *Server) addLatest(r *request, v *homeView, owner string, now time.Time) error {
	list, _, err := s.store.ListActivities(r.Context(), crm.ActivityFilter{Owner: owner, Until: now.Add(time.Hour), Limit: 50})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a crm.Activity) bool { return a.Kind == crm.KindMeeting && a.Time.After(now) })
	v.Latest = s.timeline(r.Context(), r.say, s.names(), list[:min(len(list), homeLatest)])
	if len(v.Latest) == 0 {
		n, err := s.store.CountPeople(r.Context())
		if err != nil {
			return err
		}
		v.NoPeople = n == 0
	}
	return nil
}

// addMeetings adds the user's next meetings, and those of which nobody has said what became of them.
func (s *Server) addMeetings(r *request, v *homeView, _ string, now time.Time) error {
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

// addAsked adds what can be decided here and now.
func (s *Server) addAsked(r *request, v *homeView, owner string, _ time.Time) error {
	ctx, n := r.Context(), s.names()
	reviews, next, err := s.store.ListReviews(ctx, crm.ReviewOpen, "", 20)
	if err != nil {
		return err
	}
	v.More.Reviews = next != ""
	for _, review := range reviews {
		if owner != "" && review.Owner != owner && review.Owner != "" {
			v.More.Reviews = true
			continue
		}
		if len(v.Reviews) == homeAsked {
			v.More.Reviews = true
			break
		}
		row, err := s.reviewView(r, n, review)
		if err != nil {
			return err
		}
		v.Reviews = append(v.Reviews, row)
	}
	if id := r.URL.Query().Get("decided"); id != "" && admin.allows(r.user.Role) {
		if _, err := s.ruleFor(ctx, id); err == nil { // the page is worth showing without it
			v.Rule = "/reviews?" + url.Values{"decided": {id}}.Encode()
		}
	}
	proposals, next, err := s.store.ListProposals(ctx, crm.ProposalFilter{State: crm.ProposalOpen, Owner: owner, Limit: homeAsked})
	if err != nil {
		return err
	}
	v.More.Proposals = next != ""
	for i := range proposals {
		v.Proposals = append(v.Proposals, s.proposalView(ctx, r.say, n, &proposals[i], "home"))
	}
	if v.Asked, err = s.store.CountReviews(ctx, crm.ReviewOpen); err != nil {
		return err
	}
	v.Proposed, err = s.store.CountProposals(ctx, crm.ProposalOpen, owner)
	v.Waiting = v.Asked + v.Proposed
	return err
}

// addNext adds what is to be done next, who waits for an answer, and who goes cold.
func (s *Server) addNext(r *request, v *homeView, owner string, now time.Time) error {
	ctx, n := r.Context(), s.names()
	tasks, next, err := s.store.ListTasks(ctx, crm.TaskFilter{Owner: owner, Open: true, Limit: homeRows})
	if err != nil {
		return err
	}
	v.More.Tasks = next != ""
	for i := range tasks {
		v.Tasks = append(v.Tasks, s.workTask(ctx, r.say, n, &tasks[i], "home"))
	}
	unreplied, next, err := s.store.ListUnreplied(ctx, owner, "", homeRows)
	if err != nil {
		return err
	}
	v.Unreplied, v.More.Unreplied = s.waitViews(r, unreplied, true), next != ""
	cold, next, err := s.store.ListFollowUps(ctx, owner, now, "", homeRows)
	if err != nil {
		return err
	}
	v.Cold, v.More.Cold = s.waitViews(r, cold, false), next != ""
	return nil
}

// addToday counts what was logged today, by roll-ups, and the entries of this month that nobody had to type.
func (s *Server) addToday(r *request, v *homeView, owner string, now time.Time) error {
	day := now.Format(time.DateOnly)
	rollups, err := s.store.Rollups(r.Context(), day, day)
	if err != nil {
		return err
	}
	if owner != "" {
		rollups = slices.DeleteFunc(rollups, func(row crm.Rollup) bool { return row.Owner != owner })
	}
	v.addRollups(r.say, rollups)
	q := crm.NumberQuery{Metric: crm.MetricManual, Grain: crm.GrainMonth, From: day[:len("2006-01")] + "-01", To: day}
	if owner != "" {
		q.Owner = &owner
	}
	numbers, err := s.store.Numbers(r.Context(), q)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n.Detail == crm.ManualAutomatic {
			v.Saved += n.Count
		}
	}
	return s.countToday(r.Context(), v, owner, now)
}

// addRollups counts each activity once per owner it is credited to: of one owner that is the number, of all of them
// countToday finds it when the day is small enough.
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

func (s *Server) countToday(ctx context.Context, v *homeView, owner string, now time.Time) error {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	tomorrow := midnight.AddDate(0, 0, 1) // the roll-ups count the meetings of this evening, too
	today, next, err := s.store.ListActivities(ctx, crm.ActivityFilter{Owner: owner, Since: midnight, Until: tomorrow, Limit: homeCounted})
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
