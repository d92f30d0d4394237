package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

type userCommand struct {
	Add     userAddCommand     `cmd:"" help:"Let somebody sign in, or give them a new password."`
	List    userListCommand    `cmd:"" help:"Who may sign in."`
	Disable userDisableCommand `cmd:"" help:"Let somebody sign in no longer."`
	Second  userSecondCommand  `cmd:"" name:"reset-totp" help:"Let somebody sign in without their second factor, so that they can set up another."`
	Forget  userForgetCommand  `cmd:"" name:"forget-sign-in" help:"Let somebody sign in with another Google account of the same address."`
}

type userAddCommand struct {
	Email         string `arg:"" help:"Mail address to sign in with."`
	Name          string `help:"Name to show."`
	Role          string `enum:"rep,manager,admin,it" default:"rep" help:"What they may do: rep, manager (sees the records of the team), admin or it (default rep)."`
	Team          string `help:"Team whose records and mails may be shared; \"-\" takes them out of their team."`
	Locale        string `enum:"ja,en," default:"" help:"Language: ja or en; the browser's if not given."`
	PasswordStdin bool   `help:"Read the password from standard input instead of making one."`
}

// Run adds a user, or changes the one with this address. A password that is made is shown once.
func (c *userAddCommand) Run(a *app) error {
	email := crm.CanonicalAddress(c.Email)
	if email == "" {
		return misused("an address looks like sato@example.co.jp", "%q is not a mail address", c.Email)
	}
	files := streams{}
	if c.PasswordStdin {
		files.input = "-"
	}
	return a.with(files, func(in *instance) error {
		password, err := c.password(a)
		if err != nil {
			return err
		}
		hash, err := web.HashPassword(password)
		if errors.Is(err, web.ErrWeakPassword) {
			return misused("", "%v", err)
		}
		if err != nil {
			return fmt.Errorf("hash password: %w", err)
		}
		user := crm.User{Email: email, Created: time.Now().UTC()}
		before, err := in.store.GetUser(a.ctx, email)
		if err == nil {
			user = before
		} else if !errors.Is(err, crm.ErrNotFound) {
			return fmt.Errorf("read user: %w", err)
		}
		user.Name, user.Locale, user.Team = first(c.Name, user.Name), first(c.Locale, user.Locale), first(strings.TrimSpace(c.Team), user.Team)
		if user.Team == "-" {
			user.Team = ""
		}
		if crm.UserRole(c.Role) != crm.RoleIT {
			if err := lastIT(a, in, before); err != nil {
				return err
			}
		}
		user.Role, user.PasswordHash, user.Disabled = crm.UserRole(c.Role), hash, false
		if err := in.store.SaveUser(a.ctx, actorCLI, user); err != nil {
			return fmt.Errorf("save user: %w", err)
		}
		a.sayf("%s may sign in as %s.", email, user.Role)
		if !c.PasswordStdin {
			a.sayf("password: %s", password)
		}
		return nil
	})
}

func (c *userAddCommand) password(a *app) (string, error) {
	if !c.PasswordStdin {
		return newPassword(), nil
	}
	line, err := bufio.NewReader(io.LimitReader(a.stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// newPassword makes a password of 80 random bits that can be read aloud.
func newPassword() string {
	s := strings.ToLower(rand.Text())[:16]
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

type userListCommand struct{}

// Run lists the users.
func (c *userListCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		users, err := in.store.ListUsers(a.ctx)
		if err != nil {
			return fmt.Errorf("list users: %w", err)
		}
		t := newTable(a.stdout, []string{"email", "name", "role", "state", "created", "team", "totp", "last sign-in"})
		for _, u := range users {
			state := "active"
			if u.Disabled {
				state = "disabled"
			}
			second, last := "no", ""
			if len(u.TOTP) > 0 {
				second = "yes"
			}
			if !u.SignedIn.IsZero() {
				last = u.SignedIn.In(in.cfg.Load().Location).Format(time.DateTime)
			}
			t.AppendRow(cells([]string{u.Email, u.Name, string(u.Role), state, u.Created.In(in.cfg.Load().Location).Format(time.DateOnly), u.Team, second, last}))
		}
		t.Render()
		return nil
	})
}

// userNamed gives the user of an address.
func (a *app) userNamed(in *instance, email string) (crm.User, error) {
	user, err := in.store.GetUser(a.ctx, crm.CanonicalAddress(email))
	if errors.Is(err, crm.ErrNotFound) {
		return crm.User{}, failed("`tsunagu user list` shows who there is", "there is no user %s", email)
	}
	if err != nil {
		return crm.User{}, fmt.Errorf("read user: %w", err)
	}
	return user, nil
}

type userDisableCommand struct {
	Email string `arg:"" help:"Mail address of the user."`
}

// Run disables a user; what they decided stays.
func (c *userDisableCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		user, err := a.userNamed(in, c.Email)
		if err != nil {
			return err
		}
		if err := lastIT(a, in, user); err != nil {
			return err
		}
		user.Disabled = true
		if err := in.store.SaveUser(a.ctx, actorCLI, user); err != nil {
			return fmt.Errorf("save user: %w", err)
		}
		a.sayf("%s may no longer sign in.", user.Email)
		return a.sayStillRead(in, user.Email)
	})
}

type userSecondCommand struct {
	Email string `arg:"" help:"Mail address of the user."`
}

// Run takes a user's second factor away, of somebody who lost it and the recovery codes.
func (c *userSecondCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		user, err := a.userNamed(in, c.Email)
		if err != nil {
			return err
		}
		if len(user.TOTP) == 0 {
			a.sayf("%s has no second factor.", user.Email)
			return nil
		}
		user.TOTP = nil
		if err := in.store.SaveUser(a.ctx, actorCLI, user); err != nil {
			return fmt.Errorf("save user: %w", err)
		}
		a.sayf("%s may sign in without a second factor, and can set up another.", user.Email)
		return nil
	})
}

// sayStillRead says that the account of somebody who left is read further: what is in it is the company's. Whether
// that should end is not for us to say, but how.
func (a *app) sayStillRead(in *instance, email string) error {
	if (*in.delegates.Load())[email] {
		a.sayf("Their Google account is still read through the service account; take it out of google.delegation, or of the group, to end that.")
		return nil
	}
	_, err := in.book.get(a.ctx, email)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a.sayf("Their Google account is still read; `tsunagu disconnect google %s` ends that.", email)
	return nil
}

// lastIT refuses to take its role from the only it user who may sign in: nobody could give it back.
func lastIT(a *app, in *instance, user crm.User) error {
	if user.Role != crm.RoleIT || user.Disabled {
		return nil
	}
	users, err := in.store.ListUsers(a.ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	for _, u := range users {
		if u.Email != user.Email && u.Role == crm.RoleIT && !u.Disabled {
			return nil
		}
	}
	return failed("add another one first with `tsunagu user add ADDRESS --role it`", "%s is the only user with the role it who may sign in", user.Email)
}
