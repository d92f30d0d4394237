package web

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"
	"time"
)

// notes are what a package tells of readings: what notef and once are called with, and what is appended to notes.
func (p *parsedPackage) notes() (out []saidHint) {
	for _, f := range p.funcs {
		if f.Name.Name == "notef" {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			name := types.ExprString(call.Fun)
			to := strings.ToLower(types.ExprString(call.Args[0]))
			switch {
			case strings.HasSuffix(name, ".notef"):
				out = append(out, p.formatted(f, call.Args[0])...)
			case name == "once":
				out = append(out, p.say(f, call.Args[0])...)
			case name == "append" && (to == "notes" || strings.HasSuffix(to, ".notes")) && call.Ellipsis == token.NoPos:
				for _, e := range call.Args[1:] {
					out = append(out, p.say(f, e)...)
				}
			}
			return true
		})
	}
	return out
}

// TestNotesAreInTheCatalogue holds that whatever connectors tell of a reading can be said in other languages.
func TestNotesAreInTheCatalogue(t *testing.T) {
	speakers := testSpeakers(t)
	ja, said, used := speakers["ja"], 0, map[string]bool{}
	for _, pkg := range parsedPackages(t, "../connectors") {
		for _, note := range pkg.notes() {
			if note.unknown != "" {
				if pkg.name != "imap" || note.unknown != "note" { // what once is called with
					t.Errorf("%s: nobody can tell what %s says", note.at, note.unknown)
				}
				continue
			}
			key, _ := ja.keyOf(noteKeys, note.text)
			if said++; key == "" {
				t.Errorf("%s: no source_note is %q", note.at, note.text)
			}
			used[key] = true
		}
	}
	if said < 40 {
		t.Errorf("only %d notes were found", said)
	}
	for key := range ja.hints {
		if strings.HasPrefix(key, noteKeys) && (!used[key] || !ja.has(key)) {
			t.Errorf("nobody says %s, or it has no Japanese", key)
		}
	}
}

func TestNotesAreSaidInTheReadersLanguage(t *testing.T) {
	speakers := testSpeakers(t)
	for note, want := range map[string]string{
		"folder 送信済み was renamed 送信":                                                   "フォルダー 送信済み の名前が 送信 に変わりました。",
		`calendar 営業: the time zone "Tokyo Standard" is not known; Asia/Tokyo is used`: `カレンダー 営業: タイムゾーン "Tokyo Standard" が分からないため、Asia/Tokyo とみなします。`,
		`there is no calendar "会議"`:                                                    `カレンダー "会議" がありません。`,
		"a sentence of a later connector":                                              "a sentence of a later connector",
	} {
		if got := speakers["ja"].noteOn(note); got.Text != want || (got.Lang == "en") != (want == note) {
			t.Errorf("%q is %+v", note, got)
		}
		if got := speakers["en"].noteViews([]Note{{time.Time{}, note}})[0]; got.Text != note || got.Lang != "" {
			t.Errorf("%q is %+v in English", note, got)
		}
	}
}
