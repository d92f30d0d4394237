package upkeep

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	previewStep    = 1000 // activities looked at together: one question to the directory
	previewWorkers = 2
	previewSamples = 20 // of each of add, change and remove
)

// Candidate is a mapping that may be saved.
type Candidate struct {
	Mapper   *mapping.Mapper
	Document string // YAML
	Since    time.Time
	Rows     int // at most so many items that are not logged are read again from their sources

	Told func(looked int64) // is told now and then how many activities were looked at, of all that are stored; nil: nobody
}

// Preview is what a mapping would change.
type Preview struct {
	Add     int      `json:"add"`     // items that would be logged
	Change  int      `json:"change"`  // activities, or verdicts of items, that would become others
	Remove  int      `json:"remove"`  // activities that would go
	Same    int      `json:"same"`    // activities and items that would stay as they are
	Skipped int      `json:"skipped"` // items whose source cannot be read now, or has them no longer
	Unread  int      `json:"unread"`  // items that were not read again: beyond Rows
	Samples []Sample `json:"samples"` // of each sort the first ones
}

// Preview says what a mapping would change, and changes nothing: stored activities from Since on are put through
// it, and items that are not logged and about which it may decide otherwise are read again, newest first. The
// directory is as it is, so people that the mapping would create are known to no other item yet.
func (u *Upkeep) Preview(ctx context.Context, c Candidate) (Preview, error) {
	var p Preview
	if err := u.previewActivities(ctx, c, &p); err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	if err := u.previewRows(ctx, c, &p); err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	return p, nil
}

func (p *Preview) sample(op string, ref crm.ItemRef, before, after string) {
	p.keep(Sample{Ref: ref, Op: op, Before: before, After: after})
}

// keep keeps the first samples of each sort.
func (p *Preview) keep(s Sample) {
	n := 0
	for i := range p.Samples {
		if p.Samples[i].Op == s.Op {
			n++
		}
	}
	if n < previewSamples {
		p.Samples = append(p.Samples, s)
	}
}

// add counts another one, whose samples come after those of p.
func (p *Preview) add(q Preview) {
	p.Add, p.Change, p.Remove, p.Same = p.Add+q.Add, p.Change+q.Change, p.Remove+q.Remove, p.Same+q.Same
	for _, s := range q.Samples {
		p.keep(s)
	}
}

// previewActivities walks over what is stored while workers put it through the mapping. The outcome does not depend
// on which of them is faster.
func (u *Upkeep) previewActivities(ctx context.Context, c Candidate, p *Preview) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	type piece struct {
		number     int
		activities []crm.Activity
	}
	pieces := make(chan piece)
	sum := inOrder{to: p, early: map[int]Preview{}}
	var workers sync.WaitGroup
	for range previewWorkers {
		workers.Go(func() {
			for piece := range pieces {
				part, err := u.previewSome(ctx, c, piece.activities)
				if err != nil {
					stop(err)
				}
				sum.add(piece.number, part)
			}
		})
	}
	next := piece{}
	hand := func() {
		pieces <- next
		next = piece{number: next.number + 1, activities: make([]crm.Activity, 0, previewStep)}
	}
	looked := int64(0)
	_, err := u.cfg.Store.EachActivity(ctx, "", func(a crm.Activity) error {
		if looked++; c.Told != nil && looked%previewStep == 0 {
			c.Told(looked)
		}
		if a.Time.Before(c.Since) {
			return nil
		}
		if next.activities = append(next.activities, a); len(next.activities) == previewStep {
			hand()
		}
		return ctx.Err()
	})
	if err == nil {
		hand()
	}
	close(pieces)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// inOrder sums up what workers find in the order of the pieces.
type inOrder struct {
	mu    sync.Mutex
	to    *Preview
	next  int
	early map[int]Preview
}

func (s *inOrder) add(number int, part Preview) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.early[number] = part
	for {
		part, ok := s.early[s.next]
		if !ok {
			return
		}
		delete(s.early, s.next)
		s.to.add(part)
		s.next++
	}
}

func (u *Upkeep) previewSome(ctx context.Context, c Candidate, activities []crm.Activity) (p Preview, err error) {
	kept := activities[:0]
	for _, a := range activities {
		rows, reason, excluded := c.Mapper.Screens(a)
		switch {
		case !excluded:
			kept = append(kept, a)
		case len(rows) == len(a.Observed):
			p.Remove++
			p.sample("remove", rows[0], describe(a), "excluded: "+string(reason))
		default:
			p.Change++
			p.sample("change", rows[0], describe(a), fmt.Sprintf("excluded in %d of %d places: %s", len(rows), len(a.Observed), reason))
		}
	}
	changed, err := u.changes(ctx, c.Mapper, kept)
	if err != nil {
		return p, err
	}
	p.Change += len(changed)
	p.Same += len(kept) - len(changed)
	for i := range changed {
		was, now := difference(&changed[i].Was, &changed[i].Now)
		var ref crm.ItemRef
		if seen := changed[i].Was.Observed; len(seen) > 0 {
			ref = crm.ItemRef{Source: seen[0].Source, ExternalID: seen[0].ExternalID}
		}
		p.keep(Sample{Ref: ref, Op: "change", Before: was, After: now, Fields: differences(&changed[i].Was, &changed[i].Now)})
	}
	return p, nil
}
