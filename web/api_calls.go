package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Again is how a program says that it logs the same thing again, exported like Paging.
type Again struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"the same key of the same token again stores nothing and gives what was stored first"`
}

type callBody struct {
	Person    string    `json:"person" minLength:"1" maxLength:"200" doc:"id"`
	Result    string    `json:"result" minLength:"1" maxLength:"40" doc:"name of a call result of the lifecycle"`
	Text      string    `json:"text,omitempty" maxLength:"20000" doc:"what was said: the facts"`
	Note      string    `json:"note,omitempty" maxLength:"2000" doc:"what the rep thinks of it: the opinion"`
	Next      nextEntry `json:"next,omitzero" doc:"the next action; needed where the result asks for it. It becomes a task"`
	Direction string    `json:"direction,omitempty" enum:"in,out" default:"out"`
	Number    string    `json:"number,omitempty" maxLength:"60" doc:"telephone number that was called"`
	At        time.Time `json:"at,omitzero" doc:"when it was made, RFC 3339; absent: now"`
	By        string    `json:"by,omitempty" maxLength:"300" doc:"address of the rep who called; absent: the person's owner"`
}

type noteBody struct {
	Person  string    `json:"person,omitempty" maxLength:"200" doc:"id; exactly one of person and account"`
	Account string    `json:"account,omitempty" maxLength:"200" doc:"id"`
	Subject string    `json:"subject,omitempty" maxLength:"300"`
	Text    string    `json:"text" minLength:"1" maxLength:"20000"`
	At      time.Time `json:"at,omitzero" doc:"RFC 3339; absent: now"`
	By      string    `json:"by,omitempty" maxLength:"300" doc:"address of the rep; absent: the record's owner"`
}

// logged is the answer to what was logged: 201, and 200 if it was there already.
type logged struct {
	Status int
	Body   crm.ExportedActivity
}

func (s *Server) loggingAPI(api huma.API) {
	call := operation("log-call", http.MethodPost, "/calls", rep, "Log a call with its result", http.StatusNotFound)
	call.DefaultStatus = http.StatusCreated
	call.Responses = alsoOK[crm.ExportedActivity](api)
	huma.Register(api, call, func(ctx context.Context, in *struct {
		Again
		Body callBody
	}) (*logged, error) {
		b := in.Body
		a, fresh, err := s.logCall(ctx, actor(ctx), callEntry{Person: b.Person, Text: b.Text, Direction: crm.Direction(b.Direction), At: b.At, By: b.By, Again: in.Key,
			Call: crm.Call{Result: b.Result, Note: b.Note, Next: b.Next.action(), Number: b.Number}})
		return s.loggedAnswer(a, fresh, err)
	})
	note := operation("log-note", http.MethodPost, "/notes", rep, "Log a note about a person or an account", http.StatusNotFound)
	note.DefaultStatus = http.StatusCreated
	note.Responses = alsoOK[crm.ExportedActivity](api)
	huma.Register(api, note, func(ctx context.Context, in *struct {
		Again
		Body noteBody
	}) (*logged, error) {
		b := in.Body
		a, fresh, err := s.logNote(ctx, actor(ctx), noteEntry{Person: b.Person, Account: b.Account, Subject: b.Subject, Text: b.Text, At: b.At, By: b.By, Again: in.Key})
		return s.loggedAnswer(a, fresh, err)
	})
}

func (s *Server) loggedAnswer(a crm.Activity, fresh bool, err error) (*logged, error) {
	if err != nil {
		return nil, s.apiError(err)
	}
	out := &logged{Status: http.StatusOK, Body: crm.ExportActivity(a)}
	if fresh {
		out.Status = http.StatusCreated
	}
	return out, nil
}
