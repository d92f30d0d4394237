package mapping_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

var (
	tuesday        = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	ours, customer = "sato@example.co.jp", "tanaka@client.co.jp"
	satoCalendar   = mapping.Source{ID: "sato-calendar", Owner: "sato@example.co.jp"}
)

// event is an entry of Sato's calendar with this organiser and these attendees: "address", or "Name <address>",
// with "?" in front if optional.
func event(organizer string, attendees ...string) connectors.Item {
	m := &connectors.Meeting{
		UID: "uid@x", Sequence: 1, Updated: noon, Start: tuesday, End: tuesday.Add(time.Hour), Zone: "Asia/Tokyo",
		Summary: "件名 TITLE", Description: "本文 WORDS", Location: "場所 PLACE", Conference: "https://meet.example/ROOM", Status: crm.MeetingConfirmed,
	}
	for _, box := range boxes(organizer) {
		if organizer != "" {
			m.Organizer = connectors.Attendee{Name: box.Name, Address: box.Address}
		}
	}
	for _, written := range attendees {
		bare, optional := strings.CutPrefix(written, "?")
		box := boxes(bare)[0]
		m.Attendees = append(m.Attendees, connectors.Attendee{Name: box.Name, Address: box.Address, Optional: optional, Response: crm.ResponseNone})
	}
	return connectors.Item{
		ExternalID: "cal/event;", Key: crm.MeetingKey("uid@x", ""), Kind: crm.KindMeeting, Folder: "仕事", Received: noon, Meeting: m,
	}
}

// room adds something that is no person.
func room(item connectors.Item, kind crm.ParticipantType, address string) connectors.Item {
	item.Meeting.Attendees = append(item.Meeting.Attendees, connectors.Attendee{Name: "会議室", Address: address, Type: kind})
	return item
}

func changed(item connectors.Item, change func(*connectors.Meeting)) connectors.Item {
	m := *item.Meeting
	change(&m)
	item.Meeting = &m
	return item
}

func TestMeetingIsLogged(t *testing.T) {
	item := room(event(ours, "?田中 <Tanaka@client.co.jp>", ours, "kato@example.co.jp", "stranger@other.example"), crm.TypeRoom, "c_1@resource.calendar.google.com")
	item.Meeting.Attendees[1].Response = crm.ResponseAccepted
	got := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, item)
	want := &crm.Activity{
		ID: string(item.Key), Key: item.Key, Kind: crm.KindMeeting, Direction: crm.DirectionOut, Time: tuesday, End: tuesday.Add(time.Hour),
		Subject: "件名 TITLE", Text: "本文 WORDS", Status: crm.MeetingConfirmed,
		People: []crm.Participant{
			{Address: ours, Role: crm.RoleOrganizer, Response: crm.ResponseAccepted, Internal: true},
			{Name: "会議室", Address: "c_1@resource.calendar.google.com", Role: crm.RoleAttendee, Type: crm.TypeRoom},
			{Address: "kato@example.co.jp", Role: crm.RoleAttendee, Response: crm.ResponseNone, Internal: true},
			{Address: "stranger@other.example", Role: crm.RoleAttendee, Response: crm.ResponseNone},
			{Kind: crm.Contact, ID: "tanaka", Name: "田中", Address: customer, Role: crm.RoleAttendee, Response: crm.ResponseNone, Optional: true},
		},
		Accounts: []string{"client"}, Owners: []string{ours},
		Observed: []crm.Observation{{Source: "sato-calendar", ExternalID: "cal/event;", Owner: ours, Folder: "仕事"}},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: customer, RunnersUp: []crm.Candidate{}}, Version: 1,
		Meeting: &crm.Meeting{
			UID: "uid@x", Sequence: 1, Updated: noon, Zone: "Asia/Tokyo", Location: "場所 PLACE", Conference: "https://meet.example/ROOM", Stated: crm.MeetingConfirmed,
		},
	}
	if diff := cmp.Diff(want, got.Activity); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
	if got.Entry.ItemTime != tuesday || got.Entry.Key != item.Key || got.Entry.Activity != string(item.Key) {
		t.Errorf("row %+v", got.Entry)
	}
	if diff := cmp.Diff([]string{"stranger@other.example"}, got.Pending); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
	if len(got.Reviews) != 1 || got.Reviews[0].Address != "stranger@other.example" || got.Reviews[0].Subject != "件名 TITLE" || got.Reviews[0].Raised != noon {
		t.Errorf("reviews %+v", got.Reviews)
	}
}

