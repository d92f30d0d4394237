package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

// subjectRecord is where the provider's own name for a user's account is kept, sealed, from the first sign-in on.
func subjectRecord(address string) string { return "subject/" + providerGoogle + "/" + address }

// recognise remembers which account a user signs in with, and refuses another one with the same address later: an
// address that was given to somebody new is not the user it was. Who is no user and will not be one is not remembered. The
// identity must be vouched for.
func (b *accountBook) recognise(ctx context.Context, id oauth.Identity, joins bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.in.store.GetUser(ctx, id.Email); err != nil && (!errors.Is(err, crm.ErrNotFound) || !joins) {
		if errors.Is(err, crm.ErrNotFound) {
			return nil
		}
		return fmt.Errorf("recognise %s: %w", id.Email, err)
	}
	known, err := b.in.unsealed(ctx, subjectRecord(id.Email))
	switch {
	case err != nil:
		return err
	case known == nil:
		return b.in.saveSealed(ctx, subjectRecord(id.Email), []byte(id.Subject))
	case string(known) != id.Subject:
		return fmt.Errorf("%w: %s", web.ErrAnother, id.Email)
	}
	return nil
}

// unrecognise forgets which account a user signed in with; crm.ErrNotFound if nothing is known.
func (b *accountBook) unrecognise(ctx context.Context, actor, address string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, err := b.in.unsealed(ctx, subjectRecord(address))
	if err != nil {
		return err
	}
	if known == nil {
		return crm.ErrNotFound
	}
	if err := b.in.dropSealed(ctx, subjectRecord(address)); err != nil {
		return err
	}
	b.in.noteAudit(ctx, actor, "forget sign-in", subjectRecord(address))
	return nil
}

type userForgetCommand struct {
	Email string `arg:"" help:"Mail address of the user."`
}

// Run lets the next Google account that has the user's address in; only IT can know that it is the same person's.
func (c *userForgetCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		email := crm.CanonicalAddress(c.Email)
		err := in.book.unrecognise(a.ctx, actorCLI, email)
		if errors.Is(err, crm.ErrNotFound) {
			return failed("`tsunagu user list` shows who there is", "%s never signed in with Google", first(email, c.Email))
		}
		if err != nil {
			return err
		}
		a.sayf("The next Google account with the address %s that signs in is taken for this user.", email)
		return nil
	})
}
