package boltstore_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/store/storetest"
)

var _ storetest.Store = (*boltstore.Store)(nil)

func options(t testing.TB) boltstore.Options {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32), Location: tokyo}
}

func open(t testing.TB) *boltstore.Store {
	s, err := boltstore.Open(context.Background(), filepath.Join(t.TempDir(), "store.db"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		boltstore.CheckIndexes(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t) })
}
