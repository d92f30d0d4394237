package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// itip is a mail about a meeting between sato and tanaka.
type itip struct {
	id, method, uid, subject string

	from, to, organiser string
	start               time.Time
	sequence            int
	stamp               time.Time
	answers             map[string]string // PARTSTAT by address
	more                string            // further lines of the event
}

func (m itip) calendar() string {
	lines := []string{"BEGIN:VCALENDAR", "PRODID:-//Test//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:" + m.method, "BEGIN:VEVENT", "UID:" + m.uid,
		"DTSTAMP:" + crmOccurrence(m.stamp), "LAST-MODIFIED:" + crmOccurrence(m.stamp), "DTSTART:" + crmOccurrence(m.start), "DTEND:" + crmOccurrence(m.start.Add(time.Hour)),
		fmt.Sprint("SEQUENCE:", m.sequence), "SUMMARY:" + m.subject, "LOCATION:会議室 A", "ORGANIZER:mailto:" + m.organiser}
	for _, who := range []string{sato, tanaka} {
		if answer := m.answers[who]; answer != "" {
			lines = append(lines, "ATTENDEE;RSVP=TRUE;PARTSTAT="+answer+":mailto:"+who)
		}
	}
	if m.more != "" {
		lines = append(lines, m.more)
	}
	return strings.Join(append(lines, "END:VEVENT", "END:VCALENDAR", ""), "\r\n")
}

// shapes are how programs send a calendar, by the program.
func shapes() map[string]func(calendar, method string) string {
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nお越しください。\r\n"
	html := "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>お越しください。</p>\r\n"
	return map[string]func(calendar, method string) string{
		"google": func(calendar, method string) string {
			return "Content-Type: multipart/mixed; boundary=\"mixed\"\r\n\r\n--mixed\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n--alt\r\n" + text + "--alt\r\n" + html +
				"--alt\r\nContent-Type: text/calendar; charset=\"UTF-8\"; method=" + method + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + calendar +
				"--alt--\r\n--mixed\r\nContent-Type: application/ics; name=\"invite.ics\"\r\nContent-Disposition: attachment; filename=\"invite.ics\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
				base64Lines(calendar) + "--mixed--\r\n"
		},
		"outlook": func(calendar, method string) string {
			return "Content-Class: urn:content-classes:calendarmessage\r\nContent-Type: multipart/alternative;\r\n\tboundary=\"_000_OS3P\"\r\n\r\n--_000_OS3P\r\n" + text + "--_000_OS3P\r\n" + html +
				"--_000_OS3P\r\nContent-Type: text/calendar; charset=\"utf-8\"; method=" + method + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Lines(calendar) + "--_000_OS3P--\r\n"
		},
		"plain": func(calendar, method string) string {
			return "Content-Type: text/calendar; method=" + method + "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + calendar
		},
		"attached": func(calendar, method string) string {
			return "Content-Type: multipart/mixed; boundary=\"mixed\"\r\n\r\n--mixed\r\n" + text + "--mixed\r\nContent-Type: text/calendar; charset=utf-8; method=" + method +
				"; name=\"meeting.ics\"\r\nContent-Disposition: attachment; filename=\"meeting.ics\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Lines(calendar) + "--mixed--\r\n"
		},
	}
}

func base64Lines(text string) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(text))), 76) {
		b.Write(line)
		b.WriteString("\r\n")
	}
	return b.String()
}

// mail is the whole mail in a shape.
func (m itip) mail(shape string) []byte {
	return []byte(m.head() + shapes()[shape](m.calendar(), m.method))
}

func (m itip) head() string {
	return fmt.Sprintf("Message-ID: <%s>\r\nDate: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: =?utf-8?B?%s?=\r\nMIME-Version: 1.0\r\n",
		m.id, m.stamp.Format(time.RFC1123Z), m.from, m.to, base64.StdEncoding.EncodeToString([]byte(m.subject)))
}

// office is one mailbox at Google and one at Dovecot with the same mail, and one calendar at Google and one over CalDAV
// with the same events, all of them sato's.
type office struct {
	t       *testing.T
	google  *googleDesk
	dav     *davDesk
	dovecot *testdovecot.Server
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t, &googleDesk{startGoogle(t, fakegoogle.Options{}, sato), []string{sato}}, newDAVDesk(t, sato), testdovecot.Start(t)}
	o.dovecot.AddUser(sato, "secret")
	return o
}

