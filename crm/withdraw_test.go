package crm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// event is how a calendar of an owner shows a meeting of Sato with Tanaka, 10:00 to 11:00, in its first state.
func event(source, owner string) crm.Activity {
	return crm.Activity{
		ID: "key", Key: "key", Kind: crm.KindMeeting, Direction: crm.DirectionOut, Version: 1, Time: hour(10), End: hour(11), Subject: "打ち合わせ", Text: "議題",
		Status: crm.MeetingConfirmed, Accounts: []string{"acc"}, Owners: []string{owner}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@client.jp"},
		People: []crm.Participant{{Address: "sato@x.jp", Role: crm.RoleOrganizer, Internal: true},
			{Kind: crm.Contact, ID: "p", Address: "tanaka@client.jp", Role: crm.RoleAttendee, Response: crm.ResponseNone}},
		Observed: []crm.Observation{{Source: source, ExternalID: "cal/e;", Owner: owner}},
		Meeting:  &crm.Meeting{UID: "uid", Updated: hour(1), Location: "東京", Stated: crm.MeetingConfirmed},
	}
}

// moved is the same event after it was moved.
func moved(a crm.Activity, sequence int, at, start time.Time) crm.Activity {
	m := *a.Meeting
	m.Sequence, m.Updated = sequence, at
	a.Meeting, a.Time, a.End = &m, start, start.Add(time.Hour)
	return a
}

func starts(list []crm.Revision) (out []int) {
	for _, r := range list {
		out = append(out, r.Start.Hour())
	}
	return out
}

