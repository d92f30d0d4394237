package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// lettered is an invitation whose mail says something itself.
func (w *world) lettered(c crm.Claim, ext, mail, from string) crm.Write {
	write := w.invitation(c, ext, mail, "u", w.now.Add(time.Hour), "p")
	write.Activity.Letters = []crm.Letter{{Message: key(mail), At: w.now.Add(time.Duration(len(ext)) * time.Minute), From: from, Subject: "Re: " + mail, Text: "letter of " + mail}}
	return write
}

func (w *world) letters() (out []string) {
	w.t.Helper()
	for _, l := range w.meetingOf("u").Letters {
		out = append(out, l.Text)
	}
	return out
}

func (w *world) wantLetters(what string, mails ...string) {
	w.t.Helper()
	var want []string
	for _, mail := range mails {
		want = append(want, "letter of "+mail)
	}
	if diff := cmp.Diff(want, w.letters()); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testLetters(t *testing.T, w *world) {
	w.commit(w.b, w.meeting(w.b, "cal/e;", "u", w.now.Add(time.Hour), "p"))
	w.commit(w.a, w.lettered(w.a, "22", "second", "p@client.co.jp"), w.lettered(w.a, "1", "first", sato), w.lettered(w.a, "333", "third", sato))
	w.commit(w.b, w.lettered(w.b, "333", "third", sato))
	w.wantLetters("all", "first", "second", "third")
	got := w.meetingOf("u")
	if got.Meeting.Mail || got.Observed[0].Message != key("first") || !got.Observed[0].Mail || got.Observed[4].Message != "" || got.Observed[4].Mail {
		t.Errorf("places: %+v", got.Observed)
	}
	if list := timeline(t, w.s, crm.ActivityFilter{Person: "p"}); len(list) != 1 || len(list[0].Letters) != 3 {
		t.Errorf("in the timeline: %+v", list)
	}
	w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{{Source: "a", ExternalID: "1"}, {Source: "a", ExternalID: "333"}}, "subject: x", w.now))
	w.wantLetters("one mail is excluded, one in one of two places", "second", "third")
	w.gone("letter of first")
	w.withdraw(w.a, crm.Scope{Prefix: "22"})
	w.wantLetters("one is deleted", "third")
	w.gone("letter of second")
	w.commit(w.b, w.other("333", "third", crm.Excluded, "class: x"))
	w.wantLetters("none is left")
	w.gone("letter of third")
	w.commit(w.a, w.lettered(w.a, "22", "second", "p@client.co.jp"))
	w.wantLetters("one is seen again", "second")
	w.kept("letter of second", "agenda of u")
}

func testEraseLetters(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("forgotten", forgotten), w.person("p", "p@client.co.jp")}))
	event := w.meeting(w.b, "cal/e;", "u", w.now.Add(time.Hour), "p", "forgotten")
	event.Activity.People[2].Address = erased
	theirs, about := w.lettered(w.a, "1", "theirs", erased), w.lettered(w.a, "22", "about", sato)
	about.Activity.Letters[0].Subject = "About " + erased
	w.commit(w.b, event)
	w.commit(w.a, theirs, about)
	w.wantLetters("before", "theirs", "about")
	if _, changed, err := w.s.Erase(w.ctx, "it", forgotten, w.now); err != nil || changed != 1 {
		t.Fatalf("%d changed, %v", changed, err)
	}
	w.wantLetters("after", "about")
	if got := w.meetingOf("u").Letters[0].Subject; got != "About [erased]" {
		t.Errorf("the letter about them: %q", got)
	}
	w.gone(erased, "letter of theirs")
	w.kept("letter of about")
}

func testPrivateMeeting(t *testing.T, w *world) {
	w.commit(w.b, w.meeting(w.b, "cal/e;", "u", w.now.Add(time.Hour), "p"))
	w.commit(w.a, w.lettered(w.a, "1", "first", sato))
	private := w.meeting(w.b, "cal/e;", "u", w.now.Add(2*time.Hour), "p")
	private.Activity.Meeting.Private, private.Activity.Meeting.Sequence = true, 1
	w.commit(w.b, private)
	late := w.lettered(w.a, "22", "second", sato)
	late.Activity.Meeting.Sequence = 9
	w.commit(w.a, late)
	got := w.meetingOf("u")
	if !got.Meeting.Private || got.Subject+got.Text+got.Meeting.Location != "" || got.Letters != nil || len(got.Revisions) != 1 || got.Revisions[0].Subject+got.Revisions[0].Location != "" || len(got.People) != 2 {
		t.Errorf("private: %+v of %+v", got, got.Meeting)
	}
	w.gone("letter of", "agenda of u", "打ち合わせ u", "東京")
	open := w.meeting(w.b, "cal/e;", "u", w.now.Add(2*time.Hour), "p")
	open.Activity.Meeting.Sequence, open.Activity.Meeting.Updated = 2, w.now
	w.commit(w.b, open)
	if got := w.meetingOf("u"); got.Meeting.Private || got.Text != "agenda of u" || got.Letters != nil || got.Revisions[0].Subject != "" {
		t.Errorf("not private any more: %+v of %+v", got, got.Meeting)
	}
}

// testSameMeeting: customers whose programs give every event the same UID have meetings of their own.
func testSameMeeting(t *testing.T, w *world) {
	by := func(write crm.Write, organizer string) crm.Write {
		write.Activity.People[0] = crm.Participant{Address: organizer, Role: crm.RoleOrganizer}
		return write
	}
	at := w.now.Add(time.Hour)
	w.commit(w.a, by(w.invitation(w.a, "1", "one", "u", at, "p"), "x@one.jp"), by(w.invitation(w.a, "2", "two", "u", at, "q"), "y@two.jp"))
	w.commit(w.b, by(w.invitation(w.b, "2", "two", "u", at, "q"), "Y@two.jp"), by(w.invitation(w.b, "1", "one", "u", at, "p"), "X@one.jp"))
	places := func(list []crm.Activity) (out []string) {
		for _, a := range list {
			for _, o := range a.Observed {
				out = append(out, o.Source+"/"+o.ExternalID)
			}
		}
		return out
	}
	for person, want := range map[string][]string{"p": {"a/1", "b/1"}, "q": {"a/2", "b/2"}} {
		if diff := cmp.Diff(want, places(timeline(t, w.s, crm.ActivityFilter{Person: person}))); diff != "" {
			t.Errorf("meetings of %s (-want +got):\n%s", person, diff)
		}
	}
	// Its row shows no organiser any more.
	bare := w.invitation(w.a, "2", "two", "u", at, "q")
	bare.Activity.People = slices.Delete(bare.Activity.People, 0, 1)
	bare.Activity.Meeting.Sequence = 1
	w.commit(w.a, bare)
	if got := timeline(t, w.s, crm.ActivityFilter{Person: "q"}); len(got) != 1 || len(got[0].Observed) != 2 || got[0].Meeting.Sequence != 1 {
		t.Errorf("without organiser: %+v", got)
	}
	// One of two calendars shows another owner of the same meeting.
	w.commit(w.a, by(w.meeting(w.a, "cal/v;", "v", at, "r"), "x@one.jp"))
	w.commit(w.b, by(w.meeting(w.b, "cal/v;", "v", at, "r"), "z@one.jp"))
	if got := w.meetingOf("v"); len(got.Observed) != 2 {
		t.Errorf("with another owner: %+v", got.Observed)
	}
}
