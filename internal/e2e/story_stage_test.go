package e2e

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// The people of the story, by address.
const (
	kato   = "kato@example.co.jp"    // a rep, as sato
	aoi    = "aoi@aozora.example"    // becomes a customer
	midori = "midori@midori.example" // wants to wait
	kumo   = "kumo@kumo.example"     // has an address that does not exist
	mori   = "mori@mori.example"     // wants to be left alone
)

// The sources of the stage: Dovecot's mailboxes and Radicale's calendar.
const (
	satoMail, katoMail = "sato-mail", "kato-mail"
	satoCalendar       = "sato-cal"
)

// storyMapping gives leads to owners by what they ask for. Each day is one of business, so that no test depends on the day it runs.
const storyMapping = `mapping:
  forms:
    contact: {name: お問い合わせ, product: form.?product.orValue("")}
  lifecycle:
    assignment:
      - {name: 給与の担当, product: [給与計算], owners: [kato@example.co.jp]}
      - {name: 会計の担当, product: [クラウド会計], owners: [sato@example.co.jp, kato@example.co.jp]}
    hours: {from: "00:00", to: "24:00", days: [mon, tue, wed, thu, fri, sat, sun], holidays: none}
`

// stage is a daemon that reads two reps' mailboxes, a calendar and a form, and how the story acts on it.
type stage struct {
	*testing.T
	*daemon
	api   *client
	mail  *testdovecot.Server
	desk  *davDesk
	began time.Time
}

func newStage(t *testing.T) *stage {
	t.Helper()
	mail := testdovecot.Start(t)
	config := listenOn(freePort(t))
	for rep, id := range map[string]string{sato: satoMail, kato: katoMail} {
		mail.AddUser(rep, "secret")
		config += source(id, rep, mail.Addr, `[INBOX, '\Sent']`)
	}
	desk := newDAVDesk(t, sato)
	config += desk.source(sato, "30d", "30d") + "forms:\n  - {id: contact, rate_per_minute: 1000000, min_fill_seconds: 0}\n" + storyMapping
	d := newSite(t, config).start()
	d.ready()
	return &stage{T: t, daemon: d, api: d.client(), mail: mail, desk: desk, began: time.Now()}
}

// await is eventually with patience for a machine that has much else to do.
func (s *stage) await(what string, holds func() bool) {
	s.Helper()
	eventually(s.T, time.Minute, what, holds)
}

// tick waits for the next whole second and gives it: mails and calendars tell time in seconds, and what is dated so is
// later than all that happened before.
func (s *stage) tick() time.Time {
	next := time.Now().Truncate(time.Second).Add(time.Second)
	time.Sleep(time.Until(next))
	return next
}

func (s *stage) wakeAll(sources ...string) {
	s.Helper()
	for _, id := range sources {
		s.api.post("/sources/"+id+"/wake", nil, nil)
	}
}

// enquire sends the form, and gives the activity that it became.
func (s *stage) enquire(address string, fields map[string]string) crm.ExportedActivity {
	s.Helper()
	fields["メールアドレス"] = address
	raw, err := json.Marshal(fields)
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.Post(s.url()+"/forms/contact", "application/json", strings.NewReader(string(raw)))
	if err != nil {
		s.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		s.Fatalf("the form says %s", response.Status)
	}
	return s.activity(address, "the form of "+address, func(a *crm.ExportedActivity) bool {
		return a.Kind == "form" && a.Touch != nil && a.Touch.Campaign == fields["utm_campaign"]
	})
}

// note is a mail between a rep and somebody outside. Its subject is its id, too.
type note struct {
	from, to, subject, text string
}

// send dates mails now, puts each into the mailbox of the rep on it, and waits until it is read. It gives the activities.
func (s *stage) send(at time.Time, notes ...note) (out []crm.ExportedActivity) {
	s.Helper()
	for i, n := range notes {
		rep, folder := n.to, "INBOX"
		if n.from == sato || n.from == kato {
			rep, folder = n.from, "Sent"
		}
		raw := fmt.Sprintf("Message-ID: <%d.%d@story.example>\r\nDate: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n",
			at.UnixNano(), i, at.Format(time.RFC1123Z), n.from, n.to, mime.BEncoding.Encode("utf-8", n.subject), n.text)
		s.mail.Append(rep, folder, []byte(raw), at)
	}
	s.wakeAll(satoMail, katoMail)
	for _, n := range notes {
		outside := n.from
		if strings.HasSuffix(outside, "@example.co.jp") {
			outside = n.to
		}
		out = append(out, s.activity(outside, n.subject, func(a *crm.ExportedActivity) bool { return a.Subject == n.subject }))
	}
	return out
}

// bounce puts the report of a mail server into a rep's inbox that an address does not exist.
func (s *stage) bounce(at time.Time, rep, address string) crm.ExportedActivity {
	s.Helper()
	report := strings.ReplaceAll(fmt.Sprintf(`Message-ID: <%[1]d@mx.isp.example>
Date: %[2]s
From: MAILER-DAEMON@mx.isp.example (Mail Delivery System)
To: %[3]s
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.isp.example.

<%[4]s>: host mx.kumo.example said: 550 5.1.1 <%[4]s>: Recipient address rejected: User unknown

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.isp.example

Final-Recipient: rfc822; %[4]s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <%[4]s>: Recipient address rejected: User unknown

--report
Content-Type: text/rfc822-headers

From: %[3]s
To: %[4]s

--report--
`, at.UnixNano(), at.Format(time.RFC1123Z), rep, address), "\n", "\r\n")
	s.mail.Append(rep, "INBOX", []byte(report), at)
	s.wakeAll(katoMail)
	return s.activity(address, "the report that a mail failed", func(a *crm.ExportedActivity) bool { return a.Class == "bounce" })
}

// meet puts a meeting into sato's calendar to which somebody said yes.
func (s *stage) meet(at time.Time, address, subject string) crm.ExportedActivity {
	s.Helper()
	s.desk.stamp = at.Add(-time.Second)
	start := clock(s.T, 3, 14)
	s.desk.put(sato, &appointment{id: "story", summary: subject, start: start, end: start.Add(time.Hour), organiser: sato, guests: []guest{{address, "accepted"}}})
	s.wakeAll(satoCalendar)
	return s.activity(address, subject, func(a *crm.ExportedActivity) bool { return a.Kind == "meeting" })
}

// person finds somebody by address.
func (s *stage) person(address string) crm.Person {
	s.Helper()
	found := s.found(address)
	if len(found) != 1 {
		s.Fatalf("%d people have %s", len(found), address)
	}
	return found[0]
}

func (s *stage) found(address string) []crm.Person {
	s.Helper()
	return items[crm.Person](s.api, "/people?q="+address)
}

// activity waits for the one activity of somebody that fits.
func (s *stage) activity(address, what string, fits func(*crm.ExportedActivity) bool) (found crm.ExportedActivity) {
	s.Helper()
	s.await(what+" becomes an activity\n", func() bool {
		people := s.found(address)
		if len(people) == 0 {
			return false
		}
		all := items[crm.ExportedActivity](s.api, "/activities?person="+people[0].ID)
		i := slices.IndexFunc(all, func(a crm.ExportedActivity) bool { return fits(&a) })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// reaches waits until a lead has a status.
func (s *stage) reaches(address, status string) {
	s.Helper()
	s.await(address+" becomes "+status, func() bool { return string(s.person(address).Status) == status })
}
