package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAuditIsBounded holds how much a record may have looked up, whatever it holds.
func TestAuditIsBounded(t *testing.T) {
	f := newFixture(t)
	words := &auditor{s: f.server, say: testSpeakers(t)["en"], names: f.server.names(), known: map[string]link{}}
	ids := []string{f.tanaka.ID}
	for i := range 49 {
		ids = append(ids, crm.DerivedID("person", strconv.Itoa(i)))
	}
	if got := words.value(t.Context(), "activity", "people", strings.Join(ids, ", ")).Name; got != "田中 太郎, (deleted, or not yours to see), 40 more" {
		t.Errorf("fifty people are %q", got)
	}
	if len(words.known) != shownRecords {
		t.Errorf("%d records were looked up", len(words.known))
	}
	after := map[string]string{}
	for i := range 100 {
		after[fmt.Sprintf("f%03d.person", i)] = crm.DerivedID("field", strconv.Itoa(i))
	}
	clear(words.known)
	if list, more := words.changes(t.Context(), "person", nil, after); len(list) != shownChanges || more != 70 || len(words.known) != shownChanges {
		t.Errorf("%d changes and %d more, %d looked up", len(list), more, len(words.known))
	}
	if _, got := auditStates("", "12345678901234567890123456789012"); got[""] != "12345678901234567890123456789012" {
		t.Errorf("an identifier of digits is %q", got)
	}
}

// TestAuditNamesWhatIsFiled holds the rows of decisions about activities, whose states are lists of identifiers.
func TestAuditNamesWhatIsFiled(t *testing.T) {
	f := newFixture(t)
	gone := crm.DerivedID("person", "gone")
	move := `{"id":"` + crm.NewID() + `","attach":"` + f.tanaka.ID + `","address":"t@client.co.jp","at":"2026-11-21T00:00:00Z","by":"sato@example.co.jp","was":[{"role":"from","id":"` + gone + `","kind":"contact"}]}`
	older := `{"id":"` + crm.NewID() + `","detach":"` + gone + `","at":"2026-11-20T00:00:00Z","by":"suzuki@example.co.jp"}`
	for _, r := range []crm.AuditRecord{
		{Actor: "sato@example.co.jp", Action: "file activity", Object: "activity/" + crm.DerivedID("activity", "gone"), Before: "[" + older + "]", After: "[" + older + "," + move + "]"},
		{Actor: "cli", Action: "connect account", Object: "account/google/sato@example.co.jp"},
		{Actor: "cli", Action: "exclude items", Object: "12 items", After: "private_thread"},
		{Actor: "cli", Action: "wake source", Object: "source/gmail-sato-at-example.co.jp"},
	} {
		must(t, f.store.AppendAudit(t.Context(), r))
	}
	b := f.signedIn(t, "it@example.co.jp")
	for lang, words := range map[string][]string{
		"ja": {"活動の相手を変更", "追加した人", "(削除済み、または表示できません)", "Google アカウントを接続", "12件", "非公開のスレッド", "非公開のスレッド"},
		"en": {"changed whom the activity is about", "Put on", "(deleted, or not yours to see)", "connected the Google account", "12 items", "private conversation", "Command line"},
	} {
		_, page := b.get(t, "/audit?lang="+lang)
		wantIn(t, page, append(words, `<a href="/people/`+f.tanaka.ID+`"><bdi>田中 太郎</bdi></a>`)...)
		if raw := regexp.MustCompile(`>[^<>]*[0-9a-f]{32}[^<>]*<|>private_thread|>cli<`).FindString(page); raw != "" {
			t.Errorf("%s: the page says %q", lang, raw)
		}
	}
}
