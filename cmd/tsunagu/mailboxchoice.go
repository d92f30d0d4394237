package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/caldav"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// withMailboxes adds the connected mailboxes to a configuration, and puts what was chosen for sources into effect.
func (in *instance) withMailboxes(ctx context.Context, cfg *config.Config) (*config.Config, error) {
	ids, err := in.recordsOf(ctx, mailboxPrefix)
	if err != nil {
		return nil, err
	}
	choices, err := in.choicesOf(ctx)
	if err != nil {
		return nil, err
	}
	var sources []config.Source
	for _, id := range ids {
		if choices[id].Forget {
			continue // it goes; its settings may outlive a crash by a moment
		}
		m, err := in.mailbox(ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(cfg.Sources, func(s config.Source) bool { return s.ID == id }) {
			continue // the file's comes first
		}
		sources = append(sources, m.source())
	}
	out := cfg.With(sources)
	paused := map[string]bool{}
	for i := range out.Sources {
		s := &out.Sources[i]
		if c, chosen := choices[s.ID]; chosen {
			choose(s, c)
			paused[s.ID] = !c.Paused.IsZero()
		}
	}
	in.paused.Store(&paused)
	return out, nil
}

// choicesOf are all choices by source.
func (in *instance) choicesOf(ctx context.Context) (map[string]keptChoice, error) {
	ids, err := in.recordsOf(ctx, choicePrefix)
	if err != nil {
		return nil, err
	}
	out := make(map[string]keptChoice, len(ids))
	for _, id := range ids {
		if out[id], err = in.choice(ctx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// choose puts a choice into a source, whose settings may be shared.
func choose(s *config.Source, c keptChoice) {
	if was, ok := passwordOf(s.Settings); ok && c.Password != "" && c.Instead == hashOf(was) {
		s.Settings = withPassword(s.Settings, c.Password)
	}
	switch settings := s.Settings.(type) {
	case *imap.Settings:
		fresh := *settings
		if len(c.Read) > 0 {
			fresh.Folders = c.Read
		}
		s.Settings = &fresh
	case *caldav.Settings:
		fresh := *settings
		if len(c.Read) > 0 {
			fresh.Calendars = c.Read
		}
		s.Settings = &fresh
	}
	s.ExcludeFolders = slices.Concat(s.ExcludeFolders, c.Leave)
}

// stateOf is how a source is declared: paused ones are left alone.
func (in *instance) stateOf(id string) crm.SourceState {
	if paused := in.paused.Load(); paused != nil && (*paused)[id] {
		return crm.SourceDisabled
	}
	return ""
}

// Choices are what was chosen for sources, and what can be.
func (w webMailboxes) Choices(ctx context.Context) (map[string]web.SourceChoice, error) {
	kept, err := w.in.choicesOf(ctx)
	if err != nil {
		return nil, err
	}
	own, err := w.in.recordsOf(ctx, mailboxPrefix)
	if err != nil {
		return nil, err
	}
	out := map[string]web.SourceChoice{}
	for id, c := range kept {
		out[id] = web.SourceChoice{Paused: !c.Paused.IsZero(), Since: c.Paused, Read: c.Read, Leave: c.Leave, Forgetting: c.Forget}
	}
	cfg := w.in.cfg.Load()
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		c := possible(s, out[s.ID])
		c.Own = slices.Contains(own, s.ID)
		out[s.ID] = c
	}
	return out, nil
}

// possible adds what can be chosen for a source, and how it signs in.
func possible(s *config.Source, c web.SourceChoice) web.SourceChoice {
	_, c.Password = passwordOf(s.Settings)
	_, _, c.Tokens = signsIn(s)
	switch settings := s.Settings.(type) {
	case *imap.Settings:
		c.Folders, c.Labels, c.Username = true, true, settings.Username
	case *caldav.Settings:
		c.Folders, c.Labels, c.Username = true, true, settings.Username
	default:
		c.Labels = s.Kind == "gmail" || s.Kind == "googlecalendar"
	}
	return c
}

// Pause leaves a source alone, or goes on with it.
func (w webMailboxes) Pause(ctx context.Context, actor, source string, paused bool) error {
	if w.in.configuredSource(source) == nil {
		return crm.ErrNotFound
	}
	action, at := "resume source", time.Time{}
	if paused {
		action, at = "pause source", time.Now().UTC()
	}
	if err := w.in.changeChoice(ctx, source, func(c *keptChoice) { c.Paused = at }); err != nil {
		return err
	}
	w.in.noteAudit(ctx, actor, action, "source/"+source)
	if paused {
		return w.in.rejoin(ctx)
	}
	return w.in.rejoin(ctx, source)
}

// The bounds of a choice of folders.
const (
	maxFolders    = 200
	maxFolderName = 300 // bytes
)

// ChooseFolders says which folders are read, and which are left out.
func (w webMailboxes) ChooseFolders(ctx context.Context, actor, source string, read, leave []string) error {
	s := w.in.configuredSource(source)
	if s == nil {
		return crm.ErrNotFound
	}
	for _, list := range [][]string{read, leave} {
		if len(list) > maxFolders || slices.ContainsFunc(list, func(name string) bool { return strings.TrimSpace(name) == "" || len(name) > maxFolderName }) {
			return &web.MailboxTrouble{Code: web.TroubleSettings, Detail: "a name of a folder is empty or too long"}
		}
	}
	trial := *s
	trial.ExcludeFolders = nil
	choose(&trial, keptChoice{Read: read, Leave: leave})
	if problems := trial.Settings.Check(); len(problems) > 0 {
		return &web.MailboxTrouble{Code: web.TroubleSettings, Detail: problems[0].What}
	}
	if err := w.in.changeChoice(ctx, source, func(c *keptChoice) { c.Read, c.Leave = read, leave }); err != nil {
		return err
	}
	w.in.noteAudit(ctx, actor, "choose folders", "source/"+source)
	return w.in.rejoin(ctx, source)
}

// Disconnect ends a source. What it brought stays, unless it is to be forgotten.
func (w webMailboxes) Disconnect(ctx context.Context, actor, source string, forget bool) error {
	_, err := w.in.mailbox(ctx, source)
	own := err == nil
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	if !own && (!forget || w.in.configuredSource(source) != nil) {
		return crm.ErrNotFound // IT's file names it, or a Google account brings it
	}
	if _, err := w.in.store.GetSource(ctx, source); err != nil {
		return err
	}
	if forget { // noted first: what is begun is ended whatever happens
		if err := w.in.changeChoice(ctx, source, func(c *keptChoice) { *c = keptChoice{Forget: true} }); err != nil {
			return err
		}
	}
	if own {
		if err := w.in.dropSealed(ctx, mailboxPrefix+source); err != nil {
			return err
		}
		if !forget {
			if err := w.in.dropSealed(ctx, choicePrefix+source); err != nil {
				return err
			}
		}
	}
	action := "disconnect mailbox"
	if forget {
		action = "disconnect mailbox and forget"
	}
	w.in.noteAudit(ctx, actor, action, "source/"+source)
	err = w.in.rejoin(ctx)
	if forget {
		w.in.kickForget()
	}
	return err
}

// forgetAtOnce is how many rows go in one transaction.
const forgetAtOnce = 100

func (in *instance) kickForget() {
	select {
	case in.forgets <- struct{}{}:
	default:
	}
}

// forgetSources does what is left to forget, at the start and whenever somebody asks for more, until ctx ends.
func (in *instance) forgetSources(ctx context.Context) {
	in.kickForget()
	for {
		select {
		case <-ctx.Done():
			return
		case <-in.forgets:
			if err := in.forgetAll(ctx); err != nil && ctx.Err() == nil {
				in.log.Error("forgetting what a source brought is not done; it goes on with the next start", "error", err)
			}
		}
	}
}

func (in *instance) forgetAll(ctx context.Context) error {
	choices, err := in.choicesOf(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for id, c := range choices {
		if c.Forget {
			failures = append(failures, in.forgetSource(ctx, id))
		}
	}
	return errors.Join(failures...)
}

// forgetSource takes away what only a source brought, some rows at a time. Its rows stay, excluded, as the proof that all
// was seen. Connected again, it is read from the start.
func (in *instance) forgetSource(ctx context.Context, id string) error {
	if err := in.dropSealed(ctx, mailboxPrefix+id); err != nil { // a crash may have left it behind
		return err
	}
	for _, verdict := range []crm.Verdict{crm.Logged, crm.Waiting, crm.Unmatched} {
		for {
			rows, _, err := in.store.ListEntries(ctx, crm.LedgerFilter{Source: id, Verdict: verdict, Retired: true, Limit: forgetAtOnce})
			if errors.Is(err, crm.ErrNotFound) || err == nil && len(rows) == 0 {
				break
			}
			if err != nil {
				return fmt.Errorf("forget source %s: %w", id, err)
			}
			refs := make([]crm.ItemRef, len(rows))
			for i, row := range rows {
				refs[i] = crm.ItemRef{Source: id, ExternalID: row.ExternalID}
			}
			if err := in.store.ExcludeRows(ctx, actorForget, refs, crm.ReasonForgotten, time.Now().UTC()); err != nil {
				return fmt.Errorf("forget source %s: %w", id, err)
			}
		}
	}
	if err := in.store.ResetCursor(ctx, id); err != nil && !errors.Is(err, crm.ErrNotFound) {
		return fmt.Errorf("forget source %s: %w", id, err)
	}
	if err := in.dropSealed(ctx, choicePrefix+id); err != nil {
		return err
	}
	in.follower.Kick()
	in.engine.Publish(everything())
	return nil
}

// actorForget did what was asked for some time before.
const actorForget = "tsunagu"
