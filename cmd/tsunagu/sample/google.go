package sample

import (
	_ "embed" // for the story of the customer whose mail lies at Google
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

//go:embed googlestory.txt
var googleStory string

// GoogleUser is the rep whose mail, calendar and form are at the sample Google.
const GoogleUser = "yamaguchi@example.co.jp"

// GoogleForm is the id of the form 資料請求 there.
const GoogleForm = "1FAIpQLSsample0shiryo0seikyu"

// GoogleClient is how the demo makes itself known to the sample Google.
func GoogleClient() (id, secret string) { return "tsunagu-demo", "demo-client-secret" }

// Google is the sample Google with the rest of its story.
type Google struct {
	*fakegoogle.Server
	zone   *time.Location
	second string              // id of the talk that lies ahead
	live   []letter            // what is written when it is moved
	chains map[string][]string // by letter, the ids of a thread up to it
}

// StartGoogle starts a Google of the sample's own on the loopback interface. Close ends it.
func StartGoogle(now time.Time, zone *time.Location) (*Google, error) {
	now = now.In(zone)
	p, err := parse(googleStory, now)
	if err != nil {
		return nil, err
	}
	id, secret := GoogleClient()
	s, err := fakegoogle.Start(fakegoogle.Options{Client: fakegoogle.Client{ID: id, Secret: secret}})
	if err != nil {
		return nil, fmt.Errorf("start sample Google: %w", err)
	}
	g := &Google{Server: s, zone: zone, live: p.live, chains: map[string][]string{}}
	s.AddUser(GoogleUser, "山口 葵")
	first, second := addMeetings(s.Calendar(GoogleUser, "primary"), now)
	g.second = second.Id
	addForm(s, now)
	if err := g.deliverStory(append(p.past, acceptance(first, now))); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return g, nil
}

// deliverStory puts the letters into the mailbox with Gmail's labels.
func (g *Google) deliverStory(letters []letter) error {
	box := g.Mailbox(GoogleUser)
	slices.SortStableFunc(letters, func(a, b letter) int { return a.sent.Compare(b.sent) })
	private := box.CreateLabel(Private)
	for _, l := range letters {
		raw, err := g.write(l)
		if err != nil {
			return err
		}
		switch {
		case l.from.Address == GoogleUser:
			box.Deliver(raw, l.sent, "SENT")
		case l.folder == Private:
			box.Deliver(raw, l.sent, "INBOX", private)
		default:
			box.Deliver(raw, l.sent, "INBOX")
		}
	}
	return nil
}

// write makes a letter of the story a mail that goes on in its thread.
func (g *Google) write(l letter) ([]byte, error) {
	id := fmt.Sprintf("google-%d%s", len(g.chains), l.from.Address[strings.IndexByte(l.from.Address, '@'):])
	references := g.chains[l.reply]
	raw, err := l.write(id, references)
	if err != nil {
		return nil, err
	}
	g.chains[l.id] = append(slices.Clone(references), id)
	return raw, nil
}

// addMeetings fills the calendar: a first talk that was held, a second one that was moved by a day, a weekly one
// with the customer, and what is no meeting with a customer. It gives the two talks.
func addMeetings(c *fakegoogle.Calendar, now time.Time) (first, second *calendar.Event) {
	guests := func() []*calendar.EventAttendee {
		return []*calendar.EventAttendee{
			{Email: GoogleUser, DisplayName: "山口 葵", Organizer: true, Self: true, ResponseStatus: "accepted"},
			{Email: "nishimura@hanatsubaki.example", DisplayName: "西村 玲奈", ResponseStatus: "accepted"},
			{Email: "okada@hanatsubaki.example", DisplayName: "岡田 修", ResponseStatus: "tentative", Optional: true},
		}
	}
	first = c.Put(&calendar.Event{
		Summary: "オンライン説明会(花椿文具様)", Start: clock(now, -11, 15), End: clock(now, -11, 16), Attendees: guests(),
		HangoutLink: "https://meet.google.com/abc-defg-hij", Description: "受発注クラウドの画面をお見せします。",
	})
	second = c.Put(&calendar.Event{
		Summary: "お見積りのご説明(花椿文具様)", Start: clock(now, 1, 14), End: clock(now, 1, 15), Attendees: guests(),
		Location: "花椿文具 本社 3 階 会議室",
	})
	moved := *second
	moved.Start, moved.End = clock(now, 2, 14), clock(now, 2, 15)
	c.Put(&moved)
	c.Put(&calendar.Event{
		Summary: "導入準備の定例(花椿文具様)", Start: clock(now, 8, 10), End: clock(now, 8, 11), Attendees: guests(),
		Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=6"}, HangoutLink: "https://meet.google.com/klm-nopq-rst",
	})
	c.Put(&calendar.Event{
		Summary: "営業会議", Start: clock(now, -3, 9), End: clock(now, -3, 10),
		Attendees: []*calendar.EventAttendee{{Email: GoogleUser, Self: true}, {Email: "sato@example.co.jp"}},
	})
	c.Put(&calendar.Event{Summary: "整体", Start: clock(now, 3, 19), End: clock(now, 3, 20), Visibility: "private"})
	c.Put(&calendar.Event{Summary: "提案書づくり", Start: clock(now, -2, 13), End: clock(now, -2, 15), EventType: "focusTime"})
	return first, second
}

// clock is an hour of a day so many days from now.
func clock(now time.Time, days, hour int) *calendar.EventDateTime {
	at := time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	return &calendar.EventDateTime{DateTime: at.Format(time.RFC3339), TimeZone: now.Location().String()}
}

// acceptance is the customer's answer to the invitation, as calendars mail it (RFC 5546 section 3.2.3).
func acceptance(e *calendar.Event, now time.Time) letter {
	p, _ := parse(strings.SplitN(googleStory, "\n@ ", 2)[0]+"\n@ 18 17:20 nishimura > yamaguchi [id=accept] | 承諾: "+e.Summary, now)
	l := p.past[0]
	l.text = "西村 玲奈 がこの招待を承諾しました。\n"
	start, _ := time.Parse(time.RFC3339, e.Start.DateTime)
	end, _ := time.Parse(time.RFC3339, e.End.DateTime)
	const stamp = "20060102T150405Z"
	l.calendar = strings.Join([]string{
		"BEGIN:VCALENDAR", "PRODID:-//Sample//Calendar//JA", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
		"UID:" + e.ICalUID, "DTSTAMP:" + l.sent.UTC().Format(stamp), "DTSTART:" + start.UTC().Format(stamp), "DTEND:" + end.UTC().Format(stamp),
		"ORGANIZER;CN=山口 葵:mailto:" + GoogleUser, "ATTENDEE;PARTSTAT=ACCEPTED;CN=西村 玲奈:mailto:" + l.from.Address,
		"SUMMARY:" + e.Summary, "SEQUENCE:0", "END:VEVENT", "END:VCALENDAR", "",
	}, "\r\n")
	return l
}

// addForm makes the form with which the customer asked first, and two answers to it.
func addForm(s *fakegoogle.Server, now time.Time) {
	question := func(id, title string) *forms.Item {
		return &forms.Item{ItemId: "i" + id, Title: title, QuestionItem: &forms.QuestionItem{
			Question: &forms.Question{QuestionId: id, Required: true, TextQuestion: &forms.TextQuestion{}}}}
	}
	f := s.AddForm(&forms.Form{
		FormId: GoogleForm, Info: &forms.Info{Title: "資料請求", DocumentTitle: "資料請求フォーム"},
		Items: []*forms.Item{
			question("0a000001", "会社名"), question("0a000002", "お名前"), question("0a000003", "メールアドレス"), question("0a000004", "お問い合わせ内容"),
		},
	}, GoogleUser)
	answer := func(id string, at time.Time, company, name, address, text string) {
		f.Answer(id, at, map[string][]string{"0a000001": {company}, "0a000002": {name}, "0a000003": {address}, "0a000004": {text}})
	}
	day := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()-days, hour, 25, 0, 0, now.Location())
	}
	answer("ACYDBNhana", day(20, 21), "花椿文具株式会社", "西村 玲奈", "nishimura@hanatsubaki.example", "店舗からの発注をまとめたいです。資料をお願いします。")
	answer("ACYDBNkita", day(4, 13), "北野金属株式会社", "石井 豊", "ishii@kitano-metal.example", "図面付きの注文を受けられますか。")
}
