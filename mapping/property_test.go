package mapping_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

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

// drawSubmission makes any submission of a few people who share names, numbers and addresses, or an edit of an
// earlier one.
func drawSubmission(t *rapid.T, earlier []connectors.Item) connectors.Item {
	name := rapid.SampledFrom([]string{"", "新井 花", "新井花", "森 一郎", "阿部 桜", "原", "Hana Arai"}).Draw(t, "name")
	companies := []string{"", "新店", "㈱新店"} // of one: that a record has another the directory does not tell
	if name == "森 一郎" {                    // the store knows him and his company
		companies = []string{"", "株式会社山川"}
	}
	number := len(earlier)
	item := submission(fmt.Sprint(number), "name", name,
		"company", rapid.SampledFrom(companies).Draw(t, "company"),
		"email", rapid.SampledFrom([]string{"", "a@new.example", "A+x@new.example", "b@new.example", "mori@yamakawa.example", "family@docomo.ne.jp", us, "x@client.co.jp"}).Draw(t, "email"),
		"tel", rapid.SampledFrom([]string{"", "03-1111-2222", "090-5555-6666", "03-3333-4444", "03-7777-8888"}).Draw(t, "tel"),
		"お問い合わせ内容", fmt.Sprint(number))
	if number > 0 && rapid.IntRange(0, 3).Draw(t, "edit") == 0 {
		item = earlier[rapid.IntRange(0, number-1).Draw(t, "of")]
		sub := *item.Submission
		sub.Fields = slices.Clone(sub.Fields)
		sub.Fields[4].Values = []string{fmt.Sprint(number)}
		item.Submission = &sub
	}
	item.Submission.Version = number + 1
	item.Submission.At = noon.Add(time.Duration(number-100) * time.Minute)
	return item
}

// store keeps what writes say of people and submissions, as a store does.
func (b *book) store(writes []crm.Write) {
	for _, w := range writes {
		for _, p := range w.People {
			if !slices.ContainsFunc(b.people, func(known crm.Person) bool { return known.ID == p.ID }) {
				b.people = append(b.people, p)
			}
		}
		for _, u := range w.Updates {
			for i := range b.people {
				if b.people[i].ID == u.ID {
					crm.ApplyUpdate(&b.people[i], u)
				}
			}
		}
		if a := w.Activity; a != nil {
			b.messages[a.Key] = crm.MessageAnswer{Activity: a.ID, People: a.People, Accounts: a.Accounts}
		}
	}
}

// TestBatchesOfSubmissionsDoNotMatter holds that a source of submissions gives the same activities and the same people
// wherever its batches are cut.
func TestBatchesOfSubmissionsDoNotMatter(t *testing.T) {
	m, problems := mapping.New(org, mapping.Document{})
	if problems != nil {
		t.Fatal(problems)
	}
	rapid.Check(t, func(t *rapid.T) {
		var items []connectors.Item
		for range rapid.IntRange(1, 8).Draw(t, "items") {
			items = append(items, drawSubmission(t, items))
		}
		run := func(batches ...[]connectors.Item) ([]crm.Write, []crm.Person) {
			dir := visitors()
			var all []crm.Write
			for _, batch := range batches {
				writes, _, err := m.Map(context.Background(), dir, website, batch, noon)
				if err != nil {
					t.Fatal(err)
				}
				dir.store(writes)
				all = append(all, writes...)
			}
			return all, dir.people
		}
		writes, people := run(items)
		cut := rapid.IntRange(0, len(items)).Draw(t, "cut")
		cutWrites, cutPeople := run(items[:cut], items[cut:])
		if diff := cmp.Diff(writes, cutWrites); diff != "" {
			t.Fatalf("cut at %d (-whole +cut):\n%s", cut, diff)
		}
		if diff := cmp.Diff(people, cutPeople); diff != "" {
			t.Fatalf("people (-whole +cut):\n%s", diff)
		}
		for _, w := range writes {
			if w.Activity != nil && (w.Activity.People[0].ID == "" || w.Activity.Match.Rule == "" || w.Activity.Match.Evidence == "") {
				t.Fatalf("logged for nobody: %+v", w.Activity)
			}
			if w.Entry.Verdict == crm.Waiting && (len(w.Reviews) != 1 || len(w.Pending) == 0) {
				t.Fatalf("waiting for nothing: %+v", w)
			}
		}
	})
}
