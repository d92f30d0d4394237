package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	shownIDs  = 100
	keptIDs   = 200_000 // missing ids held for a repair; what is more is repaired the next time
	askedIDs  = 1000
	repairIDs = 100
)

// prove verifies and repairs every source that can be called now.
func (u *Upkeep) prove(ctx context.Context, report *Report) error {
	sources, err := u.cfg.Store.ListSources(ctx)
	if err != nil {
		return fmt.Errorf("list sources: %w", err)
	}
	var failures []error
	for _, s := range sources {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !callable(s) {
			continue
		}
		proof, err := u.proveOne(ctx, nightlyActor, s.ID, true)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		report.Proofs = append(report.Proofs, proof)
	}
	return errors.Join(failures...)
}

// Verify compares what a source holds now with the ledger. With repair it reads what is missing. Items that
// arrived after the last pass have no row yet either and count as missing: let the source be read first.
// crm.ErrNotFound if there is no such source.
func (u *Upkeep) Verify(ctx context.Context, id string, repair bool) (Proof, error) {
	u.work.Lock()
	defer u.work.Unlock()
	defer u.cfg.Proved()
	return u.proveOne(ctx, "cli", id, repair)
}

func (u *Upkeep) verify(ctx context.Context, id string, repair bool) (Proof, error) {
	proof := Proof{Source: id}
	source, err := u.cfg.Store.GetSource(ctx, id)
	if err != nil {
		return proof, fmt.Errorf("verify %s: %w", id, err)
	}
	missing, err := u.compare(ctx, id, &proof)
	if errors.Is(err, errors.ErrUnsupported) {
		return Proof{Source: id}, nil
	}
	if err != nil {
		return proof, fmt.Errorf("verify %s: %w", id, err)
	}
	proof.Supported = true
	if stillReading(source) {
		proof.ToRead, proof.MissingCount = proof.MissingCount, 0
		return proof, nil
	}
	proof.Missing = slices.Clone(missing[:min(len(missing), shownIDs)])
	if repair {
		if err := u.repair(ctx, missing, &proof); err != nil {
			return proof, fmt.Errorf("repair %s: %w", id, err)
		}
	}
	return proof, nil
}

// stillReading says whether items without a row may simply not have had their turn.
func stillReading(s crm.Source) bool {
	switch s.State {
	case crm.SourceOK:
		return false
	case crm.SourceNeverRun, crm.SourceBackfilling:
		return true
	default:
		return s.LastSuccess.IsZero() || s.Progress.Done < s.Progress.Total
	}
}

// compare counts, and gives the ids without a row.
func (u *Upkeep) compare(ctx context.Context, id string, proof *Proof) (missing []string, err error) {
	err = u.cfg.Reader.Census(ctx, id, func(ids []string) error {
		for chunk := range slices.Chunk(ids, askedIDs) {
			without, err := u.cfg.Store.MissingFrom(ctx, id, chunk)
			if err != nil {
				return fmt.Errorf("look for ledger rows: %w", err)
			}
			proof.OnServer += len(chunk)
			proof.InLedger += len(chunk) - len(without)
			proof.MissingCount += len(without)
			missing = append(missing, without[:min(len(without), keptIDs-len(missing))]...)
			u.progress(func(r *crm.ProofRun) { r.Checked = proof.OnServer })
		}
		return nil
	})
	return missing, err
}

// repair reads missing items. What has no row afterwards has vanished from the source.
func (u *Upkeep) repair(ctx context.Context, missing []string, proof *Proof) error {
	for chunk := range slices.Chunk(missing, repairIDs) {
		refs := make([]crm.ItemRef, len(chunk))
		for i, id := range chunk {
			refs[i] = crm.ItemRef{Source: proof.Source, ExternalID: id}
		}
		_, err := u.cfg.Reader.Reread(ctx, refs)
		if errors.Is(err, errors.ErrUnsupported) {
			return nil
		}
		if err != nil {
			return err
		}
		without, err := u.cfg.Store.MissingFrom(ctx, proof.Source, chunk)
		if err != nil {
			return fmt.Errorf("look for ledger rows: %w", err)
		}
		proof.Gone += len(without)
		proof.Repaired += len(chunk) - len(without)
	}
	return nil
}
