package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Comments keeps what colleagues say about people and accounts. Comments go with merges and come back with their undoing; those
// about somebody who is deleted or erased are removed, and an erased name is taken out of the others.
type Comments interface {
	// SaveComment inserts or replaces a comment by ID, audited. Kind, Subject, Author and At of one that exists stay; a
	// deleted one has no Text and no Mentions. A new one about a record that was merged is about the winner;
	// crm.ErrNotFound if there is no such record.
	SaveComment(ctx context.Context, actor string, c crm.Comment) error
	GetComment(ctx context.Context, id string) (crm.Comment, error)
	// ListComments gives those about a record, newest first, the deleted ones among them.
	ListComments(ctx context.Context, subject, after string, limit int) ([]crm.Comment, string, error)
	// ListMentions gives those that mention a user, newest first, without the deleted ones; unseen only those about records
	// that the user did not look at since.
	ListMentions(ctx context.Context, user string, unseen bool, after string, limit int) ([]crm.Comment, string, error)
	// SeeMentions notes that a user looked at the comments about a record.
	SeeMentions(ctx context.Context, user, subject string) error
}

// Filings keeps what people decided about who stands on an activity. Such a decision stands for good: whatever is committed,
// matched again, remapped or merged later, the activity follows it.
type Filings interface {
	// FileActivity takes Detach off an activity, puts Attach on it, or both, and audits it. Attach takes the place of the
	// participant with Address, or comes on top (crm.RoleFiled). An account goes with somebody if nobody else on the activity
	// belongs to it. crm.ErrRefused if Detach is not on it, or Attach is.
	FileActivity(ctx context.Context, actor, activity string, f crm.Filed) (crm.Activity, error)
	// UnfileActivity takes the newest decision back; crm.ErrRefused if id is another one.
	UnfileActivity(ctx context.Context, actor, activity, id string, now time.Time) (crm.Activity, error)
	GetFiling(ctx context.Context, activity string) (crm.Filing, error) // nothing is no error
	// RaiseReview puts a question of a person's before people (crm.ReviewFileTo, crm.ReviewFileNot). One that was decided is
	// open again.
	RaiseReview(ctx context.Context, actor string, r crm.Review) error
}

// runHand holds a store to what Comments and Filings say.
func runHand(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"comments", testComments},
		{"comments go with merges", testMergeComments},
		{"comments of the erased", testEraseComments},
		{"an activity is filed by hand", testFile},
		{"what was filed stands", testFileStands},
		{"filings that are refused", testFileRefused},
		{"filings of the erased", testEraseFiled},
		{"rules of what was filed", testFileRules},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

func (w *world) comment(id, subject, text string, mentions ...string) crm.Comment {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	c := crm.Comment{ID: id, Kind: crm.CommentPerson, Subject: subject, Author: sato, Text: text, Mentions: mentions, At: w.now}
	w.ok(w.s.SaveComment(w.ctx, sato, c))
	return c
}

func (w *world) comments(subject string) (out []string) {
	w.t.Helper()
	for after := ""; ; {
		page, next, err := w.s.ListComments(w.ctx, subject, after, 2)
		w.ok(err)
		for _, c := range page {
			out = append(out, c.ID)
		}
		if after = next; next == "" {
			return out
		}
	}
}

