package main

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/caldav"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/web"
)

// TestPossible holds how sources are said to sign in: by it the web app tells what mends an expired sign-in.
func TestPossible(t *testing.T) {
	for name, test := range map[string]struct {
		settings         connectors.Settings
		password, tokens bool
	}{
		"a mailbox with a password": {&imap.Settings{Password: "x"}, true, false},
		"a mailbox with tokens":     {&imap.Settings{OAuth: &imap.OAuth{}}, false, true},
		"calendars":                 {&caldav.Settings{Password: "x"}, true, false},
		"Gmail":                     {&gmail.Settings{}, false, false},
	} {
		got := possible(&config.Source{ID: "a", Settings: test.settings}, web.SourceChoice{Forgetting: true})
		if got.Password != test.password || got.Tokens != test.tokens || !got.Forgetting {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
