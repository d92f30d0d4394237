package web

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestUnturned holds that what turns the direction of text is taken out, and nothing else.
func TestUnturned(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"nothing", "plain", "plain"},
		{"empty", "", ""},
		{"embeddings and overrides", "a\u202ab\u202bc\u202cd\u202de\u202ef", "abcdef"},
		{"isolates", "\u2066a\u2067b\u2068c\u2069", "abc"},
		{"several in a row", "x\u202e\u202e\u2066y", "xy"},
		{"marks of Arabic and Hebrew stay", "\u200fשלום\u200e \u061c", "\u200fשלום\u200e \u061c"},
		{"neighbours stay", "\u2029\u202f\u2065\u206a–—“”…", "\u2029\u202f\u2065\u206a–—“”…"},
		{"Japanese stays", "お見積り\u202e〜①㈱ 田中", "お見積り〜①㈱ 田中"},
		{"cut off at the end", "a\xe2\x80", "a\xe2\x80"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(unturned([]byte(tt.page))); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.page, got, tt.want)
			}
		})
	}
}

// TestNamesOfStrangersTurnNothing holds that no page lets a stranger's name or subject turn the words beside it around.
func TestNamesOfStrangersTurnNothing(t *testing.T) {
	f := newFixture(t)
	w := f.mail("請求書\u202efdp.exe", "本文\u2067です。", f.now, "tanaka@client.co.jp", "田中\u2069\u202e太郎", f.tanaka.ID)
	w.Activity.Attachments = []crm.Attachment{{Name: "請求書\u202egpj.exe", Type: "application/octet-stream", Size: 1}}
	f.commit(t, w)
	b := f.signedIn(t, "sato@example.co.jp")
	for _, path := range []string{"/", "/people/" + f.tanaka.ID, "/activities/" + w.Activity.ID, "/ledger", "/ledger?q=fdp"} {
		_, page := b.get(t, path)
		wantIn(t, page, "請求書fdp.exe")
		wantOut(t, page, "\u202e", "\u2067", "\u2069")
	}
}