func TestMeetingVerdicts(t *testing.T) {
	secret := func(item connectors.Item) connectors.Item {
		return changed(item, func(m *connectors.Meeting) { m.Private = true })
	}
	typed := func(kind string) connectors.Item {
		return changed(event(ours, customer), func(m *connectors.Meeting) { m.Type = kind })
	}
	partial := func(item connectors.Item) connectors.Item {
		return changed(item, func(m *connectors.Meeting) { m.Partial = true })
	}
	screen := func(s mapping.Screen) mapping.Document { return mapping.Document{Screen: s} }
	tests := map[string]struct {
		doc     mapping.Document
		src     mapping.Source
		item    connectors.Item
		prepare func(*book)
		verdict crm.Verdict
		reason  crm.Reason
	}{
		"somebody known":                {item: event(ours, customer), verdict: crm.Logged, reason: "matched"},
		"organised outside":             {item: event(customer, ours), verdict: crm.Logged, reason: "matched"},
		"by the attendee's domain":      {item: event(ours, "new@client.co.jp"), verdict: crm.Logged, reason: "matched"},
		"focus time":                    {item: typed("focus_time"), verdict: crm.Excluded, reason: "event_type: focus_time"},
		"private":                       {item: secret(event(ours, customer)), verdict: crm.Excluded, reason: "private"},
		"private, internal":             {item: secret(event(ours, "kato@example.co.jp")), verdict: crm.Excluded, reason: "private"},
		"private, times only":           {doc: mapping.Document{Meetings: mapping.Meetings{Private: "time_only"}}, item: secret(event(ours, customer)), verdict: crm.Logged, reason: "matched"},
		"private, full":                 {doc: mapping.Document{Meetings: mapping.Meetings{Private: "full"}}, item: secret(event(ours, customer)), verdict: crm.Logged, reason: "matched"},
		"internal":                      {item: event(ours, ours, "kato@example.co.jp"), verdict: crm.Excluded, reason: "internal"},
		"internal with a room":          {item: room(event(ours, "kato@example.co.jp"), crm.TypeRoom, "room@elsewhere.example"), verdict: crm.Excluded, reason: "internal"},
		"internal with our group":       {item: room(event(ours), crm.TypeGroup, "sales@example.co.jp"), verdict: crm.Excluded, reason: "internal"},
		"internal on a shared one":      {item: event("c_1@group.calendar.google.com", ours, "kato@example.co.jp"), verdict: crm.Excluded, reason: "internal"},
		"a group outside":               {item: room(event(ours, "kato@example.co.jp"), crm.TypeGroup, "all@client.co.jp"), verdict: crm.Unmatched, reason: "no_address"},
		"not all shown":                 {item: partial(event(ours, "kato@example.co.jp")), verdict: crm.Unmatched, reason: "no_address"},
		"nobody invited":                {item: event(""), verdict: crm.Unmatched, reason: "no_address"},
		"only the organiser":            {item: event(ours, ours), verdict: crm.Unmatched, reason: "no_address"},
		"only a room":                   {item: room(event(ours), crm.TypeRoom, "room@client.co.jp"), verdict: crm.Unmatched, reason: "no_address"},
		"a stranger organises":          {item: event("stranger@other.example", ours), verdict: crm.Unmatched, reason: "nobody"},
		"we invite a stranger":          {item: event(ours, "stranger@other.example"), verdict: crm.Waiting, reason: "new_contact"},
		"never new people":              {src: mapping.Source{ID: "x", Owner: ours, NewPeople: mapping.PolicyNever}, item: event(ours, "stranger@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"always new people":             {src: mapping.Source{ID: "x", Owner: ours, NewPeople: mapping.PolicyAlways}, item: event("stranger@other.example", ours), verdict: crm.Logged, reason: "matched"},
		"an office is not proposed":     {item: event(ours, "info@other.example"), verdict: crm.Unmatched, reason: "nobody"},
		"a Google room is not proposed": {item: event(ours, "c_1@resource.calendar.google.com"), verdict: crm.Unmatched, reason: "no_address"},
		"shared address":                {item: event(ours, "family@docomo.ne.jp"), verdict: crm.Waiting, reason: "ambiguous"},
		"excluded address":              {doc: screen(mapping.Screen{Addresses: []string{"tanaka@*"}}), item: event(ours, customer), verdict: crm.Excluded, reason: "address: tanaka@*"},
		"excluded organiser":            {doc: screen(mapping.Screen{Addresses: []string{ours}}), item: event(ours, customer), verdict: crm.Excluded, reason: "address: " + crm.Reason(ours)},
		"excluded domain":               {doc: screen(mapping.Screen{Domains: []string{"client.co.jp"}}), item: event(ours, customer), verdict: crm.Excluded, reason: "domain: client.co.jp"},
		"excluded subject":              {doc: screen(mapping.Screen{Subjects: []string{"title"}}), item: event(ours, customer), verdict: crm.Excluded, reason: "subject: title"},
		"excluded calendar":             {doc: screen(mapping.Screen{Folders: []string{"仕事"}}), item: event(ours, customer), verdict: crm.Excluded, reason: "folder: 仕事"},
		"classes are of mail":           {doc: screen(mapping.Screen{Classes: []crm.Class{"invitation", "personal"}}), item: event(ours, customer), verdict: crm.Logged, reason: "matched"},
		"a private one with a bad word": {
			doc: mapping.Document{Meetings: mapping.Meetings{Private: "time_only"}, Screen: mapping.Screen{Subjects: []string{"title"}}}, item: secret(event(ours, customer)),
			verdict: crm.Excluded, reason: "subject: title",
		},
		"erased":                 {item: event(ours, customer, "erased@other.example"), prepare: func(b *book) { b.erased["erased@other.example"] = true }, verdict: crm.Excluded, reason: "erased"},
		"dismissed":              {item: event(ours, "no@other.example"), prepare: func(b *book) { b.decisions["no@other.example"] = crm.Decision{} }, verdict: crm.Unmatched, reason: "dismissed"},
		"thread of a stranger's": {item: event("stranger@other.example", ours), prepare: knowsMeeting("suzuki"), verdict: crm.Logged, reason: "matched"},
		"thread of nobody's":     {item: event(""), prepare: knowsMeeting("suzuki"), verdict: crm.Logged, reason: "matched"},
		"thread of a dismissed one": {
			item: event("no@other.example", ours), verdict: crm.Unmatched, reason: "dismissed",
			prepare: func(b *book) { knowsMeeting("suzuki")(b); b.decisions["no@other.example"] = crm.Decision{} },
		},
		"cannot be read": {item: connectors.Item{ExternalID: "x", Kind: crm.KindMeeting, Err: fmt.Errorf("bad rule")}, verdict: crm.Failed, reason: "unreadable: bad rule"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, src := clients(), test.src
			if test.prepare != nil {
				test.prepare(dir)
			}
			if src.ID == "" {
				src = satoCalendar
			}
			got := mapOne(t, newMapper(t, test.doc), dir, src, test.item)
			if got.Entry.Verdict != test.verdict || got.Entry.Reason != test.reason {
				t.Errorf("%s, %q; want %s, %q", got.Entry.Verdict, got.Entry.Reason, test.verdict, test.reason)
			}
			_, known := dir.messages[test.item.Key]
			if open := !known && (got.Entry.Verdict == crm.Unmatched || got.Entry.Verdict == crm.Waiting); open != slices.Contains(got.Awaits, test.item.Key) {
				t.Errorf("%s awaits %q", got.Entry.Verdict, got.Awaits)
			}
		})
	}
}

// knowsMeeting lets the directory have the meeting already, with somebody on it.
func knowsMeeting(person string) func(*book) {
	return func(b *book) {
		b.messages[crm.MeetingKey("uid@x", "")] = crm.MessageAnswer{Activity: "a", People: []crm.Participant{{Kind: crm.Lead, ID: person}}}
	}
}

func TestMeetingMatch(t *testing.T) {
	tests := map[string]struct {
		item     connectors.Item
		prepare  func(*book)
		rule     crm.Rule
		people   []string
		accounts []string
	}{
		"address before thread": {item: event(ours, customer), prepare: knowsMeeting("suzuki"), rule: crm.RuleAddress, people: []string{"tanaka"}, accounts: []string{"client"}},
		"normalised":            {item: event(ours, "suzukihanako+x@googlemail.com"), rule: crm.RuleNormalized, people: []string{"suzuki"}, accounts: []string{}},
		"domain before thread":  {item: event(ours, "new@client.co.jp"), prepare: knowsMeeting("suzuki"), rule: crm.RuleDomain, accounts: []string{"client"}},
		"thread":                {item: event("stranger@other.example", ours), prepare: knowsMeeting("suzuki"), rule: crm.RuleThread, people: []string{"suzuki"}, accounts: []string{}},
		"thread of a view that does not show everybody": {
			item: changed(event("stranger@other.example", ours), func(m *connectors.Meeting) { m.Partial = true }), prepare: knowsMeeting("suzuki"),
			rule: crm.RuleThread, people: []string{"suzuki"}, accounts: []string{},
		},
		"organiser's domain":          {item: event("new@client.co.jp", ours), rule: crm.RuleDomain, accounts: []string{"client"}},
		"thread settles who is meant": {item: event(ours, "family@docomo.ne.jp"), prepare: knowsMeeting("lead-b"), rule: crm.RuleThread, people: []string{"lead-b"}, accounts: []string{}},
		"a room's domain is nobody's": {item: room(event(ours, "suzuki.hanako@gmail.com"), crm.TypeRoom, "room@client.co.jp"), rule: crm.RuleAddress, people: []string{"suzuki"}, accounts: []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := clients()
			if test.prepare != nil {
				test.prepare(dir)
			}
			m := newMapper(t, mapping.Document{})
			a := mapOne(t, m, dir, satoCalendar, test.item).Activity
			if a == nil {
				t.Fatal("not logged")
			}
			if diff := cmp.Diff(test.people, ids(a)); diff != "" || a.Match.Rule != test.rule {
				t.Errorf("rule %s, people (-want +got):\n%s", a.Match.Rule, diff)
			}
			if diff := cmp.Diff(test.accounts, a.Accounts); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
			if again := rematch(t, m, dir, *a); again.Changed && test.rule != crm.RuleThread {
				t.Errorf("changes when it is matched again: %s", cmp.Diff(*a, again.Activity))
			}
		})
	}
	for _, q := range questionsOf(t, room(event(ours, customer), crm.TypeRoom, "room@other.example")) {
		if slices.Contains(q.Addresses, "room@other.example") || slices.Contains(q.Domains, "other.example") {
			t.Errorf("a room was looked up: %+v", q)
		}
	}
}