func (w *world) mentions(user string, unseen bool) (out []string) {
	w.t.Helper()
	list, _, err := w.s.ListMentions(w.ctx, user, unseen, "", 0)
	w.ok(err)
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func testComments(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp")}))
	first := w.comment("a", "p", "@suzuki 見てください", suzuki)
	w.comment("b", "p", "はい")
	w.comment("c", "p", "もう一度", suzuki)
	if diff := cmp.Diff([]string{"c", "b", "a"}, w.comments("p")); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"c", "a"}, w.mentions(suzuki, true)); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
	w.ok(w.s.SeeMentions(w.ctx, suzuki, "somebody else"))
	w.ok(w.s.SeeMentions(w.ctx, suzuki, "p"))
	if got := w.mentions(suzuki, true); len(got) != 0 || len(w.mentions(suzuki, false)) != 2 {
		t.Errorf("after looking: %v", got)
	}
	edited := first
	edited.Text, edited.Edited, edited.Author, edited.Subject = "変えました", w.now, suzuki, "elsewhere"
	w.ok(w.s.SaveComment(w.ctx, sato, edited))
	got, err := w.s.GetComment(w.ctx, "a")
	w.ok(err)
	want := first
	want.Text, want.Edited, want.Seen = edited.Text, edited.Edited, []string{suzuki}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edited (-want +got):\n%s", diff)
	}
	got.Deleted = w.now
	w.ok(w.s.SaveComment(w.ctx, sato, got))
	if got, err = w.s.GetComment(w.ctx, "a"); err != nil || got.Text != "" || len(got.Mentions) != 0 || len(w.comments("p")) != 3 || len(w.mentions(suzuki, false)) != 1 {
		t.Errorf("deleted: %+v, %v", got, err)
	}
	for name, c := range map[string]crm.Comment{
		"nobody":  {ID: "d", Kind: crm.CommentPerson, Subject: "nobody", Text: "x", At: w.now},
		"no kind": {ID: "d", Subject: "p", Text: "x", At: w.now},
		"no id":   {Kind: crm.CommentPerson, Subject: "p", Text: "x", At: w.now},
		"no time": {ID: "d", Kind: crm.CommentPerson, Subject: "p", Text: "x"},
	} {
		if err := w.s.SaveComment(w.ctx, sato, c); err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if _, err := w.s.GetComment(w.ctx, "d"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	w.ok(w.s.DeletePerson(w.ctx, sato, "p"))
	if got := w.comments("p"); len(got) != 0 {
		t.Errorf("of somebody who was deleted: %v", got)
	}
}

func testMergeComments(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")}))
	w.comment("a", "p", "一")
	w.comment("b", "q", "二")
	m, err := w.s.Merge(w.ctx, sato, crm.MergePeople, "p", "q", w.now)
	w.ok(err)
	w.comment("c", "q", "三") // written by somebody who had the loser's page open
	if diff := cmp.Diff([]string{"c", "b", "a"}, w.comments("p")); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	_, err = w.s.Unmerge(w.ctx, sato, m.ID, w.now)
	w.ok(err)
	if diff := cmp.Diff([]string{"c", "a"}, w.comments("p")) + cmp.Diff([]string{"b"}, w.comments("q")); diff != "" {
		t.Errorf("taken apart (-want +got):\n%s", diff)
	}
}

func testEraseComments(t *testing.T, w *world) {
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")}))
	w.comment("a", "p", "about p", suzuki)
	w.comment("b", "q", "ask Person p, p@client.co.jp")
	_, _, err := w.s.Erase(w.ctx, sato, "p@client.co.jp", w.now)
	w.ok(err)
	if got := w.comments("p"); len(got) != 0 || len(w.mentions(suzuki, false)) != 0 {
		t.Errorf("comments about the erased: %v", got)
	}
	if c, err := w.s.GetComment(w.ctx, "b"); err != nil || c.Text != "ask [erased], [erased]" {
		t.Errorf("%q, %v", c.Text, err)
	}
	records, _, err := w.s.ListAudit(w.ctx, "", 100)
	w.ok(err)
	for _, r := range records {
		if r.Object == "comment/a" && r.After != "" {
			t.Errorf("the audit log says %s", r.After)
		}
	}
}

// onActivity names the people on an activity, with role and address.
func onActivity(a crm.Activity) (out []string) {
	for _, p := range a.People {
		out = append(out, string(p.Role)+" "+p.Address+" "+p.ID)
	}
	return out
}

func (w *world) file(mail string, f crm.Filed) crm.Activity {
	w.t.Helper()
	f.ID, f.At, f.By = cmpOr(f.ID, "f"), w.now, sato
	a, err := w.s.FileActivity(w.ctx, sato, string(key(mail)), f)
	w.ok(err)
	return a
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// officePeople are p and q of an account each, and a mail of p's.
func (w *world) officePeople() {
	w.t.Helper()
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: "one", Name: "One", Created: w.now, Updated: w.now}, {ID: "two", Name: "Two", Created: w.now, Updated: w.now}}))
	p, q := w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")
	p.AccountID, q.AccountID = "one", "two"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p, q}))
	write := w.logged(w.a, "1", "m", "p")
	write.Activity.Accounts = []string{"one"}
	w.commit(w.a, write)
}

