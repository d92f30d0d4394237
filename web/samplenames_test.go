package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSamplesNameAccounts(t *testing.T) {
	f := newFixture(t)
	got := f.server.names().named(t.Context(), MappingSample{Before: "accounts “”", After: "accounts “" + f.client.ID + " 0123456789abcdef0123456789abcdef”"})
	if got.Before != "accounts “”" || got.After != "accounts “株式会社クライアント …”" {
		t.Errorf("%+v", got)
	}
}

// TestSamplesAreInTheReadersLanguage holds what a trial on history says of single fields to their words.
func TestSamplesAreInTheReadersLanguage(t *testing.T) {
	f := newFixture(t)
	sample := MappingSample{Change: "change", Before: "English", After: "English", Fields: []MappingFieldChange{
		{"match", "logged: address t@client.co.jp", "logged: domain client.co.jp"}, {"subject", "見積", ""}, {"status", "", "held"},
		{"accounts", "", f.client.ID}, {"owners", "sato@example.co.jp", "suzuki@example.co.jp"}, {"people", "<b>@x", "a@x"},
	}}
	for lang, want := range map[string]string{
		"ja": "根拠: <bdi>アドレス一致</bdi>(<bdi>t@client.co.jp</bdi>)|件名|取引先|担当者|(なし)|株式会社クライアント|鈴木",
		"en": "Found by <bdi>address</bdi>: <bdi>t@client.co.jp</bdi>|Subject|Accounts|(nothing)|株式会社クライアント|鈴木",
	} {
		r := &request{Request: httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), say: f.server.speakers[lang]}
		got := f.server.previewSample(r, f.server.names(), sample)
		said := ""
		for _, side := range []previewSide{got.Before, got.After} {
			for _, field := range side.Fields {
				said += field.Label + " " + string(field.Value) + "\n"
			}
		}
		wantIn(t, said, strings.Split(want, "|")...)
		wantOut(t, said, "English", "logged", "accounts", "<b>", f.client.ID)
		for text, want := range map[string]string{"excluded in 1 of 2 places: internal": "1", "logged: domain client.co.jp, with others in question": "<bdi>client.co.jp</bdi>"} {
			if side := r.say.previewSide(text); !strings.Contains(string(side.Said), want) || strings.Contains(string(side.Said), "in question") && lang == "ja" {
				t.Errorf("%s: %q is %+v", lang, text, side)
			}
		}
	}
}

// TestVersionsOfTheMappingSayWhereTheyCameFrom holds what was written by no person to the reader's words.
func TestVersionsOfTheMappingSayWhereTheyCameFrom(t *testing.T) {
	f := newFixture(t)
	version := crm.MappingVersion{Number: 1, Author: "cli", Comment: crm.FromConfiguration}
	for lang, want := range map[string]string{"ja": "コマンド|設定ファイルから|要確認の回答から: screen.addresses x", "en": "the command line|From the configuration file|From a review: screen.addresses x"} {
		r := &request{Request: httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), say: f.server.speakers[lang]}
		row := f.server.versionRow(r, version, 1)
		if got := row.Author + "|" + row.Comment + "|" + r.say.versionComment(ruleComment(&Rule{Setting: "screen.addresses", Value: "x"})); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}
