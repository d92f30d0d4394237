package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type mergeCommand struct {
	Kind   string `arg:"" enum:"people,accounts" help:"people or accounts."`
	Winner string `arg:"" help:"The record that stays: id, mail address (or domain), or key of an import."`
	Loser  string `arg:"" help:"The one that goes into it. Its values are kept, and it can be brought back."`
	DryRun bool   `help:"Say what would be done."`
}

// Run makes one record of two.
func (c *mergeCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		kind := crm.MergeKind(c.Kind)
		winner, err := in.subject(a.ctx, kind, c.Winner)
		if err != nil {
			return err
		}
		loser, err := in.subject(a.ctx, kind, c.Loser)
		if err != nil {
			return err
		}
		if c.DryRun {
			return c.show(a, in, kind, winner, loser)
		}
		r, err := in.store.Merge(a.ctx, actorCLI, kind, winner, loser, time.Now().UTC())
		if err != nil {
			return explainRefusal(err)
		}
		in.settleAfter(a.ctx)
		a.sayf("%s", r.ID)
		a.notef("They are one now. `tsunagu undo %s` brings the other back, with what came to its addresses meanwhile.", r.ID)
		return nil
	})
}

func (in *instance) subject(ctx context.Context, kind crm.MergeKind, text string) (string, error) {
	if kind == crm.MergeAccounts {
		account, err := in.account(ctx, text)
		return account.ID, err
	}
	p, err := in.person(ctx, text)
	return p.ID, err
}

func (c *mergeCommand) show(a *app, in *instance, kind crm.MergeKind, winner, loser string) error {
	p, err := in.store.PreviewMerge(a.ctx, kind, winner, loser)
	if err != nil {
		return explainRefusal(err)
	}
	t := newTable(a.stdout, []string{"field", "stays", "goes", "kept"})
	for _, d := range p.Differences {
		t.AppendRow(cells([]string{d.Field, d.Winner, d.Loser, d.Kept}))
	}
	t.Render()
	a.sayf("%s activities and %s records move", strconv.Itoa(p.Activities), strconv.Itoa(p.Members))
	return nil
}

type undoCommand struct {
	ID string `arg:"" help:"Id of a merge, of a conversion or of a change of status, owner or stage."`
}

// Run takes back a merge, a conversion or a change.
func (c *undoCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		now := time.Now().UTC()
		var stayed []string // of a conversion
		for _, undo := range []func() error{
			func() error { _, err := in.store.Unmerge(a.ctx, actorCLI, c.ID, now); return err },
			func() error {
				done, err := in.store.UndoConversion(a.ctx, actorCLI, c.ID, now)
				stayed = done.Stayed
				return err
			},
			func() error {
				undone, err := in.store.GetChange(a.ctx, c.ID)
				if err != nil {
					return err
				}
				_, err = in.store.AddChange(a.ctx, actorCLI, crm.Change{Person: undone.Person, Field: undone.Field, Undoes: c.ID, At: now})
				return err
			},
		} {
			err := undo()
			switch {
			case errors.Is(err, crm.ErrNotFound):
				continue
			case err != nil:
				return explainRefusal(err)
			}
			in.settleAfter(a.ctx)
			a.sayf("taken back")
			return in.sayStayed(a, stayed)
		}
		return failed("the ids are those that merge, convert and `tsunagu history` print", "nothing that can be taken back has the id %s", c.ID)
	})
}

// sayStayed names what a conversion made and undoing it left, in the form that crm.Conversion.Stayed has.
func (in *instance) sayStayed(a *app, stayed []string) error {
	for _, object := range stayed {
		kind, id, _ := strings.Cut(object, "/")
		name := ""
		var err error
		switch kind {
		case "opportunity":
			var o crm.Opportunity
			o, err = in.store.GetOpportunity(a.ctx, id)
			name = o.Name
		case "contract":
			var c crm.Contract
			c, err = in.store.GetContract(a.ctx, id)
			name = c.Name
		case "account":
			var account crm.Account
			account, err = in.store.GetAccount(a.ctx, id)
			name = account.Name
		}
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
		a.sayf("the %s %q (%s) stays: it was changed, won or used since", kind, name, id)
	}
	return nil
}

// isAny reports whether an error is one of several.
func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
