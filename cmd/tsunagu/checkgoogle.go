package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// checkGoogle tries every account: that a token can be got, that what is wanted was granted, and that each service
// answers. One line says what is wrong with an account, and one what to do. It answers whether all are in order.
func (a *app) checkGoogle(in *instance) bool {
	g := in.google()
	if g.cfg == nil {
		return true
	}
	c := googleCheck{app: a, in: in, parts: g, good: true}
	switch {
	case g.error != nil:
		c.say("google", g.error.Error(), "let google.ca_file name a readable PEM file")
		return false
	case g.keyError != nil:
		c.say("google delegation", g.keyError.Error(), "download a key in JSON form for the service account, and let google.delegation.key_file name it")
	case g.cfg.Delegation != nil && g.cfg.Delegation.Group != "":
		c.group()
	}
	accounts, err := in.book.list(a.ctx)
	if err != nil {
		c.say("google", err.Error(), "")
	}
	delegates := *in.delegates.Load()
	for i := range accounts {
		if !delegates[accounts[i].Address] && a.ctx.Err() == nil {
			c.signedIn(&accounts[i])
		}
	}
	for _, address := range slices.Sorted(maps.Keys(delegates)) {
		if g.keyError == nil && a.ctx.Err() == nil {
			c.try("google "+address, address, g.cfg.Services)
		}
	}
	switch {
	case len(accounts)+len(delegates) > 0:
	case g.cfg.Delegation != nil && g.cfg.ClientID == "":
		a.sayf("google: the service account acts for nobody yet; `tsunagu sync` reads who is in the group")
	default:
		a.sayf("google: no account is signed in; `tsunagu connect google` or the web app does it")
	}
	c.clock()
	return c.good
}

// googleCheck carries one check.
type googleCheck struct {
	app   *app
	in    *instance
	parts *googleParts
	good  bool
}

// say says what is wrong.
func (c *googleCheck) say(who, what, todo string) {
	c.good = false
	c.app.sayf("%s: FAILED", who)
	c.app.sayf("  %s", oneLine(what))
	if todo != "" {
		c.app.sayf("  → %s", oneLine(todo))
	}
}

func (c *googleCheck) group() {
	ctx, cancel := context.WithTimeout(c.app.ctx, probeLimit)
	defer cancel()
	d := c.parts.cfg.Delegation
	list, err := c.in.listMembers(ctx, c.parts, d.Group)
	who := "google group " + d.Group
	if err != nil {
		c.say(who, err.Error(), c.hint(err, "directory"))
		return
	}
	known, err := c.in.membersIfAny(ctx)
	switch {
	case err != nil:
		c.say(who, err.Error(), "")
		return
	case len(list) == 0 && known.Group == d.Group && len(known.Members) > 0:
		since := known.Empty
		if since.IsZero() {
			since = time.Now()
		}
		f := explainFailure(c.in.suddenlyEmpty(d.Group, len(known.Members), since.Add(emptyFor)))
		c.say(who, f.what, f.todo)
		return
	case len(list) == 0:
		c.say(who, "it has no members", "add the people whose accounts are to be read to the group, or name them under google.delegation.users")
		return
	}
	c.app.sayf("%s: ok", who)
	c.app.sayf("  %s", counted(len(list), "member", "members"))
}

// signedIn checks an account that somebody signed in.
func (c *googleCheck) signedIn(a *account) {
	who := "google " + a.Address
	if missing := missingServices(a.Services, a.Scopes); len(missing) > 0 {
		c.say(who, "not granted: "+listed(missing), signInHint(a.Address)+", and leave every box ticked")
	}
	services := granted(*a, c.parts.cfg.Services)
	if unasked := slices.DeleteFunc(slices.Clone(c.parts.cfg.Services), func(s string) bool { return slices.Contains(a.Services, s) }); len(unasked) > 0 {
		c.app.sayf("%s: %s was never asked for; signing in again does", who, listed(unasked))
	}
	if err := c.token(a.Address, scopesOf(services)); errors.Is(err, oauth.ErrSignInAgain) {
		c.expired(who, a)
		return
	}
	c.try(who, a.Address, services)
}

// token gets one, so that every later call has it.
func (c *googleCheck) token(address string, scopes []string) error {
	ctx, cancel := context.WithTimeout(c.app.ctx, probeLimit)
	defer cancel()
	keeper, err := access{c.in}.keeper(address, scopes)
	if err != nil {
		return err
	}
	_, err = keeper.Token(ctx)
	return err
}