func testFile(t *testing.T, w *world) {
	w.officePeople()
	before := w.activity("m")
	w.file("m", crm.Filed{ID: "1", Detach: "p", Attach: "q", Address: "P@client.co.jp"})
	a := w.activity("m")
	if diff := cmp.Diff([]string{"from p@client.co.jp q"}, onActivity(a)) + cmp.Diff([]string{"two"}, a.Accounts); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}
	if n, m := len(timeline(t, w.s, crm.ActivityFilter{Person: "p"})), len(timeline(t, w.s, crm.ActivityFilter{Account: "two"})); n != 0 || m != 1 {
		t.Errorf("%d on p's timeline, %d on two's", n, m)
	}
	w.file("m", crm.Filed{ID: "2", Attach: "p"})
	if diff := cmp.Diff([]string{"from p@client.co.jp q", "filed  p"}, onActivity(w.activity("m"))); diff != "" {
		t.Errorf("on top (-want +got):\n%s", diff)
	}
	f, err := w.s.GetFiling(w.ctx, a.ID)
	w.ok(err)
	if len(f.Moves) != 2 || f.Moves[0].By != sato {
		t.Errorf("filing %+v", f)
	}
	_, err = w.s.UnfileActivity(w.ctx, sato, a.ID, "1", w.now)
	if !errors.Is(err, crm.ErrRefused) {
		t.Errorf("the older one is taken back: %v", err)
	}
	for _, id := range []string{"2", "1"} {
		_, err := w.s.UnfileActivity(w.ctx, sato, a.ID, id, w.now)
		w.ok(err)
	}
	if diff := cmp.Diff(before, w.activity("m"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("taken back (-want +got):\n%s", diff)
	}
	if f, err = w.s.GetFiling(w.ctx, a.ID); err != nil || len(f.Moves) != 0 {
		t.Errorf("filing %+v, %v", f, err)
	}
	records, _, err := w.s.ListAudit(w.ctx, "", 100)
	w.ok(err)
	n := 0
	for _, r := range records {
		if r.Action == "file activity" && r.Actor == sato {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d audit records", n)
	}
}

func testFileStands(t *testing.T, w *world) {
	w.officePeople()
	w.file("m", crm.Filed{Detach: "p"})
	want := []string{"from p@client.co.jp "}
	check := func(what string) {
		t.Helper()
		if a := w.activity("m"); !slices.Equal(onActivity(a), want) || len(a.Accounts) != 0 && want[0] == "from p@client.co.jp " {
			t.Errorf("%s: %v, accounts %v", what, onActivity(a), a.Accounts)
		}
	}
	check("detached")
	again := w.logged(w.b, "9", "m", "p")
	again.Activity.Accounts = []string{"one"}
	w.commit(w.b, again)
	check("seen in another mailbox")
	was := w.activity("m")
	now := was
	now.People = []crm.Participant{{Kind: crm.Contact, ID: "p", Name: "p", Address: "p@client.co.jp", Role: crm.RoleFrom}}
	now.Accounts = []string{"one"}
	_, err := w.s.Remap(w.ctx, []crm.Remap{{Was: was, Now: now}})
	w.ok(err)
	check("remapped")
	w.commit(w.a, w.other("1", "m", crm.Excluded, crm.ReasonInternal))
	w.commit(w.b, w.other("9", "m", crm.Excluded, crm.ReasonInternal))
	if _, err := w.s.GetActivity(w.ctx, was.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Fatalf("it is there: %v", err)
	}
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	check("gone and come again")
	w.file("m", crm.Filed{ID: "g", Attach: "q", Address: "p@client.co.jp"})
	want = []string{"from p@client.co.jp q"}
	check("attached")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("r", "r@client.co.jp")}))
	m, err := w.s.Merge(w.ctx, sato, crm.MergePeople, "r", "q", w.now)
	w.ok(err)
	w.commit(w.b, w.logged(w.b, "9", "m", "p"))
	want = []string{"from p@client.co.jp r"}
	check("merged")
	_, err = w.s.Unmerge(w.ctx, sato, m.ID, w.now)
	w.ok(err)
	w.commit(w.b, w.logged(w.b, "9", "m", "p"))
	if got := onActivity(w.activity("m")); len(got) != 1 || got[0] == "from p@client.co.jp p" {
		t.Errorf("taken apart: %v", got)
	}
	w.ok(w.s.DeletePerson(w.ctx, sato, "r"))
}

