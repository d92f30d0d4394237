package mapping_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// sighting is an item with the source that yields it.
type sighting struct {
	src  mapping.Source
	item connectors.Item
}

// drawSightings makes what can be seen of one meeting: the copies of three reps, the invitation and its update, the
// answers to it, the cancellation, and a mail that answers the invitation. The list of those invited grows as the
// meeting is changed; a copy may hide it.
func drawSightings(t *rapid.T) []sighting {
	people := []string{"tanaka@client.co.jp", "suzuki.hanako@gmail.com", "new@client.co.jp", "stranger@other.example", "family@docomo.ne.jp", "kato@example.co.jp"}
	organizer := rapid.SampledFrom([]string{"sato@example.co.jp", "tanaka@client.co.jp", "new@client.co.jp", "stranger@other.example"}).Draw(t, "organizer")
	guests := rapid.Permutation(people).Draw(t, "guests")
	state := func(sequence int) *connectors.Meeting {
		m := event(organizer, guests[:min(2*sequence+2, len(guests))]...).Meeting
		m.Sequence, m.Updated = sequence, noon.Add(time.Duration(sequence)*time.Hour)
		m.Start = m.Start.Add(time.Duration(sequence) * 24 * time.Hour)
		m.End = m.Start.Add(time.Hour)
		m.Location = fmt.Sprint("room ", sequence)
		m.Attendees[0].Response = rapid.SampledFrom([]string{crm.ResponseNone, crm.ResponseAccepted, crm.ResponseDeclined}).Draw(t, "response")
		return m
	}
	states := []*connectors.Meeting{state(0), state(1), state(2)}
	anyState := func() *connectors.Meeting { m := *rapid.SampledFrom(states).Draw(t, "state"); return &m }
	var list []sighting
	for i, rep := range []string{"sato", "kato", "abe"} {
		item := connectors.Item{
			ExternalID: fmt.Sprintf("cal-%d/event;", i), Key: crm.MeetingKey("uid@x", ""), Kind: crm.KindMeeting, Folder: "仕事", Received: noon, Meeting: anyState(),
		}
		if rapid.IntRange(0, 3).Draw(t, "hidden") == 0 {
			item.Meeting.Attendees, item.Meeting.Partial = item.Meeting.Attendees[:1], true
		}
		list = append(list, sighting{mapping.Source{ID: rep, Owner: rep + "@example.co.jp"}, item})
	}
	mailOf := func(id, from, method string, m *connectors.Meeting, minutes int) {
		item := mail(id, from, "sato@example.co.jp")
		item.Message.Date, item.Received = noon.Add(time.Duration(minutes)*time.Minute), noon.Add(time.Duration(minutes)*time.Minute)
		m.Method = method
		item.Message.Class, item.Message.Invitation = crm.ClassInvitation, m
		list = append(list, sighting{sato, item})
	}
	mailOf("invite@x", organizer, "REQUEST", states[0], 1)
	updated := *states[1]
	mailOf("update@x", organizer, "REQUEST", &updated, 61)
	for i, guest := range guests[:2] {
		answer := *states[0]
		answer.Attendees = []connectors.Attendee{{Address: guest, Response: crm.ResponseAccepted}}
		answer.Partial = true
		mailOf(fmt.Sprintf("reply-%d@x", i), guest, "REPLY", &answer, 70+i)
	}
	if rapid.Bool().Draw(t, "cancelled") {
		off := *states[2]
		off.Sequence++
		mailOf("cancel@x", organizer, "CANCEL", &off, 200)
	}
	words := mail("answer@x", "anybody@other.example", "sato@example.co.jp")
	words.Message.References = []string{"invite@x"}
	list = append(list, sighting{sato, words})
	return list
}

// desk is a store in memory as far as matching needs one: activities by key with the other names of meetings, and
// the rows that wait, which are read again when what they wait for is logged.
type desk struct {
	*book
	t          *rapid.T
	m          *mapping.Mapper
	activities map[crm.Key]crm.Activity
	waiting    []sighting
	rows       map[string]crm.Entry
}

func (d *desk) read(s sighting) {
	writes, _, err := d.m.Map(context.Background(), d.book, s.src, []connectors.Item{s.item}, noon)
	if err != nil {
		d.t.Fatal(err)
	}
	w := writes[0]
	d.rows[s.src.ID+" "+s.item.ExternalID] = w.Entry
	if w.Activity == nil {
		if len(w.Awaits) > 0 {
			d.waiting = append(d.waiting, s)
		}
		return
	}
	a := *w.Activity
	if old, ok := d.activities[a.Key]; ok {
		a = crm.Merge(old, a)
	} else {
		a = crm.Merge(a, a)
	}
	d.activities[a.Key] = a
	d.answer(a)
	again := d.waiting
	d.waiting = nil
	for _, s := range again {
		d.read(s)
	}
}

