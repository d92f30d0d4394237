package crm_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func hour(n int) time.Time { return time.Date(2026, 11, 24, n, 0, 0, 0, time.UTC) }

// drawMeeting draws a view of a meeting as a mapper makes it.
func drawMeeting(t *rapid.T, label string) crm.Activity {
	word := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label+name) }
	number := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, label+name) }
	flag := func(name string) bool { return rapid.Bool().Draw(t, label+name) }
	start := hour(9 + number("start", 2))
	a := crm.Activity{
		ID: "id", Key: "key", Kind: crm.KindMeeting, Version: 1, Time: start, End: start.Add(time.Hour),
		Direction: crm.Direction(word("direction", "in", "out")), Thread: word("thread", "", "key", "t", "u"),
		Owners: []string{word("owner", "o@x.jp", "p@x.jp")}, Accounts: []string{word("account", "1", "2")},
		Match: crm.Match{Rule: crm.Rule(word("rule", "address", "thread", "domain")), Evidence: word("evidence", "e", "f")},
		Meeting: &crm.Meeting{UID: "uid", Sequence: number("sequence", 2), Updated: hour(number("updated", 3)), Zone: word("zone", "", "Asia/Tokyo"),
			AllDay: flag("all day"), Stated: word("stated", "confirmed", "tentative", "cancelled"), Partial: flag("partial"), TimesOnly: number("times only", 4) == 0},
	}
	a.Status = a.Meeting.Stated
	if !a.Meeting.TimesOnly {
		a.Subject, a.Text, a.Truncated = word("subject", "", "a", "b"), word("text", "", "x", "y"), flag("truncated")
		a.Meeting.Location, a.Meeting.Conference = word("location", "", "here", "there"), word("conference", "", "https://meet")
	}
	for range number("people", 3) {
		a.People = append(a.People, crm.Participant{ID: word("id", "", "7"), Address: word("address", "o@x.jp", "a@b.jp", "A@b.jp", "c@d.jp"),
			Role: crm.Role(word("role", "organizer", "attendee")), Response: word("response", "", "needs_action", "accepted", "declined"),
			Optional: flag("optional"), Type: crm.ParticipantType(word("type", "", "room"))})
	}
	mail := number("kind of view", 3) == 0
	a.Meeting.Mail, a.Meeting.Private = mail, number("private", 4) == 0
	if mail {
		a.Messages = []crm.Key{crm.Key(word("message", "m", "n"))}
		for range number("letters", 2) {
			a.Letters = append(a.Letters, crm.Letter{Message: crm.Key(word("letter", "m", "n")), At: hour(number("written", 2)), From: "a@b.jp",
				Subject: word("letter subject", "a", "b"), Text: word("letter text", "x", "yy", "zz")})
		}
		if a.Meeting.Partial {
			a.Meeting.ReplyOnly = true
			a.Meeting.Replies = []crm.Reply{{Address: word("reply", "a@b.jp", "c@d.jp"), Response: word("answer", "accepted", "declined", "tentative"), At: hour(number("answered", 4))}}
		}
	}
	a.Observed = []crm.Observation{{Source: word("source", "s", "t"), ExternalID: word("ext", "1", "2"), Owner: a.Owners[0], Mail: mail,
		Withdrawn: number("withdrawn", 3) == 0, AfterEnd: flag("after end")}}
	if number("outcome", 3) == 0 {
		a.Outcome = &crm.Outcome{Result: word("result", "held", "no_show"), By: "o@x.jp", At: hour(number("said", 2))}
	}
	return a
}

