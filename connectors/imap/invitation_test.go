package imap

import (
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// invitations are mails whose calendar is longer than what is asked of a text by default, so that it only comes
// whole if it is wanted for itself.
func invitations(n int) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for i := range n {
			calendar := fmt.Sprintf("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:%d@client.example\r\nDTSTAMP:20261120T000000Z\r\nDTSTART:20261124T010000Z\r\n"+
				"DTEND:20261124T020000Z\r\nSUMMARY:打合せ %d\r\nORGANIZER:mailto:tanaka@client.example\r\nDESCRIPTION:%s\r\n"+
				"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:sato@example.co.jp\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", i, i, strings.Repeat("\r\n 議題", 9000))
			raw := fmt.Appendf(nil, "Message-ID: <invite.%d@client.example>\r\nFrom: tanaka@client.example\r\nTo: sato@example.co.jp\r\nSubject: invitation %d\r\nMIME-Version: 1.0\r\n"+
				"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease come.\r\n"+
				"--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
				i, i, folded([]byte(calendar)))
			if !yield(testdovecot.Message{Raw: raw}) {
				return
			}
		}
	}
}

// folded is base64 in lines of 76 characters.
func folded(data []byte) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), 76) {
		b.Write(line)
		b.WriteString("\r\n")
	}
	return b.String()
}

func TestDovecotInvitations(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", notes(20, "in"))
	server.Fill("sato", "INBOX", invitations(12))
	settings := dovecotSettings(server)
	settings.Folders = []string{"INBOX"}
	src := openSource(t, settings, connectors.Limits{})
	var ids []string
	for id, item := range drain(t, src, "", 0).items {
		if strings.HasPrefix(item.Message.Subject, "invitation") {
			ids = append(ids, id)
			checkInvitation(t, item)
		}
	}
	if len(ids) != 12 {
		t.Fatalf("%d invitations, want 12", len(ids))
	}
	again, err := src.Get(t.Context(), ids)
	if err != nil || len(again) != 12 {
		t.Fatalf("get: %d items, %v", len(again), err)
	}
	for _, item := range again {
		checkInvitation(t, item)
	}
}

func checkInvitation(t *testing.T, item connectors.Item) {
	t.Helper()
	i := item.Message.Invitation
	if item.Message.Class != crm.ClassInvitation || i == nil {
		t.Fatalf("%s: class %s, invitation %+v", item.ExternalID, item.Message.Class, i)
	}
	number := strings.TrimPrefix(item.Message.Subject, "invitation ")
	if i.UID != number+"@client.example" || i.Method != "REQUEST" || !i.Start.Equal(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)) ||
		len(i.Attendees) != 1 || i.Summary != "打合せ "+number || item.Message.Text != "Please come." {
		t.Errorf("%s: invitation %+v, text %q", item.ExternalID, i, item.Message.Text)
	}
}