func testFileRefused(t *testing.T, w *world) {
	w.officePeople()
	id := string(key("m"))
	for name, test := range map[string]struct {
		activity string
		f        crm.Filed
		want     error
	}{
		"not on it":     {id, crm.Filed{ID: "1", Detach: "q", At: w.now}, crm.ErrRefused},
		"on it already": {id, crm.Filed{ID: "1", Attach: "p", At: w.now}, crm.ErrRefused},
		"no such":       {id, crm.Filed{ID: "1", Attach: "nobody", At: w.now}, crm.ErrNotFound},
		"no activity":   {"none", crm.Filed{ID: "1", Attach: "q", At: w.now}, crm.ErrNotFound},
		"nothing":       {id, crm.Filed{ID: "1", At: w.now}, nil},
	} {
		if _, err := w.s.FileActivity(w.ctx, sato, test.activity, test.f); err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.UnfileActivity(w.ctx, sato, id, "1", w.now); !errors.Is(err, crm.ErrRefused) {
		t.Error(err)
	}
}

func testEraseFiled(t *testing.T, w *world) {
	w.officePeople()
	w.commit(w.a, w.logged(w.a, "2", "n", "q"))
	w.file("n", crm.Filed{ID: "1", Attach: "p"})
	w.file("m", crm.Filed{ID: "2", Detach: "p", Attach: "q", Address: "p@client.co.jp"})
	_, _, err := w.s.Erase(w.ctx, sato, "p@client.co.jp", w.now)
	w.ok(err)
	for _, mail := range []string{"m", "n"} {
		f, err := w.s.GetFiling(w.ctx, string(key(mail)))
		w.ok(err)
		for _, m := range f.Moves {
			if m.Attach == "p" || m.Detach == "p" || m.Address != "" || len(m.Was) != 0 {
				t.Errorf("%s: %+v", mail, m)
			}
		}
	}
	if n := len(timeline(t, w.s, crm.ActivityFilter{Person: "p"})); n != 0 {
		t.Errorf("%d activities", n)
	}
}

func testFileRules(t *testing.T, w *world) {
	p, q := w.person("p", "shared@client.co.jp"), w.person("q", "shared@client.co.jp")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{p, q}))
	r := crm.Review{ID: crm.ReviewID(crm.ReviewFileTo, "shared@client.co.jp"), Kind: crm.ReviewFileTo, Address: "shared@client.co.jp", Owner: sato, Raised: w.now,
		Candidates: []crm.Candidate{{Kind: "contact", ID: "q", Name: "Person q", Rule: crm.RuleManual}}}
	decision := func() *crm.Decision {
		answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{r.Address}})
		w.ok(err)
		return answer.Addresses[r.Address].Decision
	}
	w.ok(w.s.RaiseReview(w.ctx, sato, r))
	r.State, r.DecidedBy, r.DecidedAt = crm.ReviewDismissed, suzuki, w.now
	w.ok(w.s.Decide(w.ctx, suzuki, r, nil))
	if d := decision(); d != nil {
		t.Errorf("no rule was wanted: %+v", d)
	}
	w.ok(w.s.RaiseReview(w.ctx, sato, r)) // asked again
	r.State, r.Person, r.Changed = crm.ReviewAccepted, "q", true
	w.ok(w.s.Decide(w.ctx, suzuki, r, nil))
	if d := decision(); d == nil || d.Person != "q" {
		t.Errorf("decision %+v", d)
	}
	w.ok(w.s.RaiseReview(w.ctx, sato, r))
	if got, _ := w.s.GetReview(w.ctx, r.ID); got.State != crm.ReviewAccepted || !got.Changed {
		t.Errorf("a rule that is in force was asked for again: %+v", got)
	}
	r.State = crm.ReviewOpen
	w.ok(w.s.Decide(w.ctx, suzuki, r, nil))
	if d := decision(); d != nil {
		t.Errorf("after it was taken back: %+v", d)
	}
	if n, err := w.s.CountReviews(w.ctx, crm.ReviewOpen); err != nil || n != 1 {
		t.Errorf("%d open, %v", n, err)
	}
	w.lateWork()
}
