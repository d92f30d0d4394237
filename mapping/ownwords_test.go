package mapping_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Texts that programs write into an invitation to the event that lettered makes.
const (
	googleText = `Kickoff
Tuesday Nov 24, 2026 ⋅ 10am – 11am
Japan Standard Time

Please read the quotation before we meet, above all
the second page.

Location
Room A
https://www.google.com/maps/search/Room+A?hl=en

Organizer
Tanaka Taro
tanaka@client.co.jp

Guests
Tanaka Taro - organizer
sato@example.co.jp
View all guest info https://calendar.google.com/calendar/event?action=VIEW&eid=abc

Reply for sato@example.co.jp and view more details https://calendar.google.com/calendar/event?action=VIEW&eid=abc
Your attendance is optional.

~~//~~
Invitation from Google Calendar: https://calendar.google.com/calendar/

You are receiving this email because you are an attendee on the event.
`
	googleOldText = `You have been invited to the following event.

Title: Kickoff
Please read the quotation before we meet, above all the
second page.
When: Tue Nov 24, 2026 10am – 11am Japan Standard Time - Tokyo
Where: Room A
Calendar: sato@example.co.jp
Who:
    * tanaka@client.co.jp - organizer
    * sato@example.co.jp

Event details: https://calendar.google.com/calendar/event?action=VIEW&eid=abc

Invitation from Google Calendar: https://calendar.google.com/calendar/
`
	googleJapaneseText = `Kickoff
2026年 11月 24日 (火曜日) ⋅ 午前10時 ～ 午前11時
日本標準時

場所
Room A
https://www.google.com/maps/search/Room+A?hl=ja

主催者
Tanaka Taro
tanaka@client.co.jp

ゲスト
Tanaka Taro - 主催者
sato@example.co.jp
すべてのゲスト情報を表示 https://calendar.google.com/calendar/event?action=VIEW&eid=abc

~~//~~
Google カレンダーからの招待: https://calendar.google.com/calendar/

このメールは、予定の参加者に送信されています。
`
	outlookText = `When: Tuesday, November 24, 2026 10:00 AM-11:00 AM. (UTC+09:00) Osaka, Sapporo, Tokyo
Where: Room A

Note: The GMT offset above does not reflect daylight saving time adjustments.

*~*~*~*~*~*~*~*~*~*

Please read the quotation before we meet, above all the second page.
`
	outlookJapaneseText = `日時: 2026年11月24日火曜日 10:00-11:00 (UTC+09:00) 大阪、札幌、東京
場所: Room A

*~*~*~*~*~*~*~*~*~*
`
	plainText = "件名：Kickoff\n日時：2026/11/24 10:00 ～ 11:00\n場所：Room A\n主催者：Tanaka Taro <tanaka@client.co.jp>\n"
)

// lettered is an invitation of Tanaka's with a text, or an answer to one of Sato's.
func lettered(method, text string) connectors.Item {
	m := changed(event(customer, ours), func(m *connectors.Meeting) {
		m.Organizer.Name, m.Summary, m.Location = "Tanaka Taro", "Kickoff", "Room A"
		m.Description = "Please read the quotation before we meet, above all the second page."
		if method == "REPLY" {
			m.Organizer, m.Attendees, m.Partial = connectors.Attendee{Address: ours}, []connectors.Attendee{{Name: "Tanaka Taro", Address: customer, Response: crm.ResponseAccepted}}, true
		}
	}).Meeting
	item := invite(method, m)
	item.Message.Subject, item.Message.Text, item.Message.FullText = "Invitation: Kickoff", text, text+"\n> quoted"
	return item
}

