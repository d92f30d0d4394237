package web

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// statusEntry is a decision about where a lead stands.
type statusEntry struct {
	Status string
	Reason string
	Next   crm.NextAction
	Owner  string // who does what is next; "" for whoever decides, or the lead's owner

	labels bool // see checks
}

// checkStatus says what is wrong with a status that somebody chose, and with the reason that goes with it.
func (c *checks) checkStatus(doc *life.Document, status, reason string) life.Status {
	st, known := statusNamed(doc, status)
	if !known || st.Retired {
		c.code("status", status, inUse(statusNames(doc)))
		return st
	}
	switch {
	case st.Reason && reason == "":
		c.wrongNames("reason", "entry.reason_missing", doc.Reasons)
	case st.Reason:
		c.code("reason", reason, inUse(doc.Reasons))
	case reason != "":
		c.wrongNames("reason", "entry.reason_unwanted", []life.Name{st.Name})
	}
	return st
}

// checkNext says what is wrong with a next action: it is whole, or it is left out where nothing asks for it.
func (c *checks) checkNext(n *crm.NextAction, wanted bool) {
	c.line("next.whom", &n.Whom, maxField)
	if !wanted && n.When == "" && n.What == "" && n.Whom == "" {
		return
	}
	c.neededDay("next.when", &n.When)
	c.needed("next.what", &n.What, maxWhat)
}

// setStatus moves a lead because somebody says so; pages and API share it. The task is nil if nothing is to be done next.
func (s *Server) setStatus(ctx context.Context, actor, person string, e statusEntry) (crm.Change, *crm.Task, error) {
	p, err := s.store.GetPerson(ctx, person)
	if err != nil {
		return crm.Change{}, nil, err
	}
	doc, c := s.lifecycle(), &checks{s: s, labels: e.labels}
	st := c.checkStatus(doc, e.Status, e.Reason)
	c.checkNext(&e.Next, st.Next)
	c.owner(ctx, "next.owner", &e.Owner, p.Owner)
	doer := cmp.Or(e.Owner, repOf(actor), p.Owner)
	if e.Next.What != "" && doer == "" {
		c.wrong("next.owner", "entry.no_owner", "")
	}
	if err := c.err("status"); err != nil {
		return crm.Change{}, nil, err
	}
	change, err := s.decideChange(ctx, actor, crm.Change{Person: p.ID, Field: crm.ChangeStatus, To: e.Status, Reason: e.Reason,
		Label: st.Heading(s.organisationLanguage())})
	if err != nil || e.Next.What == "" {
		return change, nil, err
	}
	task := crm.Task{ID: crm.DerivedID("task", "status", change.ID), Kind: crm.TaskTodo, Person: p.ID, Account: p.AccountID, Owner: doer,
		Due: e.Next.When, Whom: e.Next.Whom, What: e.Next.What, Origin: "person", Cause: change.ID, Created: change.At}
	return change, &task, s.store.SaveTask(ctx, actor, task)
}

// setOwner gives a person to a rep, or to nobody.
func (s *Server) setOwner(ctx context.Context, actor, person, owner string) (crm.Change, error) {
	p, err := s.store.GetPerson(ctx, person)
	if err != nil {
		return crm.Change{}, err
	}
	c := &checks{s: s}
	c.owner(ctx, "owner", &owner, p.Owner)
	if err := c.err("owner"); err != nil {
		return crm.Change{}, err
	}
	return s.decideChange(ctx, actor, crm.Change{Person: person, Field: crm.ChangeOwner, To: owner, Label: owner})
}

// setStage moves the request of a person on, or ends it with one of its final actions.
func (s *Server) setStage(ctx context.Context, actor, person, stage string) (crm.Change, error) {
	p, err := s.store.GetPerson(ctx, person)
	if err != nil {
		return crm.Change{}, err
	}
	c := &checks{s: s}
	request, known := requestNamed(s.lifecycle(), p.Request)
	label := stage
	if known {
		names := append(append([]life.Name{}, request.Stages...), request.Final...)
		c.code("stage", stage, inUse(names))
		label = s.speakers[s.organisationLanguage()].wordOf(names, "", stage)
	} else {
		c.wrong("stage", "entry.no_request", "")
	}
	if err := c.err("stage"); err != nil {
		return crm.Change{}, err
	}
	return s.decideChange(ctx, actor, crm.Change{Person: person, Field: crm.ChangeStage, To: stage, Label: label})
}

// undoChange takes a change back.
func (s *Server) undoChange(ctx context.Context, actor, id string) (crm.Change, error) {
	undone, err := s.store.GetChange(ctx, id)
	if err != nil {
		return undone, err
	}
	return s.decideChange(ctx, actor, crm.Change{Person: undone.Person, Field: undone.Field, Undoes: id})
}

// decideChange stores what somebody decided.
func (s *Server) decideChange(ctx context.Context, actor string, c crm.Change) (crm.Change, error) {
	now := time.Now().UTC()
	c.ID, c.At, c.Seen, c.By = crm.NewID(), now, now, actor
	change, err := s.store.AddChange(ctx, actor, c)
	if err == nil {
		s.cfg.Kick()
	}
	return change, err
}

// repOf is the address of who acts, "" for a program.
func repOf(actor string) string {
	if strings.Contains(actor, "@") {
		return actor
	}
	return ""
}

// organisationLanguage is the language of what is written down for good.
func (s *Server) organisationLanguage() string {
	if _, ok := s.speakers[s.cfg.Organization.Locale]; ok {
		return s.cfg.Organization.Locale
	}
	return languages()[0]
}

// today is the day it is in the organisation's time zone.
func (s *Server) today() string {
	return time.Now().In(s.cfg.Organization.Location).Format(time.DateOnly)
}
