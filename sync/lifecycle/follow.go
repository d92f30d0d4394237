package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// once follows those who were marked before a time, at most a number, and says how many that were.
func (f *Follower) once(ctx context.Context, markedBefore time.Time, limit int) (int, error) {
	if err := f.begin(ctx); err != nil {
		return 0, err
	}
	defer f.end()
	list, err := f.next(ctx, markedBefore, limit, nil)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), f.settle(ctx, list)
}

// begin waits until nobody else reads who is to be followed and stores what follows: two who read the same would do it twice.
func (f *Follower) begin(ctx context.Context) error {
	select {
	case f.work <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for others who follow: %w", ctx.Err())
	}
}

func (f *Follower) end() { <-f.work }

// next gives those who are to be followed now but for some. Under other rules everybody is marked first.
func (f *Follower) next(ctx context.Context, markedBefore time.Time, limit int, but map[string]bool) ([]crm.Following, error) {
	if err := f.renew(ctx, f.cfg.Rules(), time.Now().UTC()); err != nil {
		return nil, err
	}
	return f.read(ctx, markedBefore, limit, but)
}

func (f *Follower) read(ctx context.Context, markedBefore time.Time, limit int, but map[string]bool) ([]crm.Following, error) {
	list, err := f.cfg.Store.NextFollowing(ctx, time.Now().UTC(), markedBefore, limit, but)
	if err != nil {
		return nil, fmt.Errorf("find whom to follow: %w", err)
	}
	return list, nil
}

// settle asks the rules about some and stores what follows. The store leaves out those who were marked again since they
// were read.
func (f *Follower) settle(ctx context.Context, list []crm.Following) error {
	loads, err := f.cfg.Store.Loads(ctx)
	if err != nil {
		return fmt.Errorf("read what owners have to do: %w", err)
	}
	rules, now := f.cfg.Rules(), time.Now().UTC()
	around := &life.Around{Now: now, Location: f.cfg.Location, Locale: f.cfg.Locale, Loads: loads, Own: f.cfg.Own}
	out, ids := make([]crm.Followed, len(list)), make([]string, len(list))
	for i := range list {
		out[i], ids[i] = f.follow(rules, list[i], around), list[i].ID
	}
	if err := f.cfg.Store.Follow(ctx, out); err != nil {
		if err = f.oneByOne(ctx, out, now, err); err != nil {
			return fmt.Errorf("store what follows: %w", err)
		}
	}
	f.cfg.Changed(ids)
	return nil
}

// oneByOne stores what follows for each apart, since together it failed with cause: one of them may be to blame. Who cannot be
// stored stays as they are until a day later, as those do on whom the rules fail. If not even that can be stored, the store is
// at fault, and all are tried again.
func (f *Follower) oneByOne(ctx context.Context, list []crm.Followed, now time.Time, cause error) error {
	if ctx.Err() != nil || errors.Is(cause, crm.ErrFull) || errors.Is(cause, crm.ErrLocked) {
		return cause
	}
	for i := range list {
		err := f.cfg.Store.Follow(ctx, list[i:i+1])
		if err == nil {
			continue
		}
		kept := unchanged(crm.Following{ID: list[i].ID, Mark: list[i].Mark}, now)
		if again := f.cfg.Store.Follow(ctx, []crm.Followed{kept}); again != nil {
			return errors.Join(err, again)
		}
		f.log.Error("what follows of a person or account cannot be stored; they stay as they are for a day", "id", list[i].ID, "error", err)
	}
	return nil
}

// renew marks everybody when the rules are others than those by which everybody was followed.
func (f *Follower) renew(ctx context.Context, rules *life.Rules, now time.Time) error {
	hash := rules.Hash()
	if f.hash == "" {
		known, err := f.cfg.Store.GetSealed(ctx, f.cfg.Record)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return fmt.Errorf("read by which rules people were followed: %w", err)
		}
		f.hash = string(known)
	}
	if f.hash == hash {
		return nil
	}
	if err := f.cfg.Store.MarkAll(ctx, now); err != nil {
		return fmt.Errorf("mark everybody for the new rules: %w", err)
	}
	if err := f.cfg.Store.PutSealed(ctx, f.cfg.Record, []byte(hash)); err != nil {
		return fmt.Errorf("note the new rules: %w", err)
	}
	f.hash = hash
	return nil
}

// follow asks the rules about one person or account, and contains what goes wrong in them.
func (f *Follower) follow(rules *life.Rules, one crm.Following, around *life.Around) (out crm.Followed) {
	defer func() {
		if p := recover(); p != nil {
			f.log.Error("following failed on a person or account, who stays as they are", "id", one.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			out = unchanged(one, around.Now)
		}
	}()
	if one.Err != nil {
		f.log.Error("a person or account cannot be read to be followed; they stay as they are for a day", "id", one.ID, "error", one.Err)
		return unchanged(one, around.Now)
	}
	return f.ask(rules, one, around)
}

// unchanged leaves somebody as they are; only the mark goes. They are looked at again a day later.
func unchanged(one crm.Following, now time.Time) crm.Followed {
	return crm.Followed{ID: one.ID, Mark: one.Mark, Keep: true, Standing: crm.Standing{ID: one.ID, Look: now.AddDate(0, 0, 1)}}
}
