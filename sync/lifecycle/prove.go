package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Record is what Prove reads of a store. The methods are described in storetest.
type Record interface {
	ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error)
	GetFollowing(ctx context.Context, id string) (crm.Following, error)
	FactsOf(ctx context.Context, id string) ([]crm.Fact, error)
}

// Prove works out anew what follows for every person, compares it with what is stored, and says in a line each what differs.
// Who is marked is followed first. It changes nothing else.
func (f *Follower) Prove(ctx context.Context, record Record, progress func(done int)) ([]string, error) {
	if _, err := f.CatchUp(ctx); err != nil {
		return nil, err
	}
	var lines []string
	for done, after := 0, ""; ; {
		page, next, err := record.ListPeople(ctx, crm.PeopleFilter{After: after, Limit: batch})
		if err != nil {
			return nil, fmt.Errorf("list people: %w", err)
		}
		for i := range page {
			line, err := f.prove(ctx, record, page[i].ID)
			if err != nil {
				return nil, err
			}
			if line != "" {
				lines = append(lines, line)
			}
		}
		done += len(page)
		progress(done)
		if after = next; after == "" {
			return lines, nil
		}
	}
}

// prove compares one person; "" says that nothing differs. Somebody who changes meanwhile is left to the following.
func (f *Follower) prove(ctx context.Context, record Record, id string) (string, error) {
	if err := f.begin(ctx); err != nil {
		return "", err
	}
	defer f.end()
	one, err := record.GetFollowing(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", id, err)
	}
	stored, err := record.FactsOf(ctx, id)
	if err != nil {
		return "", err
	}
	around := &life.Around{Now: time.Now().UTC(), Location: f.cfg.Location, Locale: f.cfg.Locale, Loads: map[string]crm.Load{}, Own: f.cfg.Own}
	out := f.follow(f.cfg.Rules(), one, around)
	if out.Keep {
		return fmt.Sprintf("person %s: what follows cannot be worked out", id), nil
	}
	old := func(fact crm.Fact) bool { return fact.Metric == crm.MetricResponse && fact.At.Before(out.FactsFrom) }
	have := factLines(slices.DeleteFunc(stored, old))
	want := factLines(slices.DeleteFunc(out.Facts, old))
	var differs []string
	if now := one.Person; now.Kind == crm.Lead && now.Status != out.Status && out.Status != "" { // of a contact it stays what it was
		differs = append(differs, fmt.Sprintf("status %s, worked out %s", one.Person.Status, out.Status))
	}
	if extra := without(have, want); len(extra) > 0 {
		differs = append(differs, "counted without reason: "+strings.Join(extra, "; "))
	}
	if missing := without(want, have); len(missing) > 0 {
		differs = append(differs, "not counted: "+strings.Join(missing, "; "))
	}
	if len(differs) == 0 {
		return "", nil
	}
	return fmt.Sprintf("person %s: %s", id, strings.Join(differs, ", ")), nil
}

func factLines(facts []crm.Fact) []string {
	out := make([]string, len(facts))
	for i, f := range facts {
		out[i] = fmt.Sprintf("%s %s [%s] %s %s %s %d", f.Metric, f.At.UTC().Format(time.RFC3339), strings.Join(f.Owners, ","), f.Channel, f.Campaign, f.Detail, f.Value)
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// without is the first list without what the second has, each as often as it is there.
func without(list, others []string) []string {
	left := map[string]int{}
	for _, o := range others {
		left[o]++
	}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		left[s]--
		return left[s] >= 0
	})
}
