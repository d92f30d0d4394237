package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Let a program use the API."`
	List   tokenListCommand   `cmd:"" help:"Which programs may use the API."`
	Revoke tokenRevokeCommand `cmd:"" help:"Make a token useless."`
}

type tokenCreateCommand struct {
	Name string `arg:"" help:"What it is for."`
	Role string `enum:"rep,manager,admin,it" default:"rep" help:"What it may do: rep, manager, admin or it (default rep)."`
	User string `help:"Mail address of the user whose records it sees. Without one, a token of a rep or manager sees by access.records only what belongs to nobody, unless that is all."`
}

// Run makes a token and shows its secret, once: only its hash is stored.
func (c *tokenCreateCommand) Run(a *app) error {
	if strings.TrimSpace(c.Name) == "" {
		return misused("say what it is for", "the token has no name")
	}
	return a.with(streams{}, func(in *instance) error {
		user := ""
		if c.User != "" {
			u, err := a.userNamed(in, c.User)
			if err != nil {
				return err
			}
			if !web.MayGrant(u.Role, crm.UserRole(c.Role)) {
				return failed("give the token a lower role", "%s is %s, which is less than %s", u.Email, u.Role, c.Role)
			}
			user = u.Email
		}
		secret, hash := web.NewTokenSecret()
		token := crm.Token{ID: crm.NewID(), Name: c.Name, Role: crm.UserRole(c.Role), User: user, Hash: hash, Created: time.Now().UTC()}
		if err := in.store.SaveToken(a.ctx, actorCLI, token); err != nil {
			return fmt.Errorf("save token: %w", err)
		}
		a.sayf("%s", secret)
		a.notef("This is the only time the token is shown. Its id is %s.", token.ID)
		return nil
	})
}

type tokenListCommand struct{}

// Run lists the tokens without their secrets.
func (c *tokenListCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		tokens, err := in.store.ListTokens(a.ctx)
		if err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		t := newTable(a.stdout, []string{"id", "name", "role", "state", "created", "user"})
		for _, token := range tokens {
			state := "active"
			if !token.Revoked.IsZero() {
				state = "revoked"
			}
			t.AppendRow(cells([]string{token.ID, token.Name, string(token.Role), state, token.Created.In(in.cfg.Load().Location).Format(time.DateOnly), token.User}))
		}
		t.Render()
		return nil
	})
}

type tokenRevokeCommand struct {
	ID string `arg:"" help:"Id of the token, or its beginning (at least 6 characters)."`
}

// Run revokes a token.
func (c *tokenRevokeCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		tokens, err := in.store.ListTokens(a.ctx)
		if err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		tokens = slices.DeleteFunc(tokens, func(t crm.Token) bool {
			return t.ID != c.ID && (len(c.ID) < 6 || !strings.HasPrefix(t.ID, c.ID))
		})
		if len(tokens) != 1 {
			return failed("`tsunagu token list` shows the ids", "%d tokens have an id that starts with %s", len(tokens), c.ID)
		}
		token := tokens[0]
		if token.Revoked.IsZero() {
			token.Revoked = time.Now().UTC()
			if err := in.store.SaveToken(a.ctx, actorCLI, token); err != nil {
				return fmt.Errorf("save token: %w", err)
			}
		}
		a.sayf("The token %s (%s) is revoked.", token.ID, token.Name)
		return nil
	})
}