func TestMergeMeetings(t *testing.T) {
	a, b := event("s", "sato@x.jp"), event("t", "suzuki@x.jp")
	if got := crm.Merge(a, a); !cmp.Equal(got, a) {
		t.Errorf("a single view is stored otherwise:\n%s", cmp.Diff(a, got))
	}
	t.Run("rescheduled", func(t *testing.T) {
		got := crm.Merge(crm.Merge(moved(a, 2, hour(3), hour(14)), b), moved(b, 1, hour(2), hour(12)))
		if got.Time != hour(14) || got.Version != 3 || !cmp.Equal(starts(got.Revisions), []int{10, 12}) || len(got.Owners) != 2 {
			t.Errorf("%v, version %d, revisions %+v, owners %v", got.Time, got.Version, got.Revisions, got.Owners)
		}
		want := crm.Revision{At: hour(1), Subject: "打ち合わせ", Start: hour(10), End: hour(11), Location: "東京", Status: crm.MeetingConfirmed}
		if diff := cmp.Diff(want, got.Revisions[0]); diff != "" {
			t.Errorf("first state (-want +got):\n%s", diff)
		}
	})
	t.Run("only somebody answered", func(t *testing.T) {
		answered := moved(a, 0, hour(5), hour(10))
		answered.People = []crm.Participant{a.People[0], a.People[1]}
		answered.People[1].Response = crm.ResponseAccepted
		got := crm.Merge(a, answered)
		if got.Version != 1 || got.Revisions != nil || got.People[1].Response != crm.ResponseAccepted {
			t.Errorf("version %d, revisions %+v, people %+v", got.Version, got.Revisions, got.People)
		}
	})
	t.Run("times only", func(t *testing.T) {
		busy := moved(b, 1, hour(4), hour(15))
		busy.Subject, busy.Text, busy.People, busy.Accounts, busy.Match = "", "", nil, nil, crm.Match{Rule: crm.RuleThread, Evidence: "x"}
		busy.Meeting.TimesOnly, busy.Meeting.Location = true, ""
		got := crm.Merge(busy, a)
		if got.Time != hour(15) || got.Subject != a.Subject || got.Meeting.Location != "東京" || len(got.People) != 2 || got.Meeting.TimesOnly || !cmp.Equal(starts(got.Revisions), []int{10}) {
			t.Errorf("%+v of %+v", got, got.Meeting)
		}
	})
	t.Run("replies", func(t *testing.T) {
		reply := func(at time.Time, response string) crm.Activity {
			r := moved(a, 0, at, hour(10))
			r.Text, r.People, r.Messages = "", r.People[1:], []crm.Key{"mail"}
			r.Meeting.Partial, r.Meeting.ReplyOnly = true, true
			r.Meeting.Replies = []crm.Reply{{Address: "tanaka@client.jp", Response: response, At: at}}
			return r
		}
		known := moved(a, 0, hour(4), hour(10))
		known.People = []crm.Participant{a.People[0], a.People[1]}
		known.People[1].Response = crm.ResponseAccepted
		for _, test := range []struct {
			name  string
			views []crm.Activity
			want  string
		}{
			{"nothing is known", []crm.Activity{reply(hour(0), crm.ResponseTentative), a}, crm.ResponseTentative},
			{"an older reply", []crm.Activity{reply(hour(3), crm.ResponseDeclined), known}, crm.ResponseAccepted},
			{"a later reply", []crm.Activity{known, reply(hour(5), crm.ResponseDeclined)}, crm.ResponseDeclined},
			{"two replies", []crm.Activity{reply(hour(6), crm.ResponseAccepted), a, reply(hour(5), crm.ResponseDeclined)}, crm.ResponseAccepted},
		} {
			got := test.views[0]
			for _, v := range test.views[1:] {
				got = crm.Merge(got, v)
			}
			if len(got.People) != 2 || got.People[1].Response != test.want || got.Text != "議題" || len(got.Messages) != 1 || got.Meeting.Partial || got.Version != 1 {
				t.Errorf("%s: %+v", test.name, got)
			}
		}
	})
	t.Run("guests are hidden", func(t *testing.T) {
		hidden := func(owner string, at int, response string) crm.Activity {
			v := moved(event(owner, owner), 0, hour(at), hour(10))
			v.People = []crm.Participant{{ID: "p", Kind: crm.Contact, Address: "tanaka@client.jp", Role: crm.RoleOrganizer}, {Address: owner, Role: crm.RoleAttendee, Response: response, Internal: true}}
			v.Meeting.Partial = true
			return v
		}
		got := crm.Merge(crm.Merge(hidden("sato@x.jp", 1, crm.ResponseAccepted), hidden("sato@x.jp", 3, crm.ResponseDeclined)), hidden("suzuki@x.jp", 2, crm.ResponseTentative))
		if len(got.People) != 3 || got.People[1].Response != crm.ResponseDeclined || got.People[2].Response != crm.ResponseTentative || !got.Meeting.Partial {
			t.Errorf("people %+v", got.People)
		}
	})
	t.Run("cancelled without words", func(t *testing.T) {
		gone := moved(a, 1, hour(2), hour(10))
		gone.Text, gone.People, gone.Meeting.Stated = "", nil, crm.MeetingCancelled
		got := crm.Merge(a, gone)
		if got.Status != crm.MeetingCancelled || got.Text != "議題" || len(got.People) != 2 || len(got.Revisions) != 1 || got.Revisions[0].Status != crm.MeetingConfirmed || got.Version != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestMergeMeetingsKeepsSome(t *testing.T) {
	got := event("s", "sato@x.jp")
	first := got
	for n := range 50 {
		got = crm.Merge(got, moved(first, n+1, hour(1).Add(time.Duration(n)*time.Minute), hour(10).Add(time.Duration(n+1)*time.Hour)))
	}
	if len(got.Revisions) != crm.MaxRevisions || !got.Revisions[0].Start.Equal(hour(10)) || got.Version != 51 {
		t.Errorf("version %d, %d revisions, first %v", got.Version, len(got.Revisions), got.Revisions[0].Start)
	}
	if again := crm.Merge(got, got); !cmp.Equal(again, got) {
		t.Error("merged with itself it is another")
	}
}

func TestWithdrawMeeting(t *testing.T) {
	both := crm.Merge(event("s", "Sato@x.jp"), event("t", "suzuki@x.jp"))
	mail := crm.Merge(both, func() crm.Activity {
		m := event("m", "sato@x.jp")
		m.Observed[0].Mail, m.Observed[0].ExternalID = true, "INBOX;1"
		return m
	}())
	outside := both
	outside.People = []crm.Participant{{ID: "p", Address: "tanaka@client.jp", Role: crm.RoleOrganizer}}
	type gone struct {
		source, ext string
		at          time.Time
	}
	for _, test := range []struct {
		name   string
		start  crm.Activity
		gone   []gone
		status string
	}{
		{"the organiser's", both, []gone{{"s", "cal/e;", hour(9)}}, crm.MeetingCancelled},
		{"the organiser's after its end", both, []gone{{"s", "cal/e;", hour(11)}}, crm.MeetingConfirmed},
		{"another's", both, []gone{{"t", "cal/e;", hour(9)}}, crm.MeetingConfirmed},
		{"of a mail about it", mail, []gone{{"m", "INBOX;1", hour(9)}}, crm.MeetingConfirmed},
		{"of all calendars but not of the mail", mail, []gone{{"t", "cal/e;", hour(9)}, {"s", "cal/e;", hour(9)}}, crm.MeetingCancelled},
		{"one of two of somebody outside", outside, []gone{{"s", "cal/e;", hour(9)}}, crm.MeetingConfirmed},
		{"both of somebody outside", outside, []gone{{"s", "cal/e;", hour(9)}, {"t", "cal/e;", hour(10)}}, crm.MeetingCancelled},
		{"both, one of them later", outside, []gone{{"s", "cal/e;", hour(9)}, {"t", "cal/e;", hour(12)}}, crm.MeetingConfirmed},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, before := test.start, test.start
			for _, g := range test.gone {
				next, changed := crm.Withdraw(a, g.source, g.ext, g.at)
				if !changed {
					t.Fatal("nothing changed")
				}
				if _, again := crm.Withdraw(next, g.source, g.ext, g.at); again {
					t.Error("a second time it changes something again")
				}
				a = next
			}
			want := 0
			if test.status == crm.MeetingCancelled {
				want = 1
			}
			if a.Status != test.status || a.Version != before.Version+want || len(a.Revisions) != want {
				t.Errorf("%s, version %d, revisions %+v", a.Status, a.Version, a.Revisions)
			}
			if diff := cmp.Diff(a, crm.Merge(a, a)); diff != "" {
				t.Errorf("merged with itself:\n%s", diff)
			}
			if before.Observed[0].Withdrawn || before.Observed[1].Withdrawn {
				t.Error("its argument was written to")
			}
			if want == 0 {
				return
			}
			next := test.start
			next.Observed = nil
			for _, o := range test.start.Observed {
				if o.Source == test.gone[len(test.gone)-1].source {
					next.Observed = []crm.Observation{o}
				}
			}
			back := crm.Sight(a, next, next.Observed[0].Source, next.Observed[0].ExternalID)
			if back.Status != crm.MeetingConfirmed || back.Version != a.Version+1 || len(back.Revisions) != 1 || back.Revisions[0].Status != crm.MeetingCancelled {
				t.Errorf("seen again: %s, version %d, %+v", back.Status, back.Version, back.Revisions)
			}
			later := crm.Merge(back, moved(next, 1, hour(5), hour(15)))
			if later.Version != back.Version+1 || len(later.Revisions) != 2 {
				t.Errorf("moved: version %d, %+v", later.Version, later.Revisions)
			}
		})
	}
	if _, changed := crm.Withdraw(both, "s", "other", hour(9)); changed {
		t.Error("what was not seen was withdrawn")
	}
}

func TestWithdrawMail(t *testing.T) {
	mail := crm.Activity{ID: "k", Key: "k", Kind: crm.KindEmail, Version: 1, Time: hour(1), Subject: "s", Text: "words", FullText: "words and more", Truncated: true,
		Attachments: []crm.Attachment{{Name: "a"}}, Custom: map[string]string{"a": "b"}, Owners: []string{"o"},
		Signals:  []crm.Signal{{Kind: crm.SignalLeft, Evidence: "words", NewEmail: "a@b.jp"}, {Kind: crm.SignalSignature, Evidence: "more", Fields: map[string]string{"title": "x"}}},
		Observed: []crm.Observation{{Source: "s", ExternalID: "1"}, {Source: "t", ExternalID: "1"}}}
	one, changed := crm.Withdraw(mail, "s", "1", hour(2))
	if !changed || one.Text != "words" || one.Status != "" || one.Version != 1 {
		t.Errorf("withdrawn once: %+v", one)
	}
	stone, _ := crm.Withdraw(one, "t", "1", hour(2))
	if stone.Text+stone.FullText != "" || stone.Attachments != nil || stone.Custom != nil || stone.Status != crm.StatusDeleted || stone.Version != 2 || stone.Subject != "s" {
		t.Errorf("withdrawn everywhere: %+v", stone)
	}
	if want := []crm.Signal{{Kind: crm.SignalLeft}}; !slices.EqualFunc(stone.Signals, want, func(a, b crm.Signal) bool { return a.Kind == b.Kind && a.Evidence+a.NewEmail == "" }) {
		t.Errorf("its words are kept in signals: %+v", stone.Signals)
	}
	seen := mail
	seen.Observed = seen.Observed[:1]
	back := crm.Sight(stone, seen, "s", "1")
	if back.Text != "words" || back.Status != "" || back.Version != 3 || back.Observed[0].Withdrawn || !back.Observed[1].Withdrawn || len(back.Attachments) != 1 || len(back.Signals) != 2 {
		t.Errorf("seen again: %+v", back)
	}
}

func TestOutcome(t *testing.T) {
	ended := event("s", "sato@x.jp")
	say := func(edit func(o *crm.Outcome)) crm.Outcome {
		o := crm.Outcome{Result: crm.OutcomeHeld, Note: " よい ", Next: crm.NextAction{When: "2026-12-01", Whom: "田中様", What: "見積"}, By: "sato@x.jp", At: hour(12)}
		edit(&o)
		return o
	}
	for _, test := range []struct {
		name string
		o    crm.Outcome
		want string // of the error
	}{
		{"all of it", say(func(*crm.Outcome) {}), ""},
		{"the least", crm.Outcome{Result: crm.OutcomeNoShow, By: "x", At: hour(11)}, ""},
		{"no result", say(func(o *crm.Outcome) { o.Result = "" }), "is not known"},
		{"no day", say(func(o *crm.Outcome) { o.Next.When = "tomorrow" }), "is not a day"},
		{"too long", say(func(o *crm.Outcome) { o.Note = strings.Repeat("あ", 2001) }), "2000"},
		{"several lines", say(func(o *crm.Outcome) { o.Next.What = "a\nb" }), "one line"},
		{"nobody", say(func(o *crm.Outcome) { o.By = "" }), "missing"},
		{"too early", say(func(o *crm.Outcome) { o.At = hour(10) }), "not ended"},
	} {
		got, err := crm.SetOutcome(ended, test.o)
		if test.want == "" {
			if err != nil || got.Outcome == nil || strings.Contains(got.Outcome.Note, " ") || ended.Outcome != nil {
				t.Errorf("%s: %+v, %v", test.name, got.Outcome, err)
			}
			continue
		}
		if !errors.Is(err, crm.ErrOutcome) || !strings.Contains(err.Error(), test.want) || got.Outcome != nil {
			t.Errorf("%s: %+v, %v", test.name, got.Outcome, err)
		}
	}
	said, _ := crm.SetOutcome(ended, say(func(*crm.Outcome) {}))
	if _, err := crm.SetOutcome(said, say(func(o *crm.Outcome) { o.At = hour(11) })); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("an earlier word in the place of a later one: %v", err)
	}
	if merged := crm.Merge(ended, said); merged.Outcome == nil || crm.Merge(merged, moved(ended, 1, hour(13), hour(15))).Outcome == nil {
		t.Error("a merge forgets the outcome")
	}
	if _, err := crm.SetOutcome(crm.Activity{Kind: crm.KindEmail}, say(func(*crm.Outcome) {})); !errors.Is(err, crm.ErrOutcome) {
		t.Errorf("a mail has an outcome: %v", err)
	}
}

