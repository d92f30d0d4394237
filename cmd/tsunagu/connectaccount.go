package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

// vouched says whether Google is the authority for an address: for its own mail and that of a Workspace
// (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token).
func vouched(id oauth.Identity) bool {
	return id.Verified && (id.Domain != "" || strings.HasSuffix(id.Email, "@gmail.com"))
}

// mayJoin says whether a user may be made for an account: one of the organisation's Workspace.
func (in *instance) mayJoin(id oauth.Identity) bool {
	cfg := in.cfg.Load()
	domains := cfg.Google.Domains
	if len(domains) == 0 {
		domains = cfg.Organization.Domains
	}
	return id.Domain != "" && slices.Contains(domains, id.Domain) && in.ours(id.Email)
}

// mayConnect refuses to keep the account of somebody else: people connect their own, those who look after all anybody's.
func (w webSignIns) mayConnect(ctx context.Context, user string, s web.SignedIn) error {
	owner := first(user, s.Email)
	u, err := w.in.store.GetUser(ctx, owner)
	switch {
	case errors.Is(err, crm.ErrNotFound) && user == "" && s.SignUp:
		return nil
	case errors.Is(err, crm.ErrNotFound):
		return fmt.Errorf("%w: %s is no user here", web.ErrDenied, owner)
	case err != nil:
		return err
	case u.Disabled || !s.Verified:
		return fmt.Errorf("%w: %s may not sign in here", web.ErrDenied, owner)
	case user != "" && user != s.Email && u.Role != crm.RoleAdmin && u.Role != crm.RoleIT:
		return fmt.Errorf("%w: %s is not the account of %s", web.ErrDenied, s.Email, user)
	}
	return nil
}

// connectGoogle keeps what was granted, and has the account read.
func (in *instance) connectGoogle(ctx context.Context, id oauth.Identity, t oauth.Token, services []string, actor string) (account, error) {
	ctx = context.WithoutCancel(ctx) // a code is good for one token: what was given for it is kept
	a, err := in.book.accept(ctx, id, t, services, actor)
	if errors.Is(err, errNoRefresh) {
		return a, errors.Join(errNoRefresh, failed("take Tsunagu away at https://myaccount.google.com/connections and sign in again", "Google gave no lasting permission for %s", id.Email))
	}
	if err != nil {
		return a, err
	}
	in.noteAudit(ctx, actor, "connect account", accountRecord(a.Address))
	return a, in.rejoin(ctx, a.Address)
}

// noteAudit records who did what. What was done stays done if it cannot be recorded.
func (in *instance) noteAudit(ctx context.Context, actor, action, object string) {
	if err := in.store.AppendAudit(ctx, crm.AuditRecord{Actor: actor, Action: action, Object: object}); err != nil {
		in.log.Error("the audit was not written", "action", action, "object", object, "error", err)
	}
}

// actorWeb is who did what nobody signed in did in the web app.
const actorWeb = "web"

// keepSource stores what was granted for a mailbox, and has it read.
func (in *instance) keepSource(ctx context.Context, s *config.Source, settings *imap.Settings, t oauth.Token, actor string) error {
	if t.Refresh == "" {
		return failed("add offline_access (Microsoft) or what the provider calls it to the scopes", "the provider gave no refresh token for %s", s.ID)
	}
	if err := settings.Keep(ctx, in.secrets(s.ID), t.Refresh); err != nil {
		return err
	}
	in.noteAudit(ctx, actor, "sign in source", "source/"+s.ID)
	return in.rejoin(ctx, s.ID)
}
