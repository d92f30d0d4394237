package web

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestWayInto(t *testing.T) {
	daemon := Config{Mailboxes: &fakeMailboxes{}, SignIns: &fakeSignIns{}}
	for name, test := range map[string]struct {
		cfg    Config
		source crm.Source
		choice SourceChoice
		list   []Connection
		want   wayIn
	}{
		"a password":                    {daemon, crm.Source{ID: "a", Kind: MailboxIMAP}, SourceChoice{Password: true}, nil, wayPassword},
		"calendars with a password":     {daemon, crm.Source{ID: "a", Kind: MailboxCalDAV}, SourceChoice{Password: true}, nil, wayPassword},
		"a connection":                  {daemon, crm.Source{ID: "a", Kind: "gmail"}, SourceChoice{}, []Connection{{Provider: "google", Sources: []string{"a"}}}, wayDoor},
		"tokens of a provider":          {daemon, crm.Source{ID: "suzuki-mail", Kind: MailboxIMAP}, SourceChoice{Tokens: true}, nil, wayDoor},
		"tokens that no browser gets":   {daemon, crm.Source{ID: "a", Kind: MailboxIMAP}, SourceChoice{Tokens: true}, nil, wayToken},
		"an administrator's connection": {daemon, crm.Source{ID: "a", Kind: "gmail"}, SourceChoice{}, []Connection{{Provider: "google", Sources: []string{"a"}, Delegated: true}}, wayUnknown},
		"gone from the configuration":   {daemon, crm.Source{ID: "a", Kind: MailboxIMAP}, SourceChoice{}, nil, wayUnknown},
		"nothing is chosen in browsers": {Config{}, crm.Source{ID: "a", Kind: MailboxIMAP}, SourceChoice{}, nil, wayFile},
		"nor of another kind":           {Config{}, crm.Source{ID: "a", Kind: "gmail"}, SourceChoice{}, nil, wayUnknown},
	} {
		if got := (&Server{cfg: test.cfg}).wayInto(&test.source, &test.choice, test.list); got != test.want {
			t.Errorf("%s: way %d, want %d", name, got, test.want)
		}
	}
}

// TestTokenIsAskedFor holds that nobody is sent for a password which a mailbox with tokens has not.
func TestTokenIsAskedFor(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Mailboxes = &fakeMailboxes{choices: map[string]SourceChoice{"suzuki-mail": {Tokens: true}}}
	})
	b := f.signedIn(t, "it@example.co.jp")
	for _, path := range []string{"/sources", "/health"} {
		_, page := b.get(t, path+"?lang=en")
		wantIn(t, page, "tsunagu connect imap suzuki-mail", "new oauth.refresh_token")
		wantOut(t, page, "new password")
	}
}
