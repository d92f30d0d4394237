package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

type verifyCommand struct {
	Source  []string `placeholder:"ID" help:"Only this source; may be given several times."`
	Repair  bool     `help:"Read what is missing, and set sums right."`
	Rollups bool     `help:"Work out anew what is counted and what follows for every person, and compare, instead of asking the servers."`
}

// Run compares every source with the ledger. It fails if something is missing and was not repaired.
func (c *verifyCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		if c.Rollups {
			return c.rollups(a, in)
		}
		if err := (&syncCommand{Source: c.Source}).known(in); err != nil {
			return err
		}
		ids := c.Source
		if ids == nil {
			for _, s := range in.cfg.Load().Sources {
				ids = append(ids, s.ID)
			}
		}
		if len(ids) == 0 {
			return a.noSource(in)
		}
		heading := []string{"source", "on server", "in ledger", "missing", "to read", "repaired"}
		t := newTable(a.stdout, heading, heading[1:]...)
		var proofs []upkeep.Proof
		var failures []error
		for _, id := range ids {
			proof, err := in.upkeep.Verify(a.ctx, id, c.Repair)
			if errors.Is(err, crm.ErrNotFound) {
				err = failed("run `tsunagu sync` first", "source %s was never read", id)
			}
			if errors.Is(err, engine.ErrUnavailable) {
				err = in.uncallable(a.ctx, id, err)
			}
			if err != nil {
				failures = append(failures, err)
				continue
			}
			proofs = append(proofs, proof)
			t.AppendRow(cells(proofRow(proof)))
		}
		if len(proofs) > 0 {
			t.Render()
		}
		return a.sayProofs(proofs, failures)
	})
}

// uncallable says why a source is not called, as its state has it. The error is given back if it has nothing.
func (in *instance) uncallable(ctx context.Context, id string, err error) error {
	s, readErr := in.store.GetSource(ctx, id)
	if readErr != nil || s.Error == "" {
		return failed("`tsunagu check accounts` says why", "%v", err)
	}
	if s.State == crm.SourceRetrying {
		return failed(first(oneLine(s.Hint), "see what its server says")+"; it is tried again at "+s.Due.In(in.cfg.Load().Location).Format("15:04")+", or with `tsunagu sync`",
			"source %s cannot be called now, its last try failed (%s)", id, oneLine(s.Error))
	}
	return failed(first(oneLine(s.Hint), "see what its server says")+"; then run `tsunagu sync`", "source %s is paused (%s)", id, oneLine(s.Error))
}

func proofRow(p upkeep.Proof) []string {
	if !p.Supported {
		return []string{p.Source, "cannot be listed", "", "", "", ""}
	}
	row := []string{p.Source}
	for _, n := range []int{p.OnServer, p.InLedger, p.MissingCount, p.ToRead, p.Repaired} {
		row = append(row, strconv.Itoa(n))
	}
	return row
}

// shownMissing bounds the list of what is missing, for each source.
const shownMissing = 20

// sayProofs names what is missing and what could not be asked.
func (a *app) sayProofs(proofs []upkeep.Proof, failures []error) error {
	bad := len(failures) > 0
	for _, p := range proofs {
		shown := p.Missing[:min(len(p.Missing), shownMissing)]
		for _, id := range shown {
			a.sayf("missing: %s %s", p.Source, id)
		}
		if more := p.MissingCount - len(shown); more > 0 {
			a.sayf("missing: %s and %d more", p.Source, more)
		}
		if !p.Complete() {
			bad = true
			a.notef("tsunagu: source %s: %s missing from the ledger: read with `tsunagu sync` or `tsunagu verify --repair`",
				p.Source, counted(p.MissingCount-p.Repaired-p.Gone, "item is", "items are"))
		}
	}
	for _, err := range failures {
		a.notef("tsunagu: %s", explainFailure(err).Error())
	}
	if bad {
		return silent(exitFailed)
	}
	return nil
}

// rollups compares the sums with what they are the sums of, and what follows for people with what is stored of it.
func (c *verifyCommand) rollups(a *app, in *instance) error {
	differences, err := in.follower.Prove(a.ctx, in.store, func(int) {})
	if err != nil {
		return err
	}
	sums, err := in.store.CheckRollups(a.ctx, c.Repair)
	if err != nil {
		return err
	}
	for _, line := range slices.Concat(differences, sums) {
		a.sayf("%s", oneLine(line))
	}
	if len(differences) > 0 && c.Repair {
		if err := in.store.MarkAll(a.ctx, time.Now().UTC()); err != nil {
			return err
		}
		if _, err := in.follower.CatchUp(a.ctx); err != nil {
			return err
		}
	}
	people, err := in.store.CountPeople(a.ctx)
	if err != nil {
		return err
	}
	a.sayf("%s compared, %s", counted(int(people), "person", "people"), counted(len(differences)+len(sums), "difference", "differences"))
	if len(differences)+len(sums) > 0 && !c.Repair {
		a.notef("`tsunagu verify --rollups --repair` sets them right.")
		return silent(exitFailed)
	}
	return nil
}
