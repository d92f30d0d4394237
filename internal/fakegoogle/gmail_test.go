package fakegoogle_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func TestMailIsReadAndFollowed(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	box, api := s.Mailbox(hana), mailOf(t, s, hana)
	for i := range 7 {
		box.Deliver(letter(i, "Suzuki <suzuki@customer.example>", hana, fmt.Sprintf("Quote %d", i), ""), clk.Now().Add(time.Duration(i)*time.Minute))
	}
	profile := must[*gmail.Profile](t)(api.Users.GetProfile("me").Do())
	if profile.MessagesTotal != 7 || profile.EmailAddress != hana {
		t.Fatalf("profile %+v", profile)
	}
	var ids []string
	err := api.Users.Messages.List("me").MaxResults(3).Pages(t.Context(), func(r *gmail.ListMessagesResponse) error {
		for _, m := range r.Messages {
			ids = append(ids, m.Id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := box.IDs()
	for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
		want[i], want[j] = want[j], want[i]
	}
	if d := cmp.Diff(want, ids); d != "" {
		t.Fatalf("newest first (-want +got):\n%s", d)
	}
	m := must[*gmail.Message](t)(api.Users.Messages.Get("me", ids[0]).Do())
	if m.Snippet != "Hello 6." || m.InternalDate != clk.Now().Add(6*time.Minute).UnixMilli() {
		t.Errorf("message %+v", m)
	}
	reply := box.Deliver(letter(100, hana, "suzuki@customer.example", "Re: Quote 6", "In-Reply-To: <m6@customer.example>\r\n"), clk.Now().Add(time.Hour), "SENT")
	box.Relabel(ids[1], []string{"STARRED"}, []string{"UNREAD"})
	box.Delete(ids[2])
	news := must[*gmail.ListHistoryResponse](t)(api.Users.History.List("me").StartHistoryId(profile.HistoryId).Do())
	if len(news.History) != 4 || news.History[0].MessagesAdded[0].Message.Id != reply || news.History[0].MessagesAdded[0].Message.ThreadId != m.ThreadId {
		t.Errorf("history %+v", news.History)
	}
	labels := must[*gmail.ListLabelsResponse](t)(api.Users.Labels.List("me").Do())
	if len(labels.Labels) != 14 {
		t.Errorf("%d labels", len(labels.Labels))
	}
	quiet := must[*gmail.ListHistoryResponse](t)(api.Users.History.List("me").StartHistoryId(news.HistoryId).Do())
	if len(quiet.History) != 0 || quiet.HistoryId != news.HistoryId {
		t.Errorf("quiet history %+v", quiet)
	}
	box.ExpireHistory()
	_, err = api.Users.History.List("me").StartHistoryId(news.HistoryId).Do()
	wantError(t, err, 404, "notFound")
}

func wantError(t testing.TB, err error, code int, reason string) {
	t.Helper()
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Code != code || len(e.Errors) != 1 || e.Errors[0].Reason != reason {
		t.Errorf("error %v (%+v), want %d %s", err, e, code, reason)
	}
}

func TestFormats(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	raw := strings.ReplaceAll(`From: =?utf-8?B?6Yi05pyo?= <suzuki@customer.example>
To: hana@example.co.jp
Subject: Plan
Message-ID: <plan@customer.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-2022-jp
Content-Transfer-Encoding: 7bit

`+"\x1b$B8+@Q\x1b(B"+`
--inner
Content-Type: text/html; charset=utf-8

<p>見積</p>
--inner--
--outer
Content-Type: application/pdf; name=plan.pdf
Content-Disposition: attachment; filename=plan.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--outer--
`, "\n", "\r\n")
	id := s.Mailbox(hana).Deliver([]byte(raw), time.Unix(1_800_000_000, 0))
	api := mailOf(t, s, hana)
	full := must[*gmail.Message](t)(api.Users.Messages.Get("me", id).Format("full").Do())
	if full.Snippet != "見積" || full.Payload.Headers[0].Value != "鈴木 <suzuki@customer.example>" {
		t.Errorf("snippet %q, headers %v", full.Snippet, full.Payload.Headers[0])
	}
	pdf := full.Payload.Parts[1]
	if pdf.Filename != "plan.pdf" || pdf.Body.AttachmentId == "" || pdf.Body.Data != "" || pdf.PartId != "1" {
		t.Errorf("attachment %+v", pdf)
	}
	file := must[*gmail.MessagePartBody](t)(api.Users.Messages.Attachments.Get("me", id, pdf.Body.AttachmentId).Do())
	if got, _ := base64.URLEncoding.DecodeString(file.Data); string(got) != "%PDF-1.4\n" {
		t.Errorf("attachment holds %q", got)
	}
	again := must[*gmail.Message](t)(api.Users.Messages.Get("me", id).Do())
	if again.Payload.Parts[1].Body.AttachmentId == pdf.Body.AttachmentId {
		t.Error("attachment ids must differ between answers")
	}
	got := must[*gmail.Message](t)(api.Users.Messages.Get("me", id).Format("raw").Do())
	if b, _ := base64.URLEncoding.DecodeString(got.Raw); string(b) != raw {
		t.Errorf("raw is %q", b)
	}
	meta := must[*gmail.Message](t)(api.Users.Messages.Get("me", id).Format("metadata").MetadataHeaders("subject").Do())
	if len(meta.Payload.Headers) != 1 || meta.Payload.Body != nil {
		t.Errorf("metadata %+v", meta.Payload)
	}
	small := must[*gmail.Message](t)(api.Users.Messages.Get("me", id).Fields("id", "payload(headers/name)").Do())
	if small.Id != id || small.Snippet != "" || small.Payload.Headers[0].Name != "From" || small.Payload.Headers[0].Value != "" {
		t.Errorf("partial answer %+v", small)
	}
	_, err := api.Users.Messages.Get("me", "0123").Do()
	wantError(t, err, 404, "notFound")
	_, err = api.Users.Messages.Trash("me", id).Do()
	wantError(t, err, 403, "insufficientPermissions")
	if s.Writes() != 1 {
		t.Errorf("%d writing calls in the log", s.Writes())
	}
}