// deliver puts a mail into both mailboxes: into Sent if sato wrote it.
func (o *office) deliver(raw []byte) {
	folder, label := "INBOX", "INBOX"
	if bytes.Contains(raw[:min(len(raw), 500)], []byte("From: "+sato)) {
		folder, label = "Sent", "SENT"
	}
	o.dovecot.Append(sato, folder, raw, time.Now())
	o.google.Mailbox(sato).Deliver(raw, time.Now(), label)
}

func (o *office) put(a *appointment) {
	o.google.put(sato, a)
	o.dav.put(sato, a)
}

// The sources of an office by what they read.
const (
	atGmail    = "gmail-sato-at-example.co.jp"
	atDovecot  = "sato-mail"
	atCalendar = "googlecalendar-sato-at-example.co.jp"
	atDAV      = "sato-cal"
)

// site reads the named sources.
func (o *office) site(sources ...string) *site {
	o.t.Helper()
	own, services := "", []string{}
	for _, id := range sources {
		switch id {
		case atGmail:
			services = append(services, "mail")
		case atCalendar:
			services = append(services, "calendar")
		case atDovecot:
			own += source(atDovecot, sato, o.dovecot.Addr, `[INBOX, '\Sent']`)
		case atDAV:
			own += o.dav.source(sato, "30d", "30d")
		}
	}
	config := listenHead()
	if own != "" {
		config = head() + own
	}
	if len(services) > 0 {
		config += o.google.section("["+strings.Join(services, ", ")+"]") + "  delegation: {key_file: delegation.json, users: [" + sato + "]}\n" + unpaced
	}
	s := newSite(o.t, config)
	o.google.writeKey(s)
	s.importGuests()
	return s
}

// TestInvitationAndEvent reads invitations of a customer, in the shapes of several programs, and the events they became,
// from either kind of mailbox and of calendar, in both orders: always one meeting each, and answers find its thread.
func TestInvitationAndEvent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for shape := range shapes() {
		start := clock(t, 3, 10)
		a := &appointment{id: "meet" + shape, summary: "打合せ " + shape, location: "会議室 A", start: start, end: start.Add(time.Hour), organiser: tanaka, guests: []guest{{sato, "needsAction"}}}
		o.put(a)
		invitation := itip{id: shape + ".invite@client.example", method: "REQUEST", uid: a.uid(), subject: a.summary, from: tanaka, to: sato, organiser: tanaka, start: start,
			stamp: time.Now().Add(-2 * time.Hour), answers: map[string]string{tanaka: "ACCEPTED", sato: "NEEDS-ACTION"}}
		o.deliver(invitation.mail(shape))
		reply := letter(shape+".answer", sato, tanaka, "Re "+shape)
		o.deliver(slices.Concat([]byte("In-Reply-To: <"+invitation.id+">\r\nReferences: <"+invitation.id+">\r\n"), reply))
	}
	var first map[string]exportedMeeting
	for _, mail := range []string{atDovecot, atGmail} {
		for _, calendar := range []string{atCalendar, atDAV} {
			for _, order := range [][]string{{mail, calendar}, {calendar, mail}} {
				t.Run(strings.Join(order, " then "), func(t *testing.T) {
					s := o.site(mail, calendar)
					s.t = t
					for _, id := range order {
						s.must("sync", "--source", id)
					}
					s.must("sync")
					got := s.gathered()
					checkInvitations(t, s, got, mail, calendar)
					if got = placeless(got); first == nil {
						first = got
					} else if diff := cmp.Diff(first, got, cmp.AllowUnexported(exportedMeeting{})); diff != "" {
						t.Errorf("another order or place tells otherwise (-first +this):\n%.3000s", diff)
					}
					s.must("verify")
				})
			}
		}
	}
}

