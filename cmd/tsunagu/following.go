package main

import (
	"context"
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/mapping/life"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/lifecycle"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

// lifeRecord is the record that says by which lifecycle rules everybody was followed.
const lifeRecord = upkeep.PlainPrefix + "lifecycle"

// rules are today's lifecycle rules.
func (in *instance) rules() *life.Rules { return in.mapper().Life() }

func (in *instance) newFollower() *lifecycle.Follower {
	cfg := in.cfg.Load()
	return lifecycle.New(lifecycle.Config{
		Store: in.store, Rules: in.rules, Location: cfg.Location, Locale: cfg.Organization.Locale, Record: lifeRecord, Log: in.log,
		Own:     func(address string) bool { return in.mapper().IsOwn(address) },
		Changed: func(ids []string) { in.engine.Publish(followed(ids)) },
	})
}

// followed tells open pages of people and accounts about whom something follows.
func followed(ids []string) engine.Event {
	return engine.Event{People: ids, Accounts: ids, At: time.Now().UTC()}
}

// settleAfter works out what follows from what a command has just changed. In the daemon that is under way already; what
// fails here is done at the next run.
func (in *instance) settleAfter(ctx context.Context) {
	in.follower.Kick()
	if _, err := in.follower.CatchUp(ctx); err != nil {
		in.log.Warn("working out what follows is not finished and goes on at the next run", "error", err)
	}
}

// settleWhole works out what follows from a change of many people, or before somebody asks about all. Beside the daemon
// nobody else would; in it that is under way, and a command waits for it only as long as people wait.
func (a *app) settleWhole(in *instance) {
	if a.held == nil {
		in.settleAfter(a.ctx)
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, patience)
	defer cancel()
	in.follower.Kick()
	if _, err := in.follower.CatchUp(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		in.log.Warn("working out what follows is not finished and goes on", "error", err)
	}
}

// patience is how long a command that the daemon carries out waits for what follows.
const patience = 5 * time.Second

// kickAll says that somebody changed something: what follows from it is worked out soon.
func (in *instance) kickAll() {
	in.upkeep.Kick()
	in.follower.Kick()
}
