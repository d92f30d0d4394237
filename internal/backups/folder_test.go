package backups_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/backups"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(t.Context(), path, boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newFolder(t *testing.T) *backups.Folder {
	t.Helper()
	store := open(t, filepath.Join(t.TempDir(), "store.db"))
	t.Cleanup(func() { store.Close() })
	if err := store.SavePeople(t.Context(), "cli", []crm.Person{{ID: crm.DerivedID("person", "t"), Kind: crm.Contact, Name: "田中", Created: time.Now(), Updated: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	return &backups.Folder{
		Dir: filepath.Join(t.TempDir(), "new", "backups"), Keep: 3, Write: store.Backup,
		Open: func(ctx context.Context, path string) (test crm.BackupTest, err error) {
			s, err := boltstore.Open(ctx, path, boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
			if err != nil {
				return test, err
			}
			test.People, err = s.CountPeople(ctx)
			return test, errors.Join(err, s.Close())
		},
	}
}

func make1(t *testing.T, f *backups.Folder, now time.Time) crm.Backup {
	t.Helper()
	b, err := f.Make(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var start = time.Date(2026, 11, 22, 3, 30, 5, 0, time.UTC)

func TestMakeKeepsTheNewest(t *testing.T) {
	f := newFolder(t)
	if list, err := f.List(); err != nil || len(list) != 0 {
		t.Errorf("before the first: %v, %v", list, err)
	}
	for day := range 5 {
		if day == 2 {
			for _, other := range []string{"notes.txt", "tsunagu-2026.db", ".tsunagu-1.part"} {
				if err := os.WriteFile(filepath.Join(f.Dir, other), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			old := start.Add(-48 * time.Hour)
			if err := os.Chtimes(filepath.Join(f.Dir, ".tsunagu-1.part"), old, old); err != nil {
				t.Fatal(err)
			}
		}
		make1(t, f, start.AddDate(0, 0, day))
	}
	list, err := f.List()
	if err != nil || len(list) != 3 || list[0].Name != "tsunagu-20261126T033005Z.db" || list[2].At != start.AddDate(0, 0, 2) || list[0].Bytes == 0 {
		t.Errorf("kept %+v, %v", list, err)
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	info, err := os.Stat(filepath.Join(f.Dir, list[0].Name))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := f.Make(t.Context(), start.AddDate(0, 0, 4)); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a second one of the same second: %v", err)
	}
}

func TestAFailureLeavesWhatWasThere(t *testing.T) {
	f := newFolder(t)
	f.Keep = 1
	first := make1(t, f, start)
	broken := errors.New("disk on fire")
	f.Write = func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	}
	if _, err := f.Make(t.Context(), start.Add(time.Hour)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	f.Free, f.Expect = func(string) int64 { return 1 << 20 }, func() int64 { return 1 << 20 }
	if _, err := f.Make(t.Context(), start.Add(2*time.Hour)); !errors.Is(err, crm.ErrFull) {
		t.Errorf("without room: %v", err)
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != first.Name {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestTry(t *testing.T) {
	f := newFolder(t)
	b := make1(t, f, start)
	scratch := t.TempDir()
	got, err := f.Try(t.Context(), b.Name, scratch)
	if want := (crm.BackupTest{Name: b.Name, People: 1}); err != nil || got != want {
		t.Errorf("a good one: %+v, %v", got, err)
	}
	path := filepath.Join(f.Dir, b.Name)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err = f.Try(t.Context(), b.Name, scratch); err != nil || got.Error == "" {
		t.Errorf("a damaged one: %+v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("no store"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err = f.Try(t.Context(), b.Name, scratch); err != nil || got.Error == "" {
		t.Errorf("none: %+v, %v", got, err)
	}
	if entries, _ := os.ReadDir(scratch); len(entries) != 0 {
		t.Errorf("the test left %v behind", entries)
	}
	for _, name := range []string{"../" + b.Name, "tsunagu-20200101T000000Z.db", "", "notes.txt", filepath.Join(f.Dir, b.Name)} {
		if _, err := f.Try(t.Context(), name, scratch); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
