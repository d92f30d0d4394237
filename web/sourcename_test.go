package web

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestNamesOfSources(t *testing.T) {
	f := newFixture(t)
	ja, en := f.server.speakers["ja"], f.server.speakers["en"]
	for _, c := range []struct{ name, id, kind, owner, ja, en, byID string }{
		{"of an account", "gmail-sato-at-example.co.jp", "gmail", "sato@example.co.jp", "Gmail(sato@example.co.jp)", "Gmail (sato@example.co.jp)", "Gmail (sato@example.co.jp)"},
		{"calendar", "googlecalendar-a.b-at-x.jp", "googlecalendar", "a.b@x.jp", "Google カレンダー(a.b@x.jp)", "Google Calendar (a.b@x.jp)", "Google Calendar (a.b@x.jp)"},
		{"address that cannot stand in an id", "gmail-o_brien-at-x.jp-0123456789", "gmail", "o'brien@x.jp", "Gmail(o'brien@x.jp)", "Gmail (o'brien@x.jp)", "gmail-o_brien-at-x.jp-0123456789"},
		{"named by somebody", "gmail-sales", "gmail", "sato@example.co.jp", "gmail-sales", "gmail-sales", "gmail-sales"},
		{"mailbox", "sato-mail", "imap", "sato@example.co.jp", "sato-mail", "sato-mail", "sato-mail"},
	} {
		src := crm.Source{ID: c.id, Kind: c.kind, Owner: c.owner}
		if got := ja.nameOfSource(&src); got != c.ja {
			t.Errorf("%s: %q, want %q", c.name, got, c.ja)
		}
		if got := en.nameOfSource(&src); got != c.en {
			t.Errorf("%s: %q, want %q", c.name, got, c.en)
		}
		if got := en.nameOfSourceID(c.id); got != c.byID {
			t.Errorf("%s, by id: %q, want %q", c.name, got, c.byID)
		}
	}
}
