package sample

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/text/encoding/htmlindex"
)

func tokyo(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestStoryIsWhole(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, tokyo(t))
	p, err := parse(story, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.past) < 70 || len(p.live) < 8 {
		t.Errorf("%d letters and %d that arrive later", len(p.past), len(p.live))
	}
	known, charsets := map[string]time.Time{}, map[string]bool{}
	for _, l := range p.past {
		if l.subject == "" || strings.TrimSpace(l.text) == "" || l.sent.After(now) || l.sent.Before(now.AddDate(0, 0, -31)) {
			t.Errorf("letter %q: text, subject or time is wrong (%v)", l.subject, l.sent)
		}
		if l.folderOf("sato@example.co.jp")+l.folderOf("suzuki@example.co.jp") == "" {
			t.Errorf("letter %q lies in no mailbox", l.subject)
		}
		known[l.id] = l.sent
		charsets[l.charset] = true
	}
	for _, l := range p.past {
		if asked, ok := known[l.reply]; l.reply != "" && (!ok || asked.After(l.sent)) {
			t.Errorf("letter %q answers %q, which comes later or never", l.subject, l.reply)
		}
	}
	if len(charsets) < 5 {
		t.Errorf("charsets: %v", charsets)
	}
}

func TestMessagesAreWellFormed(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, tokyo(t))
	p, err := parse(story, now)
	if err != nil {
		t.Fatal(err)
	}
	words := mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(r), nil
	}}
	for _, l := range append(append(p.past, p.live...), bulk(now)...) {
		raw, err := l.write("id@example", []string{"a@example", "b@example"})
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%q: %v", l.subject, err)
		}
		if got, err := words.DecodeHeader(m.Header.Get("Subject")); err != nil || got != l.subject {
			t.Errorf("subject %q came out as %q, %v", l.subject, got, err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || to[0].Address != l.to[0].Address || to[0].Name != l.to[0].Name {
			t.Errorf("%q: To is %v, %v", l.subject, to, err)
		}
	}
}

func TestServerHoldsTheStory(t *testing.T) {
	s, err := Start(time.Now(), tokyo(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	total := uint32(0)
	for _, m := range Mailboxes() {
		c, err := imapclient.DialInsecure(s.Addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Login(m.Username, Password).Wait(); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{inbox, sent} {
			box, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
			if err != nil || box.NumMessages == 0 {
				t.Fatalf("%s of %s: %v, %v", folder, m.Username, box, err)
			}
			total += box.NumMessages
		}
	}
	if total < 120 {
		t.Errorf("only %d messages in both mailboxes", total)
	}
	subjects := map[string]bool{}
	for range 2 * len(s.live) {
		subject, err := s.Arrive(context.Background(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		subjects[subject] = true
	}
	if len(subjects) != 2*len(s.live) {
		t.Errorf("%d different mails arrived, want %d", len(subjects), 2*len(s.live))
	}
}