// An application in "Testing" gets refresh tokens that die after seven days
// (https://developers.google.com/identity/protocols/oauth2#expiration).
const (
	testingLife  = 7 * 24 * time.Hour
	testingSlack = 24 * time.Hour // how much later it may be noticed
)

// expired says why an account must be signed in again.
func (c *googleCheck) expired(who string, a *account) {
	if fresh, err := c.in.book.get(c.app.ctx, a.Address); err == nil {
		a = &fresh
	}
	if diedInTesting(a.Since, a.Expired) {
		c.say(who, fmt.Sprintf("the sign-in of %s ended after seven days: is the application still in \"Testing\"?", a.Since.In(c.in.cfg.Load().Location).Format(time.DateOnly)),
			"in the Google Cloud console under Google Auth Platform, Audience, make it Internal or publish it, then "+signInHint(a.Address))
		return
	}
	c.say(who, "Google accepts the sign-in no longer: it was revoked, the password was changed, or nobody used it for six months", signInHint(a.Address))
}

// diedInTesting says whether a sign-in lived as long as one of an application in "Testing" does.
func diedInTesting(since, expired time.Time) bool {
	life := expired.Sub(since)
	return !since.IsZero() && life >= testingLife-time.Hour && life <= testingLife+testingSlack
}

// try calls each service once.
func (c *googleCheck) try(who, address string, services []string) {
	good := true
	for _, service := range services {
		if err := c.call(address, service); err != nil {
			good = false
			c.say(who+" "+service, err.Error(), c.hint(err, service))
		}
	}
	if good && len(services) > 0 {
		c.app.sayf("%s: ok", who)
		c.app.sayf("  reads %s", listed(services))
	}
}

// call makes the cheapest call of a service. There is none for forms without a form: that there is no form of a made-up
// name is a good answer.
func (c *googleCheck) call(address, service string) error {
	ctx, cancel := context.WithTimeout(c.app.ctx, probeLimit)
	defer cancel()
	client, err := access{c.in}.Client(providerGoogle, address, scopesOf([]string{service})...)
	if err != nil {
		return err
	}
	place := map[string]string{
		"mail":     c.parts.endpoint("gmail") + "gmail/v1/users/me/profile",
		"calendar": c.parts.endpoint("calendar") + "users/me/calendarList?maxResults=1",
		"forms":    c.parts.endpoint("forms") + "v1/forms/tsunagu-check?fields=formId",
	}[service]
	err = getJSON(ctx, client, place, nil)
	var refused *refusedCall
	if service == "forms" && errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusBadRequest) {
		return nil
	}
	return err
}

// hint says what to do about a failed call.
func (c *googleCheck) hint(err error, service string) string {
	var fault *connectors.Fault
	var refused *refusedCall
	switch {
	case errors.As(err, &fault):
		return fault.Hint
	case !errors.As(err, &refused):
		return "see that this machine reaches Google"
	}
	api := map[string]string{"mail": "Gmail API", "calendar": "Google Calendar API", "forms": "Google Forms API", "directory": "Admin SDK API"}[service]
	switch strings.ToLower(refused.Reason) {
	case "service_disabled", "accessnotconfigured":
		return "in the Google Cloud console under APIs & Services, Library, enable the " + api
	case "access_token_scope_insufficient", "insufficientpermissions":
		return "sign in again, and leave every box ticked"
	case "user_project_denied", "userprojectmissing", "consumer_invalid":
		return "google.quota_project must be a project in which the " + api + " is enabled and the account may use services"
	case "ratelimitexceeded", "userratelimitexceeded", "quotaexceeded":
		return "Google's limit is used up for now; try again in a minute"
	}
	if c.parts.cfg.QuotaProject != "" && strings.Contains(refused.Message, c.parts.cfg.QuotaProject) {
		return "google.quota_project must be a project in which the " + api + " is enabled and the account may use services"
	}
	if refused.Status >= http.StatusInternalServerError {
		return "Google has trouble; try again later"
	}
	return "see whether the administrator of the Workspace allows the application to use the " + api
}

// clock says when ours and Google's are apart: sign-ins fail then.
func (c *googleCheck) clock() {
	if skew := c.parts.app.Skew(); skew != 0 {
		c.say("clock", "the clock of this machine is wrong: "+oauth.DescribeSkew(skew), "set it, and let it follow a time server")
	}
}