func questionsOf(t *testing.T, item connectors.Item) []crm.Question {
	dir := clients()
	mapOne(t, newMapper(t, mapping.Document{}), dir, satoCalendar, item)
	return dir.questions
}

func TestMeetingDirection(t *testing.T) {
	for organizer, want := range map[string]crm.Direction{
		ours: crm.DirectionOut, customer: crm.DirectionIn, "": crm.DirectionOut, "c_9@group.calendar.google.com": crm.DirectionNone, "no address": crm.DirectionIn,
	} {
		if a := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, event(organizer, customer)).Activity; a.Direction != want {
			t.Errorf("organised by %q: %s, want %s", organizer, a.Direction, want)
		}
	}
}

// TestTimesOnlySaysNoWord looks for every word of a private event in all that becomes of it.
func TestTimesOnlySaysNoWord(t *testing.T) {
	doc := mapping.Document{Meetings: mapping.Meetings{Private: "time_only"}}
	item := changed(event(ours, customer, "stranger@other.example"), func(m *connectors.Meeting) { m.Private, m.Truncated = true, true })
	carried := invite("REQUEST", item.Meeting)
	carried.Message.Attachments = []crm.Attachment{{Name: "WORDS.pdf", Type: "application/pdf"}}
	for name, item := range map[string]connectors.Item{"event": item, "invitation": carried} {
		got := mapOne(t, newMapper(t, doc), clients(), satoCalendar, item)
		said := fmt.Sprintf("%+v %+v", got, *got.Activity) + fmt.Sprintf("%+v", *got.Activity.Meeting)
		for _, word := range []string{"TITLE", "WORDS", "PLACE", "ROOM", "SUBJECT", "BODY"} {
			if strings.Contains(said, word) {
				t.Errorf("%s: %s is in %s", name, word, said)
			}
		}
		a := got.Activity
		if !a.Meeting.TimesOnly || !a.Time.Equal(tuesday) || len(got.Reviews) != 1 || len(ids(a)) != 1 {
			t.Errorf("%s: %+v, reviews %+v", name, a, got.Reviews)
		}
		again, _, err := newMapper(t, doc).Remap(context.Background(), clients(), []crm.Activity{*a})
		if err != nil || !again[0].Activity.Meeting.TimesOnly {
			t.Errorf("%s: remapped to %+v, %v", name, again[0].Activity.Meeting, err)
		}
		if rows, reason, excluded := newMapper(t, mapping.Document{}).Screens(*a); !excluded || reason != crm.ReasonPrivate || len(rows) != 1 {
			t.Errorf("%s: private meetings are skipped now, but %v, %q, %v", name, rows, reason, excluded)
		}
		if _, reason, excluded := newMapper(t, doc).Screens(*a); excluded {
			t.Errorf("%s: covered by %q", name, reason)
		}
	}
}

