package main

import (
	"errors"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

type verifyCommand struct {
	Source []string `placeholder:"ID" help:"Only this source; may be given several times."`
	Repair bool     `help:"Read what is missing."`
}

// Run compares every source with the ledger. It fails if something is missing and was not repaired.
func (c *verifyCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		if err := (&syncCommand{Source: c.Source}).known(in); err != nil {
			return err
		}
		ids := c.Source
		if ids == nil {
			for _, s := range in.cfg.Load().Sources {
				ids = append(ids, s.ID)
			}
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
			a.notef("tsunagu: source %s: %d items are missing from the ledger: read them with `tsunagu sync` or `tsunagu verify --repair`",
				p.Source, p.MissingCount-p.Repaired-p.Gone)
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
