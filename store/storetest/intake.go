package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// submission is one of the form "contact" with a response id and one answer.
func (w *world) submission(response, answer string) crm.Submission {
	return crm.Submission{ID: crm.SubmissionID("contact", response), Form: "contact", Response: response, At: w.now,
		Fields: []crm.FormField{{Name: "message", Label: "内容", Values: []string{answer}}, {Name: "topics", Values: []string{"a", "b"}}},
		Touch:  crm.Touch{Campaign: "spring", Source: "google", Landing: "https://example.co.jp/"}, State: crm.SubmissionAccepted}
}

func (w *world) quarantined(response, answer string) crm.Submission {
	s := w.submission(response, answer)
	s.State, s.Reason = crm.SubmissionQuarantined, "honeypot"
	return s
}

// add adds a submission and gives it as it was stored.
func (w *world) add(s crm.Submission) crm.Submission {
	w.t.Helper()
	stored, fresh, err := w.s.AddSubmission(w.ctx, s)
	w.ok(err)
	if !fresh {
		w.t.Errorf("submission %s is known already", s.Response)
	}
	return stored
}

// queue is the answers of the queue in order, read in pages of two.
func (w *world) queue() (out []string) {
	w.t.Helper()
	for after := uint64(0); ; {
		page, err := w.s.ListSubmissions(w.ctx, after, 2)
		w.ok(err)
		if len(page) == 0 {
			return out
		}
		for _, s := range page {
			if s.Seq <= after {
				w.t.Errorf("number %d follows %d", s.Seq, after)
			}
			after = s.Seq
			out = append(out, answerOf(s))
		}
	}
}

func answerOf(s crm.Submission) string {
	if len(s.Fields) == 0 {
		return string(s.State) + " " + s.Reason
	}
	return s.Fields[0].Values[0]
}

func (w *world) counted(want map[crm.SubmissionState]int64) {
	w.t.Helper()
	for _, state := range []crm.SubmissionState{crm.SubmissionAccepted, crm.SubmissionQuarantined, crm.SubmissionReleased,
		crm.SubmissionRejected, crm.SubmissionExcluded} {
		if n, err := w.s.CountSubmissions(w.ctx, state); err != nil || n != want[state] {
			w.t.Errorf("%d are %s, want %d; %v", n, state, want[state], err)
		}
	}
}

func testSubmissions(t *testing.T, w *world) {
	first := w.add(w.submission("1", "one"))
	w.add(w.submission("2", "two"))
	excluded := w.submission("3", "secret of three")
	excluded.State, excluded.Reason = crm.SubmissionExcluded, "address: spam@example.com"
	shell := w.add(excluded)
	if want := (crm.Submission{ID: excluded.ID, Form: "contact", At: w.now, State: crm.SubmissionExcluded, Reason: excluded.Reason, Version: 1, Seq: shell.Seq}); !cmp.Equal(want, shell) {
		t.Errorf("shell: %+v", shell)
	}
	w.gone("secret of three")
	if diff := cmp.Diff([]string{"one", "two", "excluded address: spam@example.com"}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	want := w.submission("1", "one")
	want.Version, want.Seq = 1, first.Seq
	for _, get := range []func(context.Context, string) (crm.Submission, error){w.s.GetSubmission, w.s.AdmittedSubmission} {
		got, err := get(w.ctx, first.ID)
		w.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("submission (-want +got):\n%s", diff)
		}
		if _, err := get(w.ctx, "none"); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("none: %v", err)
		}
	}
	list, err := w.s.ListSubmissions(w.ctx, ^uint64(0), 10)
	if err != nil || len(list) != 0 {
		t.Errorf("after the last number there is: %v, %v", list, err)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: 2, crm.SubmissionExcluded: 1})
}

