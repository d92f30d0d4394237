//go:build unix

package boltstore_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// filled makes a store file with some content and closes it.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := boltstore.Open(t.Context(), path, options(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeclareSources(t.Context(), []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), crm.Commit{Source: "a", Writes: newTraffic(0).batch(300), At: benchStart}); err != nil {
		t.Fatal(err)
	}
	boltstore.CheckIndexes(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenRefuses(t *testing.T) {
	path := filled(t)
	held, err := boltstore.Open(t.Context(), path, options(t))
	if err != nil {
		t.Fatal(err)
	}
	quick := options(t)
	quick.LockTimeout = time.Millisecond
	if _, err := boltstore.Open(t.Context(), path, quick); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("a held file: %v", err)
	}
	held.Close()
	if _, err := held.GetSource(t.Context(), "a"); !errors.Is(err, boltstore.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	if err := held.LateDone(t.Context(), "1"); !errors.Is(err, boltstore.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	other := options(t)
	other.HMACKey = bytes.Repeat([]byte{8}, 32)
	if _, err := boltstore.Open(t.Context(), path, other); err == nil {
		t.Error("opened with another key")
	}
	other.HMACKey = nil
	if _, err := boltstore.Open(t.Context(), path, other); err == nil {
		t.Error("opened without a key")
	}
	if err := boltstore.VerifyFile(t.Context(), path); err != nil {
		t.Errorf("a good file: %v", err)
	}
	if err := boltstore.OpenOld(t, path, "from the future"); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Open(t.Context(), path, options(t)); !errors.Is(err, crm.ErrNewer) {
		t.Errorf("a newer file: %v", err)
	}
	if err := boltstore.VerifyFile(t.Context(), path); !errors.Is(err, crm.ErrNewer) {
		t.Errorf("verify of a newer file: %v", err)
	}
}

func TestMigrationsRunOnce(t *testing.T) {
	path := filled(t)
	for _, names := range [][]string{{"two"}, {"two", "three"}, {"two", "three"}} {
		if err := boltstore.OpenOld(t, path, names...); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"three", "two"}, boltstore.Steps(t, path)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if err := boltstore.OpenOld(t, path, "two"); !errors.Is(err, crm.ErrNewer) {
		t.Errorf("back to an older program: %v", err)
	}
}

// TestDamage damages a file in many ways: it is opened and read, or refused as damaged, without a panic.
func TestDamage(t *testing.T) {
	good, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for n := range 60 {
		bad := bytes.Clone(good)
		switch n % 4 {
		case 0:
			bad = bad[:r.IntN(len(bad))]
		case 1:
			page := r.IntN(len(bad)/4096) * 4096
			clear(bad[page : page+4096])
		case 2:
			page := r.IntN(len(bad)/4096) * 4096
			for i := range 4096 {
				bad[page+i] = byte(r.Uint32())
			}
		default:
			for range 20 {
				bad[r.IntN(len(bad)/4)] ^= 1 << r.IntN(8)
			}
		}
		if len(bad) == 0 {
			continue
		}
		path := filepath.Join(t.TempDir(), "bad.db")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := useDamaged(t, path); err != nil {
			refused++
			if strings.Contains(err.Error(), "goroutine ") {
				t.Errorf("damage %d: the error holds a stack: %v", n, err)
			}
			if !errors.Is(err, crm.ErrCorrupt) && !errors.Is(err, crm.ErrNotFound) {
				t.Errorf("damage %d: %v", n, err)
			}
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
	for name, content := range map[string][]byte{"text": bytes.Repeat([]byte("not a store\n"), 2000), "short": []byte("x")} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := boltstore.Open(t.Context(), path, options(t)); !errors.Is(err, crm.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if err := boltstore.VerifyFile(t.Context(), path); !errors.Is(err, crm.ErrCorrupt) {
			t.Errorf("verify %s: %v", name, err)
		}
	}
}

func useDamaged(t *testing.T, path string) error {
	if err := boltstore.VerifyFile(t.Context(), path); err != nil {
		return err
	}
	s, err := boltstore.Open(t.Context(), path, options(t))
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.EachActivity(t.Context(), "", func(crm.Activity) error { return nil })
	_, _, err2 := s.ListEntries(t.Context(), crm.LedgerFilter{Limit: 1000})
	return errors.Join(err, err2)
}

// TestEraseBlanksFile looks for what was erased in the bytes of the file that is in use, not of a copy.
func TestEraseBlanksFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := boltstore.Open(t.Context(), path, options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.DeclareSources(t.Context(), []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart))
	must(s.SavePeople(t.Context(), "cli", []crm.Person{{ID: "f", Kind: crm.Contact, Name: "Forgotten Person", Emails: []string{"f@forget.jp"}}}))
	mail := func(ext string, role crm.Role, text string) crm.Write {
		k := crm.MessageKey("<"+ext+"@mail>", crm.MessageIdentity{})
		return crm.Write{Entry: crm.Entry{ExternalID: ext, Key: k, SeenAt: benchStart, ItemTime: benchStart, Verdict: crm.Logged, Reason: crm.ReasonMatched},
			Activity: &crm.Activity{ID: string(k), Key: k, Kind: crm.KindEmail, Time: benchStart, Text: text, Version: 1,
				Observed: []crm.Observation{{Source: "a", ExternalID: ext}}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: "f@forget.jp"},
				People: []crm.Participant{{Kind: crm.Contact, ID: "f", Address: "f@forget.jp", Role: role}, {Kind: crm.Contact, ID: "o", Address: "o@stays.jp", Role: crm.RoleCc}}}}
	}
	must(s.Commit(t.Context(), crm.Commit{Source: "a", At: benchStart, Writes: []crm.Write{
		mail("wrote", crm.RoleFrom, "words of the forgotten"), mail("received", crm.RoleTo, "dear forgotten person, words that stay")}}))
	holds := func(text string) bool {
		t.Helper()
		file, err := os.ReadFile(path)
		must(err)
		return bytes.Contains(bytes.ToLower(file), []byte(text))
	}
	traces := []string{"words of the forgotten", "forgotten person", "f@forget.jp"}
	for _, text := range traces {
		if !holds(text) {
			t.Errorf("%q is not in the file before", text)
		}
	}
	_, _, err = s.Erase(t.Context(), "it", "f@forget.jp", benchStart)
	must(err)
	for _, text := range traces {
		if holds(text) {
			t.Errorf("%q is still in the file", text)
		}
	}
	if !holds("words that stay") {
		t.Error("too much went")
	}
}

func TestDeletedSecretsLeaveTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := boltstore.Open(t.Context(), path, options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, sealed := range []string{"sealed token, the first", "sealed token, the second"} {
		if err := s.PutSealed(t.Context(), "account/a", []byte(sealed)); err != nil {
			t.Fatal(err)
		}
	}
	holds := func() bool {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(file, []byte("sealed token"))
	}
	if !holds() {
		t.Fatal("the file does not hold what was sealed")
	}
	if err := s.DeleteSealed(t.Context(), "account/a"); err != nil {
		t.Fatal(err)
	}
	if holds() {
		t.Error("the file still holds what was deleted")
	}
}

func FuzzDecode(f *testing.F) {
	for _, sample := range boltstore.SampleValues() {
		f.Add(sample)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, decode := range boltstore.Decoders() {
			if err := decode(data); err != nil && !errors.Is(err, crm.ErrCorrupt) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCommitsLeaveNothingOfWhatTheyTakeAway(t *testing.T) {
	tests := map[string]func(entry crm.Entry) crm.Commit{
		"it turned private": func(e crm.Entry) crm.Commit {
			e.Verdict, e.Reason = crm.Excluded, crm.ReasonPrivate
			return crm.Commit{Source: "a", At: benchStart, Writes: []crm.Write{{Entry: e}}}
		},
		"only a tombstone is kept": func(e crm.Entry) crm.Commit {
			return crm.Commit{Source: "a", At: benchStart, Withdrawn: []crm.Scope{{Prefix: e.ExternalID}}}
		},
	}
	for name, taking := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s, err := boltstore.Open(t.Context(), path, options(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if err := s.DeclareSources(t.Context(), []crm.Source{{ID: "a", Kind: "gmail", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
				t.Fatal(err)
			}
			k := crm.MessageKey("<1@mail>", crm.MessageIdentity{})
			w := crm.Write{Entry: crm.Entry{ExternalID: "1", Key: k, ItemTime: benchStart, Verdict: crm.Logged, Reason: crm.ReasonMatched},
				Activity: &crm.Activity{ID: string(k), Key: k, Kind: crm.KindEmail, Time: benchStart, Text: "not for everybody", Version: 1}}
			if err := s.Commit(t.Context(), crm.Commit{Source: "a", At: benchStart, Writes: []crm.Write{w}}); err != nil {
				t.Fatal(err)
			}
			holds := func() bool {
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				return bytes.Contains(file, []byte("not for everybody"))
			}
			if !holds() {
				t.Fatal("the file does not hold what was logged")
			}
			if err := s.Commit(t.Context(), taking(w.Entry)); err != nil {
				t.Fatal(err)
			}
			if holds() {
				t.Error("the file still holds it")
			}
		})
	}
}

// TestOpeningWritesNothing holds that a store which is only looked at stays byte for byte what it was, so that what is found
// damaged is what the damage left.
func TestOpeningWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	var before []byte
	for n := range 3 {
		s, err := boltstore.Open(t.Context(), path, options(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && !bytes.Equal(before, after) {
			t.Errorf("opening it for the %d. time changed the file", n+1)
		}
		before = after
	}
}