func TestManyAttendees(t *testing.T) {
	var crowd []string
	for i := range 300 {
		crowd = append(crowd, fmt.Sprintf("guest-%03d@crowd.example", i))
	}
	for name, test := range map[string]struct {
		guests  int
		reviews int
		verdict crm.Verdict
	}{
		"as many as are proposed": {20, 20, crm.Waiting}, "one more": {21, 0, crm.Unmatched}, "a crowd": {300, 0, crm.Unmatched},
	} {
		t.Run(name, func(t *testing.T) {
			got := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, event(ours, crowd[:test.guests]...))
			if got.Entry.Verdict != test.verdict || len(got.Reviews) != test.reviews || len(got.Pending) != test.guests {
				t.Errorf("%s with %d reviews and %d pending", got.Entry.Verdict, len(got.Reviews), len(got.Pending))
			}
			always := satoCalendar
			always.NewPeople = mapping.PolicyAlways
			if made := mapOne(t, newMapper(t, mapping.Document{}), clients(), always, event(ours, crowd[:test.guests]...)).People; len(made) != test.reviews {
				t.Errorf("%d people were made", len(made))
			}
		})
	}
	logged := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, event(ours, append(crowd, customer)...))
	if a := logged.Activity; a == nil || len(a.People) != 302 || len(logged.Reviews) != 0 {
		t.Errorf("a crowd with somebody known: %d people, %d reviews", len(logged.Activity.People), len(logged.Reviews))
	}
}