func testSubmissionVersions(t *testing.T, w *world) {
	first := w.add(w.submission("1", "one"))
	w.add(w.submission("2", "two"))
	again := w.submission("1", "one")
	again.At, again.State, again.Touch, again.Fields[0].Label = w.now.Add(time.Hour), crm.SubmissionQuarantined, crm.Touch{}, "other words"
	stored, fresh, err := w.s.AddSubmission(w.ctx, again)
	w.ok(err)
	if diff := cmp.Diff(first, stored); fresh || diff != "" {
		t.Errorf("the same again: fresh %v (-first +stored):\n%s", fresh, diff)
	}
	edit := w.submission("1", "one, edited")
	edit.At = w.now.Add(time.Hour)
	if got := w.add(edit); got.Version != 2 || got.Seq <= first.Seq || !got.At.Equal(edit.At) {
		t.Errorf("an edit: %+v", got)
	}
	if diff := cmp.Diff([]string{"two", "one, edited"}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	shell := w.submission("1", "")
	shell.State, shell.Reason = crm.SubmissionExcluded, "internal"
	w.add(shell)
	if _, fresh, err := w.s.AddSubmission(w.ctx, shell); err != nil || fresh {
		t.Errorf("excluded twice: %v, %v", fresh, err)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: 1, crm.SubmissionExcluded: 1})
}

