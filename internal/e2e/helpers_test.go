package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"
)

// syncBuffer is a buffer that two goroutines may use.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// exported is one line of `export activities`, as the contract promises it.
type exported struct {
	ID, Key, Kind, Direction, Subject, Text, Thread string

	FullText string `json:"full_text"`
	Class    string
	Time     time.Time
	People   []struct{ Kind, ID, Email, Role string }
	Accounts []string
	Owners   []string
	Observed []struct {
		Source     string
		ExternalID string `json:"external_id"`
	}
	Match struct {
		Rule, Evidence string
	}
	Letters []struct{ Subject, Text string }
}

// ledgerRow is one line of `export ledger`.
type ledgerRow struct {
	Source     string
	ExternalID string `json:"external_id"`
	Key        string
	Verdict    string
	Reason     string
	Activity   string
	Retired    bool
}

func decodeLines[T any](t *testing.T, text string) []T {
	t.Helper()
	var rows []T
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var row T
		if err := json.Unmarshal(scanner.Bytes(), &row); err != nil {
			t.Fatalf("decode export: %v\n%s", err, scanner.Text())
		}
		rows = append(rows, row)
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("read export: %v", err)
	}
	return rows
}

func (s *site) activities() []exported {
	s.t.Helper()
	return decodeLines[exported](s.t, s.must("export", "activities"))
}

func (s *site) ledger() []ledgerRow {
	s.t.Helper()
	return decodeLines[ledgerRow](s.t, s.must("export", "ledger"))
}

// eventually waits for something that happens in another process.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain for: %s", within, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