func checkInvitations(t *testing.T, s *site, got map[string]exportedMeeting, mail, calendar string) {
	t.Helper()
	all := s.activities()
	if len(got) != len(shapes()) || len(all) != 2*len(shapes()) {
		t.Errorf("%d meetings and %d activities in all, want %d and as many answers", len(got), len(all), len(shapes()))
	}
	for shape := range shapes() {
		m := got["meet"+shape]
		var places []string
		for _, o := range m.Observed {
			places = append(places, o.Source)
		}
		slices.Sort(places)
		want := []string{mail, calendar}
		slices.Sort(want)
		if !slices.Equal(places, want) || m.Status != crm.MeetingConfirmed || m.Direction != "in" || len(m.Messages) != 1 || m.response(tanaka) != crm.ResponseAccepted {
			t.Errorf("%s: seen in %v, %s, %s, %d mails, tanaka %q", shape, places, m.Status, m.Direction, len(m.Messages), m.response(tanaka))
		}
		answer := s.bySubject(all, "Re "+shape)
		if answer.Kind != "email" || answer.Thread == "" || answer.Thread != m.Thread {
			t.Errorf("%s: the answer is of kind %q in thread %q, the meeting in %q", shape, answer.Kind, answer.Thread, m.Thread)
		}
	}
}

func (s *site) bySubject(all []exported, subject string) exported {
	s.t.Helper()
	i := slices.IndexFunc(all, func(a exported) bool { return a.Subject == subject })
	if i < 0 {
		s.t.Errorf("no activity has the subject %q", subject)
		return exported{}
	}
	return all[i]
}

// TestMeetingByMailAlone follows a meeting of which nothing is seen but mail: invited, accepted, declined, moved and called
// off. A counter-proposal stays a mail.
func TestMeetingByMailAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sites := map[string]*site{atDovecot: o.site(atDovecot), atGmail: o.site(atGmail)}
	start, began := clock(t, 5, 14), time.Now().Add(-5*time.Hour)
	send := func(n int, method, from, partstat string, start time.Time, sequence int) {
		m := itip{id: fmt.Sprintf("step%d@example.co.jp", n), method: method, uid: "alone@example.co.jp", subject: "ご提案", from: from, to: tanaka, organiser: sato, start: start,
			sequence: sequence, stamp: began.Add(time.Duration(n) * 10 * time.Minute), answers: map[string]string{tanaka: partstat}}
		if from == tanaka {
			m.to = sato
		} else {
			m.answers[sato] = "ACCEPTED"
		}
		o.deliver(m.mail("google"))
	}
	later := start.Add(26 * time.Hour)
	steps := []struct {
		name  string
		send  func()
		check func(m exportedMeeting) bool
		mails int // kept as such
	}{
		{"invited", func() { send(1, "REQUEST", sato, "NEEDS-ACTION", start, 0) }, func(m exportedMeeting) bool {
			return m.Status == crm.MeetingConfirmed && m.Time.Equal(start) && m.End.Equal(start.Add(time.Hour)) && m.Direction == "out" && m.response(tanaka) == crm.ResponseNone
		}, 0},
		{"accepted", func() { send(2, "REPLY", tanaka, "ACCEPTED", start, 0) }, func(m exportedMeeting) bool {
			return m.response(tanaka) == crm.ResponseAccepted && len(m.Revisions) == 0 && len(m.Messages) == 2
		}, 0},
		{"declined", func() { send(3, "REPLY", tanaka, "DECLINED", start, 0) }, func(m exportedMeeting) bool {
			return m.response(tanaka) == crm.ResponseDeclined && m.Status == crm.MeetingConfirmed
		}, 0},
		{"counter-proposal", func() { send(4, "COUNTER", tanaka, "TENTATIVE", later, 0) }, func(m exportedMeeting) bool {
			return m.Time.Equal(start) && m.response(tanaka) == crm.ResponseDeclined
		}, 1},
		{"moved", func() { send(5, "REQUEST", sato, "NEEDS-ACTION", later, 1) }, func(m exportedMeeting) bool {
			return m.Time.Equal(later) && len(m.Revisions) == 1 && m.Revisions[0].Start.Equal(start) && m.Status == crm.MeetingConfirmed
		}, 1},
		{"called off", func() { send(6, "CANCEL", sato, "NEEDS-ACTION", later, 2) }, func(m exportedMeeting) bool {
			return m.Status == crm.MeetingCancelled && m.Subject == "ご提案" && len(m.Revisions) == 2
		}, 1},
	}
	for _, step := range steps {
		step.send()
		told := map[string]map[string]exportedMeeting{}
		for id, s := range sites {
			s.must("sync")
			got := s.gathered()
			if m := got["alone@example.co.jp"]; len(got) != 1 || !step.check(m) {
				t.Errorf("%s, %s: %d meetings, %+v", step.name, id, len(got), m)
			}
			mails := 0
			for _, a := range s.activities() {
				if a.Kind == "email" {
					mails++
				}
			}
			if mails != step.mails {
				t.Errorf("%s, %s: %d mails, want %d", step.name, id, mails, step.mails)
			}
			told[id] = placeless(got)
		}
		if diff := cmp.Diff(told[atDovecot], told[atGmail], cmp.AllowUnexported(exportedMeeting{})); diff != "" {
			t.Errorf("%s: Gmail tells otherwise (-dovecot +gmail):\n%.2000s", step.name, diff)
		}
	}
	for _, s := range sites {
		s.must("verify")
	}
}

