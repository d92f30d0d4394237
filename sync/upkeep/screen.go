package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	actor      = "tsunagu" // in the audit
	screenStep = 500       // activities between two notes of how far it has come
)

// PlainPrefix starts the names of the records that upkeep keeps among the sealed ones although they are no
// secrets: how far it has come, as JSON. They are not sealed, so whoever opens or seals all records again
// leaves them alone.
const PlainPrefix = "upkeep/"

const screeningName = PlainPrefix + "screening"

// screening is how far history has been brought in line with a state of the mapping. It is kept in the store.
type screening struct {
	Hash   string `json:"hash"`   // of the mapper
	Cursor string `json:"cursor"` // activities up to here are done
	Step   int    `json:"step"`   // 0 activities, 1 rows to readmit, 2 done
	// Own is by what somebody belonged to the organisation then. Left stays true, once something of it went,
	// until the internal mail has been read again.
	Own  []string `json:"own"`
	Left bool     `json:"left,omitempty"`
}

// next is the state from which to bring history in line with this mapper. Of what an earlier version left
// nobody knows who belonged to the organisation: then somebody may have left it.
func (s screening) next(mapper *mapping.Mapper) screening {
	own := mapper.Own()
	left := s.Left || s.Hash != "" && s.Own == nil
	for _, was := range s.Own {
		if _, still := slices.BinarySearch(own, was); !still {
			left = true
		}
	}
	return screening{Hash: mapper.Hash(), Own: own, Left: left}
}

// screen brings history in line with today's exclusions: what they cover goes, and what was kept out by a rule
// that is gone is read again. It starts over when the mapping, the organisation or a source's folders have
// changed, or the newest version is not marked as applied, and else goes on from where it was.
func (u *Upkeep) screen(ctx context.Context, report *Report) error {
	version, err := u.cfg.Store.LatestMapping(ctx)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return fmt.Errorf("get mapping: %w", err)
	}
	state, err := u.screeningState(ctx)
	if err != nil {
		return err
	}
	mapper := u.cfg.Mapper()
	hash := mapper.Hash()
	unapplied := version.Number > 0 && !version.Applied
	if state.Hash != hash || state.Step == 2 && unapplied {
		state = state.next(mapper)
	}
	if state.Step == 0 {
		if err := u.screenActivities(ctx, &state, report); err != nil {
			return fmt.Errorf("screen history: %w", err)
		}
	}
	if state.Step == 1 {
		if err := u.readmit(ctx, version, state.Left, report); err != nil {
			return fmt.Errorf("read rows whose rule is gone: %w", err)
		}
		state.Step, state.Left = 2, false
		if err := u.keepScreening(ctx, state); err != nil {
			return err
		}
	}
	if unapplied && u.cfg.Mapper().Hash() == hash {
		if err := u.cfg.Store.MappingApplied(ctx, version.Number); err != nil {
			return fmt.Errorf("mark mapping as applied: %w", err)
		}
	}
	return nil
}

// screenActivities excludes the rows of stored activities that today's rules cover.
func (u *Upkeep) screenActivities(ctx context.Context, state *screening, report *Report) error {
	mapper := u.cfg.Mapper()
	for {
		seen := 0
		next, err := u.cfg.Store.EachActivity(ctx, state.Cursor, func(a crm.Activity) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if rows, reason, excluded := mapper.Screens(a); excluded {
				if err := u.cfg.Store.ExcludeRows(ctx, actor, rows, reason, time.Now().UTC()); err != nil {
					return fmt.Errorf("exclude rows: %w", err)
				}
				report.Excluded += len(rows)
			}
			if seen++; seen == screenStep {
				return crm.ErrStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, crm.ErrStop) {
			return err
		}
		if state.Cursor = next; next == "" {
			state.Step = 1
		}
		if err := u.keepScreening(ctx, *state); err != nil || next == "" {
			return err
		}
	}
}

// readmit reads rows again that were excluded by a rule of which today's mapping knows nothing, and internal
// mail if somebody left the organisation.
func (u *Upkeep) readmit(ctx context.Context, version crm.MappingVersion, ownLeft bool, report *Report) error {
	rules, err := newRules(version, u.cfg.Reader.Mapping, ownLeft)
	if err != nil {
		return err
	}
	after := ""
	for {
		page, next, err := u.cfg.Store.ListEntries(ctx, crm.LedgerFilter{Verdict: crm.Excluded, After: after, Limit: listRows})
		if err != nil {
			return fmt.Errorf("list excluded rows: %w", err)
		}
		var free []crm.Entry
		for _, entry := range page {
			if !entry.Retired && !rules.stand(entry) {
				free = append(free, entry)
			}
		}
		read, err := u.reread(ctx, free, report)
		report.Readmitted += read
		if err != nil {
			return err
		}
		if after = next; after == "" {
			return nil
		}
	}
}

func (u *Upkeep) screeningState(ctx context.Context) (state screening, err error) {
	raw, err := u.cfg.Store.GetSealed(ctx, screeningName)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return state, fmt.Errorf("get state of screening: %w", err)
	}
	if len(raw) > 0 && json.Unmarshal(raw, &state) != nil {
		state = screening{} // by another version: start over
	}
	return state, nil
}

func (u *Upkeep) keepScreening(ctx context.Context, state screening) error {
	raw, err := json.Marshal(state)
	if err == nil {
		err = u.cfg.Store.PutSealed(ctx, screeningName, raw)
	}
	if err != nil {
		return fmt.Errorf("keep state of screening: %w", err)
	}
	return nil
}