func TestLongMeeting(t *testing.T) {
	item := changed(event(ours, customer), func(m *connectors.Meeting) {
		m.AllDay, m.Start = true, time.Date(2026, 11, 23, 15, 0, 0, 0, time.FixedZone("", 0))
		m.End = m.Start.AddDate(0, 0, 10)
	})
	a := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, item).Activity
	if !a.Meeting.AllDay || a.End.Sub(a.Time) != 240*time.Hour || a.Time.Location() != time.UTC {
		t.Errorf("from %v to %v, %+v", a.Time, a.End, a.Meeting)
	}
}

func TestMeetingRules(t *testing.T) {
	doc := mapping.Document{
		Custom: map[crm.FieldTarget][]crm.FieldDef{crm.OnActivity: {{Name: "note", Type: crm.FieldText, Label: crm.Label{JA: "x"}}}, crm.OnContact: {{Name: "note", Type: crm.FieldText, Label: crm.Label{JA: "x"}}}},
		Fields: map[crm.ActivityKind]mapping.KindFields{crm.KindMeeting: {
			Activity: map[string]mapping.FieldRule{
				"product": {Value: `meeting.location + "|" + meeting.conference + "|" + mail.subject + "|" + mail.text`},
				"custom.note": {Value: `string(meeting.minutes) + " " + meeting.status + " " + string(meeting.all_day) + " " + string(meeting.recurring) + " " +
					meeting.organizer + " " + meeting.attendees[0] + " " + string(size(meeting.attendees))`},
			},
			Person: map[string]mapping.FieldRule{"custom.note": {Default: "met"}},
		}},
	}
	m := newMapper(t, doc)
	got := mapOne(t, m, clients(), satoCalendar, room(event(ours, customer), crm.TypeRoom, "room@client.co.jp"))
	want := "60 confirmed false false " + ours + " " + customer + " 1"
	if a := got.Activity; a.Custom["note"] != want || a.Product != "場所 PLACE|https://meet.example/ROOM|件名 TITLE|本文 WORDS" || a.Status != crm.MeetingConfirmed {
		t.Errorf("custom %q, product %q, status %q, %d errors", a.Custom["note"], a.Product, a.Status, m.RuleErrors())
	}
	if len(got.Updates) != 1 || got.Updates[0].ID != "tanaka" || got.Updates[0].Fill[0].Value != "met" {
		t.Errorf("updates %+v", got.Updates)
	}
	again, _, err := m.Remap(context.Background(), clients(), []crm.Activity{*got.Activity})
	if err != nil || again[0].Changed {
		t.Errorf("remapped: %v %s", err, cmp.Diff(*got.Activity, again[0].Activity))
	}
}

