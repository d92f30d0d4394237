package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// taskEntry is what a program enters of a task.
type taskEntry struct {
	Kind    string `json:"kind" enum:"call,mail,todo"`
	Person  string `json:"person,omitempty" maxLength:"200" doc:"id"`
	Account string `json:"account,omitempty" maxLength:"200" doc:"id"`
	Owner   string `json:"owner,omitempty" maxLength:"300" doc:"who does it: a rep's address; absent: the owner of the person or account"`
	Due     string `json:"due" minLength:"1" maxLength:"10" doc:"a day in the organisation's time zone, 2026-11-21"`
	Whom    string `json:"whom,omitempty" maxLength:"300" doc:"in words, if it is not the person"`
	What    string `json:"what" minLength:"1" maxLength:"500"`
}

type taskDone struct {
	Dropped bool `json:"dropped,omitempty" doc:"it was not done: it is not needed any more"`
	Open    bool `json:"open,omitempty" doc:"it is to be done after all"`
}

type tasksQuery struct {
	Paging
	Owner   string `query:"owner" maxLength:"300" doc:"a rep's address"`
	Person  string `query:"person" maxLength:"200" doc:"id"`
	Account string `query:"account" maxLength:"200" doc:"id"`
	Open    bool   `query:"open" doc:"only those that are neither done nor dropped"`
	Until   string `query:"until" maxLength:"10" doc:"due on this day or before, 2026-11-21"`
}

func (q *tasksQuery) values() url.Values {
	return url.Values{"owner": {q.Owner}, "person": {q.Person}, "account": {q.Account}, "open": {yes(q.Open)}, "until": {q.Until}, "limit": {strconv.Itoa(q.Limit)}}
}

// yes is how a filter that is on stands in an address.
func yes(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func (s *Server) tasksAPI(api huma.API) {
	huma.Register(api, operation("list-tasks", http.MethodGet, "/tasks", rep, "List tasks, by the day they are due"),
		func(ctx context.Context, in *tasksQuery) (*list[crm.Task], error) {
			after, err := in.place(listOfTasks + in.values().Encode())
			if err != nil {
				return nil, err
			}
			if err := queryDays("until", in.Until); err != nil {
				return nil, err
			}
			f := crm.TaskFilter{Owner: in.Owner, Person: in.Person, Account: in.Account, Open: in.Open, Until: in.Until, After: after, Limit: in.Limit}
			tasks, next, err := s.store.ListTasks(ctx, f)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(tasks, cursorFor(listOfTasks+in.values().Encode(), next), "/tasks", in.values()), nil
		})
	huma.Register(api, operation("get-task", http.MethodGet, "/tasks/{id}", rep, "Get a task", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Task], error) {
			t, err := s.store.GetTask(ctx, in.ID)
			return answer(s, t, err)
		})
	create := operation("create-task", http.MethodPost, "/tasks", rep, "Create a task: when, to whom, what")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body taskEntry }) (*one[crm.Task], error) {
		t, err := s.putTask(ctx, actor(ctx), crm.Task{ID: crm.NewID(), Origin: "person", Created: time.Now().UTC()}, in.Body, true)
		return answer(s, t, err)
	})
	huma.Register(api, operation("update-task", http.MethodPut, "/tasks/{id}", rep, "Replace what somebody entered of a task", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Body taskEntry
		}) (*one[crm.Task], error) {
			t, err := s.store.GetTask(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			t, err = s.putTask(ctx, actor(ctx), t, in.Body, false)
			return answer(s, t, err)
		})
	huma.Register(api, operation("finish-task", http.MethodPost, "/tasks/{id}/done", rep, "Say that a task is done, or not needed any more", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Body taskDone
		}) (*one[crm.Task], error) {
			t, err := s.finishTask(ctx, actor(ctx), in.ID, in.Body)
			return answer(s, t, err)
		})
}

func (e taskEntry) apply(t crm.Task) crm.Task {
	t.Kind, t.Person, t.Account, t.Owner, t.Due, t.Whom, t.What = crm.TaskKind(e.Kind), e.Person, e.Account, e.Owner, e.Due, e.Whom, e.What
	return t
}

// putTask checks an entry and stores it, as a new task or as a change of the one that was; the owner of whom it is about does
// it if nobody else is named.
func (s *Server) putTask(ctx context.Context, actor string, was crm.Task, e taskEntry, fresh bool) (crm.Task, error) {
	t, c := e.apply(was), &checks{s: s}
	c.owner(ctx, "owner", &t.Owner, was.Owner)
	c.neededDay("due", &t.Due)
	c.needed("what", &t.What, maxWhat)
	c.line("whom", &t.Whom, maxField)
	owner := cmp.Or(t.Owner, repOf(actor))
	if t.Person != "" {
		p, err := s.store.GetPerson(ctx, t.Person)
		if err != nil {
			c.wrong("person", "entry.no_person", shown(t.Person))
		}
		owner = cmp.Or(owner, p.Owner)
		t.Account = cmp.Or(t.Account, p.AccountID)
	}
	if t.Account != "" {
		a, err := s.store.GetAccount(ctx, t.Account)
		if err != nil {
			c.wrong("account", "form.no_account", shown(t.Account))
		}
		owner = cmp.Or(owner, a.Owner)
	}
	if t.Owner = owner; owner == "" {
		c.wrong("owner", "entry.no_owner", "")
	}
	if err := c.err("task"); err != nil {
		return t, err
	}
	if fresh {
		return t, s.store.SaveTask(ctx, actor, t)
	}
	return s.store.ChangeTask(ctx, actor, crm.Amendment[crm.Task]{Was: was, Is: t})
}

// finishTask closes a task, or opens it again. One that is closed already stays as it was closed.
func (s *Server) finishTask(ctx context.Context, actor, id string, d taskDone) (crm.Task, error) {
	was, err := s.store.GetTask(ctx, id)
	if err != nil {
		return was, err
	}
	t := was
	switch {
	case d.Open:
		t.Done, t.DoneBy, t.Dropped = time.Time{}, "", false
	case t.Open():
		t.Done, t.DoneBy, t.Dropped = time.Now().UTC(), actor, d.Dropped
	default:
		return t, nil
	}
	t, err = s.store.ChangeTask(ctx, actor, crm.Amendment[crm.Task]{Was: was, Is: t, Whole: true})
	if errors.Is(err, crm.ErrConflict) { // somebody else closed or opened it meanwhile
		return s.store.GetTask(ctx, id)
	}
	return t, err
}
