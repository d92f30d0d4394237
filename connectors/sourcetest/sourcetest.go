// Package sourcetest is what every source must do, whatever it reads. A connector's test makes its source
// stand on a real or scripted peer that holds a few items and runs the suite on it.
//
// The suite walks the source to its end, once, and then asks what the engine and verify rely on: the same
// cursor gives the same items, reading ends, what was fetched can be got again by its id, and the census lists
// exactly what was fetched.
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// maxFetches is how often a source may be asked before its reading counts as endless.
const maxFetches = 10000

// Run runs the suite. open makes a fresh source on the same content each time it is called; the content holds
// at least three items, and does not change while the suite runs.
func Run(t *testing.T, open func(t *testing.T) connectors.Source) {
	t.Run("reading ends", func(t *testing.T) { readingEnds(t, open(t)) })
	t.Run("same cursor, same items", func(t *testing.T) { sameCursor(t, open(t)) })
	t.Run("another source goes on from a cursor", func(t *testing.T) { goesOn(t, open) })
	t.Run("unparsable cursor", func(t *testing.T) { badCursor(t, open(t)) })
	t.Run("get gives what fetch gave", func(t *testing.T) { getAgain(t, open(t)) })
	t.Run("census", func(t *testing.T) { census(t, open(t)) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, open(t)) })
	t.Run("closed twice", func(t *testing.T) { closedTwice(t, open(t)) })
}

// Drain fetches from cur until nothing more is pending and gives all items and the last cursor.
func Drain(t *testing.T, s connectors.Source, cur connectors.Cursor) ([]connectors.Item, connectors.Cursor) {
	t.Helper()
	var items []connectors.Item
	for range maxFetches {
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatalf("fetch from %q: %v", cur, err)
		}
		items = append(items, batch.Items...)
		if batch.More && batch.Next == cur {
			t.Fatalf("there is more, but the cursor stays at %q", cur)
		}
		cur = batch.Next
		if !batch.More {
			return items, cur
		}
	}
	t.Fatalf("still more to read after %d fetches", maxFetches)
	return nil, ""
}

func readingEnds(t *testing.T, s connectors.Source) {
	defer s.Close()
	items, end := Drain(t, s, "")
	if len(items) < 3 {
		t.Fatalf("got %d items, want at least three", len(items))
	}
	seen := make(map[string]bool)
	for _, item := range items {
		checkItem(t, item)
		if seen[item.ExternalID] {
			t.Errorf("%s was yielded twice", item.ExternalID)
		}
		seen[item.ExternalID] = true
	}
	batch, err := s.Fetch(t.Context(), end)
	if err != nil || len(batch.Items) != 0 || batch.More || batch.Backfill {
		t.Errorf("after the end: %d items, more %v, backfill %v, error %v", len(batch.Items), batch.More, batch.Backfill, err)
	}
}

func checkItem(t *testing.T, item connectors.Item) {
	t.Helper()
	switch {
	case item.ExternalID == "" || len(item.ExternalID) > 1000 || strings.ContainsFunc(item.ExternalID, func(c rune) bool { return c < ' ' }):
		t.Errorf("external id %q is empty, too long or not printable", item.ExternalID)
	case item.Err != nil:
	case item.Key == "":
		t.Errorf("%s has neither a key nor an error", item.ExternalID)
	case item.Received.IsZero():
		t.Errorf("%s has no time", item.ExternalID)
	case item.Received.Location().String() != "UTC":
		t.Errorf("%s was received in %s, want UTC", item.ExternalID, item.Received.Location())
	}
	for _, problem := range wrong(item) {
		t.Errorf("%s: %s", item.ExternalID, problem)
	}
}

func sameCursor(t *testing.T, s connectors.Source) {
	defer s.Close()
	cur := connectors.Cursor("")
	for range maxFetches {
		first, err := s.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatalf("fetch: %v", err)
		}
		second, err := s.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatalf("fetch again: %v", err)
		}
		if diff := cmp.Diff(ids(first.Items), ids(second.Items)); diff != "" {
			t.Errorf("fetching twice from %q (-first +second):\n%s", cur, diff)
		}
		cur = second.Next
		if !second.More {
			return
		}
	}
}

func goesOn(t *testing.T, open func(t *testing.T) connectors.Source) {
	whole := open(t)
	defer whole.Close()
	want, _ := Drain(t, whole, "")
	first := open(t)
	batch, err := first.Fetch(t.Context(), "")
	if err != nil {
		t.Fatalf("fetch: %v", err)
	}
	first.Close()
	second := open(t)
	defer second.Close()
	rest, _ := Drain(t, second, batch.Next)
	if diff := cmp.Diff(sorted(ids(want)), sorted(append(ids(batch.Items), ids(rest)...))); diff != "" {
		t.Errorf("two sources in turn (-one +two):\n%s", diff)
	}
}

func badCursor(t *testing.T, s connectors.Source) {
	defer s.Close()
	for _, cur := range []connectors.Cursor{"\x00nonsense", "{", "{}x", "null and void"} {
		_, err := s.Fetch(t.Context(), cur)
		if err == nil || connectors.Classify(err).Kind != connectors.CursorInvalid {
			t.Errorf("cursor %q gives %v, want a fault of kind cursor_invalid", cur, err)
		}
	}
}

func getAgain(t *testing.T, s connectors.Source) {
	defer s.Close()
	getter, ok := s.(connectors.Getter)
	if !ok {
		return
	}
	items, _ := Drain(t, s, "")
	got, err := getter.Get(t.Context(), append(ids(items), "no-such-item", "../../etc/passwd"))
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if diff := cmp.Diff(byID(items), byID(got), cmp.Comparer(sameError)); diff != "" {
		t.Errorf("get (-fetched +got):\n%s", diff)
	}
}

// sameError compares errors by whether they are there: their words may name what happened on the way.
func sameError(a, b error) bool { return (a == nil) == (b == nil) }

func census(t *testing.T, s connectors.Source) {
	defer s.Close()
	lister, ok := s.(connectors.Census)
	if !ok {
		return
	}
	items, _ := Drain(t, s, "")
	var listed []string
	err := lister.Census(t.Context(), func(ids []string) error {
		listed = append(listed, ids...)
		return nil
	})
	if err != nil {
		t.Fatalf("census: %v", err)
	}
	if diff := cmp.Diff(sorted(ids(items)), sorted(listed)); diff != "" {
		t.Errorf("census (-fetched +listed):\n%s", diff)
	}
	stop := errors.New("enough")
	if err := lister.Census(t.Context(), func([]string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("census goes on after yield's error: %v", err)
	}
}

func cancelled(t *testing.T, s connectors.Source) {
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Fetch(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("fetch with a cancelled context gives %v", err)
	}
	if getter, ok := s.(connectors.Getter); ok {
		if _, err := getter.Get(ctx, []string{"no-such-item"}); !errors.Is(err, context.Canceled) {
			t.Errorf("get with a cancelled context gives %v", err)
		}
	}
	if lister, ok := s.(connectors.Census); ok {
		if err := lister.Census(ctx, func([]string) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("census with a cancelled context gives %v", err)
		}
	}
}

func closedTwice(t *testing.T, s connectors.Source) {
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

func ids(items []connectors.Item) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, item.ExternalID)
	}
	return out
}

func sorted(ids []string) []string {
	slices.Sort(ids)
	return ids
}

func byID(items []connectors.Item) map[string]connectors.Item {
	out := make(map[string]connectors.Item, len(items))
	for _, item := range items {
		out[item.ExternalID] = item
	}
	return out
}