func TestMeetingDocument(t *testing.T) {
	for rule, good := range map[string]bool{"skip": true, "time_only": true, "full": true, "": true, "timeonly": false, "FULL": false} {
		doc, problems := mapping.Parse([]byte("meetings: {private: \"" + rule + "\"}"))
		if good != (len(problems) == 0) || !good && (problems[0].Path != "meetings.private" || problems[0].Line != 1 || problems[0].Hint == "") {
			t.Errorf("%q: %+v", rule, problems)
		}
		text, err := mapping.Render(doc)
		if back, _ := mapping.Parse(text); err != nil || back.Meetings != doc.Meetings {
			t.Errorf("%q is rendered as %q, %v", rule, text, err)
		}
	}
	plain, strict := newMapper(t, mapping.Document{}), newMapper(t, mapping.Document{Meetings: mapping.Meetings{Private: "full"}})
	if plain.Hash() == strict.Hash() {
		t.Error("the hash does not tell the rule for private events")
	}
	for _, text := range []string{
		"tests: [{name: a, item: {meeting: {start: noon}}, expect: {verdict: logged}}]",
		"tests: [{name: a, item: {meeting: {statuss: confirmed}}, expect: {verdict: logged}}]",
		"tests: [{name: a, item: {meeting: {status: done}}, expect: {verdict: logged}}]",
		"tests: [{name: a, item: {meeting: {start: \"2026-11-24T10:00:00Z\", end: \"2026-11-24T09:00:00Z\"}}, expect: {verdict: logged}}]",
		"fields: {meeting: {activity: {product: meeting.place}}}",
		"fields: {meeting: {activity: {status: '\"x\"'}}}",
	} {
		if _, problems := mapping.Parse([]byte(text)); len(problems) != 1 {
			t.Errorf("%s: %+v", text, problems)
		}
	}
}

func TestRematchMeetings(t *testing.T) {
	tests := map[string]struct {
		item          connectors.Item
		before, after func(*book)
		changed       bool
		rule          crm.Rule
		people        []string
	}{
		"nothing":              {item: event(ours, customer), rule: crm.RuleAddress, people: []string{"tanaka"}},
		"somebody late":        {item: event(ours, "new@client.co.jp"), after: addPerson("late", "new@client.co.jp"), changed: true, rule: crm.RuleAddress, people: []string{"late"}},
		"a thread alone stays": {item: event("stranger@other.example", ours), before: knowsMeeting("suzuki"), rule: crm.RuleThread, people: []string{"suzuki"}},
		"a thread's person gets an address": {
			item: event("stranger@other.example", ours), before: knowsMeeting("late"), after: addPerson("late", "stranger@other.example"), changed: true,
			rule: crm.RuleAddress, people: []string{"late"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, dir := newMapper(t, mapping.Document{}), clients()
			if test.before != nil {
				test.before(dir)
			}
			logged := *mapOne(t, m, dir, satoCalendar, test.item).Activity
			if test.after != nil {
				test.after(dir)
			}
			got := rematch(t, m, dir, logged)
			if diff := cmp.Diff(test.people, ids(&got.Activity)); diff != "" || got.Changed != test.changed || got.Activity.Match.Rule != test.rule {
				t.Errorf("changed %v, rule %s, people (-want +got):\n%s", got.Changed, got.Activity.Match.Rule, diff)
			}
			if diff := cmp.Diff(*logged.Meeting, *got.Activity.Meeting, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("the meeting itself changed:\n%s", diff)
			}
			if again := rematch(t, m, dir, got.Activity); again.Changed {
				t.Errorf("changes again: %s", cmp.Diff(got.Activity, again.Activity))
			}
		})
	}
}