// TestMergeMeetingsIsAnUnion: whatever the order and however often views come, the outcome is the same.
func TestMergeMeetingsIsAnUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawMeeting(t, "a "), drawMeeting(t, "b "), drawMeeting(t, "c ")
		ab := crm.Merge(a, b)
		for law, pair := range map[string][2]crm.Activity{
			"commutative":           {ab, crm.Merge(b, a)},
			"associative":           {crm.Merge(ab, c), crm.Merge(a, crm.Merge(b, c))},
			"idempotent":            {ab, crm.Merge(ab, ab)},
			"absorbing the old":     {ab, crm.Merge(ab, a)},
			"absorbing the new":     {ab, crm.Merge(b, ab)},
			"leaving its arguments": {crm.Merge(a, b), ab},
		} {
			if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
				t.Fatalf("not %s:\n%s", law, diff)
			}
		}
	})
}

func TestMergeMeetingsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var views []crm.Activity
		for i := range rapid.IntRange(1, 6).Draw(t, "views") {
			views = append(views, drawMeeting(t, fmt.Sprint(i, " ")))
		}
		want := crm.Merge(views[0], views[0])
		for _, v := range views[1:] {
			want = crm.Merge(want, v)
		}
		order := rapid.Permutation(append(views, views...)).Draw(t, "order")
		got := order[0]
		for _, v := range order[1:] {
			got = crm.Merge(got, v)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order:\n%s", diff)
		}
	})
}

func TestRetitled(t *testing.T) {
	first := event("s", "sato@x.jp")
	was := crm.Merge(first, moved(first, 1, hour(2), hour(14)))
	now := was
	now.Subject = "別の件名"
	now = crm.Retitled(was, now)
	got := crm.Merge(now, now)
	if got.Subject != "別の件名" || got.Version != 2 || len(got.Revisions) != 1 || got.Revisions[0].Subject != "別の件名" || !got.Revisions[0].Start.Equal(hour(10)) {
		t.Errorf("version %d, revisions %+v", got.Version, got.Revisions)
	}
	if was.Revisions[0].Subject != "打ち合わせ" || was.Meeting.Memory.States[0].Subject != "打ち合わせ" {
		t.Error("what it was made of was written to")
	}
	if back := crm.Retitled(first, first); !cmp.Equal(back, first) {
		t.Error("the same title changes something")
	}
}

// TestForgedMails: whatever a mail claims, all but what mails may add is as if it had not been there, once a calendar
// shows the meeting.
func TestForgedMails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		merged := func(views []crm.Activity) crm.Activity {
			out := crm.Merge(views[0], views[0])
			for _, v := range views[1:] {
				out = crm.Merge(out, v)
			}
			return out
		}
		var calendars, all []crm.Activity
		for i := range rapid.IntRange(1, 4).Draw(t, "calendars") {
			v := drawMeeting(t, fmt.Sprint("calendar ", i, " "))
			v.Meeting.Mail, v.Meeting.ReplyOnly, v.Meeting.Replies, v.Messages, v.Letters = false, false, nil, nil, nil
			v.Observed[0].Mail = false
			if i == 0 { // one that may say words and shows somebody
				v.Meeting.TimesOnly, v.Subject = false, "true"
				v.People = append(v.People, crm.Participant{Address: "o@x.jp", Role: crm.RoleOrganizer})
			}
			calendars = append(calendars, v)
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "mails") {
			v := drawMeeting(t, fmt.Sprint("mail ", i, " "))
			v.Meeting.Mail, v.Meeting.ReplyOnly, v.Meeting.Replies = true, false, nil
			v.Meeting.Sequence += 100
			v.Observed = []crm.Observation{{Source: "mail", ExternalID: fmt.Sprint(i), Owner: v.Owners[0], Mail: true}}
			v.Outcome = nil
			all = append(all, v)
		}
		all = append(all, calendars...)
		want, got := merged(calendars), merged(rapid.Permutation(all).Draw(t, "order"))
		got.Owners, got.Observed, got.Thread = want.Owners, slices.DeleteFunc(got.Observed, func(o crm.Observation) bool { return o.Mail }), want.Thread
		got.Messages, got.Letters = want.Messages, want.Letters
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("with mails:\n%s", diff)
		}
	})
}
