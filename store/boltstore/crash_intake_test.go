//go:build unix

package boltstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// submitForever adds submissions from several clients at once, each with a response id that begins with round, and
// prints the id of each that the store took.
func submitForever(path, round string) error {
	ctx := context.Background()
	s, err := boltstore.Open(ctx, path, childOptions())
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	for client := range 20 {
		group.Go(func() {
			for n := 0; ; n++ {
				response := fmt.Sprint(round, "-", client/2, "-", n) // two clients send the same
				sub := crm.Submission{ID: crm.SubmissionID("contact", response), Form: "contact", Response: response, At: benchStart,
					State: crm.SubmissionAccepted, Fields: []crm.FormField{{Name: "message", Values: []string{response}}}}
				if _, _, err := s.AddSubmission(ctx, sub); err != nil {
					fmt.Println("failed:", err)
					return
				}
				fmt.Println("stored", sub.ID)
			}
		})
	}
	group.Wait()
	return nil
}

// TestKilledWhileSubmitting kills a process that takes submissions. Each that it said it stored is there exactly once.
func TestKilledWhileSubmitting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	promised := map[string]bool{}
	for round := range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "BOLTSTORE_CHILD="+path, fmt.Sprint("BOLTSTORE_FORMS=", round+1))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		note := func(line string) {
			id := ""
			if _, err := fmt.Sscanf(line, "stored %s", &id); err != nil {
				t.Fatalf("child: %s", line)
			}
			promised[id] = true
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 500*(round+1) && lines.Scan(); n++ {
			note(lines.Text())
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if len(lines.Text()) == len("stored ")+32 { // the last one may be cut off
				note(lines.Text())
			}
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
	}
	s, err := boltstore.Open(t.Context(), path, childOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	boltstore.CheckIndexes(t, s)
	seen, after := map[string]bool{}, uint64(0)
	for {
		list, err := s.ListSubmissions(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, sub := range list {
			if seen[sub.ID] || sub.Version != 1 {
				t.Errorf("%s is there twice, or as version %d", sub.Response, sub.Version)
			}
			seen[sub.ID], after = true, sub.Seq
		}
	}
	for id := range promised {
		if !seen[id] {
			t.Errorf("%s was promised and is not there", id)
		}
	}
	if len(promised) < 500 {
		t.Errorf("only %d were promised", len(promised))
	}
}