func addPerson(id, email string) func(*book) {
	return func(b *book) {
		b.people = append(b.people, crm.Person{ID: id, Kind: crm.Lead, Name: id, Emails: []string{email}})
	}
}

func TestScreensMeetings(t *testing.T) {
	item := room(event(ours, customer), crm.TypeRoom, "room@law.example")
	logged := *mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, item).Activity
	logged.Observed = append(logged.Observed, crm.Observation{Source: "kato-mail", ExternalID: "9", Owner: "kato@example.co.jp", Folder: "INBOX", Mail: true})
	calendar, mail := crm.ItemRef{Source: "sato-calendar", ExternalID: "cal/event;"}, crm.ItemRef{Source: "kato-mail", ExternalID: "9"}
	for name, test := range map[string]struct {
		doc     mapping.Document
		sources []mapping.Source
		rows    []crm.ItemRef
		reason  crm.Reason
	}{
		"nothing":        {},
		"an address":     {doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"tanaka@*"}}}, rows: []crm.ItemRef{calendar, mail}, reason: "address: tanaka@*"},
		"a subject":      {doc: mapping.Document{Screen: mapping.Screen{Subjects: []string{"title"}}}, rows: []crm.ItemRef{calendar, mail}, reason: "subject: title"},
		"a calendar":     {doc: mapping.Document{Screen: mapping.Screen{Folders: []string{"仕事"}}}, rows: []crm.ItemRef{calendar}, reason: "folder: 仕事"},
		"invitations":    {doc: mapping.Document{Screen: mapping.Screen{Classes: []crm.Class{"invitation"}}}, rows: []crm.ItemRef{mail}, reason: "class: invitation"},
		"now one of us":  {sources: []mapping.Source{{ID: "x", Owner: customer}}, rows: []crm.ItemRef{calendar, mail}, reason: "internal"},
		"private events": {doc: mapping.Document{Meetings: mapping.Meetings{Private: "skip"}}},
	} {
		t.Run(name, func(t *testing.T) {
			rows, reason, _ := newMapper(t, test.doc, test.sources...).Screens(logged)
			if diff := cmp.Diff(test.rows, rows); diff != "" || reason != test.reason {
				t.Errorf("reason %q, rows (-want +got):\n%s", reason, diff)
			}
		})
	}
}

// TestPrivateIsToldFromBusy holds that only what is marked private takes words away, and only in a calendar.
func TestPrivateIsToldFromBusy(t *testing.T) {
	timeOnly := mapping.Document{Meetings: mapping.Meetings{Private: "time_only"}}
	marked := changed(event(customer, ours), func(m *connectors.Meeting) { m.Private = true })
	busy := changed(event(customer, ours), func(m *connectors.Meeting) { m.Busy = true })
	for name, test := range map[string]struct {
		doc                mapping.Document
		item               connectors.Item
		timesOnly, private bool
	}{
		"marked":               {timeOnly, marked, true, true},
		"marked, kept whole":   {mapping.Document{Meetings: mapping.Meetings{Private: "full"}}, marked, false, false},
		"busy":                 {timeOnly, busy, true, false},
		"marked in a mail":     {timeOnly, invite("REQUEST", marked.Meeting), true, false},
		"an event like others": {timeOnly, event(customer, ours), false, false},
	} {
		a := mapOne(t, newMapper(t, test.doc), clients(), satoCalendar, test.item).Activity
		if a.Meeting.TimesOnly != test.timesOnly || a.Meeting.Private != test.private || (a.Subject == "") != test.timesOnly || a.Meeting.Mail != (test.item.Message != nil) {
			t.Errorf("%s: %+v, subject %q", name, a.Meeting, a.Subject)
		}
	}
	if got := mapOne(t, newMapper(t, mapping.Document{}), clients(), satoCalendar, busy); got.Entry.Reason != crm.ReasonPrivate {
		t.Errorf("an entry of which only the times are shown is %s, %q", got.Entry.Verdict, got.Entry.Reason)
	}
}
