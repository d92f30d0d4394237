package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) changes(person string) []crm.Change {
	w.t.Helper()
	list, err := w.s.ListChanges(w.ctx, person)
	w.ok(err)
	return list
}

// steps are changes in short: by whom, from where, where to; oldest first.
func steps(list []crm.Change) (out []string) {
	for _, c := range list {
		step := c.By + " " + c.From + ">" + c.To
		if c.Undone != "" {
			step += " undone"
		}
		out = append(out, step)
	}
	slices.Reverse(out)
	return out
}

func (w *world) wantSteps(why, person string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, steps(w.changes(person))); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", why, diff)
	}
}

func testFollow(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	p.AccountID = "acc"
	w.savePeople(p)
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("acc")}))
	w.follow(asIs)
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	f := w.due()["p"]
	made := asIs(f)
	made.Status, made.Reason, made.StatusAt, made.Owner, made.Rules = crm.StatusNurturing, "timing", w.now.Add(-time.Hour), sato, "r1"
	made.Changes = []crm.Change{{ID: "c1", Field: crm.ChangeStatus, At: w.now.Add(-time.Hour), From: "new", To: "nurturing", Label: "ナーチャリング", Reason: "timing",
		Rule: "rest", Rules: "r1", Activity: string(key("m")), Event: "silence", Evidence: "90日", By: crm.ByRules}}
	made.Standing = crm.Standing{LastHeard: w.now, LastReached: w.now, Unreplied: w.now, UnrepliedAt: string(key("m")), First: crm.Touch{Campaign: "spring", Channel: "web", Source: "google"},
		FirstAt: w.now, Last: crm.Touch{Channel: "fair"}, LastAt: w.now, Products: []string{"A"}, Away: w.now, Freshness: 70, Parts: []crm.Part{{Code: "silence", Points: -30, Evidence: "e", Activity: string(key("m"))}},
		Reached: []string{"new"}, Segments: []string{"東京"}, Territory: "east", Follow: w.now.Add(time.Hour), Look: w.now.Add(2 * time.Hour), Rules: "r1"}
	made.Tasks = []crm.Task{{ID: "t1", Kind: crm.TaskCall, Person: "p", Owner: sato, Due: "2026-12-01", What: "call", Origin: "plan", Created: w.now}}
	made.Proposals = []crm.Proposal{{ID: "pr1", Kind: crm.ProposeContradicts, Person: "p", Evidence: []string{"x"}, Raised: w.now, State: crm.ProposalOpen}}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	got := w.getPerson("p")
	if got.Status != crm.StatusNurturing || got.Reason != "timing" || !got.StatusAt.Equal(made.StatusAt) || got.Owner != sato {
		t.Errorf("the person: %+v", got)
	}
	want := made.Standing
	want.ID, want.Mark = "p", made.Mark
	if diff := cmp.Diff(want, w.standing("p")); diff != "" {
		t.Errorf("the standing (-want +got):\n%s", diff)
	}
	changes := w.changes("p")
	if len(changes) != 1 || changes[0].Seen.IsZero() {
		t.Fatalf("changes %+v", changes)
	}
	wanted := made.Changes[0]
	wanted.Person, wanted.Seen = "p", changes[0].Seen
	if diff := cmp.Diff(wanted, changes[0]); diff != "" {
		t.Errorf("the change (-want +got):\n%s", diff)
	}
	w.wantDue("the account of whom changed", "acc")
	audit, _, err := w.s.ListAudit(w.ctx, "", 1)
	if w.ok(err); audit[0].Actor != crm.ByRules || !strings.Contains(audit[0].After, `"nurturing"`) {
		t.Errorf("audited as %+v", audit[0])
	}
	if task, err := w.s.GetTask(w.ctx, "t1"); err != nil || task.What != "call" {
		t.Errorf("task %+v, %v", task, err)
	}
	if pr, err := w.s.GetProposal(w.ctx, "pr1"); err != nil || pr.State != crm.ProposalOpen {
		t.Errorf("proposal %+v, %v", pr, err)
	}
	full := w.due()
	f, err = w.s.GetFollowing(w.ctx, "p")
	w.ok(err)
	if len(f.Tasks) != 1 || len(f.Proposals) != 1 || len(f.Changes) != 1 || len(full) != 1 {
		t.Errorf("read again: %+v", f)
	}
	done := asIs(f)
	done.TasksDone = []crm.Task{{ID: "t1", Done: w.now, DoneBy: string(key("m"))}}
	done.Proposals = f.Proposals
	done.Proposals[0].State = crm.ProposalMoot
	w.ok(w.s.Follow(w.ctx, []crm.Followed{done}))
	task, _ := w.s.GetTask(w.ctx, "t1")
	pr, _ := w.s.GetProposal(w.ctx, "pr1")
	if !task.Done.Equal(w.now) || task.What != "call" || pr.State != crm.ProposalMoot {
		t.Errorf("done: %+v, %+v", task, pr)
	}
	if got := w.getPerson("p"); got.Status != crm.StatusNurturing || got.Owner != sato {
		t.Errorf("without a status the person changed: %+v", got)
	}
}

