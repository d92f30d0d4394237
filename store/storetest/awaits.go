package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// answering is a write of a mail that is not logged and that answers other mails.
func (w *world) answering(ext string, v crm.Verdict, mails ...string) crm.Write {
	write := w.other(ext, ext, v, crm.ReasonNobody)
	for _, mail := range mails {
		write.Awaits = append(write.Awaits, key(mail))
	}
	return write
}

func message(mail string) string { return "message:" + string(key(mail)) }

func testAwaits(t *testing.T, w *world) {
	expect := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, sorted(w.lateWork())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	w.commit(w.a, w.answering("1", crm.Unmatched, "root", "other"), w.answering("2", crm.Waiting, "root"),
		w.answering("3", crm.Excluded, "root"), w.answering("4", crm.Unmatched, "never"))
	expect("before anything is logged")
	w.commit(w.b, w.logged(w.b, "5", "unrelated", "p"))
	expect("another mail")
	w.commit(w.b, w.logged(w.b, "6", "root", "p"))
	expect("the mail they answer", message("root")+" a/1", message("root")+" a/2")
	w.commit(w.b, w.logged(w.b, "6", "root", "p"))
	w.commit(w.a, w.logged(w.a, "7", "root", "p"))
	expect("the mail once more")
	w.commit(w.a, w.logged(w.a, "1", "1", "p")) // matched by its thread; it waits no longer
	w.commit(w.a, w.logged(w.a, "8", "other", "p"))
	expect("a mail that nothing waits for any more")
	w.commit(w.a, w.answering("4", crm.Unmatched, "later"))
	w.commit(w.a, w.logged(w.a, "9", "never", "p"))
	expect("a row that waits for something else now")
	w.commit(w.a, w.other("4", "4", crm.Excluded, crm.ReasonSubject))
	w.commit(w.a, w.logged(w.a, "10", "later", "p"))
	expect("a row that is excluded now")
}

func testAwaitsRace(t *testing.T, w *world) {
	// The answer was matched before the mail came, and is committed after.
	late := w.batch(w.a, w.answering("1", crm.Unmatched, "root", "unknown"))
	w.commit(w.b, w.logged(w.b, "1", "root", "p"))
	if work := w.lateWork(); work != nil {
		t.Fatalf("work before anything waits: %v", work)
	}
	w.ok(w.s.Commit(w.ctx, late))
	if diff := cmp.Diff([]string{message("root") + " a/1"}, w.lateWork()); diff != "" {
		t.Errorf("the answer last (-want +got):\n%s", diff)
	}
	// Items of one batch do not see each other.
	w.commit(w.a, w.answering("3", crm.Unmatched, "pair"), w.logged(w.a, "2", "pair", "p"))
	w.commit(w.a, w.logged(w.a, "4", "couple", "p"), w.answering("5", crm.Waiting, "couple"))
	if diff := cmp.Diff(sorted([]string{message("couple") + " a/5", message("pair") + " a/3"}), sorted(w.lateWork())); diff != "" {
		t.Errorf("both in one batch (-want +got):\n%s", diff)
	}
	w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{{Source: "a", ExternalID: "3"}}, crm.ReasonSubject, w.now))
}
