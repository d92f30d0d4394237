package crm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// submitted is a view of a submission, sent or edited in the given second, that holds one answer.
func submitted(second int64, answer string, version int) crm.Activity {
	return crm.Activity{
		ID: "id", Key: "key", Kind: crm.KindForm, Version: version, Time: time.Unix(second, 0).UTC(), Subject: "お問い合わせ", Text: answer,
		Fields: []crm.FormField{{Name: "message", Values: []string{answer}}},
		People: []crm.Participant{{ID: answer, Kind: crm.Lead, Address: answer + "@c.jp", Role: crm.RoleSubmitter}},
		Match:  crm.Match{Rule: crm.RuleForm, Evidence: answer},
	}
}

func TestMergeForms(t *testing.T) {
	relabelled := submitted(9, "b", 1)
	relabelled.Fields[0].Label, relabelled.Subject, relabelled.Custom = "内容", "別の件名", map[string]string{"size": "10"}
	for _, test := range []struct {
		name     string
		views    []crm.Activity
		text     string
		at       int64
		version  int
		previous []string
	}{
		{"the same again", []crm.Activity{submitted(1, "a", 1), submitted(1, "a", 1)}, "a", 1, 1, nil},
		{"the same read later", []crm.Activity{submitted(1, "a", 1), submitted(5, "a", 1)}, "a", 1, 1, nil},
		{"an edit of a source that does not count", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 1)}, "b", 2, 2, []string{"a"}},
		{"an edit of a source that counts", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 2)}, "b", 2, 2, []string{"a"}},
		{"an edit whose forerunner was not read", []crm.Activity{submitted(1, "a", 1), submitted(3, "c", 3)}, "c", 3, 3, []string{"a"}},
		{"edits in the wrong order", []crm.Activity{submitted(1, "a", 1), submitted(3, "c", 1), submitted(2, "b", 1)}, "c", 3, 3, []string{"a", "b"}},
		{"an old state again", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 2), submitted(1, "a", 1)}, "b", 2, 2, []string{"a"}},
		{"edited back", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 1), submitted(3, "a", 1)}, "a", 3, 3, []string{"a", "b"}},
		{"edited back and read again", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 1), submitted(3, "a", 1), submitted(8, "a", 1)}, "a", 3, 3, []string{"a", "b"}},
		{"another mapping", []crm.Activity{submitted(1, "a", 1), submitted(2, "b", 1), relabelled}, "b", 2, 2, []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.views[0]
			for _, next := range test.views[1:] {
				got = crm.Merge(got, next)
			}
			var previous []string
			for _, r := range got.Revisions {
				previous = append(previous, r.Text)
			}
			if got.Text != test.text || got.Time.Unix() != test.at || got.Version != test.version || !cmp.Equal(test.previous, previous) {
				t.Errorf("%q of %d, version %d after %q; want %q of %d, version %d after %q",
					got.Text, got.Time.Unix(), got.Version, previous, test.text, test.at, test.version, test.previous)
			}
			if got.Match.Evidence != test.text || len(got.People) != 1 || got.People[0].ID != test.text {
				t.Errorf("match %+v, people %+v", got.Match, got.People)
			}
			if diff := cmp.Diff(got, crm.Merge(got, got)); diff != "" {
				t.Errorf("merged with itself:\n%s", diff)
			}
		})
	}
	if got := crm.Merge(submitted(2, "b", 1), relabelled); got.Custom["size"] != "10" || got.Time.Unix() != 2 {
		t.Errorf("the later mapping does not say the custom fields: %+v", got)
	}
}

func TestMergeFormsKeepsSome(t *testing.T) {
	got := submitted(0, "0", 1)
	for n := range int64(50) {
		got = crm.Merge(got, submitted(n+1, fmt.Sprint(n+1), 1))
	}
	if len(got.Revisions) != crm.MaxRevisions || got.Revisions[0].Text != "0" || got.Revisions[1].Text != "31" || got.Version != 51 {
		t.Errorf("version %d, %d revisions, %+v", got.Version, len(got.Revisions), got.Revisions[:2])
	}
}

// TestMergeFormsInAnyOrder: edits that differ give the same whatever the order and however often they are read.
func TestMergeFormsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var views []crm.Activity
		for n := range rapid.IntRange(1, 6).Draw(t, "edits") {
			views = append(views, submitted(int64(n), fmt.Sprint(n), rapid.SampledFrom([]int{1, n + 1}).Draw(t, "version")))
		}
		want := views[0]
		for _, v := range views[1:] {
			want = crm.Merge(want, v)
		}
		order := rapid.Permutation(append(views, views...)).Draw(t, "order")
		got := order[0]
		for _, v := range order[1:] {
			got = crm.Merge(got, v)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order:\n%s", diff)
		}
	})
}