func byRule(id, from, to, rules string, at time.Time) crm.Change {
	return crm.Change{ID: id, Field: crm.ChangeStatus, At: at, From: from, To: to, By: crm.ByRules, Rules: rules}
}

func testFollowChanges(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "田中", "p@client.co.jp"))
	follow := func(rules string, changes ...crm.Change) {
		t.Helper()
		f, err := w.s.GetFollowing(w.ctx, "p")
		w.ok(err)
		made := asIs(f)
		made.Changes, made.Rules = changes, rules
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	hour := func(n int) time.Time { return w.now.Add(time.Duration(n) * time.Hour) }
	follow("r1", byRule("1", "new", "working", "r1", hour(1)), byRule("2", "working", "scheduling", "r1", hour(2)))
	w.wantSteps("by rules", "p", "tsunagu new>working", "tsunagu working>scheduling")
	seen := w.changes("p")[1].Seen
	follow("r1", byRule("1", "new", "working", "r1", hour(1)), byRule("3", "working", "meeting_won", "r1", hour(3)))
	w.wantSteps("derived again", "p", "tsunagu new>working", "tsunagu working>meeting_won")
	if got := w.changes("p")[1].Seen; !got.Equal(seen) {
		t.Errorf("what stayed was stored at %s instead of %s", got, seen)
	}
	follow("r1", byRule("1", "new", "working", "r1", hour(0)), byRule("3", "working", "meeting_won", "r1", hour(3)))
	if got := w.changes("p")[1]; !got.At.Equal(hour(0)) || len(w.changes("p")) != 2 {
		t.Errorf("its time moved: %+v", w.changes("p"))
	}
	follow("r2", byRule("4", "meeting_won", "working", "r2", hour(4)))
	w.wantSteps("other rules leave history", "p", "tsunagu new>working", "tsunagu working>meeting_won", "tsunagu meeting_won>working")
	follow("r2")
	w.wantSteps("only their own goes", "p", "tsunagu new>working", "tsunagu working>meeting_won")
	follow("r2", byRule("1", "new", "disqualified", "r2", hour(1)))
	w.wantSteps("what is fixed is not replaced by its like", "p", "tsunagu new>working", "tsunagu working>meeting_won")
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	if list := w.changes("p"); len(list) != 0 {
		t.Errorf("of somebody who is gone: %+v", list)
	}
}

func testAddChange(t *testing.T, w *world) {
	contact := w.person("contact", "c@client.co.jp")
	w.savePeople(w.lead("p", "田中", "p@client.co.jp"), contact)
	at := w.now.Add(time.Hour)
	got, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: "p", Field: crm.ChangeStatus, To: "nurturing", Reason: "cost", At: at, Label: "x", From: "lie", By: "liar"})
	w.ok(err)
	if got.ID == "" || got.From != "new" || got.By != sato || got.Seen.IsZero() {
		t.Errorf("the change: %+v", got)
	}
	if p := w.getPerson("p"); p.Status != crm.StatusNurturing || p.Reason != "cost" || !p.StatusAt.Equal(at) || !p.Updated.Equal(at) {
		t.Errorf("the person: %+v", p)
	}
	for _, c := range []crm.Change{{Field: crm.ChangeOwner, To: suzuki}, {Field: crm.ChangeStage, To: "quote"}} {
		c.Person = "p"
		_, err := w.s.AddChange(w.ctx, sato, c)
		w.ok(err)
	}
	if p := w.getPerson("p"); p.Owner != suzuki || p.Stage != "quote" {
		t.Errorf("the person: %+v", p)
	}
	if diff := cmp.Diff(3, len(w.changes("p"))); diff != "" {
		t.Error(diff)
	}
	audit, _, _ := w.s.ListAudit(w.ctx, "", 1)
	if audit[0].Actor != sato || audit[0].Object != "person/p" {
		t.Errorf("audited as %+v", audit[0])
	}
	for name, test := range map[string]struct {
		c    crm.Change
		want error
	}{
		"nobody":                 {crm.Change{Person: "x", Field: crm.ChangeStatus, To: "new"}, crm.ErrNotFound},
		"a contact":              {crm.Change{Person: "contact", Field: crm.ChangeStatus, To: "new"}, crm.ErrRefused},
		"no status":              {crm.Change{Person: "p", Field: crm.ChangeStatus}, crm.ErrRefused},
		"another field":          {crm.Change{Person: "p", Field: "name", To: "x"}, crm.ErrRefused},
		"undoing nothing":        {crm.Change{Person: "p", Undoes: "x"}, crm.ErrNotFound},
		"a change that is there": {crm.Change{Person: "p", Field: crm.ChangeOwner, ID: got.ID}, crm.ErrConflict},
	} {
		if _, err := w.s.AddChange(w.ctx, sato, test.c); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if len(w.changes("p")) != 3 {
		t.Errorf("something of it was stored: %+v", w.changes("p"))
	}
}

