package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// workPage is a list of what a rep has before them: tasks, who waits for an answer, who goes cold.
type workPage struct {
	Kind        string // "tasks", "unreplied" or "cold"
	Due         string // of tasks: "", "late" or "today"
	Mine        bool
	Chips       []chip
	Tasks       []workTask
	People      []waitView
	Next, Start string
}

// chip is a filter that narrows a list.
type chip struct {
	URL, Label string
	Current    bool
}

// workTask is a task with whom it is about.
type workTask struct {
	taskView
	About   link
	DueISO  string
	IsToday bool
	Return  string
}

// waitView is somebody who waits for us, or of whom nothing was heard for long.
type waitView struct {
	Name, URL, Company, Owner string
	Since, SinceISO, Ago      string // when it began
	Subject, SubjectURL       string // of what they wrote
	Freshness                 int
	Followed                  bool
	DoNotContact              bool
}

// workChips are the filters of a list by whose it is.
func (sp *speaker) workChips(path string, mine bool) []chip {
	return []chip{{path, sp.text("work.mine"), mine}, {path + "?owner=all", sp.text("work.all"), !mine}}
}

// workOwner is whose rows are asked for: one's own, unless the address asks for all that may be seen.
func (r *request) workOwner() (owner string, mine bool) {
	if r.URL.Query().Get("owner") == "all" {
		return "", false
	}
	return r.user.Email, true
}

// showTasks lists what is to be done, what is overdue first.
func (s *Server) showTasks(w http.ResponseWriter, r *request) error {
	owner, mine := r.workOwner()
	v := workPage{Kind: "tasks", Mine: mine, Due: r.URL.Query().Get("due")}
	f := crm.TaskFilter{Owner: owner, Open: true, Limit: pageRows}
	switch v.Due {
	case "late":
		f.Until = s.dayFromToday(-1)
	case "today":
		f.Until = s.today()
	default:
		v.Due = ""
	}
	list := listOfTasks + "page/" + owner + "/" + v.Due
	var err error
	if f.After, err = r.place(list); err != nil {
		return err
	}
	tasks, next, err := s.store.ListTasks(r.Context(), f)
	if err != nil {
		return err
	}
	n := s.names()
	for i := range tasks {
		v.Tasks = append(v.Tasks, s.workTask(r.Context(), r.say, n, &tasks[i], "tasks"))
	}
	whose := ""
	if !mine {
		whose = "owner=all&"
	}
	v.Chips = []chip{{"/tasks", r.say.text("work.mine"), mine && v.Due == ""}, {"/tasks?owner=all", r.say.text("work.all"), !mine && v.Due == ""},
		{"/tasks?" + whose + "due=late", r.say.text("work.late"), v.Due == "late"}, {"/tasks?" + whose + "due=today", r.say.text("work.until_today"), v.Due == "today"}}
	v.Next, v.Start = nextPage(r, list, next), firstPage(r)
	return s.render(w, r, "work", page{Title: r.say.text("tasks.title"), Nav: "home", Data: v})
}

// dayFromToday is a day of the organisation's so many days from today.
func (s *Server) dayFromToday(days int) string {
	return time.Now().In(s.cfg.Organization.Location).AddDate(0, 0, days).Format(time.DateOnly)
}

func (s *Server) workTask(ctx context.Context, sp *speaker, n *names, t *crm.Task, back string) workTask {
	today := s.today()
	v := workTask{taskView: sp.taskView(ctx, n, t, today), DueISO: t.Due, IsToday: t.Due == today, Return: back}
	if t.Person != "" {
		if p, err := s.store.GetPerson(ctx, t.Person); err == nil {
			v.About = link{p.Name, "/people/" + p.ID}
		}
	}
	if v.About.Name == "" && t.Account != "" {
		v.About = link{n.account(ctx, t.Account), "/accounts/" + t.Account}
	}
	return v
}

// showUnreplied lists the people whom nobody answered.
func (s *Server) showUnreplied(w http.ResponseWriter, r *request) error {
	return s.showWaiting(w, r, "unreplied", "today.unreplied", listOfUnreplied, func(owner, after string) ([]crm.Listed, string, error) {
		return s.store.ListUnreplied(r.Context(), owner, after, pageRows)
	})
}

// showCold lists the people with whom there was no contact for too long.
func (s *Server) showCold(w http.ResponseWriter, r *request) error {
	now := time.Now()
	return s.showWaiting(w, r, "cold", "today.cold", listOfFollowUps, func(owner, after string) ([]crm.Listed, string, error) {
		return s.store.ListFollowUps(r.Context(), owner, now, after, pageRows)
	})
}

func (s *Server) showWaiting(w http.ResponseWriter, r *request, kind, title, listed string, read func(owner, after string) ([]crm.Listed, string, error)) error {
	owner, mine := r.workOwner()
	v := workPage{Kind: kind, Mine: mine, Chips: r.say.workChips("/"+kind, mine)}
	list := listed + "page/" + owner
	after, err := r.place(list)
	if err != nil {
		return err
	}
	rows, next, err := read(owner, after)
	if err != nil {
		return err
	}
	v.People = s.waitViews(r, rows, kind == "unreplied")
	v.Next, v.Start = nextPage(r, list, next), firstPage(r)
	return s.render(w, r, "work", page{Title: r.say.text(title), Nav: "home", Data: v})
}

// waitViews are people as they stand in a list: with what they wrote if they wait for an answer, else with when there
// was contact last.
func (s *Server) waitViews(r *request, rows []crm.Listed, unreplied bool) []waitView {
	n, now := s.names(), time.Now()
	views := make([]waitView, 0, len(rows))
	for i := range rows {
		p, st := &rows[i].Person, &rows[i].Standing
		if !r.may.Person(p) {
			continue
		}
		v := waitView{Name: p.Name, URL: "/people/" + p.ID, Company: companyName(r.Context(), n, p), Owner: p.Owner, DoNotContact: p.DoNotContact != "",
			Followed: len(st.Parts) > 0 || st.Freshness > 0, Freshness: st.Freshness}
		at := st.LastHeard
		if st.LastReached.After(at) {
			at = st.LastReached
		}
		if unreplied {
			at = st.Unreplied
			if a, err := s.store.GetActivity(r.Context(), st.UnrepliedAt); st.UnrepliedAt != "" && err == nil {
				v.Subject, v.SubjectURL = cmp.Or(r.say.subject(&a), r.say.label("kind", string(a.Kind))), activityURL(a.ID)
			}
		}
		if !at.IsZero() {
			v.Since, v.SinceISO, v.Ago = r.say.when(at), at.UTC().Format(time.RFC3339), r.say.since(now.Sub(at))
		}
		views = append(views, v)
	}
	return views
}
