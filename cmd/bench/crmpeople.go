package main

import (
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// crmReps are the owners of the people, bigPeople those who work for the big customer.
const (
	crmReps   = 100
	bigPeople = 100
)

// bigPerson is somebody who works for the big customer.
func bigPerson(n int, now time.Time) crm.Person {
	return crm.Person{ID: crm.DerivedID("bench person", "big", fmt.Sprint(n)), Kind: crm.Contact, Name: fmt.Sprintf("田中 %d郎", n), FamilyName: "田中",
		AccountID: bigAccount, Emails: []string{fmt.Sprintf("tanaka%d@company.example", n)}, Owner: userName, Origin: "import", Created: now, Updated: now}
}

// crowdPerson is the n-th person of the crowd as a lead.
func crowdPerson(c *mailgen.Crowd, n int, now time.Time) crm.Person {
	p := c.Person(n)
	made := now.AddDate(0, 0, -n%700)
	return crm.Person{ID: crm.DerivedID("bench person", fmt.Sprint(n)), Kind: crm.Lead, Name: p.Name, FamilyName: p.Family, GivenName: p.Given, Kana: p.Kana,
		Company: c.Company(p.Account).Name, Emails: []string{p.Email}, Phones: []crm.Phone{{Number: p.Phone, E164: crm.NormalizePhone(p.Phone, "JP")}},
		Owner: fmt.Sprintf("rep%d@example.co.jp", n%crmReps), Status: crm.StatusNew, Origin: "import", Created: made, Updated: made,
		Given: crm.Touch{Channel: fmt.Sprintf("channel %d", n%8), Campaign: fmt.Sprintf("campaign %d", n%60)}}
}

// crowdRow is the n-th person as a row of a file, with a title of the run.
func crowdRow(c *mailgen.Crowd, n, run int) []string {
	p := c.Person(n)
	return []string{p.Name, p.Kana, c.Company(p.Account).Name, p.Email, p.Phone, fmt.Sprintf("課長 %d", run)}
}
