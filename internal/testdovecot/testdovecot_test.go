package testdovecot_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

const (
	userName = "sato@example.co.jp"
	password = "opensesame"
	raw      = "From: a@example.com\r\nTo: sato@example.co.jp\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n"
)

func messages(n int) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for i := range n {
			m := testdovecot.Message{
				Raw:   fmt.Appendf(nil, "Subject: mail %d\r\n\r\ntext\r\n", i),
				Date:  time.Date(2026, 11, 1, 0, 0, i, 0, time.UTC),
				Flags: "S",
			}
			if !yield(m) {
				return
			}
		}
	}
}

func signIn(t *testing.T, s *testdovecot.Server) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(userName, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func count(t *testing.T, c *imapclient.Client, folder string) int {
	t.Helper()
	data, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return int(data.NumMessages)
}

func TestServer(t *testing.T) {
	s := testdovecot.Start(t)
	s.AddUser(userName, password)

	t.Run("folders", func(t *testing.T) {
		list, err := signIn(t, s).List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range list {
			names = append(names, l.Mailbox)
			if l.Mailbox == "Sent" && !slices.Contains(l.Attrs, imap.MailboxAttrSent) {
				t.Errorf("Sent has no special use: %v", l.Attrs)
			}
		}
		slices.Sort(names)
		want := []string{"Drafts", "INBOX", "Junk", "Sent", "Trash", "送信済み", "送信済み/お客様"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("capabilities", func(t *testing.T) {
		c := signIn(t, s)
		for _, want := range []imap.Cap{imap.CapIdle, imap.CapCondStore, imap.CapSpecialUse} {
			if !c.Caps().Has(want) {
				t.Errorf("%s is not offered", want)
			}
		}
	})

	t.Run("deliver", func(t *testing.T) {
		before := count(t, signIn(t, s), "INBOX")
		s.Deliver(userName, []byte(raw))
		if got := count(t, signIn(t, s), "INBOX"); got != before+1 {
			t.Errorf("INBOX has %d messages, want %d", got, before+1)
		}
	})

	t.Run("append keeps bytes, date and flags", func(t *testing.T) {
		date := time.Date(2020, 2, 29, 1, 2, 3, 0, time.UTC)
		s.Append(userName, "新しい/箱", []byte(raw), date, "\\Seen")
		c := signIn(t, s)
		count(t, c, "新しい/箱")
		section := &imap.FetchItemBodySection{Peek: true}
		got, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{
			Flags: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section},
		}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		if body := string(got[0].FindBodySection(section)); body != raw {
			t.Errorf("body is %q", body)
		}
		if !got[0].InternalDate.Equal(date) || !slices.Contains(got[0].Flags, imap.FlagSeen) {
			t.Errorf("date %s, flags %v", got[0].InternalDate, got[0].Flags)
		}
	})

	t.Run("fill keeps the order", func(t *testing.T) {
		if n := s.Fill(userName, "送信済み/お客様", messages(30)); n != 30 {
			t.Fatalf("wrote %d", n)
		}
		c := signIn(t, s)
		count(t, c, "送信済み/お客様")
		got, err := c.Fetch(imap.SeqSetNum(1, 30), &imap.FetchOptions{Envelope: true, InternalDate: true}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Envelope.Subject != "mail 0" || got[1].Envelope.Subject != "mail 29" {
			t.Errorf("order: %q … %q", got[0].Envelope.Subject, got[1].Envelope.Subject)
		}
		if want := time.Date(2026, 11, 1, 0, 0, 29, 0, time.UTC); !got[1].InternalDate.Equal(want) {
			t.Errorf("date is %s, want %s", got[1].InternalDate, want)
		}
	})

	t.Run("doveadm", func(t *testing.T) {
		out := s.Doveadm("mailbox", "status", "-u", userName, "messages", "送信済み/お客様")
		if !strings.Contains(out, "messages=30") {
			t.Errorf("status is %q", out)
		}
	})

	t.Run("oauth tokens expire", func(t *testing.T) {
		token := s.TokenFor(userName)
		if err := bearer(t, s, token); err != nil {
			t.Fatalf("sign in with a good token: %v", err)
		}
		s.ExpireTokens()
		var e *sasl.OAuthBearerError
		if err := bearer(t, s, token); !errors.As(err, &e) || e.Status != "invalid_token" {
			t.Fatalf("sign in with an expired token: %v", err)
		}
	})

	t.Run("restart keeps the mail", func(t *testing.T) {
		before := count(t, signIn(t, s), "INBOX")
		s.Stop()
		if c, err := imapclient.DialInsecure(s.Addr, nil); err == nil {
			_ = c.Close()
			t.Fatal("a stopped server answers")
		}
		s.Restart()
		if got := count(t, signIn(t, s), "INBOX"); got != before {
			t.Errorf("INBOX has %d messages, want %d", got, before)
		}
	})
}

func bearer(t *testing.T, s *testdovecot.Server, token string) error {
	t.Helper()
	c, err := imapclient.DialInsecure(s.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.Authenticate(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: userName, Token: token}))
}

func TestCertificates(t *testing.T) {
	var expired x509.CertificateInvalidError
	var wrongName x509.HostnameError
	tests := []struct {
		name string
		opts []testdovecot.Option
		want any // pointer to the kind of error wanted; nil for none
	}{
		{"good", nil, nil},
		{"expired", []testdovecot.Option{testdovecot.WithExpiredCertificate()}, &expired},
		{"wrong name", []testdovecot.Option{testdovecot.WithCertificateName("other.example")}, &wrongName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := testdovecot.Start(t, tt.opts...)
			pem, err := os.ReadFile(s.CAFile)
			if err != nil {
				t.Fatal(err)
			}
			pool := x509.NewCertPool()
			pool.AppendCertsFromPEM(pem)
			for name, dial := range map[string]func(string, *imapclient.Options) (*imapclient.Client, error){
				s.TLSAddr: imapclient.DialTLS, s.Addr: imapclient.DialStartTLS,
			} {
				c, err := dial(name, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}})
				if err == nil {
					_ = c.Close()
				}
				if tt.want == nil && err != nil || tt.want != nil && !errors.As(err, tt.want) {
					t.Errorf("dial %s: %v", name, err)
				}
			}
		})
	}
}