func testUndoChange(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "田中", "p@client.co.jp"))
	f := w.due()["p"]
	made := asIs(f)
	made.Rules, made.Status, made.Reason, made.StatusAt = "r1", "nurturing", "timing", w.now.Add(2*time.Hour)
	first, second := byRule("1", "new", "working", "r1", w.now.Add(time.Hour)), byRule("2", "working", "nurturing", "r1", w.now.Add(2*time.Hour))
	second.Reason = "timing"
	made.Changes = []crm.Change{first, second}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	undo := func(id string) (crm.Change, error) {
		w.now = w.now.Add(time.Hour)
		return w.s.AddChange(w.ctx, sato, crm.Change{Person: "p", Undoes: id, At: w.now.Add(3 * time.Hour)})
	}
	_, err := undo("1")
	refused(t, err, "later change", "undo change 2 first", `"working" to "nurturing"`)
	back, err := undo("2")
	w.ok(err)
	if back.To != "working" || back.From != "nurturing" || back.Field != crm.ChangeStatus || back.Undoes != "2" {
		t.Errorf("what undoes: %+v", back)
	}
	if p := w.getPerson("p"); p.Status != crm.StatusWorking || p.Reason != "" {
		t.Errorf("the person: %+v", p)
	}
	w.wantSteps("undone", "p", "tsunagu new>working", "tsunagu working>nurturing undone", sato+" nurturing>working")
	w.wantDue("undone", "p")
	_, err = undo("2")
	refused(t, err, "taken back already")
	f = w.due()["p"]
	made = asIs(f)
	made.Rules, made.Changes = "r1", []crm.Change{first, second}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	w.wantSteps("the rules derive it again", "p", "tsunagu new>working", "tsunagu working>nurturing undone", sato+" nurturing>working")
	forth, err := undo(back.ID)
	w.ok(err)
	if p := w.getPerson("p"); p.Status != crm.StatusNurturing || p.Reason != "timing" || forth.To != "nurturing" {
		t.Errorf("the undo is undone: %+v", p)
	}
}

func testSavedHistory(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	w.savePeople(p)
	if len(w.changes("p")) != 0 {
		t.Errorf("a new person has a history: %+v", w.changes("p"))
	}
	p.Status, p.Reason, p.Owner, p.Stage, p.Updated = "nurturing", "cost", suzuki, "quote", w.now.Add(time.Hour)
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	p.Name, p.Updated = "別名", w.now.Add(2*time.Hour)
	p.StatusAt = w.getPerson("p").StatusAt
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	list := w.changes("p")
	if len(list) != 3 {
		t.Fatalf("changes %+v", list)
	}
	for _, c := range list {
		if c.By != sato || !c.At.Equal(w.now.Add(time.Hour)) || c.Seen.IsZero() || c.Field == crm.ChangeStatus && c.Reason != "cost" {
			t.Errorf("change %+v", c)
		}
	}
	if got := w.getPerson("p"); !got.StatusAt.Equal(w.now.Add(time.Hour)) {
		t.Errorf("the status began at %s", got.StatusAt)
	}
	p.Kind, p.Status = crm.Contact, ""
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	if len(w.changes("p")) != 3 {
		t.Errorf("a contact has no status that changes: %+v", w.changes("p"))
	}
}

