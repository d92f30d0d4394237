package main

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

type callCommand struct {
	Person string `arg:"" help:"Who was called: id, mail address or key of an import."`
	Result string `required:"" help:"Result of the call, a code of the mapping: no_answer, call_again, meeting_won, lost, disqualified …"`
	Text   string `help:"What was said: facts."`
	Note   string `help:"Your opinion, kept apart from the facts."`
	When   string `placeholder:"DAY" help:"Next action: the day, such as 2026-12-01."`
	Whom   string `help:"Next action: to whom, if it is somebody else."`
	What   string `help:"Next action: what."`
	By     string `placeholder:"ADDRESS" help:"The rep who called (default: the person's owner)."`
	At     moment `placeholder:"TIME" help:"When (default: now)."`
	In     bool   `help:"They called us."`
}

// Run logs a call.
func (c *callCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		p, err := in.person(a.ctx, c.Person)
		if err != nil {
			return err
		}
		now := time.Now().UTC()
		at, err := c.At.time(in.cfg.Load().Location)
		if err != nil {
			return err
		}
		if at.IsZero() {
			at = now
		}
		call := crm.Call{Result: c.Result, Note: c.Note, Next: crm.NextAction{When: c.When, Whom: c.Whom, What: c.What}}
		direction := crm.DirectionOut
		if c.In {
			direction = crm.DirectionIn
		}
		if problems := in.rules().CheckCall(call); len(problems) > 0 {
			return misused(problems[0].Hint, "%s", problems[0].What)
		}
		activity, err := crm.NewCall(p, call, crm.CallLogged{By: first(c.By, p.Owner), At: at, Now: now, Direction: direction, Text: c.Text})
		if err != nil {
			return misused("", "%s", err.Error())
		}
		if err := in.store.LogActivity(a.ctx, actorCLI, activity); err != nil {
			return explainRefusal(err)
		}
		in.settleAfter(a.ctx)
		a.sayf("%s", activity.ID)
		return nil
	})
}

type statusCommand struct {
	Person string `arg:"" help:"The lead: id, mail address or key of an import."`
	Status string `arg:"" help:"The status, a code of the mapping: new, working, scheduling, nurturing …"`
	Reason string `help:"The nurturing reason, where the status takes one: timing, cost, competitor, research …"`
}

// Run gives a lead a status. Rules move it again once something new happens.
func (c *statusCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		p, err := in.person(a.ctx, c.Person)
		if err != nil {
			return err
		}
		if problems := in.rules().CheckStatus(c.Status, c.Reason); len(problems) > 0 {
			return misused(problems[0].Hint, "%s", problems[0].What)
		}
		change := crm.Change{Person: p.ID, Field: crm.ChangeStatus, At: time.Now().UTC(), To: c.Status, Reason: c.Reason}
		change.Label = in.rules().Label(life.ListStatuses, c.Status, in.cfg.Load().Organization.Locale)
		if change, err = in.store.AddChange(a.ctx, actorCLI, change); err != nil {
			return explainRefusal(err)
		}
		in.settleAfter(a.ctx)
		a.sayf("%s", change.ID)
		return nil
	})
}

type historyCommand struct {
	Person string `arg:"" help:"Who: id, mail address or key of an import."`
}

// Run lists what became of a person, and why, newest first.
func (c *historyCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		p, err := in.person(a.ctx, c.Person)
		if err != nil {
			return err
		}
		changes, err := in.store.ListChanges(a.ctx, p.ID)
		if err != nil {
			return err
		}
		zone := in.cfg.Load().Location
		t := newTable(a.stdout, []string{"at", "what", "from", "to", "reason", "by", "rule", "because of", "evidence", "id"})
		for _, change := range changes {
			t.AppendRow(cells([]string{change.At.In(zone).Format("2006-01-02 15:04"), string(change.Field), change.From, change.To, change.Reason,
				change.By, change.Rule, change.Event, change.Evidence, change.ID}))
		}
		t.Render()
		return nil
	})
}
