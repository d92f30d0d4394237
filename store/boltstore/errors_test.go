package boltstore_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// TestPanicIsOneLine: a panic while reading becomes an error that people can read; the stack is in the log.
func TestPanicIsOneLine(t *testing.T) {
	var logged bytes.Buffer
	o := options(t)
	o.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := boltstore.Open(t.Context(), t.TempDir()+"/store.db", o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = boltstore.Read(s, func(*bbolt.Tx) error { panic("page 7 is\nnot a leaf") })
	if !errors.Is(err, crm.ErrCorrupt) || !strings.HasSuffix(err.Error(), ": page 7 is not a leaf") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error: %q", err)
	}
	if text := logged.String(); !strings.Contains(text, "level=DEBUG") || !strings.Contains(text, "goroutine ") {
		t.Errorf("log: %s", text)
	}
}
