package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type convertCommand struct {
	Person      string `arg:"" help:"The lead: id, mail address or key of an import."`
	Account     string `placeholder:"ACCOUNT" help:"An account that is there: id, domain, key or name. Without it one is made of the lead's company."`
	Contact     string `placeholder:"PERSON" help:"A contact that is there, into whom the lead is merged."`
	Opportunity string `placeholder:"NAME" help:"Make an opportunity of this name, too."`
	Amount      int64  `help:"Amount of the opportunity, in the smallest unit of the currency."`
	Expected    string `placeholder:"DAY" help:"Day of its expected close, such as 2026-12-31."`
	DryRun      bool   `help:"Say what would be done, and what fits that is there already."`
}

// Run makes a contact of an account out of a lead.
func (c *convertCommand) Run(a *app) error {
	if c.Opportunity == "" && (c.Amount != 0 || c.Expected != "") {
		return misused("name it with --opportunity NAME", "an amount and an expected day belong to an opportunity, and none is to be made")
	}
	return a.with(streams{}, func(in *instance) error {
		plan, err := c.plan(a, in)
		if err != nil {
			return err
		}
		if c.DryRun {
			preview, err := in.store.PreviewConversion(a.ctx, plan)
			if err != nil {
				return explainRefusal(err)
			}
			c.show(a, preview)
			return nil
		}
		done, err := in.store.Convert(a.ctx, actorCLI, plan, time.Now().UTC())
		if err != nil {
			return explainRefusal(err)
		}
		in.settleAfter(a.ctx)
		a.sayf("contact %s, account %s%s", done.Contact, done.Account, orNothing(", opportunity ", done.Opportunity))
		a.notef("`tsunagu undo %s` takes it back.", done.ID)
		return nil
	})
}

func (c *convertCommand) plan(a *app, in *instance) (crm.ConversionPlan, error) {
	p, err := in.person(a.ctx, c.Person)
	if err != nil {
		return crm.ConversionPlan{}, err
	}
	plan := crm.ConversionPlan{Person: p.ID, Domain: in.mapper().CompanyDomain(p.Emails)}
	if c.Account != "" {
		account, err := in.account(a.ctx, c.Account)
		if err != nil {
			return plan, err
		}
		plan.Account = account.ID
	}
	if c.Contact != "" {
		contact, err := in.person(a.ctx, c.Contact)
		if err != nil {
			return plan, err
		}
		plan.Contact = contact.ID
	}
	if c.Opportunity != "" {
		plan.Opportunity = &crm.Opportunity{ID: crm.NewID(), Name: c.Opportunity, Amount: c.Amount, Expected: c.Expected}
	}
	return plan, nil
}

func (c *convertCommand) show(a *app, p crm.ConversionPreview) {
	which := "the account that is there"
	if p.New {
		which = "a new account"
	}
	a.sayf("%s becomes a contact of %s: %s", p.Person.Name, which, p.Account.Name)
	for _, list := range []struct {
		what string
		list []crm.Candidate
	}{{"account", p.Accounts}, {"contact", p.Contacts}} {
		for _, candidate := range list.list {
			a.sayf("there is already the %s %s (%s): %s %s", list.what, candidate.Name, candidate.ID, candidate.Rule, candidate.Evidence)
		}
	}
}

func orNothing(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

// explainRefusal makes a sentence of what the store refuses.
func explainRefusal(err error) error {
	text := strings.TrimSpace(fmt.Sprint(err))
	switch {
	case isAny(err, crm.ErrNotFound):
		return failed("look at the ids again", "%s", text)
	case isAny(err, crm.ErrRefused, crm.ErrConflict):
		return failed("", "%s", text)
	}
	return err
}
