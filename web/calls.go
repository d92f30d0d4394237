package web

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// callEntry is a call as somebody logs it.
type callEntry struct {
	Person    string
	Call      crm.Call
	Text      string // the facts
	Direction crm.Direction
	At        time.Time // zero for now
	By        string    // the rep's address; "" for whoever logs it, or the person's owner
	Again     string    // the same word again is the same call; "" for a new one
}

// logCall stores a call; pages and API share it. fresh is false if it was logged before under the same word.
func (s *Server) logCall(ctx context.Context, actor string, e callEntry) (a crm.Activity, fresh bool, err error) {
	p, err := s.store.GetPerson(ctx, e.Person)
	if err != nil {
		return a, false, err
	}
	if e.By, err = s.checkCall(actor, &p, &e); err != nil {
		return a, false, err
	}
	now := time.Now().UTC()
	logged := crm.CallLogged{By: e.By, At: e.At, Now: now, Direction: crm.Direction(cmp.Or(string(e.Direction), string(crm.DirectionOut))), Text: e.Text, Key: keyOf("call", actor, e.Again)}
	if logged.At.IsZero() {
		logged.At = now
	}
	if a, err = crm.NewCall(p, e.Call, logged); err != nil {
		return a, false, &crm.FlawError{What: "call", Flaws: []crm.Flaw{{Field: "at", Text: crm.Label{JA: err.Error(), EN: err.Error()}}}}
	}
	return s.logByHand(ctx, actor, a)
}

// checkCall says what is wrong with a call, and who made it.
func (s *Server) checkCall(actor string, p *crm.Person, e *callEntry) (string, error) {
	c, doc := &checks{s: s}, s.lifecycle()
	result, known := resultNamed(doc, e.Call.Result)
	if !known || result.Retired {
		c.code("result", e.Call.Result, inUse(resultNames(doc)))
	}
	c.checkNext(&e.Call.Next, result.Next)
	c.text("text", &e.Text, maxFacts)
	c.text("note", &e.Call.Note, maxNote)
	c.line("number", &e.Call.Number, 60)
	c.address("by", &e.By)
	by := cmp.Or(e.By, repOf(actor), p.Owner)
	if by == "" {
		c.wrong("by", "entry.no_owner", "")
	}
	c.past("at", e.At)
	return by, c.err("call")
}

// past says that something that is logged does not lie ahead, nor before anybody telephoned.
func (c *checks) past(place string, at time.Time) {
	if !at.IsZero() && !crm.CanHaveBeen(at, time.Now()) {
		c.wrong(place, "entry.bad_time", at.Format(time.RFC3339))
	}
}

// noteEntry is a note of a rep about a person or an account.
type noteEntry struct {
	Person, Account string
	Subject, Text   string
	At              time.Time
	By, Again       string
}

// logNote stores a note.
func (s *Server) logNote(ctx context.Context, actor string, e noteEntry) (a crm.Activity, fresh bool, err error) {
	c := &checks{s: s}
	c.line("subject", &e.Subject, maxField)
	c.text("text", &e.Text, maxFacts)
	c.address("by", &e.By)
	c.past("at", e.At)
	if e.Text == "" {
		c.wrong("text", "entry.missing", "")
	}
	if (e.Person == "") == (e.Account == "") {
		c.wrong("person", "entry.person_or_account", "")
	}
	if err = c.err("note"); err != nil {
		return a, false, err
	}
	now := time.Now().UTC()
	key := keyOf("note", actor, e.Again)
	if key == "" {
		key = crm.Key(crm.NewID())
	}
	a = crm.Activity{ID: string(key), Key: key, Kind: crm.KindNote, Direction: crm.DirectionNone, Time: now, Subject: e.Subject, Text: e.Text, Version: 1}
	if !e.At.IsZero() {
		a.Time = e.At.UTC()
	}
	owner, err := s.noteAbout(ctx, &a, e)
	if err != nil {
		return a, false, err
	}
	a.By = cmp.Or(e.By, repOf(actor), owner, actor)
	a.Match = crm.Match{Rule: crm.RuleManual, Evidence: a.By}
	if strings.Contains(a.By, "@") {
		a.Owners = []string{a.By}
	}
	return s.logByHand(ctx, actor, a)
}

// noteAbout names on a note whom it is about, and gives that record's owner.
func (s *Server) noteAbout(ctx context.Context, a *crm.Activity, e noteEntry) (owner string, err error) {
	if e.Account != "" {
		account, err := s.store.GetAccount(ctx, e.Account)
		a.Accounts = []string{account.ID}
		return account.Owner, err
	}
	p, err := s.store.GetPerson(ctx, e.Person)
	a.People = []crm.Participant{{Kind: p.Kind, ID: p.ID, Name: p.Name, Role: crm.RoleTo}}
	if p.AccountID != "" {
		a.Accounts = []string{p.AccountID}
	}
	return p.Owner, err
}

// logByHand stores what somebody logged. The same key again gives what was stored first.
func (s *Server) logByHand(ctx context.Context, actor string, a crm.Activity) (crm.Activity, bool, error) {
	err := s.store.LogActivity(ctx, actor, a)
	if errors.Is(err, crm.ErrConflict) {
		first, err := s.store.GetActivity(ctx, a.ID)
		return first, false, err
	}
	if err != nil {
		return a, false, err
	}
	s.cfg.Kick()
	return a, true, nil
}

// keyOf is the identity of what a program logs again under the same word; "" without one.
func keyOf(kind, actor, word string) crm.Key {
	if word == "" {
		return ""
	}
	return crm.Key(crm.DerivedID("logged "+kind, actor, word))
}
