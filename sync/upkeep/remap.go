package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// changes puts stored activities through a mapping and gives those of which it makes something else.
func (u *Upkeep) changes(ctx context.Context, mapper *mapping.Mapper, activities []crm.Activity) ([]crm.Remap, error) {
	if len(activities) == 0 {
		return nil, nil
	}
	mapped, _, err := mapper.Remap(ctx, u.cfg.Directory, activities)
	if err != nil {
		return nil, fmt.Errorf("map stored activities: %w", err)
	}
	var changed []crm.Remap
	for i, was := range activities {
		if m := &mapped[i]; m.Changed {
			changed = append(changed, crm.Remap{Was: was, Now: m.Activity, Pending: m.Pending})
		}
	}
	return changed, nil
}

// put stores changes and says how many. What somebody else changed meanwhile is read and mapped anew.
func (u *Upkeep) put(ctx context.Context, mapper *mapping.Mapper, changed []crm.Remap) (n int, err error) {
	for len(changed) > 0 {
		stale, err := u.cfg.Store.Remap(ctx, changed)
		if err != nil {
			return n, fmt.Errorf("store mapped activities: %w", err)
		}
		for _, c := range changed {
			if !slices.Contains(stale, c.Now.ID) {
				n++
				u.cfg.Changed(c.Now)
			}
		}
		fresh, err := u.get(ctx, stale)
		if err != nil {
			return n, err
		}
		if changed, err = u.changes(ctx, mapper, fresh); err != nil {
			return n, err
		}
	}
	return n, nil
}

// get reads activities; those that are gone are absent.
func (u *Upkeep) get(ctx context.Context, ids []string) ([]crm.Activity, error) {
	var activities []crm.Activity
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		a, err := u.cfg.Store.GetActivity(ctx, id)
		switch {
		case errors.Is(err, crm.ErrNotFound): // it went since it was listed
		case err != nil:
			return nil, fmt.Errorf("get activity: %w", err)
		default:
			activities = append(activities, a)
		}
	}
	return activities, nil
}
