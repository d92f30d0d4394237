package crm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func drawActivity(t *rapid.T, label string) crm.Activity {
	word := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label+name) }
	list := func(name string, words ...string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, label+name)
	}
	a := crm.Activity{
		ID: "id", Key: "key", Kind: crm.KindEmail, Version: rapid.IntRange(1, 3).Draw(t, label+"version"),
		Direction: crm.Direction(word("direction", "in", "out", "internal", "none", "odd")),
		Class:     crm.Class(word("class", "personal", "bulk")),
		Time:      time.Unix(rapid.Int64Range(0, 3).Draw(t, label+"time"), 0).UTC(),
		Subject:   word("subject", "a", "b"), Text: word("text", "", "x", "y", "longer"), FullText: word("full", "", "z"),
		Truncated: rapid.Bool().Draw(t, label+"truncated"), Status: word("status", "", "confirmed"),
		Accounts: list("accounts", "1", "2", "3"), Owners: list("owners", "o", "p", "q"), Thread: word("thread", "", "t"),
		Match: crm.Match{Rule: crm.Rule(word("rule", "decision", "address", "normalized", "thread", "domain", "odd")), Evidence: word("evidence", "e", "f")},
	}
	for range rapid.IntRange(0, 3).Draw(t, label+"people") {
		a.People = append(a.People, crm.Participant{ID: word("id", "", "7", "8"), Name: word("name", "", "N", "M"),
			Address: word("address", "a@b", "A@b", "c@d", ""), Role: crm.Role(word("role", "from", "to", "bcc")), Response: word("response", "", "accepted"),
			Internal: rapid.Bool().Draw(t, label+"internal")})
	}
	for range rapid.IntRange(0, 2).Draw(t, label+"observed") {
		a.Observed = append(a.Observed, crm.Observation{Source: word("source", "s", "t"), ExternalID: word("ext", "1", "2"), Owner: word("owner", "", "o"), Folder: word("folder", "", "INBOX")})
		a.Match.RunnersUp = append(a.Match.RunnersUp, crm.Candidate{Kind: word("kind", "lead", "contact"), ID: word("cid", "1", "2"), Name: word("cname", "x", "y"), Rule: crm.Rule(word("crule", "address", "domain"))})
	}
	return a
}

// TestMergeIsAnUnion: whatever the order and however often views arrive, the outcome is the same.
func TestMergeIsAnUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawActivity(t, "a "), drawActivity(t, "b "), drawActivity(t, "c ")
		ab := crm.Merge(a, b)
		for law, pair := range map[string][2]crm.Activity{
			"commutative":      {ab, crm.Merge(b, a)},
			"associative":      {crm.Merge(ab, c), crm.Merge(a, crm.Merge(b, c))},
			"idempotent":       {ab, crm.Merge(ab, ab)},
			"absorbs the old":  {ab, crm.Merge(ab, a)},
			"absorbs the new":  {ab, crm.Merge(b, ab)},
			"leaves arguments": {crm.Merge(a, b), ab},
		} {
			if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
				t.Fatalf("not %s:\n%s", law, diff)
			}
		}
	})
}

func TestMerge(t *testing.T) {
	inbox := crm.Activity{Key: "k", Version: 1, Direction: crm.DirectionIn, Text: "text", Owners: []string{"suzuki"},
		People: []crm.Participant{{Address: "Tanaka@c.jp", Role: crm.RoleTo}},
		Match:  crm.Match{Rule: crm.RuleDomain, Evidence: "c.jp"}}
	sent := crm.Activity{Key: "k", Version: 1, Direction: crm.DirectionOut, Text: "text, longer", Owners: []string{"sato"},
		People: []crm.Participant{{ID: "1", Kind: crm.Contact, Address: "tanaka@c.jp", Role: crm.RoleTo}, {Address: "x@c.jp", Role: crm.RoleBcc}},
		Match:  crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@c.jp"}}
	got := crm.Merge(inbox, sent)
	want := crm.Activity{Key: "k", Version: 1, Direction: crm.DirectionOut, Text: "text, longer", Owners: []string{"sato", "suzuki"},
		People: []crm.Participant{{ID: "1", Kind: crm.Contact, Address: "tanaka@c.jp", Role: crm.RoleTo}, {Address: "x@c.jp", Role: crm.RoleBcc}},
		Match:  crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@c.jp"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("INBOX and Sent (-want +got):\n%s", diff)
	}
	moved := inbox
	moved.Version, moved.Text, moved.Direction, moved.People = 2, "v2", crm.DirectionNone, nil
	if got := crm.Merge(moved, sent); got.Text != "v2" || got.Direction != crm.DirectionNone || len(got.People) != 0 || len(got.Owners) != 2 {
		t.Errorf("a higher version does not win: %+v", got)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"tanaka":               "tanaka",
		"  Tanaka \t Taro ":    "tanaka taro",
		"ＴＡＮＡＫＡ　１":             "tanaka 1",
		"ﾀﾅｶ ﾀﾛｳ":              "タナカ タロウ",
		"ﾃﾞｰﾀ":                 "データ",
		"たなか":                  "タナカ",
		"か\u3099":              "ガ",
		"㈱サンプル":                "(株)サンプル",
		"Straße":               "strasse",
		"田中 太郎":                "田中 太郎",
		"ゝゞ":                   "ヽヾ",
		"\u00a0a\u3000b\u2003": "a b",
	} {
		if got := crm.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("ﾀﾅｶ たろう ＡＢＣ")
	f.Add("ᾳ\u0345\u1e9e")
	f.Fuzz(func(t *testing.T, s string) {
		once := crm.Fold(s)
		if twice := crm.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, then %q", s, once, twice)
		}
		if strings.Contains(once, "  ") {
			t.Errorf("Fold(%q) = %q has two spaces", s, once)
		}
	})
}
