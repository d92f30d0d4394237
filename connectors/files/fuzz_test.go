package files

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// FuzzMbox holds that the messages of an mbox follow each other without a gap to its end, each from its "From "
// line on, and that an mbox that grew is indexed from its last message on as if it were read whole.
func FuzzMbox(f *testing.F) {
	f.Add([]byte(mboxMail(1)+mboxMail(2)), 40)
	f.Add([]byte("From here on\n\nFrom a@b.jp Sat Nov 21 10:00:00 2026\r\n\r\n>From x\r\n\r\nFrom 1:23"), 3)
	f.Fuzz(func(t *testing.T, raw []byte, cut int) {
		whole := scanned(t, raw, 0)
		next := int64(len(raw))
		if len(whole) > 0 {
			next = whole[0].offset
		}
		for i, m := range whole {
			if m.offset != next || m.end <= m.offset || !bytes.HasPrefix(raw[m.offset:], []byte("From ")) {
				t.Fatalf("message %d of %d lies at %d to %d, the one before ends at %d", i, len(whole), m.offset, m.end, next)
			}
			if text := unquoteFrom(raw[m.offset:m.end]); int64(len(text)) > m.end-m.offset {
				t.Errorf("message %d grew to %d bytes", i, len(text))
			}
			next = m.end
		}
		if next != int64(len(raw)) {
			t.Errorf("the last message ends at %d of %d", next, len(raw))
		}
		if cut < 0 || cut > len(raw) {
			return
		}
		grown := scanned(t, raw[:cut], 0)
		if len(grown) == 0 || raw[cut-1] != '\n' {
			return
		}
		last := grown[len(grown)-1].offset
		grown = append(grown[:len(grown)-1], scanned(t, raw[last:], last)...)
		if diff := cmp.Diff(whole, grown, cmp.AllowUnexported(position{})); diff != "" {
			t.Errorf("grown from %d bytes (-whole +grown):\n%s", cut, diff)
		}
	})
}

func scanned(t *testing.T, raw []byte, from int64) []position {
	t.Helper()
	var x index
	if err := x.scan(t.Context(), bytes.NewReader(raw), from); err != nil {
		t.Fatal(err)
	}
	return x.messages
}

// FuzzCursor holds that what cannot be read as a cursor is a fault of its own kind, and that what can be read
// stays the same when it is written again.
func FuzzCursor(f *testing.F) {
	f.Add(`{"v":1,"high":{"at":5,"id":"a"},"recent":["x"],"low":{"at":1,"id":""},"done":true,"mbox":{"a":{"first":"","high":-1,"end":0,"low":0}},"read":1,"total":2}`)
	f.Add(`{"v":1}{}`)
	f.Add("null")
	f.Fuzz(func(t *testing.T, cur string) {
		p, err := parseCursor(connectors.Cursor(cur))
		if err != nil {
			if connectors.Classify(err).Kind != connectors.CursorInvalid {
				t.Errorf("%q gives %v", cur, err)
			}
			return
		}
		again, err := parseCursor(p.cursor(nil))
		if err != nil {
			t.Fatalf("%q is written as what cannot be read: %v", cur, err)
		}
		if diff := cmp.Diff(p, again, cmp.AllowUnexported(place{}), cmpopts.IgnoreFields(place{}, "known"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-read +written and read):\n%s", cur, diff)
		}
	})
}