func testSubmissionRefused(t *testing.T, w *world) {
	for name, edit := range map[string]func(s *crm.Submission){
		"no id":      func(s *crm.Submission) { s.ID = "" },
		"no state":   func(s *crm.Submission) { s.State = "" },
		"released":   func(s *crm.Submission) { s.State = crm.SubmissionReleased },
		"too big":    func(s *crm.Submission) { s.Fields[0].Values[0] = strings.Repeat("x", 1<<20) },
		"many names": func(s *crm.Submission) { s.Fields = make([]crm.FormField, 1<<20) },
	} {
		s := w.submission("1", "one")
		edit(&s)
		_, _, err := w.s.AddSubmission(w.ctx, s)
		if big := name == "too big" || name == "many names"; err == nil || errors.Is(err, crm.ErrTooBig) != big {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := w.submission("1", strings.Repeat("x", 1<<20-1000))
	w.add(big)
	if queue := w.queue(); len(queue) != 1 || len(queue[0]) != 1<<20-1000 {
		t.Error("a big submission is not in the queue alone")
	}
}

func testQuarantine(t *testing.T, w *world) {
	for i := range 5 {
		s := w.quarantined(fmt.Sprint(i), fmt.Sprint("answer ", i))
		s.At = w.now.Add(time.Duration(i) * time.Minute)
		w.add(s)
	}
	list := func(state crm.SubmissionState) (out []string) {
		for after := ""; ; {
			page, next, err := w.s.ListQuarantine(w.ctx, state, after, 2)
			w.ok(err)
			for _, s := range page {
				if s.State != state {
					t.Errorf("among those %s: %+v", state, s)
				}
				out = append(out, answerOf(s))
			}
			if after = next; next == "" {
				return out
			}
		}
	}
	id := func(i int) string { return crm.SubmissionID("contact", fmt.Sprint(i)) }
	decide := func(i int, release bool) error {
		_, err := w.s.DecideSubmission(w.ctx, "admin", id(i), release, w.now)
		return err
	}
	if queue := w.queue(); queue != nil {
		t.Errorf("quarantined ones are in the queue: %q", queue)
	}
	if s, err := w.s.GetSubmission(w.ctx, id(0)); err != nil || s.Reason != "honeypot" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := w.s.AdmittedSubmission(w.ctx, id(0)); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("let in already: %v", err)
	}
	w.add(w.submission("x", "ordinary"))
	w.ok(decide(3, true))
	w.ok(decide(1, false))
	w.ok(decide(2, false))
	w.ok(decide(2, true))
	for name, err := range map[string]error{"released again": decide(3, true), "rejected after": decide(3, false),
		"rejected again": decide(1, false), "an ordinary one": func() error {
			_, err := w.s.DecideSubmission(w.ctx, "admin", crm.SubmissionID("contact", "x"), true, w.now)
			return err
		}()} {
		if !errors.Is(err, crm.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := decide(9, true); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	for state, want := range map[crm.SubmissionState][]string{crm.SubmissionQuarantined: {"answer 4", "answer 0"},
		crm.SubmissionRejected: {"answer 1"}, crm.SubmissionReleased: {"answer 3", "answer 2"}} {
		if diff := cmp.Diff(want, list(state)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
	}
	if _, _, err := w.s.ListQuarantine(w.ctx, crm.SubmissionAccepted, "", 10); err == nil {
		t.Error("accepted ones are listed")
	}
	if diff := cmp.Diff([]string{"ordinary", "answer 3", "answer 2"}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: 1, crm.SubmissionQuarantined: 2, crm.SubmissionReleased: 2, crm.SubmissionRejected: 1})
	audit, _, err := w.s.ListAudit(w.ctx, "", 10)
	w.ok(err)
	var got []string
	for _, r := range audit {
		if r.Actor == "admin" {
			got = append(got, r.Action)
		}
	}
	if diff := cmp.Diff([]string{"release submission", "reject submission", "reject submission", "release submission"}, got); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// testSuspiciousEdit: a doubtful version must not take the place of one that was let in, nor the other way round.
func testSuspiciousEdit(t *testing.T, w *world) {
	w.add(w.submission("1", "one"))
	edit := w.add(w.quarantined("1", "casino"))
	if stored, fresh, err := w.s.AddSubmission(w.ctx, w.submission("1", "one")); err != nil || fresh || stored.Version != 1 {
		t.Errorf("the first again: %+v, %v, %v", stored, fresh, err)
	}
	newest, err := w.s.GetSubmission(w.ctx, edit.ID)
	w.ok(err)
	admitted, err := w.s.AdmittedSubmission(w.ctx, edit.ID)
	w.ok(err)
	if newest.Version != 2 || answerOf(newest) != "casino" || admitted.Version != 1 {
		t.Errorf("newest %+v, admitted %+v", newest, admitted)
	}
	if diff := cmp.Diff([]string{"one"}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	released, err := w.s.DecideSubmission(w.ctx, "admin", edit.ID, true, w.now)
	w.ok(err)
	if diff := cmp.Diff([]string{"casino"}, w.queue()); released.Version != 2 || diff != "" {
		t.Errorf("released: version %d, queue (-want +got):\n%s", released.Version, diff)
	}
	w.add(w.quarantined("2", "doubtful"))
	w.add(w.submission("2", "clear"))
	if _, err := w.s.DecideSubmission(w.ctx, "admin", crm.SubmissionID("contact", "2"), true, w.now); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("an old version was released over a newer one: %v", err)
	}
	_, err = w.s.DecideSubmission(w.ctx, "admin", crm.SubmissionID("contact", "2"), false, w.now)
	w.ok(err)
	if diff := cmp.Diff([]string{"casino", "clear"}, w.queue()); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: 1, crm.SubmissionReleased: 1, crm.SubmissionRejected: 1})
}

func testWaitSubmission(t *testing.T, w *world) {
	ended := make(chan error, 1)
	wait := func(after uint64) { ended <- w.s.WaitSubmission(w.ctx, after) }
	go wait(0)
	held := w.add(w.quarantined("1", "one"))
	first := w.add(w.submission("2", "two"))
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	w.ok(w.s.WaitSubmission(w.ctx, first.Seq-1))
	go wait(first.Seq)
	released, err := w.s.DecideSubmission(w.ctx, "admin", held.ID, true, w.now)
	w.ok(err)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	go func() { ended <- w.s.WaitSubmission(ctx, released.Seq) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func testSubmissionsAtOnce(t *testing.T, w *world) {
	const clients, each = 20, 30
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			for n := range each {
				name := fmt.Sprint(client%10, "/", n) // two clients send the same
				if _, _, err := w.s.AddSubmission(w.ctx, w.submission(name, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, answer := range w.queue() {
		if seen[answer] {
			t.Errorf("%s is there twice", answer)
		}
		seen[answer] = true
	}
	if len(seen) != clients*each/2 {
		t.Errorf("%d submissions of %d", len(seen), clients*each/2)
	}
	w.counted(map[crm.SubmissionState]int64{crm.SubmissionAccepted: clients * each / 2})
}
