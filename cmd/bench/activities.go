package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

const (
	bigAccount   = "0123456789abcdef0123456789abcdef"
	storedSource = "bench"
)

// activityMaker makes the activities of a company that has logged mail for years: 1.7 KB each, a fifth of
// them with one big customer.
type activityMaker struct {
	rng   *rand.Rand
	text  string
	made  int
	crowd *mailgen.Crowd // whose mail it is, beside the big customer's; nil for ten thousand strangers
}

func newActivityMaker() *activityMaker {
	text := strings.Repeat("お世話になっております。先日の見積もりの件でご連絡いたしました。 The quote is attached. ", 14)
	return &activityMaker{rng: rand.New(rand.NewPCG(1, 2)), text: text}
}

// batch is the commit of one fetch, newest first as sources yield them.
func (m *activityMaker) batch(n int, epoch uint64, start time.Time) crm.Commit {
	c := crm.Commit{Source: storedSource, Owner: userName, Epoch: epoch, MoveCursor: true, At: start}
	for range n {
		c.Writes = append(c.Writes, m.write(start))
	}
	c.Cursor = fmt.Sprint(m.made)
	return c
}

func (m *activityMaker) write(start time.Time) crm.Write {
	m.made++
	id := fmt.Sprintf("INBOX;UIDVALIDITY=1700000000;UID=%d", 10_000_000-m.made)
	key := crm.MessageKey(fmt.Sprintf("<%d.%x@company.example>", m.made, m.rng.Uint64()), crm.MessageIdentity{})
	account, from := m.who()
	at := start.Add(-time.Duration(m.made) * time.Minute)
	activity := &crm.Activity{
		ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: at,
		Subject: "お見積もりの件 " + fmt.Sprint(m.made), Text: m.text[:1200+m.rng.IntN(200)/2*2],
		People: []crm.Participant{
			from,
			{Name: "佐藤", Address: userName, Role: crm.RoleTo, Internal: true},
		},
		Accounts: accountsOf(account), Owners: []string{userName}, Thread: string(key), Version: 1,
		Observed: []crm.Observation{{Source: storedSource, ExternalID: id, Owner: userName, Folder: "INBOX"}},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: from.Address},
	}
	activity.Text = strings.ToValidUTF8(activity.Text, "")
	entry := crm.Entry{Source: storedSource, ExternalID: id, Key: key, SeenAt: start, ItemTime: at, Verdict: crm.Logged,
		Reason: crm.ReasonMatched, Activity: activity.ID}
	return crm.Write{Entry: entry, Activity: activity}
}

// who picks the customer: the big one, one of the crowd or one of ten thousand.
func (m *activityMaker) who() (account string, from crm.Participant) {
	if m.rng.IntN(5) == 0 {
		p := bigPerson(m.rng.IntN(bigPeople), time.Time{})
		return bigAccount, crm.Participant{Kind: p.Kind, ID: p.ID, Name: p.Name, Address: p.Emails[0], Role: crm.RoleFrom}
	}
	if m.crowd != nil {
		p := crowdPerson(m.crowd, m.rng.IntN(manyPeople), time.Time{})
		return "", crm.Participant{Kind: p.Kind, ID: p.ID, Name: p.Name, Address: p.Emails[0], Role: crm.RoleFrom}
	}
	n := m.rng.IntN(10_000)
	return crm.DerivedID("bench account", fmt.Sprint(n)),
		crm.Participant{Kind: crm.Contact, ID: crm.DerivedID("bench person", fmt.Sprint(n)), Name: "田中 一郎", Address: "tanaka@company.example", Role: crm.RoleFrom}
}

func accountsOf(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}