func testLifeLists(t *testing.T, w *world) {
	p, q, r := w.lead("p", "P", "p@c.jp"), w.lead("q", "Q", "q@c.jp"), w.lead("r", "R", "r@c.jp")
	p.Owner, q.Owner = sato, suzuki
	w.savePeople(p, q, r)
	hours := map[string]int{"p": 3, "q": 1, "r": 2}
	w.follow(func(f crm.Following) crm.Followed {
		out := asIs(f)
		at := w.now.Add(time.Duration(hours[f.ID]) * time.Hour)
		out.Standing = crm.Standing{Unreplied: at, Follow: at, Segments: []string{"all", "only " + f.ID}}
		return out
	})
	ids := func(list []crm.Listed) (out []string) {
		for _, l := range list {
			if l.Standing.ID != l.Person.ID {
				t.Errorf("%s is listed with the standing of %s", l.Person.ID, l.Standing.ID)
			}
			out = append(out, l.Person.ID)
		}
		return out
	}
	pages := func(read func(after string, limit int) ([]crm.Listed, string, error)) (out []string) {
		t.Helper()
		for after := ""; ; {
			page, next, err := read(after, 1)
			w.ok(err)
			out = append(out, ids(page)...)
			if after = next; next == "" {
				return out
			}
		}
	}
	check := func(why, owner string, unreplied, due []string) {
		t.Helper()
		if got := pages(func(after string, n int) ([]crm.Listed, string, error) {
			return w.s.ListUnreplied(w.ctx, owner, after, n)
		}); !slices.Equal(got, unreplied) {
			t.Errorf("%s: unreplied %q, want %q", why, got, unreplied)
		}
		if n, err := w.s.CountUnreplied(w.ctx, owner); err != nil || n != int64(len(unreplied)) {
			t.Errorf("%s: %d unreplied counted, %v", why, n, err)
		}
		now := w.now.Add(2*time.Hour + 1)
		if got := pages(func(after string, n int) ([]crm.Listed, string, error) {
			return w.s.ListFollowUps(w.ctx, owner, now, after, n)
		}); !slices.Equal(got, due) {
			t.Errorf("%s: to follow up %q, want %q", why, got, due)
		}
	}
	segment := func(name string, want ...string) {
		t.Helper()
		got := pages(func(after string, n int) ([]crm.Listed, string, error) { return w.s.ListSegment(w.ctx, name, after, n) })
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("segment %s: %q, want %q", name, got, want)
		}
		if n, err := w.s.CountSegment(w.ctx, name); err != nil || n != int64(len(want)) {
			t.Errorf("segment %s: %d counted, %v", name, n, err)
		}
	}
	check("all", "", []string{"q", "r", "p"}, []string{"q", "r"})
	check("sato's", sato, []string{"p"}, nil)
	check("suzuki's", suzuki, []string{"q"}, []string{"q"})
	segment("all", "p", "q", "r")
	segment("only q", "q")
	segment("none")
	q.Owner = sato
	w.savePeople(q)
	check("sato's now", sato, []string{"q", "p"}, []string{"q"})
	check("suzuki's now", suzuki, nil, nil)
	f := w.due()["q"]
	made := asIs(f)
	made.Owner, made.Standing.Unreplied, made.Standing.Segments = suzuki, time.Time{}, []string{"all"}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	check("assigned and answered", suzuki, nil, []string{"q"})
	check("the others", "", []string{"r", "p"}, []string{"q", "r"})
	segment("only q")
	w.ok(w.s.DeletePerson(w.ctx, "cli", "r"))
	check("one is gone", "", []string{"p"}, []string{"q"})
	segment("all", "p", "q")
	if _, err := w.s.GetStanding(w.ctx, "r"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the standing of one who is gone: %v", err)
	}
}

func testLoads(t *testing.T, w *world) {
	p, q, r := w.lead("p", "P", "p@c.jp"), w.lead("q", "Q", "q@c.jp"), w.person("r", "r@c.jp")
	p.Owner, q.Owner, r.Owner = sato, sato, sato
	w.savePeople(p, q, r)
	check := func(why string, want map[string]map[crm.LeadStatus]int) {
		t.Helper()
		loads, err := w.s.Loads(w.ctx)
		w.ok(err)
		got := map[string]map[crm.LeadStatus]int{}
		for owner, load := range loads {
			if len(load.Leads) > 0 {
				got[owner] = load.Leads
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
	check("saved", map[string]map[crm.LeadStatus]int{sato: {"new": 2}})
	_, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: "p", Field: crm.ChangeStatus, To: "working"})
	w.ok(err)
	check("one is worked on", map[string]map[crm.LeadStatus]int{sato: {"new": 1, "working": 1}})
	made := asIs(w.due()["q"])
	made.Owner, made.Status = suzuki, "scheduling"
	made.Changes = []crm.Change{{ID: "c", Field: crm.ChangeOwner, At: w.now, From: sato, To: suzuki, By: crm.ByRules}}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	check("one is assigned", map[string]map[crm.LeadStatus]int{sato: {"working": 1}, suzuki: {"scheduling": 1}})
	loads, _ := w.s.Loads(w.ctx)
	if loads[suzuki].Assigned.IsZero() || !loads[sato].Assigned.IsZero() {
		t.Errorf("last assigned: %+v", loads)
	}
	p = w.getPerson("p")
	p.Kind = crm.Contact
	w.savePeople(p)
	w.ok(w.s.DeletePerson(w.ctx, "cli", "q"))
	check("no leads are left", map[string]map[crm.LeadStatus]int{})
}
