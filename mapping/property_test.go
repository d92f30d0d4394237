package mapping_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// drawItem makes any mail among people of every sort that clients knows.
func drawItem(t *rapid.T, number int) connectors.Item {
	address := rapid.SampledFrom([]string{
		us, "kato@example.co.jp", "sato.private@gmail.com", tanaka, "TANAKA+x@client.co.jp", "suzuki.hanako@gmail.com", "suzukihanako@googlemail.com",
		"shared@client.co.jp", "family@docomo.ne.jp", "team+a@partner.com", "team@partner.com", "soumu@client.co.jp", "info@client.co.jp",
		"new@client.co.jp", "x@kansai.client.co.jp", "x@group.example", "stranger@other.example", "no-reply@other.example", "a..b.@docomo.ne.jp",
		"unwanted@other.example", "erased@other.example", "blocked@law.example", "undisclosed-recipients:;", "",
	})
	id := fmt.Sprintf("m%d@x", number)
	item := mail(id, address.Draw(t, "from"), rapid.SliceOfN(address, 0, 4).Draw(t, "to")...)
	msg := item.Message
	msg.Cc = boxes(rapid.SliceOfN(address, 0, 2).Draw(t, "cc")...)
	msg.Class = rapid.SampledFrom([]crm.Class{
		"", crm.ClassPersonal, crm.ClassPersonal, crm.ClassAutoReply, crm.ClassBounce, crm.ClassBulk, crm.ClassInvitation, crm.ClassFormNotification,
	}).Draw(t, "class")
	refs := rapid.SampledFrom([]string{"m0@x", "m1@x", "m2@x", "known@x", "both@x", ""})
	msg.References = rapid.SliceOfN(refs, 0, 3).Draw(t, "references")
	msg.InReplyTo = rapid.SliceOfN(refs, 0, 1).Draw(t, "in-reply-to")
	item.Folder = rapid.SampledFrom([]string{"INBOX", "Private/x", "送信済み"}).Draw(t, "folder")
	item.Draft = rapid.IntRange(0, 9).Draw(t, "draft") == 0
	if rapid.IntRange(0, 9).Draw(t, "broken") == 0 {
		item.Err = fmt.Errorf("broken")
	}
	return item
}

func drawBatch(t *rapid.T) (*mapping.Mapper, *book, []connectors.Item) {
	doc := mapping.Document{
		Screen: mapping.Screen{Addresses: []string{"*@law.example"}, Folders: []string{"private"}},
		People: mapping.People{New: rapid.SampledFrom(append(mapping.Policies(), "")).Draw(t, "policy")},
	}
	m, problems := mapping.New(org, doc)
	if problems != nil {
		t.Fatal(problems)
	}
	dir := clients()
	dir.decisions["unwanted@other.example"] = crm.Decision{Review: "r"}
	dir.erased["erased@other.example"] = true
	dir.messages[key("known@x")] = crm.MessageAnswer{People: []crm.Participant{{Kind: crm.Lead, ID: "lead-a"}}, Accounts: []string{"client"}}
	dir.messages[key("both@x")] = crm.MessageAnswer{People: []crm.Participant{{Kind: crm.Lead, ID: "lead-a"}, {Kind: crm.Lead, ID: "lead-b"}}}
	items := make([]connectors.Item, rapid.IntRange(1, 8).Draw(t, "items"))
	for i := range items {
		items[i] = drawItem(t, i)
	}
	return m, dir, items
}

func mapAll(t *rapid.T, m *mapping.Mapper, dir mapping.Directory, items []connectors.Item) map[string]crm.Write {
	writes, _, err := m.Map(context.Background(), dir, sato, items, noon)
	if err != nil || len(writes) != len(items) {
		t.Fatalf("%d writes of %d items, %v", len(writes), len(items), err)
	}
	byID := map[string]crm.Write{}
	for i, w := range writes {
		if w.Entry.ExternalID != items[i].ExternalID {
			t.Fatalf("write %d is of %s, not of %s", i, w.Entry.ExternalID, items[i].ExternalID)
		}
		byID[w.Entry.ExternalID] = w
	}
	return byID
}

// TestBatchesDoNotMatter holds that neither the order of items nor where batches are cut changes any write,
// as long as the directory answers the same.
func TestBatchesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, dir, items := drawBatch(t)
		want := mapAll(t, m, dir, items)
		if diff := cmp.Diff(want, mapAll(t, m, dir, rapid.Permutation(items).Draw(t, "order"))); diff != "" {
			t.Fatalf("another order (-want +got):\n%s", diff)
		}
		cut := rapid.IntRange(0, len(items)).Draw(t, "cut")
		got := mapAll(t, m, dir, items[:cut])
		for id, w := range mapAll(t, m, dir, items[cut:]) {
			got[id] = w
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("two batches (-want +got):\n%s", diff)
		}
	})
}

// TestEveryItemHasAConsistentVerdict holds what the store and the pages rely on.
func TestEveryItemHasAConsistentVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, dir, items := drawBatch(t)
		var tally crm.Tally
		for _, w := range mapAll(t, m, dir, items) {
			tally.Add(w.Entry.Verdict, 1)
			checkWrite(t, m, dir, w)
		}
		if sum := tally.Logged + tally.Excluded + tally.Unmatched + tally.Waiting + tally.Failed; sum != int64(len(items)) {
			t.Fatalf("%d items, tally %+v", len(items), tally)
		}
	})
}

func checkWrite(t *rapid.T, m *mapping.Mapper, dir *book, w crm.Write) {
	a, v := w.Activity, w.Entry.Verdict
	switch {
	case !slices.Contains(crm.Verdicts(), v) || w.Entry.Reason == "":
		t.Fatalf("verdict %q, reason %q", v, w.Entry.Reason)
	case (a != nil) != (v == crm.Logged):
		t.Fatalf("%s with activity %v", v, a)
	case v == crm.Waiting && len(w.Reviews) == 0:
		t.Fatal("waiting for nothing")
	case (v == crm.Excluded || v == crm.Failed || v == crm.Unmatched) && len(w.Reviews)+len(w.People) > 0:
		t.Fatalf("%s raises %v, creates %v", v, w.Reviews, w.People)
	case (v == crm.Excluded || v == crm.Failed) && len(w.Pending)+len(w.Awaits) > 0:
		t.Fatalf("%s with pending %q", v, w.Pending)
	case !slices.IsSorted(w.Pending):
		t.Fatalf("pending %q", w.Pending)
	}
	if a == nil {
		return
	}
	if a.Match.Rule == "" || a.Match.Evidence == "" || len(ids(a)) == 0 && len(a.Accounts) == 0 || !slices.IsSorted(a.Accounts) {
		t.Fatalf("logged without a reason: %+v, people %q, accounts %q", a.Match, ids(a), a.Accounts)
	}
	for _, c := range a.Match.RunnersUp {
		if slices.Contains(ids(a), c.ID) || slices.Contains(a.Accounts, c.ID) {
			t.Fatalf("%s is credited and a runner-up", c.ID)
		}
	}
	if rows, reason, excluded := m.Screens(*a); excluded {
		t.Fatalf("logged, but today's screen covers %v: %s", rows, reason)
	}
	stored := *dir
	stored.people = append(slices.Clone(dir.people), w.People...)
	again, _, err := m.Rematch(context.Background(), &stored, []crm.Activity{*a})
	if err != nil {
		t.Fatal(err)
	}
	if got := again[0]; got.Changed && a.Match.Rule != crm.RuleThread {
		t.Fatalf("matched otherwise the second time: %s", cmp.Diff(*a, got.Activity))
	}
}
