package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// proofName is where the newest proof of a source is kept.
const proofName = PlainPrefix + "proof/"

// nightlyActor is who asks for the proofs of the night.
const nightlyActor = "tsunagu"

// maxProofError bounds the error that is kept with a proof.
const maxProofError = 500

// asked is a proof that somebody waits for.
type asked struct {
	by      string
	sources []string // nil for every one that can be called
	repair  bool
}

// Ask has sources compared with the ledger soon, all that can be called if none is named, and what is missing read with repair. It
// never blocks: crm.ErrConflict if a proof is under way or waits already. Run does the work; Proving says how far it is.
func (u *Upkeep) Ask(by string, sources []string, repair bool) error {
	u.proving.Lock()
	defer u.proving.Unlock()
	if u.run != nil {
		return fmt.Errorf("prove: %w", crm.ErrConflict)
	}
	u.run = &crm.ProofRun{By: by, Repair: repair, Started: time.Now().UTC(), Total: len(sources)}
	u.asks <- asked{by, sources, repair} // has room for the one that run stands for
	return nil
}

// Proving is the proof that was asked for and that waits or is under way; false if there is none.
func (u *Upkeep) Proving() (crm.ProofRun, bool) {
	u.proving.Lock()
	defer u.proving.Unlock()
	if u.run == nil {
		return crm.ProofRun{}, false
	}
	return *u.run, true
}

// progress changes what Proving says and has open pages told.
func (u *Upkeep) progress(change func(r *crm.ProofRun)) {
	u.proving.Lock()
	waited := u.run != nil
	if waited {
		change(u.run)
	}
	u.proving.Unlock()
	if waited {
		u.cfg.Proved()
	}
}

// answer does what was asked.
func (u *Upkeep) answer(ctx context.Context, a asked) {
	defer func() {
		u.proving.Lock()
		u.run = nil
		u.proving.Unlock()
		u.cfg.Proved()
	}()
	u.try(ctx, func(ctx context.Context, report *Report) error {
		ids := a.sources
		if ids == nil {
			all, err := u.cfg.Store.ListSources(ctx)
			if err != nil {
				return fmt.Errorf("list sources: %w", err)
			}
			for _, s := range all {
				if callable(s) {
					ids = append(ids, s.ID)
				}
			}
		}
		u.progress(func(r *crm.ProofRun) { r.Total = len(ids) })
		for _, id := range ids {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			u.progress(func(r *crm.ProofRun) { r.Source, r.Checked = id, 0 })
			proof, err := u.proveOne(ctx, a.by, id, a.repair)
			if err == nil {
				report.Proofs = append(report.Proofs, proof)
			} else {
				u.log.Warn("a source could not be compared with the ledger", "source", id, "error", err)
			}
			u.progress(func(r *crm.ProofRun) { r.Done++ })
		}
		return nil
	})
}

// callable says whether a source can be called now; if not, its state says what is wrong.
func callable(s crm.Source) bool {
	return s.State == crm.SourceOK || s.State == crm.SourceBackfilling
}

// proveOne compares one source and keeps what came of it.
func (u *Upkeep) proveOne(ctx context.Context, by, id string, repair bool) (Proof, error) {
	started := time.Now()
	proof, err := u.verify(ctx, id, repair)
	if ctx.Err() != nil || errors.Is(err, crm.ErrNotFound) {
		return proof, err
	}
	r := crm.ProofRecord{Source: id, At: time.Now().UTC(), Took: time.Since(started), By: by}
	if err == nil {
		r.Supported, r.OnServer, r.InLedger, r.Missing = proof.Supported, proof.OnServer, proof.InLedger, proof.MissingCount
		r.ToRead, r.Repaired, r.Gone = proof.ToRead, proof.Repaired, proof.Gone
	} else {
		r.Error = cut(err.Error(), maxProofError)
	}
	return proof, errors.Join(err, u.keep(ctx, &r))
}

func (u *Upkeep) keep(ctx context.Context, r *crm.ProofRecord) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep proof: %w", err)
	}
	if err := u.cfg.Store.PutSealed(ctx, proofName+r.Source, raw); err != nil {
		return fmt.Errorf("keep proof: %w", err)
	}
	return nil
}

// Proofs gives the newest proof of each source that has one, by its id.
func (u *Upkeep) Proofs(ctx context.Context) (map[string]crm.ProofRecord, error) {
	sources, err := u.cfg.Store.ListSources(ctx)
	if err != nil {
		return nil, fmt.Errorf("read proofs: %w", err)
	}
	out := map[string]crm.ProofRecord{}
	for _, s := range sources {
		raw, err := u.cfg.Store.GetSealed(ctx, proofName+s.ID)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read proofs: %w", err)
		}
		var r crm.ProofRecord
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("read proof of %s: %w", s.ID, err)
		}
		out[s.ID] = r
	}
	return out, nil
}

// cut shortens a text to at most n bytes, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if i > n {
			return s[:i] // the first boundary after n; a rune more does no harm
		}
	}
	return s
}
