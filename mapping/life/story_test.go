package life_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

const (
	tanaka  = "a1000000000000000000000000000001"
	suzuki  = "a1000000000000000000000000000002"
	address = "tanaka@client.example"
	rep     = "sato@example.co.jp"
)

func tokyo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// moment reads "2026-11-02 10:00" as it is in Tokyo; without a time of the day it is noon.
func moment(t testing.TB, s string) time.Time {
	t.Helper()
	if len(s) == len(time.DateOnly) {
		s += " 12:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, tokyo(t))
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func rulesOf(t testing.TB, doc life.Document) *life.Rules {
	t.Helper()
	rules, problems := life.New(doc, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return rules
}

// story is what a store knows of one person, and does with what following makes of it.
type story struct {
	t     testing.TB
	rules *life.Rules
	f     crm.Following
	loads map[string]crm.Load
	last  crm.Followed
}

func newStory(t testing.TB, rules *life.Rules) *story {
	p := crm.Person{ID: tanaka, Kind: crm.Lead, Name: "田中 太郎", Company: "株式会社サンプル", Emails: []string{address}, Owner: rep,
		Status: crm.StatusNew, Origin: "form", Created: moment(t, "2026-11-02 09:00")}
	return &story{t: t, rules: rules, f: crm.Following{ID: tanaka, Person: &p}, loads: map[string]crm.Load{}}
}

// follow works out what follows at a time, and keeps it as the store does.
func (s *story) follow(now string) crm.Followed {
	s.t.Helper()
	return s.followAt(moment(s.t, now))
}

func (s *story) followAt(now time.Time) crm.Followed {
	slices.SortFunc(s.f.Activities, func(a, b crm.Activity) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(b.ID, a.ID))
	})
	slices.SortFunc(s.f.Changes, func(a, b crm.Change) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	around := &life.Around{Now: now, Location: tokyo(s.t), Locale: "ja", Loads: s.loads}
	out := s.rules.Follow(s.f, around)
	s.keep(out, now)
	s.last = out
	return out
}

func (s *story) keep(out crm.Followed, now time.Time) {
	p := *s.f.Person
	p.Status, p.Reason, p.StatusAt = out.Status, out.Reason, out.StatusAt
	p.Owner = cmp.Or(out.Owner, p.Owner)
	if out.Request != "" {
		p.Request, p.Stage, p.Final = out.Request, out.Stage, out.Final
	}
	s.f.Person, s.f.Standing = &p, out.Standing
	s.f.Changes = slices.DeleteFunc(s.f.Changes, func(c crm.Change) bool { return !c.Fixed(out.Rules) })
	for _, c := range out.Changes {
		if !slices.ContainsFunc(s.f.Changes, func(old crm.Change) bool { return old.ID == c.ID }) {
			s.f.Changes = append(s.f.Changes, c)
		}
	}
	for _, p := range out.Proposals {
		at := slices.IndexFunc(s.f.Proposals, func(old crm.Proposal) bool { return old.ID == p.ID })
		if at < 0 {
			s.f.Proposals = append(s.f.Proposals, p)
		} else if next, changed := crm.RaiseProposal(&s.f.Proposals[at], p); changed {
			s.f.Proposals[at] = next
		}
	}
	for _, task := range out.Tasks {
		if !slices.ContainsFunc(s.f.Tasks, func(old crm.Task) bool { return old.ID == task.ID }) {
			s.f.Tasks = append(s.f.Tasks, task)
		}
	}
	for _, done := range out.TasksDone {
		at := slices.IndexFunc(s.f.Tasks, func(old crm.Task) bool { return old.ID == done.ID })
		s.f.Tasks[at] = done
	}
	s.f.Tasks = slices.DeleteFunc(s.f.Tasks, func(t crm.Task) bool {
		return t.Dropped || !t.Done.IsZero() && t.Done.Before(now.AddDate(0, 0, -30))
	})
}

// by is a decision of a person about the status.
func (s *story) by(at, to string) *story {
	c := crm.Change{ID: crm.DerivedID("test", at, to), Person: s.f.ID, Field: crm.ChangeStatus, At: moment(s.t, at), From: string(s.f.Person.Status), To: to, By: rep}
	s.f.Changes = append(s.f.Changes, c)
	p := *s.f.Person
	p.Status, p.StatusAt = crm.LeadStatus(to), c.At
	s.f.Person = &p
	return s
}

// undo takes the last change of the status back.
func (s *story) undo(at string) *story {
	s.t.Helper()
	last := -1
	for i := range s.f.Changes {
		if c := &s.f.Changes[i]; c.Field == crm.ChangeStatus && c.Undone == "" && c.Undoes == "" && (last < 0 || c.At.After(s.f.Changes[last].At)) {
			last = i
		}
	}
	if last < 0 {
		s.t.Fatal("there is nothing to take back")
	}
	c := &s.f.Changes[last]
	back := crm.Change{ID: crm.DerivedID("test", "undo", c.ID), Person: s.f.ID, Field: crm.ChangeStatus, At: moment(s.t, at), From: c.To, To: c.From, By: rep, Undoes: c.ID}
	c.Undone = back.ID
	s.f.Changes = append(s.f.Changes, back)
	return s
}

// history is the status changes as "11-02 new>working first_mail", oldest first.
func (s *story) history() (out []string) {
	slices.SortFunc(s.f.Changes, func(a, b crm.Change) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	for _, c := range s.f.Changes {
		if c.Field == crm.ChangeStatus {
			mark := ""
			if c.Undone != "" {
				mark = " (undone)"
			}
			out = append(out, fmt.Sprintf("%s %s>%s %s%s", c.At.In(tokyo(s.t)).Format("01-02"), c.From, c.To, cmp.Or(c.Rule, c.By), mark))
		}
	}
	return out
}

func (s *story) add(list ...crm.Activity) *story {
	for _, a := range list {
		s.f.Activities = slices.DeleteFunc(s.f.Activities, func(old crm.Activity) bool { return old.ID == a.ID })
		s.f.Activities = append(s.f.Activities, a)
	}
	return s
}

func act(t testing.TB, kind crm.ActivityKind, direction crm.Direction, at, subject string, people ...crm.Participant) crm.Activity {
	id := crm.DerivedID("activity", string(kind), string(direction), at, subject)
	return crm.Activity{ID: id, Key: crm.Key(id), Kind: kind, Direction: direction, Time: moment(t, at), Subject: subject, People: people, Owners: []string{rep}}
}

func client(role crm.Role) crm.Participant {
	return crm.Participant{Kind: crm.Lead, ID: tanaka, Name: "田中", Address: address, Role: role}
}

func us(role crm.Role) crm.Participant {
	return crm.Participant{Address: rep, Role: role, Internal: true}
}

func mailIn(t testing.TB, at, subject string, signals ...crm.Signal) crm.Activity {
	a := act(t, crm.KindEmail, crm.DirectionIn, at, subject, client(crm.RoleFrom), us(crm.RoleTo))
	a.Class, a.Signals = crm.ClassPersonal, signals
	return a
}

func mailOut(t testing.TB, at, subject string, signals ...crm.Signal) crm.Activity {
	a := act(t, crm.KindEmail, crm.DirectionOut, at, subject, us(crm.RoleFrom), client(crm.RoleTo))
	a.Class, a.Signals = crm.ClassPersonal, signals
	return a
}

func autoReply(t testing.TB, at string, signals ...crm.Signal) crm.Activity {
	a := mailIn(t, at, "自動応答", signals...)
	a.Class = crm.ClassAutoReply
	return a
}

func bounce(t testing.TB, at string, kind crm.SignalKind) crm.Activity {
	a := act(t, crm.KindEmail, crm.DirectionIn, at, "Undelivered Mail Returned to Sender", client(crm.RoleBounced), us(crm.RoleTo))
	a.Class = crm.ClassBounce
	a.Signals = []crm.Signal{{Kind: kind, Address: address, Evidence: "550 5.1.1 no such user", Code: "5.1.1", Reason: "no_mailbox"}}
	return a
}

func form(t testing.TB, at, product string, touch crm.Touch) crm.Activity {
	a := act(t, crm.KindForm, crm.DirectionIn, at, "資料請求", client(crm.RoleSubmitter))
	a.Form, a.Product, a.Touch = "contact", product, touch
	return a
}

func call(t testing.TB, at, result string, next crm.NextAction) crm.Activity {
	a := act(t, crm.KindCall, crm.DirectionOut, at, "", client(crm.RoleTo))
	a.Call, a.By = &crm.Call{Result: result, Next: next}, rep
	return a
}

// meeting lasts an hour; it was made known on a day.
func meeting(t testing.TB, known, at, response string, outcome *crm.Outcome) crm.Activity {
	guest := client(crm.RoleAttendee)
	guest.Response = response
	a := act(t, crm.KindMeeting, crm.DirectionNone, at, "ご紹介", us(crm.RoleOrganizer), guest)
	a.End = a.Time.Add(time.Hour)
	a.Status = crm.MeetingConfirmed
	a.Meeting = &crm.Meeting{UID: "m1", Updated: moment(t, known)}
	if outcome != nil {
		outcome.By, outcome.At = rep, a.End.Add(time.Minute)
	}
	a.Outcome = outcome
	return a
}

func cancelled(t testing.TB, a crm.Activity, at string, letter string) crm.Activity {
	m := *a.Meeting
	m.Updated = moment(t, at)
	a.Status, a.Meeting = crm.MeetingCancelled, &m
	if letter != "" {
		a.Letters = []crm.Letter{{At: moment(t, letter), From: rep}}
	}
	return a
}

func held() *crm.Outcome { return &crm.Outcome{Result: crm.OutcomeHeld} }

func sig(kind crm.SignalKind, evidence string) crm.Signal {
	return crm.Signal{Kind: kind, Evidence: evidence}
}