// TestHostileCalendars reads calendars that are made to do harm: the mail stays a mail, and the pass goes on.
func TestHostileCalendars(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	bad := itip{method: "REQUEST", uid: "bad@client.example", from: tanaka, to: sato, organiser: tanaka, start: clock(t, 3, 10), stamp: time.Now().Add(-time.Hour),
		answers: map[string]string{tanaka: "ACCEPTED", sato: "NEEDS-ACTION"}}
	hostile := func(subject, more string, spoil func(string) string) (raw []byte) {
		m := bad
		m.id, m.subject, m.more = strings.ReplaceAll(subject, " ", ".")+"@client.example", subject, more
		return []byte(m.head() + shapes()["outlook"](spoil(m.calendar()), "REQUEST"))
	}
	same := func(text string) string { return text }
	mails := map[string][]byte{
		"every second": hostile("every second", "RRULE:FREQ=SECONDLY", same),
		"never fires":  hostile("never fires", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\r\nEXDATE:20260101T000000Z", func(text string) string { return strings.Replace(text, "DTSTART:", "DTSTART:x", 1) }),
		"broken": hostile("broken", "", func(text string) string {
			return text[:len(text)/2] + "\x00\xff" + strings.Repeat("BEGIN:VEVENT\r\n", 50_000)
		}),
		"no event":        hostile("no event", "", func(string) string { return "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n" }),
		"not a calendar":  hostile("not a calendar", "", func(string) string { return "<html>" }),
		"twenty megabyte": hostile("twenty megabyte", "DESCRIPTION:"+strings.Repeat("\r\n x", 3<<20), same),
	}
	for _, raw := range mails {
		o.deliver(raw)
	}
	o.deliver(letter("good", tanaka, sato, "good"))
	huge := hostile("hundred megabyte", "", same) // base64 of what is no calendar any more
	huge = append(bytes.TrimSuffix(huge, []byte("--_000_OS3P--\r\n")), bytes.Repeat([]byte(strings.Repeat("QUFB", 19)+"\r\n"), 100<<20/78)...)
	huge = append(huge, "--_000_OS3P--\r\n"...)
	if n := o.dovecot.Fill(sato, "INBOX", slices.Values([]testdovecot.Message{{Raw: huge}})); n != 1 {
		t.Fatalf("%d mails filled in", n)
	}
	for _, id := range []string{atDovecot, atGmail} {
		t.Run(id, func(t *testing.T) {
			s := o.site(id)
			s.t = t
			s.must("sync")
			want := len(mails) + 1
			if id == atDovecot {
				want++
			}
			mails := 0
			for _, a := range s.activities() {
				if a.Kind == "email" {
					mails++
				} else {
					t.Errorf("%s became a %s", a.Subject, a.Kind)
				}
			}
			if mails != want {
				t.Errorf("%d mails, want %d", mails, want)
			}
			for _, row := range s.ledger() {
				if row.Verdict != "logged" {
					t.Errorf("%s is %s: %s", row.ExternalID, row.Verdict, row.Reason)
				}
			}
			s.must("verify")
		})
	}
}