// answer lets the directory know an activity by its key and the keys of its mails.
func (d *desk) answer(a crm.Activity) {
	answer := crm.MessageAnswer{Activity: a.ID, Thread: a.Thread, Accounts: a.Accounts}
	for _, p := range a.People {
		if p.ID != "" {
			answer.People = append(answer.People, p)
		}
	}
	for _, key := range append([]crm.Key{a.Key}, a.Messages...) {
		d.messages[key] = answer
	}
}

func readAll(t *rapid.T, m *mapping.Mapper, sightings []sighting) *desk {
	d := &desk{book: clients(), t: t, m: m, activities: map[crm.Key]crm.Activity{}, rows: map[string]crm.Entry{}}
	for _, s := range sightings {
		d.read(s)
	}
	return d
}

// TestMeetingsInAnyOrder holds that it does not matter in which order calendars and mailboxes are read, nor how often.
// Whom the mail that answers concerns is told by those who were invited when it was read, so only its row is compared;
// so it is with a meeting of which the calendars show nobody known and mails told whom it concerns.
func TestMeetingsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, problems := mapping.New(org, mapping.Document{People: mapping.People{New: rapid.SampledFrom([]mapping.Policy{"", mapping.PolicyNever}).Draw(t, "policy")}})
		if problems != nil {
			t.Fatal(problems)
		}
		sightings := drawSightings(t)
		want := readAll(t, m, sightings)
		order := rapid.Permutation(append(slices.Clone(sightings), sightings[:rapid.IntRange(0, len(sightings)).Draw(t, "again")]...)).Draw(t, "order")
		got := readAll(t, m, order)
		meeting := crm.MeetingKey("uid@x", "")
		if diff := cmp.Diff(toldByAddresses(want.activities[meeting]), toldByAddresses(got.activities[meeting]), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read in the order %s:\n%s", names(order), diff)
		}
		if diff := cmp.Diff(verdicts(want), verdicts(got)); diff != "" {
			t.Fatalf("read in the order %s, rows:\n%s", names(order), diff)
		}
		for _, a := range got.activities {
			if a.Kind == crm.KindMeeting && len(a.Owners) != owners(a) {
				t.Fatalf("owners %q of %+v", a.Owners, a.Observed)
			}
		}
		if len(got.activities) > 2 {
			t.Fatalf("one meeting and one mail became %d activities", len(got.activities))
		}
	})
}

// toldByAddresses leaves out whom only the thread tells.
func toldByAddresses(a crm.Activity) crm.Activity {
	if a.Match.Rule != crm.RuleThread {
		return a
	}
	a.Accounts, a.Match = nil, crm.Match{}
	a.People = slices.DeleteFunc(slices.Clone(a.People), func(p crm.Participant) bool { return p.Role == crm.RoleThread })
	return a
}

// owners counts the reps whose sources saw it.
func owners(a crm.Activity) int {
	seen := map[string]bool{}
	for _, o := range a.Observed {
		seen[o.Owner] = true
	}
	return len(seen)
}

func verdicts(d *desk) map[string]string {
	out := map[string]string{}
	for id, row := range d.rows {
		out[id] = string(row.Verdict) + " " + row.Activity
	}
	return out
}

func names(list []sighting) string {
	var out []string
	for _, s := range list {
		out = append(out, s.src.ID+" "+s.item.ExternalID)
	}
	return strings.Join(out, ", ")
}

// TestMeetingWritesAreConsistent holds for meetings what TestBatchesDoNotMatter and TestEveryItemHasAConsistentVerdict
// hold for mail.
func TestMeetingWritesAreConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, dir, items := drawBatch(t)
		for _, s := range drawSightings(t) {
			items = append(items, s.item)
		}
		for i := range items {
			items[i].ExternalID = fmt.Sprint(i)
			if meeting := items[i].Meeting; meeting != nil {
				meeting.Private, meeting.Type = rapid.IntRange(0, 9).Draw(t, "private") == 0, rapid.SampledFrom([]string{"", "", "", "birthday"}).Draw(t, "type")
			}
		}
		if rapid.Bool().Draw(t, "known") {
			knowsMeeting("suzuki")(dir)
		}
		want := mapAll(t, m, dir, items)
		for _, w := range want {
			if a := w.Activity; a == nil || a.Meeting == nil || !a.Meeting.Partial { // a view that does not show everybody may show nobody known
				checkWrite(t, m, dir, w)
			}
		}
		cut := rapid.IntRange(0, len(items)).Draw(t, "cut")
		got := mapAll(t, m, dir, rapid.Permutation(items[:cut]).Draw(t, "order"))
		maps.Copy(got, mapAll(t, m, dir, items[cut:]))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("two batches (-want +got):\n%s", diff)
		}
	})
}