func TestLetterOfAnInvitation(t *testing.T) {
	for name, test := range map[string]struct {
		method, text string
		kept         bool
	}{
		"no text":                        {"REQUEST", " \n", false},
		"the description":                {"REQUEST", "Please read the\u3000quotation before we meet, ABOVE ALL the second page.\n", false},
		"a piece of the description":     {"REQUEST", "the quotation before we meet", false},
		"Google":                         {"REQUEST", googleText, false},
		"Google, as it was":              {"REQUEST", googleOldText, false},
		"Google, Japanese":               {"REQUEST", googleJapaneseText, false},
		"Google, called off":             {"CANCEL", "This event has been canceled.\n\n" + googleText, false},
		"Google, called off, Japanese":   {"CANCEL", "この予定はキャンセルされました。\n\n" + googleJapaneseText, false},
		"Google, accepted":               {"REPLY", "Tanaka Taro has accepted this invitation.\n\n" + googleText, false},
		"Google, accepted, Japanese":     {"REPLY", "Tanaka Taro さんがこの招待を承諾しました。\n", false},
		"Outlook":                        {"REQUEST", outlookText, false},
		"Outlook, Japanese":              {"REQUEST", outlookJapaneseText, false},
		"plain":                          {"REQUEST", plainText, false},
		"nothing but the calendar":       {"REQUEST", "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n", false},
		"words":                          {"REQUEST", "We accept your price of 3,000,000 yen, see you at the kickoff.", true},
		"words, Japanese":                {"REQUEST", "お見積りの金額で結構です。", true},
		"words before Google's":          {"REQUEST", "We accept your price.\n\n" + googleText, true},
		"words below Outlook's":          {"REQUEST", outlookText + "We accept your price.\n", true},
		"words below plain ones":         {"REQUEST", plainText + "備考：駐車場は裏手です。\n", true},
		"words with a cancellation":      {"CANCEL", "This event has been canceled because we chose another supplier.", true},
		"words with an answer":           {"REPLY", "I will be late.", true},
		"a short answer":                 {"REPLY", "OK", true},
		"somebody else's answer":         {"REPLY", "Suzuki has accepted this invitation.", true},
		"a proposal of another day":      {"REPLY", "Nov 25, 2026 10:00", true},
		"a proposal of another hour":     {"REPLY", "11/24 11:00", true},
		"another day under the label":    {"REQUEST", "When: Wed Nov 25, 2026 10am – 11am", true},
		"another place under the label":  {"REQUEST", "Where: Room B", true},
		"another customer in the guests": {"REQUEST", "Guests\nSuzuki - organizer", true},
	} {
		t.Run(name, func(t *testing.T) {
			item := lettered(test.method, test.text)
			a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item).Activity
			if a.Kind != crm.KindMeeting {
				t.Fatalf("it became %+v", a)
			}
			var want []crm.Letter
			if test.kept {
				want = []crm.Letter{{Message: item.Key, At: item.Message.Date, From: customer, Subject: "Invitation: Kickoff", Text: test.text}}
			}
			if diff := cmp.Diff(want, a.Letters); diff != "" {
				t.Errorf("letters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLetterIsBounded(t *testing.T) {
	a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, lettered("REQUEST", strings.Repeat("長い", crm.MaxLetterText))).Activity
	if n := len(a.Letters[0].Text); n > crm.MaxLetterText || n < crm.MaxLetterText-3 || !strings.HasSuffix(a.Letters[0].Text, "い") && !strings.HasSuffix(a.Letters[0].Text, "長") {
		t.Errorf("the text has %d bytes", n)
	}
}

// TestWriterOfALetter holds that words a service sends are those of whom it sends them for.
func TestWriterOfALetter(t *testing.T) {
	by := func(method, from string, change func(*connectors.Message)) connectors.Item {
		return with(lettered(method, "We accept your price."), func(item *connectors.Item) {
			item.Message.From = boxes(from)
			change(item.Message)
		})
	}
	for name, test := range map[string]struct {
		item connectors.Item
		want string
	}{
		"Google sends for the organiser": {by("REQUEST", "calendar-notification@google.com", func(m *connectors.Message) { m.ReplyTo = boxes(customer) }), customer},
		"a server sends for him":         {by("REQUEST", "no-reply@cloud.example", func(m *connectors.Message) { m.ReplyTo = boxes(customer) }), customer},
		"his assistant writes": {by("REQUEST", "hisho@client.co.jp", func(m *connectors.Message) {
			m.Invitation.Organizer.SentBy = "hisho@client.co.jp"
		}), "hisho@client.co.jp"},
		"an answer by a service": {by("REPLY", "no-reply@cloud.example", func(m *connectors.Message) { m.Sender = boxes(customer)[0] }), customer},
	} {
		a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, test.item).Activity
		if a.Kind != crm.KindMeeting || len(a.Letters) != 1 || a.Letters[0].From != test.want {
			t.Errorf("%s: %+v", name, a)
		}
	}
	undated := with(lettered("REQUEST", "We accept your price."), func(item *connectors.Item) { item.Message.Date = time.Time{} })
	if a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, undated).Activity; !a.Letters[0].At.Equal(undated.Received) {
		t.Errorf("without a date it is of %v", a.Letters[0].At)
	}
}

// TestPrivateHasNoLetter holds that of what is nobody's business no words of the mail are kept either.
func TestPrivateHasNoLetter(t *testing.T) {
	item := lettered("REQUEST", "We accept your price.")
	item.Message.Invitation.Private = true
	a := mapOne(t, newMapper(t, mapping.Document{Meetings: mapping.Meetings{Private: "time_only"}}), clients(), sato, item).Activity
	if !a.Meeting.TimesOnly || a.Letters != nil {
		t.Errorf("%+v, letters %+v", a.Meeting, a.Letters)
	}
}