func TestWantsOutcome(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(a *crm.Activity)
		now  time.Time
		want bool
	}{
		{"just ended", nil, hour(11), true},
		{"going on", nil, hour(10), false},
		{"two weeks later", nil, hour(11).Add(14 * 24 * time.Hour), true},
		{"longer ago", nil, hour(12).Add(14 * 24 * time.Hour), false},
		{"cancelled", func(a *crm.Activity) { a.Status = crm.MeetingCancelled }, hour(12), false},
		{"a day", func(a *crm.Activity) { a.Time = a.End.Add(-24 * time.Hour) }, hour(12), true},
		{"several days", func(a *crm.Activity) { a.Time = a.End.Add(-48 * time.Hour) }, hour(12), false},
		{"everybody declined", func(a *crm.Activity) { a.People[1].Response = crm.ResponseDeclined }, hour(12), false},
		{"a room outside", func(a *crm.Activity) { a.People[1].Type = crm.TypeRoom }, hour(12), false},
		{"colleagues", func(a *crm.Activity) { a.People[1].Internal = true }, hour(12), false},
		{"said already", func(a *crm.Activity) { a.Outcome = &crm.Outcome{} }, hour(12), false},
		{"a mail", func(a *crm.Activity) { a.Kind = crm.KindEmail }, hour(12), false},
	} {
		a := event("s", "sato@x.jp")
		if test.edit != nil {
			test.edit(&a)
		}
		if got := a.WantsOutcome(test.now); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	a := event("s", "sato@x.jp")
	a.People[1].Response = crm.ResponseDeclined
	if !a.Declined("Tanaka@client.jp") || a.Declined("sato@x.jp") || a.Declined("nobody@x.jp") {
		t.Error("who declined is not told")
	}
}
