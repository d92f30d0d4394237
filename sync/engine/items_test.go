package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestPoisonItemIsRetriedOnItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(5, 10)
		box.poison[2] = true
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		if s := r.wantState(t, "a", crm.SourceOK); s.Tally.Failed != 1 || s.Tally.Logged != 4 {
			t.Fatalf("tally %+v, want one failed and four logged", s.Tally)
		}
		time.Sleep(24 * time.Hour)
		row := r.store.row(mailID(2))
		if row.Verdict != crm.Failed || row.Attempts < 5 || row.Attempts > 8 {
			t.Errorf("after a day the row is %+v, want five to eight attempts", row)
		}
		box.mu.Lock()
		delete(box.poison, 2)
		box.mu.Unlock()
		time.Sleep(25 * time.Hour)
		r.wantComplete(t, "a", box, crm.Logged)
		if s := r.store.source("a"); s.Tally.Failed != 0 || s.Tally.Seen != 5 {
			t.Errorf("tally %+v, want the failed row replaced", s.Tally)
		}
	})
}

func TestItemsThatAreGoneOrDeadly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(6, 10)
		for n := range 4 {
			box.poison[n] = true
		}
		box.deadly[0] = true
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		box.mu.Lock()
		clear(box.poison)
		box.gone[3] = true
		box.mu.Unlock()
		time.Sleep(48 * time.Hour)
		want := map[int]crm.Verdict{0: crm.Failed, 1: crm.Logged, 2: crm.Logged, 3: crm.Unmatched, 4: crm.Logged}
		for n, verdict := range want {
			if got := r.store.row(mailID(n)); got.Verdict != verdict {
				t.Errorf("mail %d is %s (%s), want %s", n, got.Verdict, got.Reason, verdict)
			}
		}
		if got := r.store.row(mailID(3)).Reason; got != crm.ReasonGone {
			t.Errorf("the reason of a mail that is gone is %q", got)
		}
		r.wantState(t, "a", crm.SourceOK)
	})
}

func TestMappingPanicIsOneFailedRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(3, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		r.dir.panics.Store(true)
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		r.wantComplete(t, "a", box, crm.Failed)
		r.dir.panics.Store(false)
		time.Sleep(time.Hour)
		r.wantComplete(t, "a", box, crm.Logged)
	})
}

func TestRereadBesideEverything(t *testing.T) {
	tests := map[string]struct {
		mails int
		wait  time.Duration
	}{
		"while it waits for news": {20, 10 * time.Second},
		"while it reads history":  {20_000, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box := newMailbox(test.mails, 10)
				box.add("stranger@elsewhere.example")
				r := newRig(t, map[string]*mailbox{"a": box})
				stop := r.run(t)
				defer stop()
				synctest.Wait()
				time.Sleep(test.wait)
				id := mailID(test.mails)
				r.dir.know("stranger@elsewhere.example")
				read, err := r.Reread(t.Context(), []crm.ItemRef{{Source: "a", ExternalID: id}})
				if read != 1 || err != nil {
					t.Fatalf("Reread = %d, %v", read, err)
				}
				if got := r.store.row(id).Verdict; got != crm.Logged {
					t.Errorf("the row is %s, want logged", got)
				}
				time.Sleep(time.Minute)
				box.deliver("stranger@elsewhere.example")
				synctest.Wait()
				if got := r.store.row(mailID(test.mails + 1)).Verdict; got != crm.Logged {
					t.Errorf("news after it is %q, want logged: the source waits again", got)
				}
			})
		})
	}
}

func TestRereadLeavesLoggedAndRetiredRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(3, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		if err := r.Drain(t.Context(), nil, false, nil); err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		retired := crm.ItemRef{Source: "a", ExternalID: mailID(1)}
		row := r.store.rows[retired]
		row.Verdict, row.Retired = crm.Unmatched, true
		r.store.rows[retired] = row
		box.gone[0], box.gone[1] = true, true
		refs := []crm.ItemRef{{Source: "a", ExternalID: mailID(0)}, retired, {Source: "a", ExternalID: "INBOX;UID=77"}}
		if read, err := r.Reread(t.Context(), refs); read != 3 || err != nil {
			t.Fatalf("Reread = %d, %v", read, err)
		}
		if got := r.store.rows[refs[0]].Verdict; got != crm.Logged {
			t.Errorf("a logged mail that was deleted at the server became %s", got)
		}
		if got := r.store.rows[retired]; !got.Retired {
			t.Errorf("a retired row came back: %+v", got)
		}
		if len(r.store.rows) != 3 {
			t.Errorf("an item that never had a row has one now")
		}
	})
}

func TestRereadOfSourcesThatCannot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(1, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		if err := r.Drain(t.Context(), nil, false, nil); err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		refs := []crm.ItemRef{{Source: "nowhere", ExternalID: "1"}, {Source: "a", ExternalID: mailID(0)}}
		read, err := r.Reread(t.Context(), refs)
		if read != 1 || !errors.Is(err, ErrUnsupported) {
			t.Errorf("Reread = %d, %v; want the good source read and the other unsupported", read, err)
		}
		r.store.sources["a"].State = crm.SourceAuthExpired
		if _, err := r.Reread(t.Context(), refs[1:]); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Reread of a paused source: %v, want ErrUnavailable", err)
		}
	})
}

func TestPostponedRowsAreReadWhenTheSourceWorksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(0, 10)
		box.add("stranger@elsewhere.example")
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		r.dir.know("stranger@elsewhere.example")
		if err := r.Postpone(t.Context(), "a", []string{mailID(0)}, "signed out"); err != nil {
			t.Fatal(err)
		}
		if err := r.Wake(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		r.wantComplete(t, "a", box, crm.Logged)
	})
}
