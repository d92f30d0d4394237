package imap

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// TestNothingIsAskedTwice reads a folder in many batches, ended by the number of items or by their bytes, and
// counts what the server was asked.
func TestNothingIsAskedTwice(t *testing.T) {
	const n = 90
	cases := map[string]connectors.Limits{
		"batches full of items": {BatchItems: 10},
		"batches full of bytes": {BatchItems: 40, BatchBytes: 64 << 10},
		"one batch":             {BatchItems: 1000},
	}
	for name, limits := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			s.fill("INBOX", n)
			for i := range s.boxes["INBOX"].mails {
				m := &s.boxes["INBOX"].mails[i]
				m.body += strings.Repeat("x\r\n", 100*(i%30))
				m.structure = plainStructure(m.body)
			}
			src := openSource(t, s.settings(), limits)
			at := time.Now()
			src.now = func() time.Time { return at }
			checkPlain(t, drain(t, src, "", 0), n)
			asked := s.asked()
			want := make(map[string]int)
			for uid := 1; uid <= n; uid++ {
				want[fmt.Sprintf("structure %d", uid)], want[fmt.Sprintf("text %d", uid)] = 1, 1
			}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if looks := s.count("STATUS"); looks != 1 {
				t.Errorf("looked %d times within a moment, want once", looks)
			}
		})
	}
}

// asked counts for how many times each message's structure and text was asked.
func (s *script) asked() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := make(map[string]int)
	set := regexp.MustCompile(`^UID FETCH (\S+) \((.*)\)$`)
	for _, line := range s.log {
		m := set.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		what := "text"
		if strings.Contains(m[2], "BODYSTRUCTURE") {
			what = "structure"
		}
		for _, mail := range s.boxes["INBOX"].mails {
			if inSet(m[1], mail.uid, 0) {
				asked[fmt.Sprintf("%s %d", what, mail.uid)]++
			}
		}
	}
	return asked
}

// count counts the commands with this verb.
func (s *script) count(verb string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, line := range s.log {
		if strings.HasPrefix(line, verb+" ") {
			n++
		}
	}
	return n
}

// TestWhatIsOnItsWayIsForgotten asks for another place, and for single messages, while the next batch is on its way.
func TestWhatIsOnItsWayIsForgotten(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 60)
	src := openSource(t, s.settings(), connectors.Limits{BatchItems: 20})
	first, err := src.Fetch(t.Context(), "")
	if err != nil || len(first.Items) != 20 {
		t.Fatalf("%d items, %v", len(first.Items), err)
	}
	if src.sess.flow.phases == nil {
		t.Fatal("nothing is on its way")
	}
	again, err := src.Fetch(t.Context(), "") // another place than the one expected
	if err != nil || len(again.Items) != 20 || again.Next != first.Next {
		t.Fatalf("read again: %d items, %v", len(again.Items), err)
	}
	if _, err := src.Get(t.Context(), []string{first.Items[3].ExternalID}); err != nil {
		t.Fatal(err)
	}
	rest := drain(t, src, first.Next, 0)
	if total := len(first.Items) + len(rest.items); total != 60 {
		t.Errorf("%d items, want 60", total)
	}
}

func TestFlowGivesItsMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlow(newTap(&feed{}, ""))
		left := func() *phase {
			f.expect([]uint32{7})
			return &phase{uids: []uint32{7}, stage: stageKnown}
		}
		if n := f.begin(nil, 0); n != 0 {
			t.Errorf("an empty flow gave %d messages", n)
		}
		f.phases = append(f.phases, left())
		f.pause()
		time.Sleep(carryLimit / 2)
		if n := f.begin([]uint32{7, 6}, 2); n != 1 {
			t.Errorf("%d messages adopted, want 1", n)
		}
		time.Sleep(2 * carryLimit) // a reading may take as long as it likes
		if len(f.waiting) != 1 || f.tap.sink == nil {
			t.Error("a reading lost what is on its way")
		}
		f.pause()
		time.Sleep(carryLimit + time.Second)
		synctest.Wait()
		if len(f.phases) != 0 || len(f.waiting) != 0 || f.tap.sink != nil {
			t.Errorf("%d ranges and %d messages are still held", len(f.phases), len(f.waiting))
		}
	})
}

// TestRestartsChangeNothing reads two folders once in one go and once with a new source for every batch: the
// items come in the same order.
func TestRestartsChangeNothing(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 70)
	s.boxes["Sent"] = &box{validity: 9, next: 1, attrs: `\Sent`}
	s.fill("Sent", 50)
	settings := s.settings()
	settings.Folders = []string{"INBOX", `\Sent`}
	read := func(restart bool) (ids []string) {
		src := openSource(t, settings, connectors.Limits{BatchItems: 8})
		for cur := connectors.Cursor(""); ; {
			b, err := src.Fetch(t.Context(), cur)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range b.Items {
				ids = append(ids, item.ExternalID)
			}
			if cur = b.Next; !b.More {
				return ids
			}
			if restart {
				src = openSource(t, settings, connectors.Limits{BatchItems: 8})
			}
		}
	}
	calm := read(false)
	if diff := cmp.Diff(calm, read(true)); diff != "" || len(calm) != 120 {
		t.Errorf("%d items; order (-one go +restarted):\n%s", len(calm), diff)
	}
}
