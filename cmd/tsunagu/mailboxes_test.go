package main

import (
	"errors"
	"net"
	"testing"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/caldav"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
	"github.com/tsunagu-crm/tsunagu/web"
)

func TestNewMailbox(t *testing.T) {
	for name, test := range map[string]struct {
		in     web.Mailbox
		server string
		code   string
	}{
		"a host":              {web.Mailbox{Kind: "imap", Server: "mail.example.co.jp"}, "mail.example.co.jp:993", ""},
		"STARTTLS":            {web.Mailbox{Kind: "imap", Server: "mail.example.co.jp", StartTLS: true}, "mail.example.co.jp:143", ""},
		"another port":        {web.Mailbox{Kind: "imap", Server: "mail.example.co.jp:22"}, "", web.TroublePort},
		"this machine":        {web.Mailbox{Kind: "imap", Server: "127.0.0.1:993"}, "", web.TroubleInside},
		"its name":            {web.Mailbox{Kind: "imap", Server: "LocalHost"}, "", web.TroubleInside},
		"its calendar":        {web.Mailbox{Kind: "caldav", Server: "http://localhost:5232/"}, "", web.TroubleInside},
		"another port, by IT": {web.Mailbox{Kind: "imap", Server: "127.0.0.1:1993", Any: true}, "127.0.0.1:1993", ""},
		"a calendar":          {web.Mailbox{Kind: "caldav", Server: "cal.example.co.jp/dav/"}, "https://cal.example.co.jp/dav/", ""},
		"a calendar in clear": {web.Mailbox{Kind: "caldav", Server: "http://cal.example.co.jp/"}, "", web.TroublePort},
		"another kind":        {web.Mailbox{Kind: "pop3", Server: "x"}, "", web.TroubleSettings},
	} {
		test.in.Username, test.in.Password, test.in.Since = "sato", "x", "90d"
		got, err := newMailbox(test.in)
		var trouble *web.MailboxTrouble
		switch {
		case test.code == "" && (err != nil || got.Server != test.server || got.ID == ""):
			t.Errorf("%s: %q, %v", name, got.Server, err)
		case test.code == "" && outside(got.settings()) == test.in.Any:
			t.Errorf("%s: outside is %v", name, outside(got.settings()))
		case test.code != "" && (!errors.As(err, &trouble) || trouble.Code != test.code):
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

// outside says whether a source must be read from another machine.
func outside(s connectors.Settings) bool {
	switch s := s.(type) {
	case *imap.Settings:
		return s.Outside
	case *caldav.Settings:
		return s.Outside
	}
	return false
}

// TestChoose holds that a choice changes a source and not the settings it shares, and that a password of a changed file counts.
func TestChoose(t *testing.T) {
	settings, _ := imap.Kind().NewSettings().(*imap.Settings)
	settings.Password = "old"
	s := config.Source{ID: "a", Settings: settings, ExcludeFolders: []string{"x"}}
	choose(&s, keptChoice{Read: []string{"INBOX"}, Leave: []string{"私用"}, Password: "new", Instead: hashOf("old")})
	got, _ := s.Settings.(*imap.Settings)
	if got.Password != "new" || len(got.Folders) != 1 || len(s.ExcludeFolders) != 2 || settings.Password != "old" || len(settings.Folders) != 2 {
		t.Errorf("chosen %v %v, shared %v", got.Folders, s.ExcludeFolders, settings.Folders)
	}
	settings.Password = "changed in the file"
	s = config.Source{ID: "a", Settings: settings}
	choose(&s, keptChoice{Password: "new", Instead: hashOf("old")})
	if got, _ = s.Settings.(*imap.Settings); got.Password != "changed in the file" {
		t.Error("a password of before is used although the file has a new one")
	}
}

func TestTroubleOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&connectors.Fault{Kind: connectors.AuthExpired, Op: "sign in", Err: errors.New("NO")}, web.TroubleSignIn},
		{&connectors.Fault{Kind: connectors.Permanent, Op: "sign in", Err: errors.New("odd")}, web.TroubleSettings},
		{errors.New("dial tcp: i/o timeout"), web.TroubleTimeout},
		{&net.OpError{Op: "dial", Err: safehttp.ErrInside}, web.TroubleInside},
	} {
		var got *web.MailboxTrouble
		if err := troubleOf(test.err); !errors.As(err, &got) || got.Code != test.want {
			t.Errorf("%v: %v, want %s", test.err, err, test.want)
		}
	}
}
