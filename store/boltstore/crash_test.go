//go:build unix

package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/store/storetest"
)

// TestMain lets the test binary be a child that writes until it is killed, or until its disk is full.
func TestMain(m *testing.M) {
	switch path := os.Getenv("BOLTSTORE_CHILD"); {
	case path == "":
		os.Exit(m.Run())
	case os.Getenv("BOLTSTORE_FORMS") != "":
		exit(submitForever(path, os.Getenv("BOLTSTORE_FORMS")))
	case os.Getenv("BOLTSTORE_FULL") != "":
		exit(fillDisk(path))
	default:
		exit(writeForever(path))
	}
}

func exit(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childOptions() boltstore.Options {
	return boltstore.Options{HMACKey: []byte(strings.Repeat("\x07", 32)), Location: time.FixedZone("JST", 9*3600), LockTimeout: 30 * time.Second}
}

// writeForever imports from a cursor that counts the mails stored, and prints the cursor after each commit.
func writeForever(path string) error {
	ctx := context.Background()
	s, err := boltstore.Open(ctx, path, childOptions())
	if err != nil {
		return err
	}
	if err := s.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		return err
	}
	claim, ok, err := s.ClaimSource(ctx, "a", time.Now().Add(24*time.Hour), 0)
	if err != nil || !ok {
		return fmt.Errorf("claim: %v %w", ok, err)
	}
	cursor := claim.Source.Cursor
	for {
		n := 0
		fmt.Sscan(cursor, &n)
		tr := newTraffic(n)
		writes := tr.batch(50)
		if n%500 == 0 { // an import is not all there is
			if err := s.ExcludeRows(ctx, "x", []crm.ItemRef{{Source: "a", ExternalID: writes[0].Entry.ExternalID}}, "x", benchStart); err != nil {
				return err
			}
		}
		cursor = fmt.Sprint(tr.n)
		err := s.Commit(ctx, crm.Commit{Source: "a", Epoch: claim.Source.Epoch, Owner: "sato@example.co.jp",
			MoveCursor: true, Cursor: cursor, Writes: writes, At: benchStart})
		if err != nil {
			return err
		}
		fmt.Println("committed", cursor)
	}
}

// TestKilled kills a writing process at random moments. What it said it committed is there, all invariants
// hold, and the cursor says exactly what is stored.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 12 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "BOLTSTORE_CHILD="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		promised := 0
		lines := bufio.NewScanner(out)
		for n, until := 0, 1+r.IntN(12); n < until && lines.Scan(); n++ {
			if _, err := fmt.Sscanf(lines.Text(), "committed %d", &promised); err != nil {
				t.Fatalf("child: %s", lines.Text())
			}
		}
		// The child is somewhere in its next commit.
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			fmt.Sscanf(lines.Text(), "committed %d", &promised)
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		checkKilled(t, round, path, promised)
	}
}

func checkKilled(t *testing.T, round int, path string, promised int) {
	t.Helper()
	s, err := boltstore.Open(t.Context(), path, childOptions())
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	defer s.Close()
	src, err := s.GetSource(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(src.Tally.Seen) != src.Cursor && src.Tally.Seen > 0 {
		t.Errorf("round %d: %d rows, cursor %q", round, src.Tally.Seen, src.Cursor)
	}
	if src.Tally.Seen < int64(promised) {
		t.Errorf("round %d: %d rows of %d that were committed", round, src.Tally.Seen, promised)
	}
	boltstore.CheckIndexes(t, s)
	if round == 11 {
		storetest.Check(t, s)
	}
}

// fillDisk commits under a limit of the file's size that falls into the middle of a commit, then lifts it.
func fillDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	s, err := boltstore.Open(ctx, path, childOptions())
	if err != nil {
		return err
	}
	if err := s.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		return err
	}
	tr := newTraffic(0)
	commit := func() error {
		return s.Commit(ctx, crm.Commit{Source: "a", Writes: tr.batch(200), Cursor: fmt.Sprint(tr.n), MoveCursor: true, At: benchStart})
	}
	stored, failed := 0, 0
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 30 {
		limit := syscall.Rlimit{Cur: uint64(r.IntN(3 << 20)), Max: was.Max}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
		switch err := commit(); {
		case err == nil:
			stored += 200
		case errors.Is(err, crm.ErrFull):
			failed++
		default:
			return fmt.Errorf("on a full disk: %w", err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			return err
		}
		if err := commit(); err != nil {
			return fmt.Errorf("after space was made: %w", err)
		}
		stored += 200
		if src, err := s.GetSource(ctx, "a"); err != nil || int(src.Tally.Seen) != stored {
			return fmt.Errorf("%d rows of %d: %w", src.Tally.Seen, stored, err)
		}
	}
	fmt.Println("full", failed)
	return s.Close()
}

// TestFullDisk: a commit that finds no room stores nothing and says so; the store goes on afterwards.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "BOLTSTORE_CHILD="+path, "BOLTSTORE_FULL=1")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	failed := 0
	if _, err := fmt.Sscanf(string(out), "full %d", &failed); err != nil || failed == 0 {
		t.Fatalf("no commit found the disk full: %s", out)
	}
	s, err := boltstore.Open(t.Context(), path, childOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	boltstore.CheckIndexes(t, s)
}
